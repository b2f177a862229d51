"""A PostgreSQL that isn't the engine's own: it can be stopped, filled, slowed and followed by another."""
import os
import subprocess
import time
from pathlib import Path

from installation import Failure, children, command_line, eventually, free_port

USER = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
PROGRAMS = max(Path("/usr/lib/postgresql").iterdir()) / "bin"


def command(*words, patience_s=120):
    done = subprocess.run([*map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd="/", timeout=patience_s, **USER)
    if done.returncode != 0:
        raise Failure(f"{words}: {done.stdout.decode(errors='replace')}")


class DatabaseServer:
    """`folder`: there, empty, and ours to write in (as USER)."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.data, self.port = self.folder / "data", free_port()
        self.process = None

    def make(self):
        command(PROGRAMS / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--no-sync")
        self.start()
        self.sql("CREATE ROLE causeway LOGIN", "postgres")
        self.sql("CREATE DATABASE causeway OWNER causeway", "postgres")

    def follow(self, other):
        """As a synchronous replica of `other`: nothing is committed there that isn't here."""
        command(PROGRAMS / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
                "-d", f"host=127.0.0.1 port={other.port} user=postgres application_name=replica")
        self.start()
        other.sql("ALTER SYSTEM SET synchronous_standby_names = 'replica'")
        other.sql("SELECT pg_reload_conf()")
        eventually(lambda: "sync" in other.sql("SELECT sync_state FROM pg_stat_replication"), 30,
                   "the replica follows")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", self.data, "-p", str(self.port), "-h", "127.0.0.1",
                 "-k", self.folder, "-c", "max_wal_size=96MB", "-c", "min_wal_size=32MB"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **USER)
        eventually(self.answers, 60, lambda: "PostgreSQL:\n" + self.log_text()[-2000:])

    def answers(self):
        try:
            return self.sql("SELECT 1", "postgres")
        except Failure:
            return None

    def stop(self, signal_number):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal_number)
            self.process.wait(60)

    def ended(self):
        return self.process.poll() is not None

    def promote(self):
        command(PROGRAMS / "pg_ctl", "-D", self.data, "-w", "promote")
        self.sql("ALTER SYSTEM SET synchronous_standby_names = ''")
        self.sql("SELECT pg_reload_conf()")

    def sql(self, text, database="causeway"):
        done = subprocess.run(["psql", "-X", "-A", "-t", "-q", "-h", "127.0.0.1", "-p",
                               str(self.port), "-U", "postgres", "-d", database, "-c", text],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/",
                              timeout=60)
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def backends(self):
        return [pid for pid in children(self.process.pid)
                if command_line(pid).startswith("postgres: causeway causeway")]

    def log_text(self):
        return (self.folder / "log").read_text(errors="replace")

    def delay_fdatasync(self, delay_ms, seconds):
        """Every commit's fdatasync begins so much later. False: tracing isn't allowed here."""
        pids = [pid for pid in self.backends()]
        tracer = subprocess.Popen(
            ["strace", "-qq", "-f", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
             f"inject=fdatasync:delay_enter={delay_ms * 1000}",
             *[word for pid in pids for word in ("-p", str(pid))]],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        traced = tracer.poll() is None
        tracer.terminate()
        tracer.wait(10)
        return traced
