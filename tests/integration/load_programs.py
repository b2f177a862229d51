#!/usr/bin/env python3
"""The load programs are what the engine is judged by, so they are judged here: a receiver must
notice what came twice, late or never, and a generator what was refused or lost.

Usage: load_programs.py FOLDER_OF_PROGRAMS"""
import json
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools" / "load"))

from bench.engine import expected_output  # noqa: E402
from bench.programs import Receiver, generate, message_bytes  # noqa: E402
from bench.verify import hash_of  # noqa: E402

PROGRAMS = None


def frame(message):
    return b"\x0b" + message + b"\x1c\r"


class Misbehaving(Receiver):
    def __init__(self, *options):
        self._process = subprocess.Popen([PROGRAMS / "load_receiver", *options],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline().split()[1])


class LoadPrograms(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = Path(self._folder.name)

    def receiver(self, *options):
        receiver = Misbehaving(*options)
        self.addCleanup(receiver.stop)
        return receiver

    def send(self, receiver, control_ids):
        """Sends these in one go, in pieces cut across the frames; returns MSA-1 of the answers."""
        data = b"".join(frame(message_bytes(PROGRAMS, each, 1500)) for each in control_ids)
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as peer:
            for at in range(0, len(data), 701):
                peer.sendall(data[at:at + 701])
            answers = b""
            while answers.count(b"\x1c\r") < len(control_ids):
                got = peer.recv(65536)
                self.assertTrue(got, "the receiver closed")
                answers += got
        return [part.split(b"MSA|")[1][:2].decode() for part in answers.split(b"\x1c\r")[:-1]]

    def test_everything_arrives_once_and_in_order(self):
        ledger, sent = self.folder / "received", self.folder / "sent"
        receiver = self.receiver("--ledger", str(ledger))
        result = generate(PROGRAMS, receiver.port, connections=5, count=2000, patients=37,
                          ledger=sent)
        self.assertEqual(result["answers"], {"AA": 2000})
        self.assertEqual((result["lost"], result["wrong_answers"]), (0, 0))
        self.assertLessEqual(result["p50_ms"], result["p99_ms"])
        report = receiver.report()
        for key, value in {"received": 2000, "duplicates": 0, "late": 0, "missing": 0,
                           "unnumbered": 0, "patients": 37, "stray_bytes": 0}.items():
            self.assertEqual(report[key], value, key)
        received = {line.split("\t")[0]: line.split("\t")[3] for line in ledger.read_text().splitlines()}
        self.assertEqual(received.keys(), {line.split("\t")[0] for line in sent.read_text().splitlines()})
        for control_id in list(received)[:50]:
            message = message_bytes(PROGRAMS, control_id, 1500)
            self.assertEqual(len(message), 1500)
            self.assertEqual(int(received[control_id], 16), hash_of(message))

    def test_an_open_loop_keeps_its_rate_and_count(self):
        receiver = self.receiver()
        result = generate(PROGRAMS, receiver.port, connections=4, count=500, rate=1000, window=16)
        self.assertEqual(result["answers"], {"AA": 500})
        self.assertEqual(receiver.report()["late"], 0)
        self.assertGreaterEqual(result["seconds"], 0.49)

    def test_the_receiver_notices_what_came_twice_late_or_never(self):
        receiver = self.receiver()
        self.send(receiver, ["0010000001-1", "0010000001-2", "0010000001-2", "0010000001-5"])
        report = receiver.report()
        self.assertEqual((report["duplicates"], report["late"], report["missing"]), (1, 0, 2))
        self.send(receiver, ["0010000001-3", "0010000002-1"])
        report = receiver.report()
        self.assertEqual((report["duplicates"], report["late"], report["missing"]), (1, 1, 1))
        self.assertEqual(receiver.reset()["received"], 0)
        self.send(receiver, ["0010000001-4", "0010000001-1"])
        report = receiver.report()
        self.assertEqual((report["received"], report["duplicates"], report["late"],
                          report["missing"]), (2, 1, 1, 0))

    def test_bytes_outside_of_frames_and_strange_ids_are_counted(self):
        receiver = self.receiver()
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as peer:
            peer.sendall(b"noise" + frame(b"MSH|^~\\&|A|||||||X|P|2.5\rPID|1\x1cz\r"))
            self.assertIn(b"MSA|AA|X", peer.recv(65536))
            report = receiver.report()
        self.assertEqual((report["stray_bytes"], report["unnumbered"]), (5, 1))

    def test_refusals_are_told_apart(self):
        receiver = self.receiver("--error-share", "0.3", "--reject-share", "0.3")
        result = generate(PROGRAMS, receiver.port, connections=3, count=600)
        self.assertEqual(sum(result["answers"].values()), 600)
        for code, count in receiver.report()["answers"].items():
            self.assertEqual(result["answers"].get(code, 0), count, code)
        self.assertGreater(result["answers"]["AE"], 100)
        self.assertGreater(result["answers"]["AR"], 100)

    def test_a_cut_connection_is_a_loss_unless_the_generator_sends_again(self):
        receiver = self.receiver("--cut-share", "0.05")
        result = generate(PROGRAMS, receiver.port, connections=2, count=400)
        self.assertEqual(result["failed_connections"], 2)
        self.assertEqual(result["lost"], 2)
        done = subprocess.run(
            [PROGRAMS / "load_generator", "--to", f"127.0.0.1:{receiver.port}", "--json",
             "--connections", "2", "--count", "400", "--run", "2", "--resend"],
            stdout=subprocess.PIPE, text=True)
        again = json.loads(done.stdout)
        self.assertEqual((done.returncode, again["answers"]), (0, {"AA": 400}))
        report = receiver.report()
        self.assertEqual(report["duplicates"], again["resent"])
        self.assertGreater(again["resent"], 0)

    def test_silence_ends_at_the_time_out(self):
        receiver = self.receiver("--silent-share", "1")
        result = generate(PROGRAMS, receiver.port, connections=2, count=10, ack_timeout_ms=200)
        self.assertEqual((result["answers"], result["lost"]), ({}, 2))

    def test_a_delayed_answer_is_measured(self):
        receiver = self.receiver("--delay-ms", "30")
        result = generate(PROGRAMS, receiver.port, connections=2, count=20)
        self.assertGreaterEqual(result["p50_ms"], 30)

    def test_what_the_bench_expects_of_its_script(self):
        for sequence in (1, 2, 3):
            message = message_bytes(PROGRAMS, f"0010000001-{sequence}", 1500)
            before, after = message.split(b"\r"), expected_output(message).split(b"\r")
            self.assertEqual(after[-2:], [b"ZPI|1|bench", b""])
            changed = [new for old, new in zip(before, after) if old != new]
            self.assertEqual([each[:3] for each in changed], [b"MSH", b"PV1", b"ZPI"])


if __name__ == "__main__":
    PROGRAMS = Path(sys.argv.pop(1))
    unittest.main()
