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
BATCH_AGE = re.compile(r'("age_max_ms"\s*:\s*)\d+')
BATCH_SEGMENT = re.compile(rb"(?:FHS|BHS|BTS|FTS)\|[^\r]*\r")
FOLDER = re.compile(r'("folder"\s*:\s*")[^"]*/(\w+)"')
QUIET_S = 20


def message_in(path):
    """Line feeds stand for segment ends."""
    return path.read_bytes().replace(b"\n", b"\r")


def pattern_of(expected):
    """The same, with any time where the fixed one is."""
    parts = FIXED_TIME.split(expected)
    return TIME.join(map(re.escape, parts))


def expected_in(folder):
    """By destination; of several messages (lab.1.hl7, lab.2.hl7 ...) in the order of their numbers."""
    found = {}
    for path in folder.glob("expected/*"):
        name, _, number = path.stem.partition(".")
        content = message_in(path) if path.suffix == ".hl7" else path.read_bytes()
        found.setdefault(name, {})[int(number or 1)] = content
    return {name: [each for _, each in sorted(numbered.items())]
            for name, numbered in found.items()}


class Sample:
    def __init__(self, site, folder):
        self.name = folder.name
        copy = site.channels / folder.name
        shutil.copytree(folder, copy)
        self.port, self.receivers = free_port(), {}
        declaration = copy / "channel.json"
        text = SOURCE_PORT.sub(rf"\g<1>{self.port}", declaration.read_text())
        self.files = site.folder / "files" / folder.name
        text = FOLDER.sub(self.folder_for, BATCH_AGE.sub(r"\g<1>300", text))
        start = text.index('"destinations"')
        text = text[:start] + DESTINATION.sub(self.receiver_for, text[start:])
        for name, receiver in self.receivers.items():
            if re.search(rf'"{name}"\s*:\s*\{{[^{{}}]*"ack"\s*:\s*"none"', text):
                receiver.code = None
        declaration.write_text(text)
        self.tests = sorted(path.parent for path in folder.glob("tests/*/input.hl7"))

    def receiver_for(self, match):
        receiver = self.receivers[match[1]] = Receiver()
        return f'"{match[1]}"{match[2]}{receiver.port}'

    def folder_for(self, match):
        """The engine is another user."""
        for folder in (self.files.parent, self.files, self.files / match[2]):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o777)
        return f'{match[1]}{self.files / match[2]}"'

    @property
    def reads_files(self):
        return (self.files / "in").exists()

    def written(self, destination):
        """All messages in a destination's folder, in their order, without a batch's own segments."""
        return BATCH_SEGMENT.sub(b"", b"".join(path.read_bytes() for path in sorted((self.files / destination).glob("*"),
                                                          key=lambda path: path.stem.split("-")[-1])
                        if path.is_file() and path.name[0] != "."))

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
                       sorted(SAMPLES.glob("*/channel.json"))
                       if any(path.parent.glob("tests/*/input.hl7"))]
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
                    if sample.reads_files:
                        self.run_file(sample, folder)
                    else:
                        self.run_one(sample, folder)

    def run_file(self, sample, folder):
        """Its message and a second one as a batch; what is written is in the order of their lane."""
        expected = expected_in(folder)
        before = {name: sample.written(name) for name in expected}
        content = message_in(folder / "input.hl7")
        hidden, batch = (sample.files / "in" / name for name in (".batch", f"{folder.name}.hl7"))
        hidden.write_bytes(b"BHS|^~\\&|SAMPLE\r" + content + content + b"BTS|2\r")
        hidden.rename(batch)
        done = sample.files / "in" / "done" / batch.name
        eventually(done.exists, QUIET_S, lambda: self.site.log_text()[-2000:])
        found = self.site.find_settled(2, "--channel", sample.name, "--limit", 2)
        self.assertEqual([self.site.body(each["id"]) for each in found], [content, content])
        for name, wanted in expected.items():
            eventually(lambda: sample.written(name) == before[name] + 2 * b"".join(wanted), QUIET_S,
                       lambda: f"{name}: {sample.written(name)}; {self.site.queue()}")

    def run_one(self, sample, folder):
        before = {name: len(each.received) for name, each in sample.receivers.items()}
        content = message_in(folder / "input.hl7")
        with Client(sample.port) as client:
            answer = client.ask(content)
        code, answered = msa(answer)[:2]
        if (folder / "reply.hl7").exists():
            self.assertRegex(answer, b"^" + pattern_of(message_in(folder / "reply.hl7")) + b"$")
        self.assertIn(code, ("AA", "CA"))
        self.assertEqual(answered, control_id(content))
        found = self.site.find_settled(1, "--channel", sample.name, "--limit", 1)[0]
        self.assertEqual(self.site.body(found["id"]), content)
        expected = expected_in(folder)
        self.assertEqual(found["state"] == "filtered", not expected, found)
        for name, receiver in sample.receivers.items():
            wanted = expected.get(name, [])
            eventually(lambda: len(receiver.received) >= before[name] + len(wanted), QUIET_S,
                       lambda: f"{name} gets {len(wanted)}; {self.site.queue()}")
            received = receiver.received[before[name]:]
            self.assertEqual(len(received), len(wanted), name)
            for one, pattern in zip(received, map(pattern_of, wanted)):
                self.assertRegex(one, b"^" + pattern + b"$")



if __name__ == "__main__":
    Samples.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
