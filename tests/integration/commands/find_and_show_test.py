"""causeway send, messages find, messages show: what came in, and what became of it."""
import json

from command_line import eventually, free_port, message
from commands.running import EngineCase
from mllp_peers import Client, msa


class Send(EngineCase):
    def test_prints_the_answer(self):
        out = self.accepted("lab/through", message("SEND1"))
        self.assertIn("MSA|AA|SEND1", out)

    def test_sends_line_feeds_as_segment_ends(self):
        self.accepted("lab/through", message("SEND2").replace(b"\r", b"\n"))
        found = self.site.find_settled(1, "--term", "MSH-10=SEND2")
        self.assertEqual(self.site.body(found[0]["id"]), message("SEND2"))

    def test_quiet_prints_nothing(self):
        self.assertEqual(self.accepted("lab/through", message("SEND3"), "--quiet"), "")

    def test_a_refusal_is_exit_code_1(self):
        done = self.running.send("reply/named", message("SEND4"))
        self.assertEqual(done.code, 1, done)
        self.assertIn("MSA|AE|SEND4", done.out)

    def test_nobody_listens(self):
        port = free_port()
        done = self.site.send(port, message("SEND5"))
        self.assertEqual(done.code, 1, done)
        self.assertIn(f"127.0.0.1:{port}: Connection refused", done.err)

    def test_wrong_arguments_are_exit_code_2(self):
        for words in (["send"], ["send", "--to", "127.0.0.1:1"], ["send", "--to", "nowhere", "-"],
                      ["send", "--to", "127.0.0.1:x", "-"], ["messages"], ["messages", "show"],
                      ["messages", "find", "--limit", "0"], ["queue"], ["queue", "shwo"],
                      ["serve"], ["nonsense"], []):
            done = self.site.run(*words)
            self.assertEqual(done.code, 2, f"{words}: {done}")
            self.assertIn("usage: causeway", done.err + done.out, words)


