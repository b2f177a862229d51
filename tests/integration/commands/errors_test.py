"""causeway errors: what fails, by cause; from a cause to its messages and their replay."""
import json
import subprocess

from command_line import eventually, message
from commands.api_client import Api
from commands.running import EngineCase


class Errors(EngineCase):
    def groups(self, *words):
        lines = self.site.ask("errors", "--json", *words).out.splitlines()
        return [json.loads(line) for line in lines]

    def group(self, path, **fields):
        def found():
            return [each for each in self.groups("--channel", path)
                    if all(each.get(name) == value for name, value in fields.items())]
        return eventually(found, 20, lambda: f"{fields} among {self.groups('--channel', path)}", 0.3)[0]

    def test_a_script_s_line_and_its_messages(self):
        for each in ("CAUSE1", "CAUSE2"):
            self.accepted("errors/causes", message(each, name="FAIL", patient=each))
        group = self.group("errors/causes", place="transform.js:2", count=2)
        self.assertEqual((group["destination"], group["kind"], group["stage"]),
                         ("run", "script", "transform.js"))
        self.assertEqual(group["open"], 2)
        self.assertEqual(group["first_deployment"], group["last_deployment"])
        self.assertLess(group["first_seen"], group["last_seen"])
        found = self.site.find("--cause", group["id"])
        self.assertEqual([each["control_id"] for each in found], ["CAUSE2", "CAUSE1"])
        self.assertEqual(len(self.site.find("--cause", group["id"], "--term", "PID-3.1=CAUSE1")), 1)
        text = self.site.ask("errors", "show", group["id"]).out
        for part in ("errors/causes > run, transform.js, transform.js:2: script", "2 times, 2 open",
                     "CAUSE1", "CAUSE2"):
            self.assertIn(part, text)
        self.assertNotIn("this patient fails", text)
        done = self.site.ask("replay", "start", "--wait", "--json", "--reason", "again",
                             "--cause", group["id"])
        self.assertEqual(json.loads(done.out)["done"], 2)
        # They fail again, as messages of their own; those that they stand for are closed.
        self.group("errors/causes", place="transform.js:2", count=4, open=2)

    def test_what_a_destination_answers(self):
        self.accepted("errors/parked", message("CAUSE3"))
        group = self.group("errors/parked", code="AE")
        self.assertEqual((group["destination"], group["kind"]), ("out", "refused"))
        self.assertNotIn("no such ward", json.dumps(group))

    def test_a_destination_that_is_away(self):
        self.accepted("errors/away", message("CAUSE4"))
        group = self.group("errors/away", kind="unavailable")
        self.assertEqual(group["destination"], "out")

    def test_what_fails_is_told_to_who_watches(self):
        words = [self.site.build / "causeway", "messages", "watch", "--channel", "errors/parked",
                 "--count", "3", "--json", "--data", self.site.data]
        watching = subprocess.Popen(words, stdout=subprocess.PIPE, cwd="/")
        self.addCleanup(watching.kill)

        def told():
            self.accepted("errors/parked", message("WATCH1"))
            return watching.poll() is not None
        eventually(told, 30, "three events", 0.5)
        events = [json.loads(line) for line in watching.stdout.read().splitlines()]
        watching.stdout.close()
        self.assertEqual([each["event"] for each in events], ["message.failed"] * 3)
        failed = [self.site.show(each["data"]["message"]) for each in events]
        self.assertEqual({each["channel"] for each in failed}, {"errors/parked"})
        self.assertIn("WATCH1", [each["control_id"] for each in failed])
        self.assertEqual((events[0]["data"]["destination"], events[0]["data"]["kind"]),
                         ("out", "refused"))

    def test_pages_scopes_and_mistakes(self):
        api = Api(self.site)
        self.accepted("errors/parked", message("CAUSE5"))
        self.accepted("errors/away", message("CAUSE6"))
        self.group("errors/parked", code="AE")
        self.group("errors/away", kind="unavailable")
        self.assertTrue(api.ask("GET", "/api/errors?limit=1").json()["next"])
        target, ids = "/api/errors?limit=1&channel=errors", []
        while target and len(ids) < 50:
            page = api.ask("GET", target).json()
            ids += [each["id"] for each in page["items"]]
            target = page.get("next")
        self.assertGreaterEqual(len(set(ids)), 2)
        token = api.add_token("errors-lab", "viewer", "lab")
        self.assertEqual(api.ask("GET", f"/api/errors/{ids[0]}", token=token).status, 404)
        seen = api.ask("GET", "/api/errors", token=token).json()["items"]
        self.assertEqual([each for each in seen if not each["channel"].startswith("lab")], [])
        self.assertEqual(api.ask("GET", "/api/errors?after=x").status, 400)
        for words in (["show", "0000000000000001"], ["show", "x"]):
            done = self.site.run("errors", *words, "--data", self.site.data)
            self.assertEqual(done.code, 1, done)
