#!/usr/bin/env python3
"""A channel is deployed anew, again and again, while it is under load: other scripts, destinations that
move, come and go. Nothing is lost, doubled or put out of order, and no sender loses its connection.

Usage: redeploy_test.py BUILD_FOLDER      CAUSEWAY_LONG=1: 200 deploys instead of 20"""
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from comparison import Comparison, Stored, backlog
from installation import SCRIPT, Failure, Installation, eventually, free_port
from peers import CONNECTIONS, MESSAGE_BYTES, PATIENTS, Channel, Recorder, Sender

PATH = "faults/redeployed"
RATE = 300  # messages a second
DRAIN_PATIENCE_S = 120
SECONDS_A_DEPLOY = 2.0  # at most, on a slow machine


class SteadySender(Sender):
    """Connects once: what is outstanding on a connection that breaks is lost, which `finish` tells."""

    def __init__(self, programs, port, seconds, ledger):
        self.ledger = ledger
        self.process = subprocess.Popen(
            [programs / "load_generator", "--to", f"127.0.0.1:{port}", "--json", "--run", "1",
             "--seconds", str(seconds), "--rate", str(RATE), "--connections", str(CONNECTIONS),
             "--window", "3", "--patients", str(PATIENTS), "--bytes", str(MESSAGE_BYTES),
             "--ack-timeout-ms", "60000", "--ledger", ledger], stdout=subprocess.PIPE, text=True)


class Redeploy:
    def __init__(self, build):
        self.site = Installation(build, "redeploy")
        self.port = free_port()
        self.channel = Channel(self.site, PATH, self.port, "hold_lane", "mark", "nak")
        self.extra = Recorder(self.site.build / "tools", self.site.folder / "extra.received", 1)
        self.folder = self.site.channels / PATH
        self.declaration = json.loads((self.folder / "channel.json").read_text())

    def close(self):
        try:
            self.channel.stop()
            self.extra.stop()
        finally:
            self.site.remove()

    def causeway(self, *words):
        done = subprocess.run([self.site.build / "causeway", *map(str, words), "--data",
                               self.site.data], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"causeway {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stdout

    def change(self, number):
        """The receiver's address changes every time, its port every other: it has two. The second
        destination is there for three deploys of six."""
        declaration = json.loads(json.dumps(self.declaration))
        out = declaration["destinations"]["out"]
        if number % 2:
            out["port"] = self.channel.recorder.port
        out["connections"] = 2 + number % 3
        if number % 6 >= 3:
            declaration["destinations"]["extra"] = {
                "type": "mllp", "host": "127.0.0.1", "port": self.extra.port, "connections": 4}
        (self.folder / "channel.json").write_text(json.dumps(declaration))
        (self.folder / "transform.js").write_text(f"// revision {number}\n{SCRIPT}")

    def deploy(self, number):
        self.change(number)
        told = self.causeway("deploy", self.site.channels, "--comment", f"number {number}")
        if "deployed: 1, unchanged: 0, refused: 0" not in told:
            raise Failure(f"deploy {number}: {told}")

    def under_load(self, deploys):
        sender = SteadySender(self.site.build / "tools", self.port, deploys * 0.4 + 2,
                              self.site.folder / "sent")
        try:
            while sender.process.poll() is None and self.answered() == 0:
                time.sleep(0.05)
            while_sending = 0
            for number in range(1, deploys + 1):
                self.deploy(number)
                while_sending += sender.process.poll() is None
            self.channel.answers.update(sender.finish())
        finally:
            sender.stop()
        if while_sending < deploys / 3:
            raise Failure(f"only {while_sending} of {deploys} deploys came under load")
        return while_sending

    def answered(self):
        return self.channel.recorder.count()

    def wait_drained(self):
        left = [""]

        def drained():
            left[0] = backlog(self.site, 0)
            return not left[0]
        eventually(drained, DRAIN_PATIENCE_S,
                   lambda: f"no backlog: {left[0]}\n{self.site.log_text()[-3000:]}", every_s=0.2)

    def number_of(self, destination):
        return int(self.site.query("SELECT d.id FROM destination d JOIN channel c ON c.id = d.channel "
                                   f"WHERE c.path = '{PATH}' AND d.name = '{destination}'")[0][0])

    def compare(self):
        stored = Stored(self.site, PATH, 0)
        everything = stored.deliveries
        out, extra = self.number_of("out"), self.number_of("extra")
        stored.deliveries = {work: each for work, each in everything.items() if work[2] == out}
        comparison = Comparison(self.channel, stored, self.channel.recorder.new_arrivals(), 0)
        problems = comparison.run()
        if stored.parked:
            problems.append(f"in attention: {list(stored.parked.items())[:5]}")
        if set(self.channel.answers.values()) != {"AA"}:
            problems.append("not every message was accepted")
        problems += self.compare_extra(
            {work: each for work, each in everything.items() if work[2] == extra}, stored)
        if problems:
            raise Failure("\n".join(problems))
        return len(stored.messages)

    def compare_extra(self, deliveries, stored):
        """What was made for it while it was there was received once, in order; nothing else was."""
        arrivals = self.extra.new_arrivals()
        received = [body_hash for _, _, body_hash in arrivals]
        wanted = {each.hash for each in deliveries.values()}
        problems = []
        if not wanted:
            problems.append("nothing was ever sent to the second destination")
        if len(received) != len(set(received)) or set(received) != wanted:
            problems.append(f"second destination: {len(wanted)} deliveries, "
                            f"{len(received)} received, {len(set(received))} different")
        last = {}
        for control_id, sequence, _ in arrivals:
            patient = control_id.split("-")[0]
            if sequence < last.get(patient, 0):
                problems.append(f"second destination: {control_id} came after {last[patient]}")
            last[patient] = sequence
        return problems[:20]

    def check_history(self, deploys):
        lines = self.causeway("channels", "history", PATH).splitlines()
        if len(lines) != deploys + 1 or f"number {deploys}" not in lines[0]:
            raise Failure("history:\n" + "\n".join(lines[:5]))

    def restart(self):
        """What was deployed last runs on."""
        ready = self.site.times_ready()
        before = self.causeway("channels", "history", PATH)
        if (code := self.site.stop()) != 0:
            raise Failure(f"SIGTERM ended it with {code}:\n{self.site.log_text()[-3000:]}")
        self.site.start()
        self.site.wait_ready(ready + 1)
        self.causeway("channels", "show", PATH)
        return before

    def all(self, deploys):
        self.site.start("--api-port", "0")
        self.site.wait_ready(1)
        under_load = self.under_load(deploys)
        self.wait_drained()
        messages = self.compare()
        self.check_history(deploys)
        self.restart()
        return f"{messages} messages, {under_load} of {deploys} deploys under load"


def main():
    test = Redeploy(Path(sys.argv[1]))
    try:
        told = test.all(200 if os.environ.get("CAUSEWAY_LONG") else 20)
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        test.close()
    print(f"passed: {told}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
