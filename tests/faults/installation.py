"""An engine of the test's own: its folder, its processes, its database. Nothing of it is left behind."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

READY = "causeway is ready"
PSQL_NO_CONNECTION = 2
# As the first thing a script does to a message, so that each stored copy is told from the others.
SCRIPT = """\
export default function (msg, ctx) {
  msg.set("MSH-5", "LAB");
  msg.append(`ZFT|1|${ctx.uuid()}`);
  return msg;
}
"""


class Failure(AssertionError):
    """Something is not as it must be; the text is for people."""


class DatabaseAway(Failure):
    """PostgreSQL can't be reached just now."""


def eventually(condition, patience_s, what, every_s=0.05):
    """The first true value of condition()."""
    until = time.monotonic() + patience_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise Failure(f"not within {patience_s} s: {what() if callable(what) else what}")
        time.sleep(every_s)


given_ports = set()


def free_port():
    """Never one that was given before: nobody may have begun to listen there yet."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in given_ports:
            given_ports.add(port)
            return port


def runs(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state[state.rindex(")") + 2] != "Z"


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    except OSError:
        return ""


def children(parent):
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
        except OSError:
            continue
        if int(stat[stat.rindex(")") + 2:].split()[1]) == parent:
            found.append(int(entry))
    return found


def send_signal(pid, number):
    """False: it had ended."""
    try:
        os.kill(pid, number)
        return True
    except ProcessLookupError:
        return False


class Installation:
    def __init__(self, build, name="engine"):
        self.build = Path(build)
        self.folder = Path(tempfile.mkdtemp(prefix=f"causeway-{name}-"))
        self.folder.chmod(0o755)  # the engine leaves root behind
        self.data = self.folder / "data"
        self.channels = self.folder / "channels"
        self.channels.mkdir()
        self.log = self.folder / "serve.log"
        self.supervisor = None
        self.environment = {}  # added to ours

    def add_channel(self, path, config, script=SCRIPT):
        folder = self.channels / path
        folder.mkdir(parents=True)
        (folder / "channel.json").write_text(json.dumps(config, indent=2))
        (folder / "transform.js").write_text(script)

    def start(self, *options):
        command = [self.build / "causeway", "serve", "--data", self.data, "--channels",
                   self.channels, *options]
        with open(self.log, "ab") as log:
            self.supervisor = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                               stderr=log, env={**os.environ, **self.environment})

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def times_ready(self):
        return self.log_text().count(READY)

    def wait_ready(self, times, patience_s=120):
        """Until the engine has said so for the `times`th time since the installation was made."""
        def ready_or_ended():
            if self.times_ready() >= times:
                return True
            if self.supervisor.poll() is not None:
                raise Failure(f"causeway serve ended:\n{self.log_text()[-3000:]}")
            return False
        eventually(ready_or_ended, patience_s,
                   lambda: f"engine ready, {times} times; its log:\n{self.log_text()[-3000:]}")

    def engine_pid(self):
        """0: none runs just now."""
        for pid in children(self.supervisor.pid):
            if " engine " in command_line(pid) and runs(pid):
                return pid
        return 0

    def postmaster_pid(self):
        try:
            pid = int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return 0
        return pid if runs(pid) and "postgres" in command_line(pid) else 0

    def backends(self):
        """Processes of PostgreSQL that serve the engine's connections."""
        return [pid for pid in children(self.postmaster_pid())
                if command_line(pid).startswith("postgres: causeway: causeway causeway")]

    def conninfo(self, role):
        return f"host={self.data}/run port=5432 user={role} dbname=causeway"

    def query(self, sql, patience_s=60):
        """Rows as lists of text, asked as the superuser."""
        command = ["psql", "-X", "-A", "-t", "-q", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql,
                   self.conninfo("postgres") + " options='-c search_path=causeway'"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              cwd="/", timeout=patience_s)
        if done.returncode != 0:
            kind = DatabaseAway if done.returncode == PSQL_NO_CONNECTION else Failure
            raise kind(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    def stored_ledger(self, *arguments):
        command = [self.build / "tests" / "stored_ledger", self.conninfo("causeway"),
                   self.data / "keys", *map(str, arguments)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
        if done.returncode != 0:
            raise Failure(done.stderr.decode(errors="replace"))
        return done.stdout

    def stop(self):
        """As an operator would. Returns the exit code."""
        self.supervisor.send_signal(signal.SIGTERM)
        try:
            return self.supervisor.wait(150)
        except subprocess.TimeoutExpired:
            raise Failure(f"SIGTERM did not end it:\n{self.log_text()[-3000:]}") from None

    def remove(self):
        """Whatever state it is in."""
        if self.supervisor and self.supervisor.poll() is None:
            engine = self.engine_pid()
            self.supervisor.kill()
            self.supervisor.wait()
            if engine:
                send_signal(engine, signal.SIGKILL)
        postmaster = self.postmaster_pid()
        if postmaster:
            send_signal(postmaster, signal.SIGQUIT)
            eventually(lambda: not runs(postmaster), 30, "PostgreSQL ended")
        if os.environ.get("CAUSEWAY_KEEP"):
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
