#!/usr/bin/env python3
"""What patients' data could get into without being sealed: messages full of canaries go through all
that can go wrong, and then none may be found. Then some are planted, and must be found.

Usage: canary_test.py BUILD_FOLDER"""
import socket
import subprocess
import sys
import threading
from pathlib import Path

from canary_search import STEM, encodings, search
from comparison import backlog
from faults import kill_engine
from installation import Failure, Installation, eventually, free_port

PATH = "faults/canary"
SCRIPT = """\
export default function (msg, ctx) {
  ctx.log("patient", msg.get("PID-5.1"), msg.raw("PID-11"));
  console.error(msg.segment("PID"));
  if (msg.get("PV1-2") === "THROW") throw new Error("no room for " + msg.get("PID-5.1"));
  if (msg.get("PV1-2") === "REFUSE") msg.set("no path " + msg.get("PID-5.1"), "x");
  if (msg.get("PV1-2") === "DROP") return ctx.drop("not for " + msg.get("PID-3.1"));
  return msg;
}
"""
UNSTORABLE_BYTES = 4321  # a message of this length breaks a rule that the test adds to the table


def message(number, what, pad=0):
    """Canaries wherever a value can stand."""
    text = (f"MSH|^~\\&|{STEM}app|{STEM}fac|B|C|20260101||ADT^A01|{STEM}id{number}|P|2.5\r"
            f"PID|1||{STEM}mrn{number}^^^{STEM}auth||{STEM}Name{number}^{STEM}Given||19700101|F|||"
            f"{STEM} Street {number}^^Town\rPV1|1|{what}\r")
    return (text + "NTE|1||" + f"{STEM} " * (pad // (len(STEM) + 1)) + "\r").encode()


MESSAGES = ([message(number, what) for number, what in enumerate(
                ("PASS", "THROW", "REFUSE", "DROP", "NAK", "GARBAGE", "CUT"), start=1)]
            + [message(11, "PASS", 40_000), message(12, "PASS", 400_000),  # TOAST, and staged
               f"{STEM} is no header\rPID|{STEM}".encode()])


class BadReceiver(threading.Thread):
    """Accepts, refuses in words that tell names, answers nonsense, or cuts: as PV1-2 says."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        data = b""
        with peer:
            while piece := peer.recv(65536):
                data += piece
                while b"\x1c\r" in data:
                    frame, data = data.split(b"\x1c\r", 1)
                    if not (answer := self.answer(frame)):
                        return
                    peer.sendall(answer)

    @staticmethod
    def answer(frame):
        control_id = frame.split(b"|")[9]
        if b"|CUT\r" in frame:
            return b""
        if b"|GARBAGE\r" in frame:
            return b"\x0b" + f"{STEM} what?\r".encode() + b"\x1c\r"
        code = b"AR" if b"|NAK\r" in frame else b"AA"
        return (b"\x0bMSH|^~\\&|R|R|E|E|20260101||ACK|1|P|2.5\rMSA|" + code + b"|" + control_id
                + f"|patient {STEM}Name is unknown\rERR|||{STEM}\r".encode() + b"\x1c\r")

    def stop(self):
        self.listener.close()


class Canary:
    def __init__(self, build):
        self.site = Installation(build, "canary")
        self.receiver = BadReceiver()
        self.port = free_port()
        self.site.add_channel(PATH, {
            "source": {"type": "mllp", "host": "127.0.0.1", "port": self.port},
            "order_by": "PID-3.1",
            "search": ["MSH-10", "PID-3.1", "PID-5.1"],
            "stages": [{"type": "transform", "file": "transform.js", "on_error": "park_and_continue"}],
            "destinations": {"out": {"type": "mllp", "host": "127.0.0.1",
                                     "port": self.receiver.port,
                                     "retry": {"first_ms": 100}, "give_up_after": {"attempts": 2},
                                     "on_ambiguous": "park_and_continue"}},
        }, SCRIPT)

    def close(self):
        try:
            self.receiver.stop()
        finally:
            self.site.remove()

    def send(self, body):
        """The answer's bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as peer:
            peer.sendall(b"\x0b" + body + b"\x1c\r")
            answer = b""
            while b"\x1c\r" not in answer:
                piece = peer.recv(65536)
                if not piece:
                    break
                answer += piece
            return answer

    def send_garbage(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as peer:
            peer.sendall(f"{STEM} without a frame ".encode() * 500)
            try:
                while peer.recv(65536):
                    pass
            except ConnectionError:
                pass

    def break_a_statement(self):
        """The database refuses a row: PostgreSQL has an error to log, and the engine too."""
        self.site.query(f"ALTER TABLE message ADD CHECK (body_bytes <> {UNSTORABLE_BYTES})")
        body = message(20, "PASS")
        body += b"NTE|2||" + b"x" * (UNSTORABLE_BYTES - len(body) - 8) + b"\r"
        if b"MSA|AA" in self.send(body):
            raise Failure("a message was acknowledged that the database refuses")
        logs = "".join(path.read_text(errors="replace")
                       for path in (self.site.data / "log").glob("postgresql-*"))
        if "violates check constraint" not in logs:
            raise Failure("the database refused nothing")

    def wait_drained(self):
        left = [""]

        def drained():
            left[0] = backlog(self.site, 0)
            return not left[0]
        eventually(drained, 60, lambda: f"no backlog: {left[0]}")

    def pass_through(self):
        for body in MESSAGES:
            answer = self.send(body)
            if (b"MSA|AA" in answer) != body.startswith(b"MSH"):
                raise Failure(f"{body[:200]} was answered {answer}")
        self.send(MESSAGES[0])  # a duplicate
        self.send_garbage()
        self.break_a_statement()
        self.wait_drained()
        stored = self.site.stored_ledger("--after", 0).decode()
        if stored.count(f"\t{STEM}id") != len(MESSAGES):  # one has no id, one came twice
            raise Failure(f"not all messages are stored:\n{stored}")
        reasons = int(self.site.query(
            "SELECT count(*) FROM attention WHERE reason IS NOT NULL")[0][0])
        if reasons < 5:
            raise Failure(f"only {reasons} reasons are kept of all that went wrong")
        ready = self.site.times_ready()
        kill_engine(self.site, None)
        self.site.wait_ready(ready + 1)
        self.wait_drained()

    def expect_none(self):
        self.site.query("CHECKPOINT")
        if found := search(self.site):
            raise Failure("\n".join(f"{place}: {form}: {what!r}" for place, form, what in found[:20]))

    def expect_planted(self):
        """In a table (heap, index, TOAST, WAL) in every form, in a log, in a command line."""
        self.site.query("CREATE TABLE scratch (form text, value bytea)")
        forms = encodings(STEM)
        for name, form in forms.items():
            self.site.query(f"INSERT INTO scratch VALUES ('{name}', '\\x{form.hex()}')")
        self.site.query("CREATE INDEX scratch_value ON scratch (value)")
        self.site.query("CREATE TABLE scratch_long (value text); "
                        "ALTER TABLE scratch_long ALTER value SET STORAGE EXTERNAL; "
                        f"INSERT INTO scratch_long VALUES (repeat('{STEM}', 1000))")
        try:
            self.site.query(f"SELECT '{STEM}'::integer")
        except Failure:
            pass
        self.site.query("CHECKPOINT")
        marked = subprocess.Popen(["sh", "-c", "read line", STEM], stdin=subprocess.PIPE)
        try:
            found = search(self.site)
        finally:
            marked.communicate()
        missed = [form for form in forms if not any(
            "/postgres/base/" in place and form == seen for place, seen, _ in found)]
        if missed:
            raise Failure(f"planted in a table, and not found: {missed}")
        relations = {name: path for name, path in self.site.query(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relname LIKE 'scratch%' "
            "UNION ALL SELECT 'toast', pg_relation_filepath(reltoastrelid) FROM pg_class "
            "WHERE relname = 'scratch_long'")}
        wanted = {name: f"/postgres/{path}" for name, path in relations.items()
                  if name in ("scratch", "scratch_value", "toast")}
        wanted.update(wal="/pg_wal/", log="/log/postgresql-", ps="ps: cmdline")
        for name, part in wanted.items():
            if not any(part in place for place, *_ in found):
                raise Failure(f"planted in {name}, and not found")

    def all(self):
        self.site.start("--metrics-port", "0", "--log-format", "json")
        self.site.wait_ready(1)
        # Compressed pages in the WAL could hide what is looked for.
        self.site.query("ALTER SYSTEM SET wal_compression = off")
        self.site.query("SELECT pg_reload_conf()")
        self.pass_through()
        self.expect_none()
        self.expect_planted()


def main():
    test = Canary(Path(sys.argv[1]))
    try:
        test.all()
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        test.close()
    print("passed: no canary where none may be, and all that were planted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
