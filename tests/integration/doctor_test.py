#!/usr/bin/env python3
"""causeway doctor on installations that are misconfigured on purpose: each is named, with its remedy.

Usage: doctor_test.py BUILD_FOLDER [argument of unittest ...]"""
import json
import os
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

from command_line import Site, free_port, message
from mllp_peers import Receiver

WEEK_S = 7 * 24 * 3600


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def certificate(folder, name, *, days=400, key=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                digest="-sha256"):
    """Signed by itself; `days` below 0: expired."""
    pem, private = folder / f"{name}.pem", folder / f"{name}.key"
    openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={name}", "-keyout", private, "-out",
            folder / f"{name}.csr")
    openssl("x509", "-req", digest, "-in", folder / f"{name}.csr", "-signkey", private, "-days",
            days, "-out", pem)
    private.chmod(0o600)
    return {"certificate_file": str(pem), "key_file": str(private), "verify_peer": False}


class Doctor(unittest.TestCase):
    build = None

    def setUp(self):
        self.site = Site(self.build, "doctor")
        self.addCleanup(self.site.remove)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)

    def add(self, path, source=None, out=None):
        self.site.add_channel(path, {
            "source": {"type": "mllp", "port": free_port(), **(source or {})},
            "destinations": {"out": {"type": "mllp", "host": "127.0.0.1",
                                     "port": self.receiver.port, **(out or {})}}}, "")

    def examine(self):
        return self.site.run("doctor", "--data", self.site.data, "--channels", self.site.channels)

    def finds(self, *findings):
        """Each (what is said, a part of its remedy) is in the report, as bad."""
        done = self.examine()
        self.assertEqual(done.code, 1, done)
        lines = done.out.splitlines()
        for what, remedy in findings:
            at = [i for i, line in enumerate(lines) if line.startswith("BAD ") and what in line]
            self.assertTrue(at, f"no {what!r} in\n{done.out}")
            self.assertIn(remedy, lines[at[0] + 1])
        return done


class Channels(Doctor):
    """What stands in channels, on a machine where no engine runs."""

    def test_listeners(self):
        port, taken = free_port(), socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        self.add("a/outside", {"host": "0.0.0.0"})
        self.add("a/first", {"port": port})
        self.add("a/second", {"port": port})
        self.add("a/taken", {"port": taken.getsockname()[1]})
        self.finds(("a/outside source: listens on 0.0.0.0 without TLS", "tls"),
                   ("a/second source: listens on", "another port"),
                   ("a/taken source:", "ss -ltnp"))

    def test_certificates_and_keys(self):
        folder = self.site.folder
        self.add("a/expired", {"tls": certificate(folder, "expired", days=-1)})
        self.add("a/weak", {"tls": certificate(folder, "weak", key=("rsa:1024",))})
        self.add("a/sha1", {"tls": certificate(folder, "sha1", digest="-sha1")})
        open_key = certificate(folder, "open")
        Path(open_key["key_file"]).chmod(0o644)
        self.add("a/open", {"tls": open_key})
        broken = certificate(folder, "broken")
        Path(broken["certificate_file"]).write_text("nothing")
        self.add("a/broken", {"tls": broken})
        soon = certificate(folder, "soon", days=5)
        self.add("a/soon", {"tls": soon})
        done = self.finds(("expired.pem has expired", "renew"),
                          ("weak.pem is weak: its key has 1024 bits", "2048"),
                          ("sha1.pem is weak: it is signed with SHA-1", "SHA-256"),
                          ("everybody can get at the private key", "chmod 600"),
                          ("broken.pem: is no certificate", "PEM"))
        self.assertIn("weak  a/soon source: certificate", done.out)

    def test_destinations(self):
        self.add("a/away", out={"port": free_port()})
        self.add("a/anybody", out={"tls": {"verify_peer": False}})
        self.finds(("a/away > out: mllp://127.0.0.1:", "firewall"),
                   ("a/anybody > out: sends to whoever answers", "ca_file"))

    def test_declarations(self):
        self.add("a/misspelt", {"prot": 1})
        self.finds(("problems of channels", "channel.json"))


class Stores(Doctor):
    """What is wrong with a data folder and its store."""

    def test_a_good_one_and_what_can_become_of_it(self):
        self.add("lab/adt")
        (self.site.channels / "alerts.json").write_text(json.dumps({"rules": []}))
        self.site.start()
        self.site.wait_ready(1)
        config = json.loads((self.site.channels / "lab/adt/channel.json").read_text())
        self.site.send(config["source"]["port"], message("A1"))
        done = self.examine()
        self.assertEqual(done.code, 0, done)
        self.assertIn("weak  backup: none has been made", done.out)
        backup = self.site.run("backup", self.site.folder / "backup", "--data", self.site.data)
        self.assertEqual(backup.code, 0, backup)
        self.assertIn("good  backup: the last one is 0 days old", self.examine().out)

        note = self.site.data / "last_backup"
        os.utime(note, (time.time() - 2 * WEEK_S,) * 2)
        keys = self.site.data / "keys"
        a_key = next(each for each in keys.iterdir() if each.is_file())
        mode = a_key.stat().st_mode
        a_key.chmod(0o644)
        self.site.data.chmod(0o755)
        self.site.query("ALTER SYSTEM SET synchronous_commit = off")
        self.site.query("SELECT pg_reload_conf()")
        for table, in self.site.query(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ ('^(message|passage|"
                "settlement|term|link|body_chunk|body_of)_' || to_char(now() at time zone 'utc' + "
                "interval '1 day', 'YYYYMMDD') || '$')"):
            self.site.query(f"DROP TABLE {table}")
        self.finds(("the last one is 14 days old", "causeway backup"),
                   ("key " + str(a_key), "chmod 600"),
                   ("data folder " + str(self.site.data), "chmod 700"),
                   ("synchronous_commit is off", "ALTER SYSTEM"),
                   ("no partition for tomorrow", "start it"))
        a_key.chmod(mode)

    def test_a_folder_without_an_engine(self):
        self.add("lab/adt")
        self.finds(("data folder:", "causeway serve"))

    def test_a_data_folder_in_memory(self):
        memory = Path("/dev/shm")
        if not memory.is_dir() or not os.access(memory, os.W_OK):
            self.skipTest("no file system in memory here")
        folder = memory / self.site.folder.name
        folder.mkdir()
        self.addCleanup(folder.rmdir)
        done = self.site.run("doctor", "--data", folder)
        self.assertEqual(done.code, 1)
        self.assertIn("is in memory: a reboot loses all messages", done.out)


if __name__ == "__main__":
    Doctor.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
