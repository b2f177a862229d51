"""An installation whose commands are run as a user would, and the messages they are tried with."""
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))

from installation import (Failure, Installation, command_line, eventually,  # noqa: E402,F401
                          free_port, runs)

COMMAND_PATIENCE_S = 60
SCRIPT = """\
export default function (msg, ctx) {
  if (msg.get("PID-5.1") === "FAIL") throw new Error("this patient fails");
  msg.set("MSH-5", "LAB");
  msg.append("ZIT|1|" + msg.raw("MSH-10"));
  return msg;
}
"""


class Done:
    """How a command ended."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out_bytes = completed.stdout
        self.out = completed.stdout.decode(errors="replace")
        self.err = completed.stderr.decode(errors="replace")

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Site(Installation):
    """`database`: arguments that commands need to find its store, beside the data folder."""

    def __init__(self, build, name):
        super().__init__(build, name)
        self.database = []

    def run(self, *words, stdin=b""):
        return Done(subprocess.run([self.build / "causeway", *map(str, words)], input=stdin,
                                   capture_output=True, timeout=COMMAND_PATIENCE_S, cwd="/"))

    def ask(self, *words):
        """A command that looks into the store, and must succeed."""
        done = self.run(*words, "--data", self.data, *self.database)
        if done.code != 0:
            raise Failure(f"causeway {' '.join(map(str, words))}: {done}")
        return done

    def find(self, *words):
        lines = self.ask("messages", "find", "--json", *words).out.splitlines()
        return [json.loads(line) for line in lines]

    def find_settled(self, count, *words):
        """The same once there are so many, and nothing is left to do for them."""
        def settled():
            found = self.find(*words)
            ended = all(each["state"] != "waiting" for each in found)
            return found if len(found) >= count and ended else None
        return eventually(settled, 30, lambda: f"{count} by {words}: {self.find(*words)}", 0.3)

    def show(self, message):
        return json.loads(self.ask("messages", "show", "--json", message).out)

    def body(self, message):
        return self.ask("messages", "show", "--body", message).out_bytes

    def queue(self, *words):
        return self.ask("queue", "show", *words).out

    def send(self, port, message, *words):
        return self.run("send", "--to", f"127.0.0.1:{port}", *words, "-", stdin=message)


def message(control_id, patient="100", name="MUSTER", visit="V1"):
    return (f"MSH|^~\\&|ADT|HOSPITAL|OLD|CLINIC|20260101120000||ADT^A01^ADT_A01|{control_id}|P|2.5"
            f"\rEVN|A01|20260101120000\rPID|1||{patient}^^^HOSP^MR||{name}^ANNA||19700101|F|||||||"
            f"|||{visit}\rPV1|1|I|W1^1^1\r").encode()
