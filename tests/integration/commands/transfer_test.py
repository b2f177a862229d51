"""causeway messages export, import: messages taken out of one channel, and brought into another."""
import json

from command_line import message
from commands.api_client import Api
from commands.running import EngineCase
from mllp_peers import Client


class Transfer(EngineCase):
    def exported(self, *words):
        return [json.loads(line) for line in
                self.site.ask("messages", "export", *words).out.splitlines()]

    def brought_in(self, lines, channel, code=0):
        file = self.site.folder / "messages.ndjson"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        done = self.site.run("messages", "import", file, "--channel", channel, "--reason", "a test",
                             "--data", self.site.data)
        self.assertEqual(done.code, code, done)
        return done

    def test_out_of_one_channel_and_into_another_byte_for_byte(self):
        odd = message("OUT2", patient="OUT").replace(b"ANNA", b"J\xf6rg\x00\xff")
        self.accepted("lab/script", message("OUT1", patient="OUT"))
        with Client(self.running.ports["lab/script"]) as client:
            client.ask(odd)
        self.site.find_settled(2, "--term", "PID-3.1=OUT", "--channel", "lab")
        lines = self.exported("--term", "PID-3.1=OUT", "--channel", "lab")
        self.assertEqual([line["control_id"] for line in lines], ["OUT2", "OUT1"])
        self.assertEqual(lines[1]["body"].encode(), message("OUT1", patient="OUT"))
        self.assertEqual(bytes.fromhex(lines[0]["body_hex"]), odd)
        lines.reverse()
        done = self.brought_in(lines, "copies/mark")
        self.assertEqual(done.out, "2 stored, 0 there before, 0 refused\n")
        found = self.site.find_settled(2, "--term", "PID-3.1=OUT", "--channel", "copies/mark")
        self.assertEqual([self.site.body(each["id"]) for each in found],
                         [odd, message("OUT1", patient="OUT")])
        done = self.brought_in(lines, "copies/mark")
        self.assertEqual(done.out, "0 stored, 2 there before, 0 refused\n")

    def test_what_is_no_message_is_refused_and_the_rest_taken(self):
        self.accepted("lab/script", message("OUT3"))
        good, = self.exported("--term", "MSH-10=OUT3", "--channel", "lab")
        bad = [{}, {"id": "x"}, {**good, "content_type": "pigeon"}, {**good, "body": ""},
               {**good, "body": None, "body_hex": "0g"}, {"too_large": True, "id": good["id"]}]
        done = self.brought_in([*bad, good], "copies/suppress", code=1)
        self.assertEqual(done.out, "1 stored, 0 there before, 6 refused\n")
        self.assertIn("line 3: \"content_type\" is none there is", done.err)
        self.assertNotIn("pigeon", done.err)
        self.assertIn("not_found", self.brought_in([good], "nowhere", code=1).err)

    def test_who_may(self):
        api = Api(self.site)
        for name, role, status in (("operator", "operator", 403), ("administrator", "administrator", 200)):
            token = api.add_token(f"transfer-{name}", role, "lab")
            answer = api.ask("GET", "/api/messages/export?limit=1", token=token)
            self.assertEqual(answer.status, status, answer)
        self.assertEqual({line["channel"].split("/")[0] for line in map(json.loads, answer.body.splitlines())},
                         {"lab"})
        self.assertIn("export_messages", self.site.ask("audit", "find", "--limit", "20").out)
