"""causeway backup, restore and key: a store that comes back as it was, and sends nothing by itself."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port, message
from commands.running import EngineCase, to
from mllp_peers import Receiver

PASSPHRASE = "correct horse battery staple"


def flip_byte(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


class Backup(unittest.TestCase):
    """One engine with a destination that answers and one that is away; its backup; its restore."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="causeway-backup-"))
        cls.folder.chmod(0o755)
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        cls.passphrase_file = cls.folder / "passphrase"
        cls.passphrase_file.write_text(PASSPHRASE + "\n")
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.away_port = free_port()
        cls.site = cls.make_site("backup")
        cls.site.start()
        cls.site.wait_ready(1)
        for n in range(20):
            done = cls.site.send(cls.port, message(f"KEPT{n}"))
            assert done.code == 0, done
        eventually(lambda: len(cls.receiver.received) >= 20, 30, "all are sent on")
        cls.kept = cls.folder / "kept"
        cls.escrow = cls.folder / "escrow"
        cls.made = cls.site.run("backup", cls.kept, "--data", cls.site.data)
        cls.escrowed = cls.site.run("key", "escrow", cls.escrow, "--data", cls.site.data,
                                    "--passphrase-file", cls.passphrase_file)

    @classmethod
    def make_site(cls, name):
        site = Site(EngineCase.build, name)
        cls.addClassCleanup(site.remove)
        cls.port = free_port()
        site.add_channel("one", {"source": {"type": "mllp", "port": cls.port},
                                 "search": ["MSH-10"],
                                 "destinations": {"out": to(cls.receiver.port),
                                                  "away": to(cls.away_port)}})
        return site

    def copy(self, name):
        """Of the backup, with its owner."""
        copy = self.folder / name
        subprocess.run(["cp", "-a", self.kept, copy], check=True)
        self.addCleanup(shutil.rmtree, copy, True)
        return copy

    def test_made_and_escrowed(self):
        self.assertEqual(self.made.code, 0, self.made)
        self.assertRegex(self.made.out, r"message +20\n")
        self.assertEqual(self.escrowed.code, 0, self.escrowed)
        self.assertEqual(self.escrow.stat().st_mode & 0o777, 0o600)
        done = self.site.run("backup", self.kept, "--verify")
        self.assertEqual(done.code, 0, done)
        self.assertFalse((self.kept / "scratch").exists())
        again = self.site.run("backup", self.kept, "--data", self.site.data)
        self.assertEqual(again.code, 1)
        self.assertIn("is not empty", again.err)

    def test_a_flipped_byte_is_found(self):
        copy = self.copy("flipped")
        files = sorted(file for file in copy.rglob("*") if file.is_file() and file.stat().st_size)
        tables = [file for file in files if "/base/" in str(file)]
        logs = [file for file in files if "pg_wal" in str(file)]
        chosen = [max(tables, key=lambda file: file.stat().st_size), logs[-1],
                  copy / "postgres/backup_manifest", copy / "ledger", copy / "SHA256SUMS"]
        for file in chosen:
            at = file.stat().st_size * 2 // 3
            flip_byte(file, at)
            done = self.site.run("backup", copy, "--verify")
            self.assertEqual(done.code, 1, f"{file}: {done}")
            flip_byte(file, at)
        self.assertEqual(self.site.run("backup", copy, "--verify").code, 0)
        flip_byte(chosen[0], 4000)
        data = self.folder / "unrestored"
        self.bring_keys(data)
        done = self.site.run("restore", copy, "--data", data)
        self.assertEqual(done.code, 1, done)
        self.assertIn("was altered after the backup", done.err)
        self.assertFalse((data / "postgres").exists())

    def bring_keys(self, data):
        done = self.site.run("key", "import", self.escrow, "--data", data, "--passphrase-file",
                             self.passphrase_file)
        self.assertEqual(done.code, 0, done)
        self.addCleanup(shutil.rmtree, data, True)

    def test_without_the_keys_nothing_is_restored(self):
        data = self.folder / "keyless"
        done = self.site.run("restore", self.kept, "--data", data)
        self.assertEqual(done.code, 1)
        self.assertIn("causeway key import", done.err)
        wrong = self.folder / "wrong"
        wrong.write_text("another one that is long enough")
        done = self.site.run("key", "import", self.escrow, "--data", data, "--passphrase-file", wrong)
        self.assertEqual(done.code, 1)
        self.assertIn("another passphrase, or the file has been altered", done.err)
        self.bring_keys(data)
        (data / "keys/master-1.key").write_bytes(os.urandom(32))
        done = self.site.run("restore", self.kept, "--data", data)
        self.assertEqual(done.code, 1)
        self.assertIn("do not open this store", done.err)
        self.assertFalse((data / "postgres").exists())

    def test_restored_held_and_released(self):
        restored = self.make_site("restored")
        self.bring_keys(restored.data)
        self.site.body(self.site.find()[0]["id"])  # audited, and not in the backup
        owner = (restored.data / "keys").stat()
        for name in ("keys/audit.key", "audit.heads"):
            shutil.copy2(self.site.data / name, restored.data / name)
            os.chown(restored.data / name, owner.st_uid, owner.st_gid)
        done = self.site.run("restore", self.kept, "--data", restored.data)
        self.assertEqual(done.code, 0, done)
        self.assertEqual(done.out.split("rows:\n")[1].split("nothing will")[0],
                         self.made.out.split("rows:\n")[1].split("without the")[0])
        restored.start()
        restored.wait_ready(1)
        self.assertIn("NOTHING IS SENT: restored", restored.log_text())
        done = restored.run("audit", "verify", "--data", restored.data)
        self.assertEqual(done.code, 0, done)
        self.assertIn("newer than the backup that was restored", done.out)
        for n in (0, 19):
            found = restored.find("--term", f"MSH-10=KEPT{n}")
            self.assertEqual(len(found), 1)
            self.assertEqual(restored.body(found[0]["id"]), message(f"KEPT{n}"))
        self.assertEqual([each["id"] for each in restored.find()],
                         [each["id"] for each in self.site.find()])
        before = len(self.receiver.received)
        self.assertEqual(restored.send(self.port, message("AFTER1")).code, 0)
        restored.find_settled(1, "--term", "MSH-10=AFTER1")
        self.assertEqual(len(self.receiver.received), before)
        done = restored.run("restore", "--release", "--data", restored.data)
        self.assertEqual(done.code, 0, done)
        eventually(lambda: message("AFTER1") in self.receiver.received, 30, "it is sent now")
        self.assertEqual(len(self.receiver.received), before + 1, "nothing is sent twice")
        again = restored.run("restore", "--release", "--data", restored.data)
        self.assertEqual((again.code, again.out), (1, "there is no hold\n"))
        self.assertEqual(restored.stop(), 0)


