#!/usr/bin/env python3
"""Every sample in the real engine: its messages go in, and what it says must come out comes out.

The samples are copied, with free ports in place of theirs. A sample's tests say what a destination
gets at a fixed time; what depends on the time of arrival is left out of the comparison.

Usage: samples_test.py BUILD_FOLDER [argument of unittest ...]"""
import re
import shutil
import sys
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port
from mllp_peers import Client, Receiver, control_id, msa

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FIXED_TIME = re.compile(rb"2024-01-01T00:00:00[.0-9]*Z?|20240101000000[.0-9]*(?:\+0000)?")
TIME = rb"[0-9T:.+Z-]+"
SOURCE_PORT = re.compile(r'("source"\s*:\s*\{[^{}]*"port"\s*:\s*)\d+')
DESTINATION = re.compile(r'"([\w-]+)"(\s*:\s*\{\s*"type"\s*:\s*"mllp"[^{}]*"port"\s*:\s*)\d+')
QUIET_S = 20


def message_in(path):
    """Line feeds stand for segment ends."""
    return path.read_bytes().replace(b"\n", b"\r")


def pattern_of(expected):
    """The same, with any time where the fixed one is."""
    parts = FIXED_TIME.split(expected)
    return TIME.join(map(re.escape, parts))


class Sample:
    def __init__(self, site, folder):
        self.name = folder.name
        copy = site.channels / folder.name
        shutil.copytree(folder, copy)
        self.port, self.receivers = free_port(), {}
        declaration = copy / "channel.json"
        text = SOURCE_PORT.sub(rf"\g<1>{self.port}", declaration.read_text())
        start = text.index('"destinations"')
        text = text[:start] + DESTINATION.sub(self.receiver_for, text[start:])
        declaration.write_text(text)
        self.tests = sorted(path.parent for path in folder.glob("tests/*/input.hl7"))

    def receiver_for(self, match):
        receiver = self.receivers[match[1]] = Receiver()
        return f'"{match[1]}"{match[2]}{receiver.port}'

    def stop(self):
        for receiver in self.receivers.values():
            receiver.stop()


class Samples(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.build, "samples")
        cls.addClassCleanup(cls.site.remove)
        cls.samples = [Sample(cls.site, path.parent) for path in
                       sorted(SAMPLES.glob("*/channel.json"))]
        for sample in cls.samples:
            cls.addClassCleanup(sample.stop)
        cls.site.start()
        cls.site.wait_ready(1)

    def test_all_are_good(self):
        done = self.site.run("check", SAMPLES)
        self.assertEqual(done.code, 0, done)
        self.assertNotIn("NOT every channel runs", self.site.log_text())

    def test_each_gives_what_it_says(self):
        self.assertTrue(self.samples)
        for sample in self.samples:
            self.assertTrue(sample.tests, sample.name)
            for folder in sample.tests:
                with self.subTest(sample=sample.name, test=folder.name):
                    self.run_one(sample, folder)

    def run_one(self, sample, folder):
        before = {name: len(each.received) for name, each in sample.receivers.items()}
        content = message_in(folder / "input.hl7")
        with Client(sample.port) as client:
            self.assertEqual(msa(client.ask(content))[:2], ("AA", control_id(content)))
        found = self.site.find_settled(1, "--channel", sample.name, "--limit", 1)[0]
        self.assertEqual(self.site.body(found["id"]), content)
        expected = {path.stem: message_in(path) for path in folder.glob("expected/*.hl7")}
        for name, receiver in sample.receivers.items():
            if name not in expected:
                self.assertEqual(found["state"], "filtered")
                continue
            eventually(lambda: len(receiver.received) > before[name], QUIET_S,
                       lambda: f"{name} gets a message; {self.site.queue()}")
            self.assertRegex(receiver.received[-1], b"^" + pattern_of(expected[name]) + b"$")


if __name__ == "__main__":
    Samples.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
