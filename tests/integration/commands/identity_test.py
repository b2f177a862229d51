"""causeway user, token and audit: who may use an installation, and what was done."""
import os
import subprocess

from command_line import Done
from commands.running import EngineCase


class Identity(EngineCase):
    def user(self, *words):
        return self.site.ask("user", *words).out

    def elsewhere(self, token, *words):
        """A command as on another machine: by address and token alone."""
        url = self.site.log_text().split("admin API: ")[1].split("/api")[0]
        done = subprocess.run([self.site.build / "causeway", *words, "--url", url],
                              env={**os.environ, "CAUSEWAY_TOKEN": token}, capture_output=True,
                              timeout=60, cwd="/")
        return Done(done)

    def test_users_come_change_and_are_disabled(self):
        self.assertRegex(self.user("add", "anna", "--grant", "operator@lab", "--grant", "viewer"),
                         r"one-time password of anna, good for a day: \S{20,}")
        self.assertRegex(self.user("list"), r"anna +operator@lab, viewer  one-time password")
        self.user("grant", "anna", "--grant", "auditor")
        self.user("disable", "anna")
        self.assertRegex(self.user("list"), r"anna +auditor  disabled")
        self.user("enable", "anna")
        self.user("log-out", "anna")
        self.assertIn("one-time password of anna", self.user("password", "anna"))
        for words, text in ((["add", "anna"], "there is a user of this name"),
                            (["add", "a b"], "letters, digits"),
                            (["grant", "anna", "--grant", "king"], "no choice"),
                            (["grant", "nobody", "--grant", "viewer"], "no such user"),
                            (["add", "x", "--grant", "viewer@"], "ROLE@FOLDER")):
            done = self.site.run("user", *words, "--data", self.site.data)
            self.assertEqual(done.code, 1, f"{words}: {done}")
            self.assertIn(text, done.err, words)

    def test_a_token_works_elsewhere_until_it_is_revoked(self):
        token = self.site.ask("token", "add", "away", "--grant", "administrator", "--days",
                              "1").out.strip()
        listed = self.site.ask("token", "list").out
        line = next(line for line in listed.splitlines() if " away " in line)
        self.assertIn("administrator", line)
        self.assertNotIn(token, listed)
        self.assertIn("away", self.elsewhere(token, "token", "list").out)
        refused = self.elsewhere("cwt_nonsense", "token", "list")
        self.assertEqual(refused.code, 1, refused)
        self.assertIn("a token or a session is needed", refused.err)
        self.site.ask("token", "revoke", line.split()[0])
        self.assertEqual(self.elsewhere(token, "token", "list").code, 1)

    def test_wrong_use(self):
        for words in (["user"], ["user", "lsit"], ["token", "add"], ["audit"], ["audit", "x"]):
            done = self.site.run(*words, "--data", self.site.data)
            self.assertEqual(done.code, 2, f"{words}: {done}")
            self.assertIn("usage: causeway", done.err)
        done = self.site.run("user", "list", "--data", self.site.folder / "nothing")
        self.assertEqual(done.code, 1, done)
        self.assertIn("no engine runs here", done.err)


class Trail(EngineCase):
    def test_what_a_database_administrator_did_is_named(self):
        self.site.ask("user", "add", "seen", "--grant", "viewer")
        found = self.site.ask("audit", "find", "--action", "add_user", "--limit", "1").out
        self.assertRegex(found, r"local:\w+ \(local, 127\.0\.0\.1\)  add_user +begun")
        exported = self.site.ask("audit", "export", "--action", "add_user").out
        self.assertIn('"action":"add_user"', exported.splitlines()[0])
        good = self.site.ask("audit", "verify").out
        self.assertRegex(good, r"good: \d+ rows, \d+ signed heads")

        seq, actor = self.site.query("SELECT seq, actor FROM audit ORDER BY seq DESC LIMIT 1")[0]
        self.site.query(f"UPDATE audit SET actor = 'nobody' WHERE seq = {seq}")
        try:
            done = self.site.run("audit", "verify", "--data", self.site.data)
            self.assertEqual(done.code, 1, done)
            self.assertIn(f"row {seq} was changed", done.out)
            copy = self.site.data / "audit.heads"
            aside = self.site.run("audit", "verify", "--data", self.site.data, "--heads", copy,
                                  *self.site.database)
            self.assertEqual(aside.code, 1, aside)
            self.assertIn(f"row {seq} was changed", aside.out)
        finally:
            self.site.query(f"UPDATE audit SET actor = '{actor}' WHERE seq = {seq}")
        self.site.ask("audit", "verify")