class Find(EngineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.site.find("--term", "MSH-10=FIND0"):
            return
        for number in range(7):
            done = cls.running.send("lab/script", message(f"FIND{number}", patient=f"F{number % 2}",
                                                          visit=f"VISIT{number}"))
            assert done.code == 0, done
        cls.site.find_settled(4, "--term", "PID-3.1=F0")

    def ids(self, *words):
        return [each["control_id"] for each in self.site.find(*words)]

    def test_by_each_search_path(self):
        self.assertEqual(self.ids("--term", "MSH-10=FIND3"), ["FIND3"])
        self.assertEqual(self.ids("--term", "PID-3.1=F1"), ["FIND5", "FIND3", "FIND1"])
        self.assertEqual(self.ids("--term", "PID-18=VISIT4"), ["FIND4"])
        self.assertEqual(self.ids("--term", "PID-18=VISIT"), [])

    def test_by_channel_and_folder(self):
        term = ["--term", "PID-3.1=F0"]
        for where, count in (("lab/script", 4), ("lab", 4), ("lab/through", 0), ("queue", 0)):
            self.assertEqual(len(self.ids(*term, "--channel", where)), count, where)

    def test_by_time(self):
        term = ["--term", "PID-3.1=F0"]
        at = sorted(each["received_at"] for each in self.site.find(*term))
        self.assertEqual(len(self.ids(*term, "--from", at[0][:19])), 4)
        self.assertEqual(len(self.ids(*term, "--to", "2024-01-01")), 0)
        self.assertEqual(len(self.ids(*term, "--from", at[0][:10], "--to", at[0][:19])), 0)

    def test_by_type_and_peer(self):
        term = ["--term", "PID-3.1=F1"]
        self.assertEqual(self.ids(*term, "--type", "ADT^A01", "--peer", "127.0.0.1"),
                         ["FIND5", "FIND3", "FIND1"])
        self.assertEqual(self.ids(*term, "--type", "ADT^A02"), [])
        self.assertEqual(self.ids("--channel", "lab/script", "--peer", "192.0.2.1"), [])
        self.assertEqual(len(self.ids("--channel", "lab/script", "--type", "ADT^A01",
                                      "--limit", "2")), 2)

    def test_by_state_and_kind(self):
        self.accepted("queue/parked", message("STATE1"))
        eventually(lambda: "STATE1" in self.ids("--channel", "queue/parked", "--state", "parked"),
                   20, "it is parked")
        refused = self.ids("--kind", "refused", "--kind", "script")
        self.assertIn("STATE1", refused)
        self.assertNotIn("FIND1", refused)
        self.assertNotIn("STATE1", self.ids("--state", "parked", "--kind", "script"))
        self.assertIn("STATE1", self.ids("--state", "held", "--state", "parked", "--state", "passed"))
        self.assertNotIn("STATE1", self.ids("--channel", "queue/parked", "--state", "failed"))

    def test_the_same_past_the_engine(self):
        words = ["--term", "PID-3.1=F0", "--type", "ADT^A01", "--state", "passed"]
        past = self.site.run("messages", "find", "--json", *words, "--data", self.site.data,
                             "--database", self.site.conninfo("causeway"))
        self.assertEqual(past.code, 0, past)
        self.assertEqual([json.loads(line) for line in past.out.splitlines()],
                         self.site.find(*words))

    def test_limit(self):
        everything = self.ids("--channel", "lab/script")
        self.assertEqual(self.ids("--channel", "lab/script", "--limit", "3"), everything[:3])
        done = self.site.ask("messages", "find", "--channel", "lab/script", "--limit", "3")
        self.assertEqual(len(done.out.splitlines()), 3)
        self.assertIn("there are more", done.err)

    def test_a_line_for_people(self):
        line = self.site.ask("messages", "find", "--term", "MSH-10=FIND6").out
        for part in ("passed", "lab/script", "ADT^A01", "FIND6"):
            self.assertIn(part, line)

    def test_nothing_found_is_said(self):
        for term in ("MSH-10=NOSUCH", "PID-7=19700101"):
            done = self.site.ask("messages", "find", "--term", term)
            self.assertEqual(done.out, "")
            self.assertIn("nothing found; only what a channel's \"search\" lists", done.err)

    def test_mistakes_are_said(self):
        for words, text in ((["--term", "PID-3.1"], "PATH=VALUE"),
                            (["--term", "PID-x=3"], "PID-x"),
                            (["--from", "yesterday"], "not a time"),
                            (["--state", "lost"], "there are waiting, trying, held"),
                            (["--kind", "bad"], "no class of errors"),
                            (["--channel", "lba"], "no channel")):
            done = self.site.run("messages", "find", *words, "--data", self.site.data)
            self.assertEqual(done.code, 1, f"{words}: {done}")
            self.assertIn(text, done.err, words)


class Show(EngineCase):
    def test_all_that_happened(self):
        self.accepted("lab/script", message("SHOW1"))
        found = self.site.find_settled(1, "--term", "MSH-10=SHOW1")[0]
        shown = self.site.show(found["id"])
        self.assertEqual(shown["body"].encode(), message("SHOW1"))
        self.assertEqual([run["state"] for run in shown["runs"]], ["passed"])
        self.assertEqual([each["destination"] for each in shown["runs"][0]["deliveries"]], ["out"])
        self.assertEqual(msa(shown["replies"][0]["bytes"].encode())[:2], ("AA", b"SHOW1"))
        self.assertEqual(shown["replies"][0]["state"], "sent")

        def delivered():
            attempts = self.site.show(found["id"])["attempts"]
            return [each for each in attempts if each.get("outcome") == "delivered"]
        attempt = eventually(delivered, 20, "a delivery on record")[0]
        self.assertEqual(msa(attempt["response"].encode())[:2], ("AA", b"SHOW1"))
        text = self.site.ask("messages", "show", found["id"]).out
        for part in ("by lab/script from 127.0.0.1", "MSH|^~\\&|ADT|", "run 1 (arrival): passed",
                     "step transform.js", "delivery to out", "delivered", "MSA|AA|SHOW1",
                     "reply at"):
            self.assertIn(part, text)

    def test_body_is_byte_identical(self):
        odd = message("SHOW2").replace(b"ANNA", b"J\xf6rg\x00\x85\xff") + b"ZZZ|\n\x0b|\x1c end\r\r"
        with Client(self.running.ports["lab/through"]) as client:
            self.assertEqual(msa(client.ask(odd))[:2], ("AA", b"SHOW2"))
        found = self.site.find_settled(1, "--term", "MSH-10=SHOW2")[0]
        self.assertEqual(self.site.body(found["id"]), odd)
        self.site.show(found["id"])  # is JSON nevertheless
        self.assertIn(odd, self.running.good.received)

    def test_a_large_body_is_byte_identical(self):
        large = message("SHOW3") + b"".join(b"OBX|%d|TX|||%s\r" % (number, b"x" * 1000)
                                            for number in range(1500))
        with Client(self.running.ports["lab/through"]) as client:
            self.assertEqual(msa(client.ask(large))[:2], ("AA", b"SHOW3"))
        found = self.site.find_settled(1, "--term", "MSH-10=SHOW3")[0]
        self.assertEqual(found["bytes"], len(large))
        self.assertEqual(self.site.body(found["id"]), large)
        eventually(lambda: large in self.running.good.received, 20, "the large message arrives")

    def test_a_hop_is_linked_both_ways(self):
        self.accepted("hop/first", message("HOP1"))
        first = self.site.find_settled(1, "--term", "MSH-10=HOP1", "--channel", "hop/first")[0]
        second = self.site.find_settled(1, "--term", "MSH-10=HOP1", "--channel", "hop/second")[0]
        self.assertEqual(self.site.show(first["id"])["links"],
                         [{"kind": "hop", "child": second["id"]}])
        self.assertEqual(self.site.show(second["id"])["links"],
                         [{"kind": "hop", "parent": first["id"]}])
        self.assertIn(f"hop to {second['id']}", self.site.ask("messages", "show", first["id"]).out)
        self.assertIn(f"hop from {first['id']}", self.site.ask("messages", "show", second["id"]).out)
        self.assertIn(b"ZIT|1|HOP1\r", self.site.body(second["id"]))

    def test_no_such_message(self):
        for name, text in (("zzz", "zzz"), ("0000000000001", "no ")):
            done = self.site.run("messages", "show", name, "--data", self.site.data)
            self.assertEqual(done.code, 1, done)
            self.assertIn(text, done.err)

    def test_what_has_no_msh_is_stored_flagged_and_not_accepted(self):
        with Client(self.running.ports["lab/unreadable"]) as client:
            answer = client.ask(b"good morning")
        self.assertEqual(msa(answer)[:2], ("AE", b""))
        found = [each for each in self.site.find("--channel", "lab/unreadable")
                 if self.site.body(each["id"]) == b"good morning"]
        self.assertEqual(len(found), 1)
        self.assertIn("no readable header", self.site.ask("messages", "show", found[0]["id"]).out)