class Keys(unittest.TestCase):
    def test_rotated_checked_and_lost(self):
        receiver = Receiver()
        self.addCleanup(receiver.stop)
        site = Site(EngineCase.build, "keys")
        self.addCleanup(site.remove)
        port = free_port()
        site.add_channel("one", {"source": {"type": "mllp", "port": port}, "search": ["MSH-10"],
                                 "destinations": {"out": to(receiver.port)}})
        site.start()
        site.wait_ready(1)
        self.assertEqual(site.send(port, message("KEY1")).code, 0)
        good = site.run("key", "check", "--data", site.data)
        self.assertEqual(good.code, 0, good)
        self.assertRegex(good.out, r"master key 1, fingerprint [0-9a-f]{8}\n"
                                   r"data keys: [1-9]\d* open, 0 destroyed on purpose, 0 that do not")
        done = site.run("key", "rotate", "--data", site.data)
        self.assertEqual(done.code, 0, done)
        self.assertEqual([file.name for file in (site.data / "keys").glob("master-*.key")],
                         ["master-2.key"])
        self.assertIn("master key 2", site.run("key", "check", "--data", site.data).out)
        self.assertEqual(site.send(port, message("KEY2")).code, 0)  # the engine goes on
        for name in ("KEY1", "KEY2"):
            found = site.find_settled(1, "--term", f"MSH-10={name}")
            self.assertEqual(site.body(found[0]["id"]), message(name))
        self.assertEqual(site.stop(), 0)

        key = site.data / "keys/master-2.key"
        kept = key.read_bytes()
        key.write_bytes(os.urandom(32))
        site.start()
        self.assertEqual(site.supervisor.wait(60), 78)
        self.assertIn("this store was sealed under another master key", site.log_text())
        key.write_bytes(kept)
        site.start()
        site.wait_ready(2)
        self.assertEqual(site.stop(), 0)
