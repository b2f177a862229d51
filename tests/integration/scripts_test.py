#!/usr/bin/env python3
"""Scripts in the real engine, where more matters than one message and its script.

Usage: scripts_test.py BUILD_FOLDER [argument of unittest ...]"""
import signal
import sys
import threading
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port, message
from installation import send_signal
from mllp_peers import Client, Receiver, control_id, msa

PATIENCE_S = 60
STAGES = [{"type": "transform", "file": "transform.js"}]
NUMBERING = """\
export default function (msg, ctx) {
  msg.append(`ZCT|${ctx.counter("sent")}|${ctx.state("last")?.id ?? "none"}`);
  ctx.setState("last", { id: msg.get("MSH-10") });
}
"""


def to(port, **more):
    return {"type": "mllp", "host": "127.0.0.1", "port": port,
            "retry": {"first_ms": 100, "max_ms": 400}, **more}


class Engine(unittest.TestCase):
    """An engine for each test, with the channels that the test adds."""
    build = None

    def setUp(self):
        self.site = Site(self.build, "scripts")
        self.addCleanup(self.site.remove)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)
        self.port = free_port()

    def add(self, path, script, **config):
        self.site.add_channel(path, {"source": {"type": "mllp", "port": self.port},
                                     "destinations": {"out": to(self.receiver.port)},
                                     "stages": STAGES, **config}, script)

    def start(self):
        self.site.start()
        self.site.wait_ready(1)

    def kill_engine(self):
        ready = self.site.times_ready()
        send_signal(eventually(self.site.engine_pid, PATIENCE_S, "an engine"), signal.SIGKILL)
        self.site.wait_ready(ready + 1)

    def send_all(self, ids):
        """Each until it is accepted, whatever happens meanwhile."""
        for each in ids:
            eventually(lambda: self.is_accepted(message(each)), PATIENCE_S, f"{each} accepted")

    def is_accepted(self, content):
        try:
            with Client(self.port) as client:
                return msa(client.ask(content))[0] == "AA"
        except OSError:
            return False


class Counters(Engine):
    SENDERS, EACH = 4, 40

    def test_numbers_are_neither_skipped_nor_repeated_by_kills(self):
        self.add("lab/numbered", NUMBERING, duplicates="suppress",
                 destinations={"out": to(self.receiver.port, on_ambiguous="retry")})
        self.start()
        total = self.SENDERS * self.EACH
        threads = [threading.Thread(target=self.send_all,
                                    args=([f"S{sender}M{n}" for n in range(self.EACH)],))
                   for sender in range(self.SENDERS)]
        for thread in threads:
            thread.start()
        for share in (0.25, 0.6):
            eventually(lambda: len(self.receiver.received) > share * total, PATIENCE_S, "messages")
            self.kill_engine()
        for thread in threads:
            thread.join()
        eventually(lambda: len(self.numbers()) >= total, PATIENCE_S,
                   lambda: f"{len(self.numbers())} of {total}; {self.site.queue()}")
        numbers = self.numbers()
        self.assertEqual(len(numbers), total)
        self.assertTrue(all(len(given) == 1 for given in numbers.values()), numbers)
        by_number = {number: (control, last)
                     for control, given in numbers.items() for number, last in given}
        self.assertEqual(sorted(by_number), list(range(1, total + 1)))
        self.assertEqual(by_number[1][1], b"none")
        for number in range(2, total + 1):
            self.assertEqual(by_number[number][1], by_number[number - 1][0])

    def numbers(self):
        """By control id, what its copies have: one (number, message before) if they agree."""
        found = {}
        for each in list(self.receiver.received):
            segment = next(part for part in each.split(b"\r") if part.startswith(b"ZCT|"))
            _, number, last = segment.split(b"|")
            found.setdefault(control_id(each), set()).add((int(number), last))
        return found


SEEING = """\
export default function (answer, ctx) {
  console.log("seen by the script");
  if (answer.get("MSA-3") === "busy") return { outcome: "deferred", reason: "it is busy" };
  ctx.reply(`MSH|^~\\\\&|C|D|A|B|20260101||ACK|r|P|2.5\\rMSA|AA|${ctx.sent.get("MSH-10")}|taken\\r`);
  if (answer.get("MSA-3") === "known") return "delivered";
}
"""


class Responses(Engine):
    def test_a_response_script_settles_and_answers(self):
        self.add("lab/answered", "export default () => {}\n",
                 destinations={"out": to(self.receiver.port, response="seen.js")},
                 reply={"when": "destination", "destination": "out"})
        (self.site.channels / "lab/answered/seen.js").write_text(SEEING)
        self.start()
        self.receiver.code, self.receiver.text = b"AE", b"known"
        self.assertEqual(self.ask("R1"), ("AA", b"R1", "taken"))
        found = self.site.find_settled(1)
        self.assertEqual([each["state"] for each in found], ["passed"])
        attempt, = self.site.show(found[0]["id"])["attempts"]
        self.assertEqual(attempt["outcome"], "delivered")
        self.assertEqual(attempt["text"], "seen by the script\n")
        self.receiver.code, self.receiver.text = b"AA", b"busy"
        answers = []
        asking = threading.Thread(target=lambda: answers.append(self.ask("R2")))
        asking.start()
        eventually(lambda: self.received("R2") > 1, PATIENCE_S, "a second try")
        self.receiver.text = b""
        asking.join()
        self.assertEqual(answers, [("AA", b"R2", "taken")])
        self.assertIn("it is busy", str(self.site.show(self.site.find_settled(2)[0]["id"])))

    def ask(self, control):
        with Client(self.port) as client:
            return msa(client.ask(message(control)))

    def received(self, control):
        return sum(control_id(each) == control.encode() for each in list(self.receiver.received))


if __name__ == "__main__":
    Engine.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
