#!/usr/bin/env python3
"""Every message of the corpus through a channel that changes nothing, and through one with a script.

Usage: corpus_test.py BUILD_FOLDER [argument of unittest ...]"""
import collections
import sys
import threading
import unittest
from pathlib import Path

import corpus_messages
from command_line import Site, eventually, free_port
from corpus_messages import BYTE_ORDER_MARK, Header
from mllp_peers import Client, Receiver, msa

SCRIPT = """\
export default function (msg) {
  msg.set("MSH-5", "CORPUS");
  msg.append(["ZIT", "1", "seen"].join(msg.raw("MSH-1")));
  return msg;
}
"""
CONNECTIONS = 4
SAMPLE = 50
DRAIN_PATIENCE_S = 60


def chat(port, messages, wanted):
    """Sends them all over one connection; gives the answers, of which there are `wanted`."""
    with Client(port) as client:
        sender = threading.Thread(target=lambda: [client.send(each) for each in messages])
        sender.start()
        answers = [client.answer() for _ in range(wanted)]
        sender.join()
    return answers


def send_all(port, messages):
    """[(message, answer or None)], over several connections."""
    pairs = []

    def one(part):
        asking = [each for each in part if Header(each).wants_answer()]
        answers = iter(chat(port, part, len(asking)))
        pairs.extend((each, next(answers) if Header(each).wants_answer() else None)
                     for each in part)
    threads = [threading.Thread(target=one, args=(messages[start::CONNECTIONS],))
               for start in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pairs


class Corpus(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        root = corpus_messages.folder()
        if not root.is_dir():
            raise unittest.SkipTest(f"no corpus at {root}: CORPUS names the folder that has hl7v2/")
        cls.messages = corpus_messages.messages(root)
        cls.readable = [each for each in cls.messages if Header(each).readable]
        cls.unreadable = [each for each in cls.messages if not Header(each).readable]
        print(f"{len(cls.messages)} messages, {len(cls.unreadable)} without a readable MSH")
        cls.site = Site(cls.build, "corpus")
        cls.addClassCleanup(cls.site.remove)
        cls.ports, cls.receivers = {}, {}
        cls.add("through")
        cls.add("script", stages=[{"type": "transform", "file": "transform.js",
                                   "on_error": "park_and_continue"}])
        cls.site.start()
        cls.site.wait_ready(1)
        cls.answers = {path: send_all(port, cls.messages) for path, port in cls.ports.items()}

    @classmethod
    def add(cls, path, **more):
        receiver = cls.receivers[path] = Receiver()
        cls.addClassCleanup(receiver.stop)
        cls.ports[path] = free_port()
        cls.site.add_channel(path, {
            "source": {"type": "mllp", "port": cls.ports[path]}, "search": ["MSH-10"],
            "order_by": "none",
            "destinations": {"out": {"type": "mllp", "host": "127.0.0.1", "port": receiver.port,
                                     "connections": CONNECTIONS, "check_control_id": False,
                                     "on_ambiguous": "park_and_continue"}}, **more}, SCRIPT)

    def received(self, path, count):
        receiver = self.receivers[path]
        eventually(lambda: len(receiver.received) >= count, DRAIN_PATIENCE_S,
                   lambda: f"{count} sent on by {path}, are {len(receiver.received)}")
        return receiver.received

    def test_each_is_answered_with_its_control_id(self):
        for path, pairs in self.answers.items():
            self.assertEqual(len(pairs), len(self.messages), path)
            for message, answer in pairs:
                header = Header(message)
                if not header.readable or answer is None:
                    continue
                code, control_id, _ = msa(answer)
                self.assertIn(code, ("AA", "CA"), message[:200])
                self.assertEqual(control_id, header.field(10), message[:200])

    def test_what_has_no_readable_header_is_answered_as_an_error(self):
        for path, pairs in self.answers.items():
            answers = [msa(answer)[:2] for message, answer in pairs
                       if not Header(message).readable]
            self.assertEqual(answers, [("AE", b"")] * len(self.unreadable), path)

    def test_each_is_stored_and_those_without_header_flagged(self):
        for path in self.ports:
            found = self.site.find_settled(len(self.messages), "--channel", path, "--limit", 100000)
            self.assertEqual(len(found), len(self.messages), path)
            flagged = [each for each in found if "no readable header" in each["flags"]]
            self.assertEqual(len(flagged), len(self.unreadable), path)
            self.assertEqual(sum(each["bytes"] for each in found), sum(map(len, self.messages)))

    def test_a_sample_is_shown_byte_for_byte(self):
        found = self.site.find("--channel", "through", "--limit", 100000)
        bodies = [self.site.body(each["id"]) for each in found[::max(1, len(found) // SAMPLE)]]
        self.assertGreaterEqual(len(bodies), min(SAMPLE, len(found)))
        self.assertEqual(len(set(bodies)), len(bodies))
        self.assertEqual([each for each in bodies if each not in set(self.messages)], [])

    def test_the_receiver_gets_the_same_bytes(self):
        received = collections.Counter(self.received("through", len(self.messages)))
        self.assertEqual(received - collections.Counter(self.messages), collections.Counter())
        self.assertEqual(collections.Counter(self.messages) - received, collections.Counter())

    def test_the_script_changes_what_it_says_and_nothing_else(self):
        received = self.received("script", len(self.readable))
        self.assertEqual(len(received), len(self.readable))
        heads = set()
        for each in received:
            at = each.rindex(b"ZIT")
            added = each[at:].rstrip(b"\r\n").split(each[at + 3:at + 4])
            self.assertEqual(added, [b"ZIT", b"1", b"seen"])
            heads.add(each[:at].rstrip(b"\r\n"))
        for message in self.readable:
            header = Header(message)
            mark = BYTE_ORDER_MARK if message.startswith(BYTE_ORDER_MARK) else b""
            rest = message.removeprefix(mark).removeprefix(header.line)
            expected = mark + header.with_field(5, b"CORPUS") + rest
            self.assertIn(expected.rstrip(b"\r\n"), heads, message[:200])


if __name__ == "__main__":
    Corpus.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
