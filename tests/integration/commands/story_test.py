"""A day of operations, as one story: a destination is down, alerts open, and a mapping fails for one type; what was hit
is found, understood, mended, tried out, replayed and released, alerts resolve, and in the end nothing is missing or out
of order."""
import json
import socketserver
import threading
import unittest

from command_line import Site, eventually, free_port, message
from commands.running import EngineCase, to
from mllp_peers import Receiver, control_id

PATIENTS = ("4711", "4712", "4713")
# A08 comes with a patient class that the table of this mapping lacks.
BROKEN = """\
export default function (msg, ctx) {
  const classes = { I: "IMP", O: "AMB" };
  const found = classes[msg.get("PV1-2")];
  if (!found) throw new Error("no class for " + msg.get("PV1-2"));
  msg.set("PV1-2", found);
  return msg;
}
"""
MENDED = BROKEN.replace('O: "AMB"', 'O: "AMB", E: "EMER"')


class LogRequest(socketserver.BaseRequestHandler):
    """Of a log that alerts are told to (syslog over UDP)."""

    def handle(self):
        self.server.lines.append(self.request[0].decode())


def event(number):
    """The number'th message of the day: every fourth is an A08 of the emergency ward."""
    patient = PATIENTS[number % len(PATIENTS)]
    made = message(f"DAY{number:03}", patient=patient)
    if number % 4 == 3:
        made = made.replace(b"ADT^A01^ADT_A01", b"ADT^A08^ADT_A01").replace(b"PV1|1|I", b"PV1|1|E")
    return made


