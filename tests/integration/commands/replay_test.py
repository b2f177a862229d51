"""causeway replay: stored messages sent through their channels once more, and what that would change."""
import json
import os
import signal
import tempfile
import unittest
from unittest import mock

from command_line import Failure, Site, eventually, free_port, message
from commands.api_client import Api
from commands.running import EngineCase, to
from mllp_peers import Receiver

STAGES = [{"type": "transform", "file": "transform.js"}]
BEFORE = """\
export default function (msg, ctx) {
  if (msg.get("PID-5.1") === "FAIL") throw new Error("cannot map " + msg.get("PID-5.1"));
  msg.set("MSH-5", "OLD");
  return msg;
}
"""
AFTER = """\
export default function (msg, ctx) {
  msg.set("MSH-5", "NEW");
  msg.append("ZRP|" + ctx.message.cause);
  return msg;
}
"""


class ReplayCase(unittest.TestCase):
    """An engine with channels that park what fails, in two folders."""

    @classmethod
    def setUpClass(cls):
        cls.lab, cls.archive = Receiver(), Receiver()
        cls.site = Site(EngineCase.build, "replay")
        cls.addClassCleanup(cls.lab.stop)
        cls.addClassCleanup(cls.archive.stop)
        cls.addClassCleanup(cls.site.remove)
        cls.ports = {path: free_port() for path in ("lab/adt", "lab/held", "rad/adt")}
        for path in cls.ports:
            cls.deploy_files(path, BEFORE)
        cls.starts = 0
        cls.start()

    @classmethod
    def start(cls):
        cls.starts += 1
        cls.site.start("--api-port", "0")
        cls.site.wait_ready(cls.starts)

    @classmethod
    def deploy_files(cls, path, script):
        on_error = "hold_lane" if path == "lab/held" else "park_and_continue"
        config = {"source": {"type": "mllp", "port": cls.ports[path]},
                  "search": ["PID-3.1", "MSH-10"], "stages": [dict(STAGES[0], on_error=on_error)],
                  "destinations": {"lab": to(cls.lab.port, on_ambiguous="retry"),
                                   "archive": to(cls.archive.port, on_ambiguous="retry")}}
        folder = cls.site.channels / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "channel.json").write_text(json.dumps(config))
        (folder / "transform.js").write_text(script)

    def deploy(self, path, script):
        self.deploy_files(path, script)
        done = self.site.run("deploy", self.site.channels, "--only", path, "--data", self.site.data,
                             "--comment", "mended")
        self.assertEqual(done.code, 0, done)

    def send(self, path, *control_ids, **fields):
        for each in control_ids:
            self.site.send(self.ports[path], message(each, **fields))
        self.site.find_settled(1, "--term", f"MSH-10={control_ids[-1]}")
        return [self.site.find("--term", f"MSH-10={each}")[-1]["id"] for each in control_ids]

    def replay(self, *words, reason="a test"):
        done = self.site.ask("replay", "start", "--wait", "--json", "--reason", reason, *words)
        return json.loads(done.out)

    def try_out(self, *words):
        done = self.site.ask("replay", "start", "--dry-run", "--json", *words)
        return [json.loads(line) for line in done.out.splitlines()]

    def received(self, receiver, control_id, count):
        def found():
            return [each for each in receiver.received if f"|{control_id}|".encode() in each]
        eventually(lambda: len(found()) >= count, 30,
                   lambda: f"{count} times {control_id}, and there are {found()}")
        return found()


