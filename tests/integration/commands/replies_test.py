"""What senders are told: the reply policies, and duplicates."""
from command_line import eventually, message
from commands.running import EngineCase
from mllp_peers import Client, msa


class Replies(EngineCase):
    def answer(self, path, content):
        with Client(self.running.ports[path]) as client:
            return client.ask(content)

    def received(self, receiver, control_id):
        return [each for each in receiver.received if control_id.encode() in each]

    def replies_on_record(self, control_id):
        found = self.site.find_settled(1, "--term", f"MSH-10={control_id}")[0]
        return eventually(lambda: self.site.show(found["id"])["replies"], 20, "a reply on record")

    def test_done_is_after_all_destinations(self):
        self.assertEqual(msa(self.answer("reply/done", message("DONE1")))[:2], ("AA", b"DONE1"))
        self.assertEqual(len(self.received(self.running.good, "DONE1")), 2)

    def test_done_is_the_worst_of_all(self):
        self.assertEqual(msa(self.answer("reply/worst", message("WORST1")))[:2], ("AE", b"WORST1"))

    def test_a_destination_answers(self):
        code, control_id, text = msa(self.answer("reply/named", message("NAMED1")))
        self.assertEqual((code, control_id), ("AE", b"NAMED1"))
        self.assertIn("no such ward", text)

    def test_a_silent_destination(self):
        code, control_id, _ = msa(self.answer("reply/silent", message("SILENT1")))
        self.assertEqual((code, control_id), ("AR", b"SILENT1"))
        self.assertTrue(self.replies_on_record("SILENT1")[0]["timed_out"])
        found = self.site.find("--term", "MSH-10=SILENT1")[0]
        self.assertIn("after the wait timed out",
                      self.site.ask("messages", "show", found["id"]).out)


class Copies(EngineCase):
    def send_twice(self, path, control_id):
        """The two, first come first."""
        with Client(self.running.ports[path]) as client:
            answers = [client.ask(message(control_id))]
            found = self.site.find_settled(1, "--term", f"MSH-10={control_id}")
            eventually(lambda: self.site.show(found[0]["id"])["attempts"], 20, "a delivery")
            answers.append(client.ask(message(control_id)))
        found = self.site.find_settled(2, "--term", f"MSH-10={control_id}")
        return answers, [self.site.show(each["id"]) for each in reversed(found)]

    def count(self, control_id):
        return sum(control_id.encode() in each for each in self.running.good.received)

    def test_marked(self):
        answers, (first, second) = self.send_twice("copies/mark", "MARK1")
        self.assertEqual([msa(each)[:2] for each in answers], [("AA", b"MARK1")] * 2)
        self.assertEqual((first["flags"], second["flags"]), ([], ["duplicate"]))
        self.assertEqual([each["parent"] for each in second["links"]], [first["id"]])
        self.assertEqual([each["child"] for each in first["links"]], [second["id"]])
        eventually(lambda: self.count("MARK1") == 2, 20, "both are sent on")

    def test_suppressed(self):
        answers, (first, second) = self.send_twice("copies/suppress", "SUPP1")
        self.assertEqual([msa(each)[:2] for each in answers], [("AA", b"SUPP1")] * 2)
        self.assertEqual(second["flags"], ["duplicate", "suppressed"])
        self.assertEqual(second["runs"][0]["state"], "suppressed")
        self.assertEqual([each["parent"] for each in second["links"]], [first["id"]])
        self.accepted("copies/suppress", message("SUPP2"))
        eventually(lambda: self.count("SUPP2"), 20, "a later message arrives")
        self.assertEqual(self.count("SUPP1"), 1)
        self.assertIn("suppressed", self.site.ask("messages", "show", second["id"]).out)

    def test_a_control_id_used_again_is_no_copy(self):
        self.accepted("copies/suppress", message("REUSE1", name="FIRST"))
        self.accepted("copies/suppress", message("REUSE1", name="OTHER"))
        eventually(lambda: self.count("REUSE1") == 2, 20, "both are sent on")
        newest = self.site.find_settled(2, "--term", "MSH-10=REUSE1")[0]
        self.assertEqual(newest["flags"], ["control id used before"])
