#!/usr/bin/env python3
"""What an analyst does from the command line with channels as text, without an engine.

Each folder of mistakes/ is a mistake: channels, what is called there (`command`; "check ." without
one), and the answer, word for word (`expected`). A changed answer is written with --update.

Usage: authoring_test.py BUILD_FOLDER [--update] [argument of unittest ...]"""
import filecmp
import json
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
MISTAKES = ROOT / "tests/integration/mistakes"
PATIENCE_S = 60


class Authoring(unittest.TestCase):
    build = None
    update = False

    def run_in(self, folder, *words, stdin=""):
        return subprocess.run([self.build / "causeway", *words], cwd=folder, input=stdin, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False)

    def test_each_mistake_is_answered(self):
        folders = sorted(path for path in MISTAKES.iterdir() if path.is_dir())
        self.assertGreater(len(folders), 15)
        for folder in folders:
            with self.subTest(folder.name):
                command = folder / "command"
                words = command.read_text().split() if command.exists() else ["check", "."]
                done = self.run_in(folder, *words)
                answer = f"{done.stdout}{done.stderr}exit code {done.returncode}\n"
                if self.update:
                    (folder / "expected").write_text(answer)
                self.assertEqual(answer, (folder / "expected").read_text())

    def test_generated_files_are_fresh(self):
        with tempfile.TemporaryDirectory() as made:
            self.assertEqual(self.run_in(made, "check", "--docs", made).returncode, 0)
            kept = ROOT / "schemas/config"
            for path in sorted(Path(made).rglob("*")):
                name = path.relative_to(made)
                if path.is_file():
                    self.assertTrue((kept / name).exists() and filecmp.cmp(path, kept / name, False),
                                    f"{name}: make it anew with causeway check --docs {kept}")
            stale = {path.relative_to(kept) for path in kept.rglob("*")} - {
                path.relative_to(made) for path in Path(made).rglob("*")}
            self.assertEqual(stale, set())

    def test_several_channels_may_read_from_one_server(self):
        with tempfile.TemporaryDirectory() as made:
            for name in ("in", "also_in"):
                folder = Path(made) / name
                folder.mkdir()
                (folder / "channel.json").write_text(json.dumps({
                    "source": {"type": "ftp", "host": "files.example", "user": "lab",
                               "password": "secret:ftp", "folder": f"/{name}"},
                    "destinations": {"out": {"type": "file", "folder": f"/tmp/{name}"}}}))
            done = self.run_in(made, "check", ".")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_samples_give_what_they_say(self):
        done = self.run_in(ROOT, "test", "samples")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class NewChannels(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_in(self, *words):
        return Authoring.run_in(Authoring, self.folder, *words)

    def test_each_template_is_good_at_once(self):
        names = [line.split()[0] for line in self.run_in("new", "--list").stdout.splitlines()]
        self.assertIn("mllp_to_mllp", names)
        for name in names:
            with self.subTest(name):
                done = self.run_in("new", f"{name}/lab/adt_in", "--from", name)
                self.assertEqual(done.returncode, 0, done.stderr)
                done = self.run_in("check", name)
                self.assertEqual(done.stdout, "channels: 1, good: 1, errors: 0, warnings: 0\n")
                done = self.run_in("test", name)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertRegex(done.stdout, r"tests: [1-9]\d*, failed: 0")
                readme = (self.folder / name / "lab/adt_in/README.md").read_text()
                self.assertIn("# adt_in", readme)
                self.assertNotIn("@", readme)

    def test_editors_find_what_they_need(self):
        self.run_in("new", "adt")
        channel = self.folder / "adt"
        for name in ("jsconfig.json", ".vscode/settings.json", ".editor/channel.schema.json"):
            json.loads((channel / name).read_text())
        for name in ("causeway.d.ts", "library.d.ts"):
            self.assertEqual((channel / ".editor" / name).read_text(), (ROOT / "mappings/lib" / name).read_text())

    def test_what_can_not_be_made_is_said(self):
        self.run_in("new", "adt")
        for words, text in ((["adt"], "there is something there already"),
                            (["adt/below"], "is a channel itself"),
                            (["a b"], "a channel's name may have"),
                            (["oru", "--from", "mllp_to_mlp"], 'did you mean "mllp_to_mllp"?')):
            done = self.run_in("new", *words)
            self.assertEqual(done.returncode, 1)
            self.assertIn(text, done.stderr)


class ChannelTests(unittest.TestCase):
    """`causeway test` on a channel with two tests, one of which has nothing expected yet."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.channel = Path(folder.name) / "adt"
        self.write("channel.json", """{
            "source": { "type": "mllp", "port": 6661 },
            "stages": [{ "type": "transform", "file": "transform.js" }],
            "destinations": { "lab": { "type": "mllp", "host": "127.0.0.1", "port": 6662 } } }""")
        self.write_script("LAB")
        self.write("tests/new/input.hl7", "MSH|^~\\&|A||||||ADT^A01|1|P|2.5\nPID|1\n")

    def write(self, name, text):
        path = self.channel / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_script(self, receiver):
        self.write("transform.js", f"""export default function (msg, ctx) {{
            if (msg.get("MSH-9.1") !== "ADT") {{
              return ctx.drop("no");
            }}
            msg.set("MSH-5", "{receiver}");
            return msg; }}""")

    def run_tests(self, *words):
        return Authoring.run_in(Authoring, self.channel, "test", *words)

    def test_what_is_new_is_written_and_holds(self):
        self.assertIn("lab: gets 1 message, and expected/ has nothing for it", self.run_tests().stdout)
        self.assertEqual(self.run_tests("--update").returncode, 0)
        self.assertEqual((self.channel / "tests/new/expected/lab.hl7").read_text(),
                         "MSH|^~\\&|A||LAB||||ADT^A01|1|P|2.5\nPID|1\n")
        done = self.run_tests()
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("transform.js: 75 % of lines ran; never 3", done.stdout)
        self.write_script("MAIN")
        done = self.run_tests("--junit", "results.xml", "--filter", "adt/new")
        self.assertEqual(done.returncode, 1)
        self.assertIn('lab: MSH-5: expected "LAB", got "MAIN"', done.stdout)
        suite = ElementTree.parse(self.channel / "results.xml").find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("1", "1"))
        self.assertIn("MSH-5", suite.find("testcase/failure").get("message"))
        self.assertEqual(self.run_tests("--filter", "nothing").returncode, 1)

    def test_watch_runs_what_changed(self):
        self.run_tests("--update")
        with subprocess.Popen([Authoring.build / "causeway", "test", "--watch"], cwd=self.channel,
                              stdout=subprocess.PIPE, text=True) as watch:
            self.addCleanup(watch.stdout.close)
            try:
                self.read_until(watch, "watching")
                self.write_script("MAIN")
                self.assertIn('got "MAIN"', self.read_until(watch, "watching"))
                self.write_script("LAB")
                self.assertIn("ok     new", self.read_until(watch, "watching"))
            finally:
                watch.kill()

    def read_until(self, process, text):
        """A killed process ends the wait."""
        timer = threading.Timer(PATIENCE_S, process.kill)
        timer.start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if text in line:
                break
        timer.cancel()
        return "".join(lines)


if __name__ == "__main__":
    Authoring.build = Path(sys.argv.pop(1)).resolve()
    if "--update" in sys.argv:
        sys.argv.remove("--update")
        Authoring.update = True
    unittest.main(verbosity=2)
