"""`causeway hl7`: what an analyst reads, word for word. No engine is needed.

CAUSEWAY_UPDATE=1 writes the expected texts anew, after a change that is meant."""
import json
import os
import pty
import subprocess
import unittest
from pathlib import Path

from .running import EngineCase

HERE = Path(__file__).resolve().parent / "hl7"
PATIENCE_S = 60
RESULTS = (HERE / "results.hl7").read_bytes()
LATIN = RESULTS.replace(b"\n", b"\r").decode().replace("UNICODE UTF-8", "8859/1").encode("latin-1")


def hl7(*words, stdin=b"", **more):
    return subprocess.run([EngineCase.build / "causeway", "hl7", *words], input=stdin, cwd=HERE,
                          capture_output=True, timeout=PATIENCE_S, **more)


class Hl7Case(unittest.TestCase):
    def expect(self, name, done, code=0):
        self.assertEqual(done.returncode, code, done)
        path = HERE / name
        if os.environ.get("CAUSEWAY_UPDATE"):
            path.write_bytes(done.stdout)
        self.assertEqual(done.stdout.decode(), path.read_text())

    def lines(self, *words, stdin=b"", code=0):
        done = hl7(*words, stdin=stdin)
        self.assertEqual(done.returncode, code, done)
        return done.stdout.decode().splitlines()