class Story(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.site = Site(EngineCase.build, "story")
        cls.addClassCleanup(cls.site.remove)
        cls.port, cls.lab_port = free_port(), free_port()
        cls.registry = Receiver()
        cls.addClassCleanup(cls.registry.stop)
        cls.write(BROKEN)
        cls.watch()
        cls.site.start("--api-port", "0")
        cls.site.wait_ready(1)

    @classmethod
    def watch(cls):
        cls.log = socketserver.UDPServer(("127.0.0.1", 0), LogRequest)
        cls.log.lines = []
        threading.Thread(target=cls.log.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.log.server_close)
        cls.addClassCleanup(cls.log.shutdown)
        rules = [{"name": name, "when": name, "channels": ["lab"], "notify": ["desk"]}
                 for name in ("destination_down", "lane_held")]
        desk = {"name": "desk", "type": "syslog",
                "url": f"udp://127.0.0.1:{cls.log.server_address[1]}"}
        (cls.site.channels / "alerts.json").write_text(
            json.dumps({"recipients": [desk], "rules": rules}))

    def told(self, word):
        return sorted(line.split(f" {word}: ")[1].split(":")[0] for line in self.log.lines
                      if f" {word}: " in line)

    @classmethod
    def write(cls, script):
        folder = cls.site.channels / "lab" / "adt"
        folder.mkdir(parents=True, exist_ok=True)
        config = {"source": {"type": "mllp", "port": cls.port},
                  "search": ["PID-3.1", "MSH-10"], "order_by": "PID-3.1",
                  "stages": [{"type": "transform", "file": "transform.js",
                              "on_error": "park_and_continue"}],
                  "destinations": {"lab": to(cls.lab_port),
                                   "registry": to(cls.registry.port, on_rejected="hold_lane")}}
        (folder / "channel.json").write_text(json.dumps(config))
        (folder / "transform.js").write_text(script)

    def json_of(self, *words):
        return [json.loads(line) for line in self.site.ask(*words, "--json").out.splitlines()]

    def cause(self, **fields):
        def found():
            return [each for each in self.json_of("errors", "--channel", "lab")
                    if all(each.get(name) == value for name, value in fields.items())]
        return eventually(found, 20, lambda: f"{fields}: {self.json_of('errors')}", 0.3)[0]

    def test_a_day(self):
        # The lab is down; the registry refuses one patient; one type can't be mapped.
        self.registry.code = b"AE"
        refused = message("DAY-REFUSED", patient="4799")
        self.assertEqual(self.site.send(self.port, refused).code, 0)
        eventually(lambda: "held: 1" in self.site.queue(), 20, self.site.queue)
        self.registry.code = b"AA"
        behind = message("DAY-BEHIND", patient="4799")
        self.site.send(self.port, behind)
        day = [event(number) for number in range(24)]
        for each in day:
            self.assertEqual(self.site.send(self.port, each).code, 0)
        failed = [each for number, each in enumerate(day) if number % 4 == 3]

        # Somebody is told.
        eventually(lambda: self.told("opened") == ["destination_down", "lane_held"], 60,
                   lambda: self.log.lines, 0.3)
        alerts = self.site.ask("alerts").out
        for subject in ("lab/adt > lab", "lab/adt > registry"):
            self.assertIn(subject, alerts)

        # What is wrong, by cause.
        script = self.cause(kind="script", count=len(failed))
        self.assertEqual((script["place"], script["open"]), ("transform.js:4", len(failed)))
        self.assertEqual(self.cause(destination="registry")["code"], "AE")
        self.assertEqual(self.cause(destination="lab")["kind"], "unavailable")

        # One patient's messages; what became of one of them.
        of_patient = self.site.find("--term", f"PID-3.1={PATIENTS[0]}", "--state", "failed")
        self.assertEqual(len(of_patient), 2)
        self.assertIn("no class for E", self.site.ask("messages", "show", of_patient[0]["id"]).out)

        # The mapping is mended; what it would do to those that failed is looked at first.
        self.write(MENDED)
        done = self.site.run("deploy", self.site.channels, "--data", self.site.data, "--comment",
                             "the emergency ward has a class")
        self.assertEqual(done.code, 0, done)
        trials = self.json_of("replay", "start", "--dry-run", "--cause", script["id"])
        self.assertEqual([(each["before"], each["state"]) for each in trials],
                         [("failed", "passed")] * len(failed))

        # All of them once more; then the lane that the registry holds.
        task, = self.json_of("replay", "start", "--wait", "--reason", "mapping mended", "--cause",
                             script["id"])
        self.assertEqual((task["state"], task["done"], task["refused"]), ("done", len(failed), 0))
        done = self.site.run("queue", "retry", "--channel", "lab/adt", "--destination", "registry",
                             "--reason", "the registry knows the patient now", "--data",
                             self.site.data)
        self.assertEqual(done.code, 0, done)

        # The lab is back: everything there is arrives, at both ends, each patient's in order.
        lab = Receiver(self.lab_port)
        self.addCleanup(lab.stop)
        eventually(lambda: self.site.queue() == "nothing waits\n", 60, self.site.queue, 0.3)
        everything = sorted(control_id(each) for each in [refused, behind, *day])
        self.assertEqual(sorted(control_id(each) for each in lab.received), everything)
        self.assertEqual(sorted({control_id(each) for each in self.registry.received}), everything)
        self.check_order(lab.received, failed)
        self.check_order(self.registry.received, failed)

        # Who was told hears that it is over, once.
        eventually(lambda: self.told("resolved") == ["destination_down", "lane_held"], 60,
                   lambda: self.log.lines, 0.3)
        self.assertEqual(self.told("opened"), ["destination_down", "lane_held"])
        self.assertIn("nothing is wrong", self.site.ask("alerts").out)

        # Nothing is open, and who did what is on record.
        self.assertEqual(self.cause(kind="script")["open"], 0)
        self.assertEqual(self.site.find("--state", "held", "--state", "parked"), [])
        self.assertEqual(self.site.run("audit", "verify", "--data", self.site.data).code, 0)
        trail = self.site.ask("audit", "find", "--limit", "100").out
        for part in ("start_replay", "mapping mended", "decide_on_queue", "the registry knows"):
            self.assertIn(part, trail)

    def check_order(self, received, failed):
        """In two runs for each patient: what passed at once, then what was replayed at its lane's tail."""
        replayed = {control_id(each) for each in failed}
        for patient in (*PATIENTS, "4799"):
            arrived = [control_id(each) for each in received if f"||{patient}^^^".encode() in each]
            for part in ([each for each in arrived if each in replayed],
                         [each for each in arrived if each not in replayed]):
                part = list(dict.fromkeys(part))
                self.assertEqual(part, sorted(part, key=lambda each: (each == b"DAY-BEHIND", each)))