class Replay(ReplayCase):
    def test_one_message_goes_through_what_is_deployed_now(self):
        self.deploy("lab/adt", BEFORE)
        original, = self.send("lab/adt", "ONE1")
        self.received(self.lab, "ONE1", 1)
        self.deploy("lab/adt", AFTER)
        trial, = self.try_out("--message", original)
        self.assertEqual(trial["deliveries"][0]["differences"][0],
                         {"place": "MSH-5", "sent": "OLD", "now": "NEW"})
        task = self.replay("--message", original)
        self.assertEqual((task["state"], task["total"], task["done"], task["refused"]),
                         ("done", 1, 1, 0))
        first, second = self.received(self.lab, "ONE1", 2)
        self.assertIn(b"|OLD|", first)
        self.assertIn(b"|NEW|", second)
        self.assertIn(b"ZRP|replay", second)
        child = self.site.show(original)["links"]
        self.assertEqual([link["kind"] for link in child], ["replay"])
        shown = self.site.show(child[0]["child"])
        self.assertEqual(shown["links"], [{"kind": "replay", "parent": original}])
        self.assertEqual((shown["flags"], shown["runs"][0]["cause"]), (["replay"], "replay"))
        self.assertEqual(len(self.received(self.lab, "ONE1", 2)), 2)

    def test_all_that_failed_after_the_script_is_mended(self):
        self.deploy("rad/adt", BEFORE)
        failed = self.send("rad/adt", *(f"BAD{number}" for number in range(5)), name="FAIL")
        self.send("rad/adt", "GOOD1")
        selection = ["--channel", "rad/adt", "--state", "failed", "--kind", "script"]
        self.assertEqual({trial["state"] for trial in self.try_out(*selection)}, {"failed"})
        self.deploy("rad/adt", AFTER)
        trials = self.try_out(*selection)
        self.assertEqual([(each["before"], each["state"]) for each in trials],
                         [("failed", "passed")] * 5)
        self.assertEqual({delivery["was_sent"] for delivery in trials[0]["deliveries"]}, {False})
        task = self.replay(*selection)
        self.assertEqual((task["state"], task["done"]), ("done", 5), task)
        arrived = [each for each in self.lab.received if b"|BAD" in each]
        for number in range(5):
            self.received(self.lab, f"BAD{number}", 1)
        arrived = [each for each in self.lab.received if b"|BAD" in each]
        self.assertEqual([each.split(b"|")[9] for each in arrived],
                         [f"BAD{number}".encode() for number in range(5)])
        # What had been parked is closed with what became of it.
        self.assertEqual(self.site.find(*selection), [])
        self.assertIn("replayed as", self.site.ask("messages", "show", failed[0]).out)
        self.assertEqual(self.site.queue("--channel", "rad/adt"), "nothing waits\n")

    def test_what_holds_its_lane_is_let_go_in_its_place(self):
        self.deploy("lab/held", BEFORE)
        held, = self.send("lab/held", "HOLD1", name="FAIL")
        self.site.send(self.ports["lab/held"], message("HOLD2"))
        self.deploy("lab/held", AFTER)
        refused = self.replay("--message", held, "--destination", "lab")
        self.assertEqual((refused["done"], refused["refused"]), (0, 1))
        self.assertEqual(refused["refusals"], [{"message": held, "kind": "conflict"}])
        task = self.replay("--message", held)
        self.assertEqual((task["done"], task["refused"]), (1, 0))
        self.received(self.lab, "HOLD2", 1)
        ids = [each.split(b"|")[9] for each in self.lab.received if b"|HOLD" in each]
        self.assertEqual(ids, [b"HOLD1", b"HOLD2"])
        self.assertEqual(self.site.show(held)["links"], [])

    def test_to_one_destination_as_it_was_sent_or_through_the_original(self):
        self.deploy("lab/adt", BEFORE)
        original, = self.send("lab/adt", "SENT1")
        first, = self.received(self.archive, "SENT1", 1)
        self.received(self.lab, "SENT1", 1)
        self.deploy("lab/adt", AFTER)
        for through in ("as_sent", "original"):
            task = self.replay("--message", original, "--through", through,
                               "--destination", "archive")
            self.assertEqual(task["done"], 1, task)
        self.assertEqual(self.received(self.archive, "SENT1", 3), [first] * 3)
        self.assertEqual(len(self.received(self.lab, "SENT1", 1)), 1)
        replays = [self.site.show(link["child"]) for link in self.site.show(original)["links"]]
        before = self.site.show(original)["runs"][0]["deployment"]
        self.assertEqual(replays[1]["runs"][0]["deployment"], before)
        self.assertEqual([each["runs"][0]["steps"][-1]["log"] for each in replays],
                         [f"as run 1 of {original} made it", "only for archive"])

    def test_with_another_content(self):
        self.deploy("lab/adt", AFTER)
        original, = self.send("lab/adt", "EDIT1")
        with tempfile.NamedTemporaryFile() as file:
            file.write(message("EDIT1", name="J\xf6rg"))
            file.flush()
            task = self.replay("--message", original, "--content", file.name)
        self.assertEqual((task["state"], task["edited"]), ("done", True), task)
        self.assertIn("J\xf6rg".encode(), self.received(self.lab, "EDIT1", 2)[1])
        link, = self.site.show(original)["links"]
        self.assertEqual(link["kind"], "edit")
        self.assertEqual(self.site.body(original), message("EDIT1"))

    def test_a_large_message(self):
        self.deploy("lab/adt", BEFORE)
        large = message("LARGE1") + b"".join(b"NTE|%d||%s\r" % (number, b"x" * 1000)
                                             for number in range(400))
        self.assertEqual(self.site.send(self.ports["lab/adt"], large).code, 0)
        original = self.site.find_settled(1, "--term", "MSH-10=LARGE1")[0]["id"]
        self.assertEqual(self.replay("--message", original)["done"], 1)
        first, second = self.received(self.lab, "LARGE1", 2)
        self.assertEqual(first, second)
        found = self.site.find_settled(2, "--term", "MSH-10=LARGE1", "--type", "ADT^A01")
        self.assertEqual((found[0]["flags"], found[0]["bytes"]), (["replay"], len(large)))

    def test_a_task_is_slow_paused_killed_resumed_and_doubles_nothing(self):
        self.deploy("lab/adt", AFTER)
        names = [f"SLOW{number:02}" for number in range(12)]
        self.send("lab/adt", *names, patient="SLOW")
        self.site.find_settled(12, "--term", "PID-3.1=SLOW")
        task = json.loads(self.site.ask("replay", "start", "--json", "--reason", "slowly", "--term",
                                        "PID-3.1=SLOW", "--channel", "lab", "--per-second", "4").out)
        number = task["id"]

        def shown():
            return json.loads(self.site.ask("replay", "show", number, "--json").out)
        eventually(lambda: shown()["done"] >= 2, 30, shown)
        paused = json.loads(self.site.ask("replay", "pause", number, "--json").out)
        self.assertEqual(paused["state"], "paused")
        os.kill(self.site.engine_pid(), signal.SIGKILL)
        type(self).starts += 1
        self.site.wait_ready(self.starts)
        self.assertEqual(shown()["state"], "paused")
        self.assertLess(shown()["done"], 12)
        self.site.ask("replay", "resume", number)
        eventually(lambda: shown()["done"] >= 5, 30, shown)
        os.kill(self.site.engine_pid(), signal.SIGKILL)
        type(self).starts += 1
        self.site.wait_ready(self.starts)
        eventually(lambda: shown()["state"] == "done", 30, shown)
        self.assertEqual((shown()["total"], shown()["done"]), (12, 12))
        found = self.site.find_settled(24, "--term", "PID-3.1=SLOW", "--channel", "lab")
        replays = [each["control_id"] for each in found if each["flags"] == ["replay"]]
        self.assertEqual(sorted(replays), names)

    def test_a_cancelled_task_leaves_the_rest(self):
        self.deploy("lab/adt", AFTER)
        self.send("lab/adt", *(f"STOP{number}" for number in range(4)), patient="STOP")
        task = json.loads(self.site.ask("replay", "start", "--json", "--reason", "oops", "--term",
                                        "PID-3.1=STOP", "--per-second", "1").out)
        done = json.loads(self.site.ask("replay", "cancel", task["id"], "--json").out)
        self.assertEqual(done["state"], "cancelled")
        again = self.site.run("replay", "resume", task["id"], "--data", self.site.data)
        self.assertEqual(again.code, 1)
        self.assertIn("it is cancelled", again.err)
        self.assertIn("cancelled", self.site.ask("replay", "list").out)

    def test_what_makes_no_sense_is_said(self):
        for words, said in (([], "say which messages"),
                            (["--message", "0000000000001"], "not found"),
                            (["--term", "PID-3"], "PATH=VALUE"),
                            (["--channel", "nowhere"], "no channel"),
                            (["--channel", "lab", "--through", "magic"], "through"),
                            (["--channel", "lab", "--part", "1"], "part")):
            done = self.site.run("replay", "start", "--reason", "x", *words, "--data", self.site.data)
            self.assertEqual(done.code, 1, f"{words}: {done}")
            self.assertIn(said, done.err.lower() if said == "not found" else done.err, words)

    def test_rights_and_scopes(self):
        self.deploy("lab/adt", AFTER)
        original, = self.send("lab/adt", "RIGHT1")
        api = Api(self.site)
        url = f"http://127.0.0.1:{api.address.port}"
        words = ["replay", "start", "--reason", "x", "--message", original, "--url", url]
        for name, role, scope, code in (("rad", "administrator", "rad", 1),
                                        ("lab", "operator", "lab", 0), ("see", "viewer", "", 1)):
            token = api.add_token(f"replay-{name}", role, scope)
            with mock.patch.dict(os.environ, {"CAUSEWAY_TOKEN": token}):
                self.assertEqual(self.site.run(*words).code, code, name)
                everywhere = self.site.run("replay", "start", "--reason", "x", "--term",
                                           "MSH-10=RIGHT1", "--url", url)
                self.assertEqual(everywhere.code, 1, f"{name}: {everywhere}")
                listed = self.site.run("replay", "list", "--url", url)
                self.assertEqual(f"lab/adt  " in listed.out, name != "rad", listed)
        done = self.site.ask("audit", "find", "--action", "start_replay", "--channel", "lab/adt")
        self.assertIn(original, done.out)
