"""Real database servers, on a free port of loopback, as an unprivileged user (as root: `nobody`)."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from file_servers import NOBODY, PATIENCE_S
from installation import Failure, eventually, free_port

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
AS_OTHER = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


class PostgresServer:
    """PostgreSQL, ready for logical replication, with a database `ward` of the user `causeway`."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="causeway-postgres-"))
        if AS_OTHER:
            shutil.chown(self.folder, NOBODY, NOBODY)
        self.port = free_port()
        self._run("initdb", "-D", self.folder / "data", "-U", "causeway", "--auth=trust",
                  "--encoding=UTF8", "--locale=C", "--no-sync")
        self.process = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", self.folder / "data", "-p", str(self.port),
             "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}",
             "-c", "fsync=off", "-c", "wal_level=logical", "-c", "shared_buffers=32MB"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
            **AS_OTHER)
        ready = [PROGRAMS / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port)]
        eventually(lambda: subprocess.run(ready, capture_output=True).returncode == 0, PATIENCE_S,
                   "PostgreSQL does not serve")
        self.sql("CREATE DATABASE ward", database="postgres")

    def _run(self, program, *words):
        done = subprocess.run([PROGRAMS / program, *words], capture_output=True, text=True, cwd="/",
                              **AS_OTHER)
        if done.returncode:
            raise Failure(done.stderr)

    def connection(self):
        return f"host=127.0.0.1 port={self.port} dbname=ward user=causeway"

    def sql(self, statements, database="ward"):
        """What is asked as rows of texts."""
        done = subprocess.run(
            [PROGRAMS / "psql", "-XqtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
             "-p", str(self.port), "-U", "causeway", "-d", database],
            input=statements, capture_output=True, text=True)
        if done.returncode:
            raise Failure(done.stderr)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def stop(self):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
