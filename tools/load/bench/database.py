"""The engine's private PostgreSQL, looked at from outside with psql."""
import os
import pwd
import subprocess
from pathlib import Path

from .programs import Failure


class Database:
    def __init__(self, places):
        """`places`: folders to look for a postmaster.pid in."""
        found = [file for place in places for file in sorted(Path(place).rglob("postmaster.pid"))]
        pid_file = found[0] if found else None
        if not pid_file:
            raise Failure(f"no PostgreSQL found below {', '.join(map(str, places))}")
        lines = pid_file.read_text().splitlines()
        self.pid = int(lines[0])
        self.port = lines[3]
        self.socket_folder = lines[4] or lines[5]
        self.owner = pwd.getpwuid(pid_file.stat().st_uid).pw_name
        self.name = "causeway"
        self.role = "postgres"  # the superuser, as the cluster is made

    @property
    def conninfo(self):
        return (f"host={self.socket_folder} port={self.port} dbname={self.name} "
                f"user={self.role} application_name=bench options='-c search_path=causeway'")

    def as_owner(self, command):
        """A command that may connect: the server goes by the operating system's user."""
        if pwd.getpwuid(os.geteuid()).pw_name == self.owner:
            return command
        return ["runuser", "-u", self.owner, "--"] + command

    def query(self, sql):
        """Rows as lists of text."""
        command = self.as_owner(["psql", "-X", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1",
                                 "-c", sql, self.conninfo])
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              cwd="/")
        if done.returncode != 0:
            raise Failure(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def wal_bytes(self):
        return int(self.query("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")[0][0])

    def wal_bytes_to_replay(self):
        """What a recovery would have to read: the log since its checkpoint."""
        return int(self.query("SELECT pg_current_wal_lsn() - redo_lsn FROM pg_control_checkpoint()")
                   [0][0])

    def tables(self):
        """Names of the engine's tables; a partitioned one counts as one."""
        return [row[0] for row in self.query(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname = 'causeway' "
            "ORDER BY relname")]

    def row_counts(self):
        tables = self.tables()
        if not tables:
            return {}
        parts = [f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables]
        return {name: int(count) for name, count in self.query(" UNION ALL ".join(parts))}

    def size_bytes(self):
        return int(self.query("SELECT pg_database_size(current_database())")[0][0])