class Show(Hl7Case):
    def test_a_message_is_a_tree_of_groups_with_names_and_codes(self):
        self.expect("show.txt", hl7("show", "results.hl7"))

    def test_brief_and_chosen_segments(self):
        self.expect("show_brief.txt", hl7("show", "--brief", "results.hl7"))
        self.assertEqual(self.lines("show", "--brief", "--segments", "PID,ZZZ", "results.hl7")[1:],
                         ["  PID  Patient Identification", "  ZZZ  (the site's own)"])

    def test_json_is_one_object_a_message(self):
        shown = [json.loads(line) for line in self.lines("show", "--json", "-",
                                                         stdin=RESULTS + RESULTS)]
        self.assertEqual([each["message"] for each in shown], [1, 2])
        result = next(each for each in shown[0]["segments"]
                      if each["segment"] == "OBX" and each["number"] == 2)
        self.assertEqual(result["group"], "PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION[2]")
        self.assertIn({"path": "OBX[2]-2", "name": "Value Type", "type": "ID", "table": "0125",
                       "value": "CWE", "meaning": "Coded Entry"}, result["values"])

    def test_what_is_missing_or_out_of_place_is_said(self):
        message = b"MSH|^~\\&|||||||ADT^A01^ADT_A01|1|P|2.5\rEVN\rPV1|1|I\rPID|1\rRXA|1\r"
        self.assertEqual(self.lines("show", "--brief", "-", stdin=message)[1:],
                         ["  MSH  Message Header", "  EVN  Event Type",
                          "  PV1  Patient Visit", "  PID  Patient Identification  (out of place)",
                          "  RXA  Pharmacy/Treatment Administration  (not in this structure)"])
        lines = self.lines("show", "--brief", "-", stdin=message.replace(b"PV1|1|I\r", b""))
        self.assertEqual(lines[-1], "  PV1 is missing")

    def test_control_characters_can_not_reach_the_terminal(self):
        message = "MSH|^~\\&|a\x1b[31mb\u009bc|||||||||||||||UNICODE UTF-8\r".encode()
        out = hl7("show", "-", stdin=message).stdout.decode()
        self.assertIn("a\\x1b[31mb\\u009bc", out)

    def test_long_values_are_cut_unless_they_are_wanted(self):
        message = b"MSH|^~\\&|" + b"x" * 1000 + b"\r"
        self.assertIn("x" * 200 + "… (1000 bytes)",
                      hl7("show", "-", stdin=message).stdout.decode())
        self.assertIn("x" * 1000, hl7("show", "--full", "-", stdin=message).stdout.decode())

    def on_a_terminal(self, **environment):
        ours, theirs = pty.openpty()
        words = [EngineCase.build / "causeway", "hl7", "show", "--brief", "results.hl7"]
        subprocess.run(words, cwd=HERE, stdout=theirs, timeout=PATIENCE_S, check=True,
                       env={"TERM": "xterm", **environment})
        os.close(theirs)
        shown = os.read(ours, 65536)
        os.close(ours)
        return shown

    def test_colours_are_for_terminals_that_want_them(self):
        self.assertIn(b"\x1b[", self.on_a_terminal())
        self.assertNotIn(b"\x1b[", self.on_a_terminal(NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", hl7("show", "results.hl7").stdout)


class Get(Hl7Case):
    def test_a_line_for_each_message(self):
        self.assertEqual(self.lines("get", "--header", "--place", "-", "MSH-10", "PID-5.1",
                                    stdin=RESULTS + LATIN),
                         ["message\tMSH-10\tPID-5.1", "1\tC1\tMüller", "2\tC1\tMüller"])

    def test_wildcards_and_groups(self):
        self.assertEqual(self.lines("get", "results.hl7", "ORDER_OBSERVATION[*]/OBR-4.1",
                                    "ORDER_OBSERVATION[*]/OBX[*]-5"),
                         ["GLU\t7.1", "GLU\tA^a", "NA\ta\\x0ab|c"])
        self.assertEqual(self.lines("get", "results.hl7", "ORDER_OBSERVATION[2]/OBX-3.1"), ["NA"])
        self.assertEqual(self.lines("get", "--raw", "results.hl7", "OBX[3]-5"),
                         ["a\\.br\\b\\F\\c"])

    def test_batches_and_captured_frames(self):
        batch = b"FHS|^~\\&\rBHS|^~\\&\r" + LATIN + LATIN + b"BTS|2\rFTS|1\r"
        framed = b"\x0b" + LATIN + b"\x1c\r\x0b" + LATIN + b"\x1c\r"
        for text in (batch, framed):
            self.assertEqual(self.lines("get", "-", "OBX[3]-11", stdin=text), ["F", "F"])

    def test_exit_codes(self):
        self.lines("get", "results.hl7", "PID-39", code=1)
        self.lines("get", "no such file", "PID-3", code=2)
        self.lines("get", "results.hl7", "PID-3[*]", "OBX[*]-5", code=2)
        self.lines("get", "results.hl7", "nonsense", code=2)
        self.lines("get", "-", "PID-3", stdin=b"no message\r", code=2)


class Diff(Hl7Case):
    def changed(self):
        return (RESULTS.replace("Müller".encode(), b"Mueller").replace(b"ZZZ|1|x\\T\\y\n", b"")
                + b"ZPI|1\n")

    def test_differences_by_field_with_their_names(self):
        self.expect("diff.txt", hl7("diff", "results.hl7", "-", stdin=self.changed()), code=1)

    def test_what_is_ignored_is_no_difference(self):
        self.assertEqual(self.lines("diff", "--ignore", "PID-5", "--ignore", "ZZZ", "--ignore",
                                    "ZPI", "results.hl7", "-", stdin=self.changed()), [])

    def test_another_character_set_is_a_difference_of_its_declaration_alone(self):
        self.assertEqual(self.lines("diff", "--ignore", "MSH-18", "results.hl7", "-", stdin=LATIN), [])
        self.assertEqual(self.lines("diff", "results.hl7", "-", stdin=LATIN, code=1)[1:],
                         ["  MSH-18  Character Set", "    - UNICODE UTF-8", "    + 8859/1"])

    def test_json_and_messages_that_are_missing(self):
        done = hl7("diff", "--json", "results.hl7", "-", stdin=self.changed() + RESULTS)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"results.hl7 has 1 messages, - has 2", done.stderr)
        self.assertEqual([json.loads(line)["kind"] for line in done.stdout.splitlines()],
                         ["value", "segment removed", "segment added"])

    def test_files_that_can_not_be_read(self):
        self.lines("diff", "results.hl7", "no such file", code=2)
        self.lines("diff", "results.hl7", "-", stdin=b"nothing", code=2)


class Convert(Hl7Case):
    def test_there_and_back_is_the_same(self):
        for words in (["--to", "8859/1"], ["--ends", "crlf"], ["--delimiters", "$#*@!"], ["--xml"],
                      ["--to", "utf-16"]):
            done = hl7("convert", *words, "results.hl7")
            self.assertEqual(done.returncode, 0, done)
            self.assertNotEqual(done.stdout, RESULTS)
            back = hl7("convert", "--to", "utf-8", "--ends", "lf", "--delimiters", "|^~\\&", "-",
                       stdin=done.stdout)
            self.assertEqual(back.stdout, RESULTS, words)

    def test_nothing_asked_for_changes_nothing(self):
        self.assertEqual(hl7("convert", "results.hl7").stdout, RESULTS)

    def test_batches_stay_batches(self):
        batch = b"BHS|^~\\&|A^B\r" + LATIN + b"BTS|1\r"
        done = hl7("convert", "--ends", "lf", "--delimiters", "$#*@!", "-", stdin=batch)
        self.assertTrue(done.stdout.startswith(b"BHS$#*@!$A#B\nMSH$#*@!$LAB$"), done.stdout)
        self.assertTrue(done.stdout.endswith(b"\nBTS$1\n"), done.stdout)

    def test_what_has_no_place_is_kept_and_said(self):
        done = hl7("convert", "--to", "ascii", "results.hl7")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"M\\XC3BC\\ller", done.stdout)
        self.assertIn(b"2 characters without a place, first in PID", done.stderr)

    def test_mistakes_are_told(self):
        for words in (["--ends", "x"], ["--delimiters", "||"], ["--to", "klingon"],
                      ["--xml", "--to", "8859/1"], ["--unknown"]):
            done = hl7("convert", *words, "results.hl7")
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(b"causeway hl7: ", done.stderr)
