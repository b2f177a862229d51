"""causeway messages export, import: messages taken out of one channel, and brought into another."""
import json
import shutil
import subprocess

from command_line import message
from commands.api_client import Api
from commands.running import EngineCase
from mllp_peers import Client


class Transfer(EngineCase):
    def exported(self, *words):
        *lines, end = [json.loads(line) for line in
                       self.site.ask("messages", "export", *words).out.splitlines()]
        messages = sum("id" in line for line in lines)
        self.assertEqual(end, {"end": True, "gone": 0, "messages": messages})
        return lines

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
               {**good, "body": None, "body_hex": "0g"}, {"gone": True, "id": good["id"]}]
        done = self.brought_in([*bad, good], "copies/suppress", code=1)
        self.assertEqual(done.out, "1 stored, 0 there before, 6 refused\n")
        self.assertIn("line 3: \"content_type\" is none there is", done.err)
        self.assertNotIn("pigeon", done.err)
        self.assertIn("not_found", self.brought_in([good], "nowhere", code=1).err)

    def test_large_content_follows_in_pieces(self):
        large = message("OUT5", patient="LARGE") + b"OBX|1|ED|||" + b"0123456789abcdef" * 200_000 + b"\r"
        self.accepted("lab/script", large)
        self.site.find_settled(1, "--term", "PID-3.1=LARGE", "--channel", "lab")
        head, *pieces = self.exported("--term", "PID-3.1=LARGE", "--channel", "lab")
        self.assertEqual((head["bytes"], head["pieces"], len(pieces)), (len(large), 4, 4))
        self.assertEqual(b"".join(bytes.fromhex(each["body_hex"]) for each in pieces), large)
        done = self.brought_in([head, *pieces], "copies/mark")
        self.assertEqual(done.out, "1 stored, 0 there before, 0 refused\n")
        found, = self.site.find_settled(1, "--term", "PID-3.1=LARGE", "--channel", "copies/mark")
        self.assertEqual(self.site.body(found["id"]), large)
        done = self.brought_in([head, *pieces[:2]], "copies/mark", code=1)
        self.assertIn("is not all there", done.err)
        done = self.brought_in([head, pieces[1]], "copies/mark", code=1)
        self.assertIn("belongs to no message before it", done.err)

    def test_sealed_under_a_passphrase(self):
        self.accepted("lab/script", message("OUT6"))
        secret, other = self.site.folder / "secret", self.site.folder / "other"
        secret.write_text("batteries eat no horses\n")
        other.write_text("horses eat batteries\n")
        file = self.site.folder / "messages.sealed"
        with file.open("wb") as out:
            subprocess.run([self.site.build / "causeway", "messages", "export", "--term",
                            "MSH-10=OUT6", "--channel", "lab", "--sealed", "--passphrase-file",
                            secret, "--data", self.site.data], stdout=out, check=True, timeout=60)
        sealed = file.read_bytes()
        self.assertNotIn(b"OUT6", sealed)

        def bring_in(passphrase):
            return self.site.run("messages", "import", file, "--channel", "copies/mark", "--reason",
                                 "a test", "--passphrase-file", passphrase, "--data", self.site.data)
        done = bring_in(other)
        self.assertEqual(done.code, 1, done)
        self.assertIn("another passphrase", done.err)
        file.write_bytes(sealed[:-20] + bytes([sealed[-20] ^ 1]) + sealed[-19:])
        done = bring_in(secret)
        self.assertIn("piece 1", done.err, done)
        file.write_bytes(sealed)
        done = bring_in(secret)
        self.assertEqual((done.code, done.out), (0, "1 stored, 0 there before, 0 refused\n"), done)

    def test_a_stored_message_becomes_a_test_without_its_patient(self):
        self.accepted("lab/script", message("CASE77", patient="8315526", name="LOVELACE"))
        found, = self.site.find_settled(1, "--term", "MSH-10=CASE77", "--channel", "lab/script")
        channel = self.site.folder / "drafts" / "script"
        shutil.copytree(self.site.channels / "lab" / "script", channel)
        words = ["messages", "export", found["id"], "--as-test", "from_life", "--into", channel,
                 "--data", self.site.data]
        done = self.site.run(*words)
        self.assertEqual(done.code, 0, done)
        made = {file.relative_to(channel / "tests/from_life").as_posix(): file.read_text()
                for file in (channel / "tests/from_life").rglob("*") if file.is_file()}
        self.assertEqual(set(made), {"input.hl7", "case.json", "expected/out.hl7"})
        for text in made.values():
            for word in ("LOVELACE", "8315526", "CASE77"):
                self.assertNotIn(word, text)
        self.assertIn("ADT^A01^ADT_A01", made["input.hl7"])
        done = self.site.run("test", channel)
        self.assertEqual(done.code, 0, done)
        self.assertIn("from_life", done.out)
        again = self.site.run(*words)
        self.assertIn("there is a test of this name", again.err)

    def test_who_may(self):
        api = Api(self.site)
        for name, role, status in (("operator", "operator", 403), ("administrator", "administrator", 200)):
            token = api.add_token(f"transfer-{name}", role, "lab")
            answer = api.ask("GET", "/api/messages/export?limit=1", token=token)
            self.assertEqual(answer.status, status, answer)
        lines = [line for line in map(json.loads, answer.body.splitlines()) if "end" not in line]
        self.assertEqual({line["channel"].split("/")[0] for line in lines},
                         {"lab"})
        self.assertIn("export_messages", self.site.ask("audit", "find", "--limit", "20").out)
