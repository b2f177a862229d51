#!/usr/bin/env python3
"""Scripts in the real engine, where more matters than one message and its script.

Usage: scripts_test.py BUILD_FOLDER [argument of unittest ...]"""
import ctypes
import json
import shutil
import signal
import sys
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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

    def start(self, *options):
        self.site.start(*options)
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


class Server:
    """Answers for patients; `status` and `asked` are the test's."""

    def __init__(self):
        self.status, self.asked = 200, []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                body = json.dumps({"name": [{"family": "DOE" + self.path[-1]}]}).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/fhir+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/fhir"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()


ASKING = """\
export default (msg) => ({ path: ["Patient", msg.get("PID-3.1")] });
"""
ENRICHED = """\
export default function (msg, ctx) {
  msg.set("PID-5.1", ctx.enriched("patient").body.name[0].family);
  msg.append(`ZEN|${ctx.enriched("ward").name}|${ctx.enriched("loud")[0].said}|${ctx.message.environment}`);
}
"""


class Enriching(Engine):
    def test_file_server_and_database_are_asked_and_recorded(self):
        server = Server()
        self.addCleanup(server.stop)
        wards = self.site.folder / "wards.csv"
        wards.write_text("id,name\nW1,Ward one\n")
        ward = {"type": "enrich", "name": "ward", "file": "ward.js", "table": {"path": str(wards)}}
        patient = {"type": "enrich", "name": "patient", "file": "ask.js", "tries": 1,
                   "on_failure": "wait", "http": {"url": "env:MPI"}}
        loud = {"type": "enrich", "name": "loud", "file": "loud.js",
                "sql": {"host": str(self.site.data / "run"), "database": "causeway",
                        "user": "causeway", "tls": "off", "statement": "SELECT upper($1) AS said"}}
        self.add("lab/enriched", ENRICHED, stages=[ward, patient, loud, *STAGES])
        folder = self.site.channels / "lab/enriched"
        (folder / "ask.js").write_text(ASKING)
        (folder / "ward.js").write_text('export default (msg) => msg.get("PV1-3.1");\n')
        (folder / "loud.js").write_text('export default (msg) => [msg.get("MSH-10")];\n')
        environment = self.site.folder / "trial.json"
        environment.write_text(json.dumps({"MPI": server.url}))
        server.status = 503
        self.start("--environment", environment)
        self.assertTrue(self.is_accepted(message("e1", patient="7")))
        eventually(lambda: len(server.asked) > 1, PATIENCE_S, "it is asked again")
        self.assertEqual(self.receiver.received, [])
        server.status = 200
        eventually(lambda: self.receiver.received, PATIENCE_S, lambda: self.site.queue())
        self.assertIn(b"|DOE7^ANNA|", self.receiver.received[0])
        self.assertIn(b"\rZEN|Ward one|E1|trial\r", self.receiver.received[0])
        asked = len(server.asked)
        self.assertTrue(self.is_accepted(message("e2", patient="7")))
        eventually(lambda: len(self.receiver.received) > 1, PATIENCE_S, "the second")
        self.assertEqual(len(server.asked), asked, "it is answered from the cache")
        run, = self.site.show(self.site.find_settled(2)[0]["id"])["runs"]
        self.assertEqual([each["stage"] for each in run["inputs"]], ["ward", "patient", "loud"])
        self.assertNotIn("DOE7", self.site.log_text())


class Comparing(Engine):
    def test_a_draft_is_compared_with_what_is_deployed_over_stored_messages(self):
        script = "export default function (msg) {\n  msg.set('MSH-5', 'LAB');\n}\n"
        self.add("lab/compared", script)
        self.start()
        for number in range(5):
            self.assertTrue(self.is_accepted(message(f"c{number}", patient=str(number))))
        self.site.find_settled(5)
        draft = self.site.folder / "drafts" / "compared"
        shutil.copytree(self.site.channels / "lab/compared", draft)
        same = self.compare(draft)
        self.assertEqual(same.code, 0, same)
        self.assertIn("messages compared: 5, the same: 5, otherwise: 0", same.out)
        (draft / "transform.js").write_text(script.replace(
            "'LAB'", "msg.get('PID-3.1') < '3' ? 'LAB' : 'XRAY'").replace(
            "  msg", "  if (msg.get('PID-3.1') === '0') throw new Error('zero');\n  msg", 1))
        changed = self.compare(draft, "--values")
        self.assertEqual(changed.code, 1, changed)
        self.assertRegex(changed.out, r"2  out: MSH-5 changed  \(such as \w+\)\n +\"LAB\" -> \"XRAY\"")
        self.assertRegex(changed.out, r"1  fails: transform.js:2:\d+: Error: zero")
        self.assertIn("messages compared: 5, the same: 2, otherwise: 3", changed.out)
        few = self.compare(draft, "--limit", "2", "--since", "2020-01-01")
        self.assertIn("messages compared: 2,", few.out)
        self.assertNotIn("XRAY", few.out)
        self.assertEqual(len(self.receiver.received), 5)

    def compare(self, draft, *options):
        return self.site.run("compare", draft, "--channel", "lab/compared", "--data",
                             self.site.data, *options)


