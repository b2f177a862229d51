"""What senders of messages that break a rule are told, over MLLP, and what becomes of the messages."""
from commands.running import EngineCase
from mllp_peers import Client

TRIED = 0


def adt(pid, version="2.5.1", more=b"", acks=b"", control_id=b"C1",
        message_type=b"ADT^A01^ADT_A01"):
    return (b"MSH|^~\\&|ADT|HOSP|LAB|CLINIC|20260101120000||" + message_type + b"|" + control_id
            + b"|P|" + version.encode() + b"|||" + acks + b"\rEVN|A01|20260101120000\r" + pid
            + b"\rPV1|1|I\r" + more)


GOOD = b"PID|1||A1^^^H^MR||Doe^Jane||19700101|F"


class Validation(EngineCase):
    def setUp(self):
        global TRIED
        TRIED += 1
        self.control_id = b"CHECK%d" % TRIED

    def answer(self, path, pid, **more):
        """Segments of the answer, as lists of fields."""
        message = adt(pid, control_id=self.control_id, **more)
        with Client(self.running.ports[path]) as client:
            answer = client.ask(message)
        return [segment.split("|") for segment in answer.decode().split("\r") if segment]

    def errors(self, path, pid, code="AE", **more):
        """(ERR-2, ERR-3.1, ERR-4) of each, of an answer that doesn't accept."""
        segments = self.answer(path, pid, **more)
        self.assertEqual(segments[1][:3], ["MSA", code, self.control_id.decode()])
        found = []
        for segment in segments[2:]:
            self.assertEqual(segment[0], "ERR")
            found.append((segment[2], segment[3].split("^")[0], segment[4]))
        return found

    def test_each_class_of_rules_rejects_with_its_place_and_code(self):
        self.assertEqual(self.errors("check/structure", GOOD, more=b"OBR|1\r"),
                         [("OBR^1", "100", "E")])
        self.assertEqual(self.errors("check/usage", b"PID|1||||Doe"), [("PID^1^3^1", "101", "E")])
        self.assertEqual(self.errors("check/repetition", GOOD.replace(b"|F", b"|F~M")),
                         [("PID^1^8^2", "207", "E")])
        self.assertEqual(self.errors("check/length", GOOD.replace(b"|1||", b"|12345||")),
                         [("PID^1^1^1", "207", "E")])
        self.assertEqual(self.errors("check/type", GOOD.replace(b"19700101", b"1970x")),
                         [("PID^1^7^1^1", "102", "E")])
        self.assertEqual(self.errors("check/table", GOOD, acks=b"XX"),
                         [("MSH^1^15^1", "103", "E")])
        self.assertEqual(self.errors("check/profile", b"PID|1||1A||Doe|||M", more=b"")[-1][2], "E")

    def test_statements_of_a_profile_reject(self):
        message = (b"MSH|^~\\&|A|B|C|D|20240102||ORU^R01|" + self.control_id
                   + b"|P|2.5.1\rPID|1||A1||Doe|||M\rOBX|1|XX|a\r")
        with Client(self.running.ports["check/profile"]) as client:
            answer = client.ask(message).decode()
        self.assertIn("\rMSA|AE|" + self.control_id.decode(), answer)
        self.assertIn("\rERR||OBX^1|207^", answer)
        self.assertIn("OBX-2 SHALL be NM or CX.", answer)

    def test_a_class_that_is_off_or_warns_does_not_reject(self):
        for path in ("check/structure", "check/length", "check/warn"):
            self.assertEqual(self.answer(path, b"PID|1||||Doe")[1][:2], ["MSA", "AA"])

    def test_all_places_are_told_and_no_value(self):
        segments = self.answer("check/refuse", b"PID|SECRET||||Doe||1970x")
        self.assertEqual(segments[1][1], "AR")
        self.assertEqual([segment[2] for segment in segments[2:]],
                         ["PID^1^1^1", "PID^1^1^1", "PID^1^3^1", "PID^1^7^1^1"])
        self.assertNotIn("SECRET", str(segments))

    def test_before_2_5_places_are_repetitions_of_one_field(self):
        segments = self.answer("check/refuse", b"PID|1||||Doe||1970x", version="2.3.1",
                               message_type=b"ADT^A01")
        self.assertEqual(segments[1][1], "AR")
        self.assertEqual(len(segments), 3)
        self.assertTrue(segments[2][1].startswith("PID^1^3^101&"), segments)
        self.assertIn("~PID^1^7^102&", segments[2][1])

    def test_enhanced_mode_gets_the_application_answer_if_it_wants_one(self):
        self.assertEqual(self.errors("check/usage", b"PID|1||||Doe", acks=b"NE|AL"),
                         [("PID^1^3^1", "101", "E")])

    def test_a_rejected_message_is_kept_and_goes_nowhere(self):
        self.errors("check/usage", b"PID|1||||Doe")
        found = self.site.find_settled(1, "--term", "MSH-10=" + self.control_id.decode())[0]
        shown = self.site.show(found["id"])
        self.assertEqual(shown["runs"][0]["deliveries"], [])
        self.assertIn("PID-3 field-missing", shown["runs"][0]["steps"][0]["log"])
        self.assertIn("ERR||PID^1^3^1|", shown["replies"][0]["bytes"])
        self.assertFalse(any(self.control_id in each for each in self.running.good.received))