LOOPING = """\
export default function (msg) {
  if (msg.get("PID-5.1") === "ABORT") for (;;);
}
"""


class Aborting(Engine):
    """The process ends while a script runs, as when the JavaScript library finds itself broken."""

    def test_the_message_that_was_run_is_parked_as_suspect_and_the_others_go_on(self):
        stages = [{**STAGES[0], "time_limit_ms": 600000}]
        self.add("lab/aborting", LOOPING, stages=stages, order_by="PID-3.1")
        self.start()
        self.assertTrue(self.is_accepted(message("a1", patient="1", name="ABORT")))
        for crash in (1, 2, 3):  # at the first, nobody knew yet what to look at
            self.abort_while_it_runs()
            self.site.wait_ready(crash + 1)
        self.assertTrue(self.is_accepted(message("a2", patient="2")))
        eventually(lambda: self.receiver.received, PATIENCE_S, lambda: self.site.queue())
        self.assertEqual([control_id(each) for each in self.receiver.received], [b"a2"])
        found = {each["control_id"]: each["state"] for each in self.site.find()}
        self.assertEqual(found, {"a1": "suspect", "a2": "passed"})
        self.assertIn("parked", self.site.queue())
        self.assertIn("ended several times", self.site.queue("--channel", "lab/aborting"))

    def test_after_a_fault_of_the_thread_that_runs_it_one_restart_is_enough(self):
        stages = [{**STAGES[0], "time_limit_ms": 600000}]
        self.add("lab/faulty", LOOPING, stages=stages, order_by="PID-3.1")
        self.start()
        self.assertTrue(self.is_accepted(message("f1", patient="1", name="ABORT")))
        self.abort_while_it_runs(thread=True)
        self.site.wait_ready(2)
        self.assertTrue(self.is_accepted(message("f2", patient="2")))
        eventually(lambda: self.receiver.received, PATIENCE_S, lambda: self.site.queue())
        found = {each["control_id"]: each["state"] for each in self.site.find_settled(2)}
        self.assertEqual(found, {"f1": "suspect", "f2": "passed"})
        self.assertIn("ended by a fault", self.site.queue("--channel", "lab/faulty"))

    def abort_while_it_runs(self, thread=False):
        engine = eventually(self.site.engine_pid, PATIENCE_S, "an engine")
        before = self.script_ticks(engine)
        eventually(lambda: self.script_ticks(engine) > before + 10, PATIENCE_S, "a script that runs")
        if thread:
            self.assertEqual(ctypes.CDLL(None).tgkill(engine, self.busiest(engine), signal.SIGABRT), 0)
        else:
            send_signal(engine, signal.SIGABRT)

    @staticmethod
    def busiest(engine):
        """The thread that has run scripts for longest."""
        def ticks(task):
            fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])
        runs = [task for task in Path(f"/proc/{engine}/task").iterdir()
                if "(run-" in (task / "stat").read_text()]
        return int(max(runs, key=ticks).name)

    @staticmethod
    def script_ticks(engine):
        """Processor time of the threads that run scripts."""
        ticks = 0
        for task in Path(f"/proc/{engine}/task").iterdir():
            stat = (task / "stat").read_text()
            if "(run-" in stat:
                ticks += int(stat[stat.rindex(")") + 2:].split()[11])
        return ticks


class SendingTimes(Engine):
    def test_a_destination_in_maintenance_gets_its_messages_afterwards(self):
        end = time.time() + 25
        words = [time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) for at in (end - 3600, end)]
        self.add("lab/asleep", "", stages=[], destinations={
            "out": to(self.receiver.port, maintenance=[" to ".join(words)])})
        self.start()
        self.send_all(["M1", "M2"])
        if time.time() < end - 5:
            shown = self.site.ask("channels").out
            self.assertIn("maintenance", shown)
            self.assertEqual(self.receiver.received, [])
        eventually(lambda: len(self.receiver.received) == 2, PATIENCE_S, self.site.queue)
        self.assertGreaterEqual(time.time(), end - 1)


if __name__ == "__main__":
    Engine.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
