"""The engine under test: its channels, and its life."""
import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

from . import processes
from .database import Database
from .programs import Failure

SCRIPT = """\
export default function (msg, ctx) {
  msg.set("MSH-5", "LAB");
  msg.set("PV1-3.4", "RIVERTON");
  msg.append("ZPI|1|bench");
  return msg;
}
"""
ORDERS = {"patient": "PID-3.1", "channel": "channel", "none": "none"}


def expected_output(message):
    """What the script makes of a message, worked out here by splitting and joining."""
    segments = message.split(b"\r")
    for i, segment in enumerate(segments):
        fields = segment.split(b"|")
        if fields[0] == b"MSH":
            fields[4] = b"LAB"
        elif fields[0] == b"PV1":
            parts = fields[3].split(b"^")
            parts[3] = b"RIVERTON"
            fields[3] = b"^".join(parts)
        segments[i] = b"|".join(fields)
    return b"\r".join(segments) + b"ZPI|1|bench\r"


def channel(order, port, receivers):
    """The config of a channel that listens on `port`; `receivers`: a port for each destination."""
    return {
        "source": {"type": "mllp", "port": port},
        "order_by": ORDERS[order],
        "search": ["MSH-10", "PID-3.1", "PID-18"],
        "stages": [{"type": "transform", "file": "transform.js"}],
        "destinations": {name: {"type": "mllp", "host": "127.0.0.1", "port": receiver,
                                "connections": 32} for name, receiver in receivers.items()},
    }


class Engine:
    def __init__(self, program, folder, channels):
        """`channels`: a config by name; they get paths such as bench/NAME."""
        self._program = str(program)
        self._data = folder / "data"
        self._data.mkdir()
        self._channels = folder / "channels"
        self._process = None
        self.log = folder / "serve.log"
        for name, config in channels.items():
            self._write_channel(name, config)

    def _write_channel(self, name, channel):
        folder = self._channels / "bench" / name
        folder.mkdir(parents=True)
        (folder / "channel.json").write_text(json.dumps(channel, indent=2) + "\n")
        (folder / "transform.js").write_text(SCRIPT)

    def start(self, patience_s=120):
        """Starts it and waits for its line that says "ready". Returns the seconds that took."""
        began = time.monotonic()
        self._process = subprocess.Popen(
            [self._program, "serve", "--data", str(self._data), "--channels", str(self._channels)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = queue.Queue()
        threading.Thread(target=self._read_output, args=(self._process, lines), daemon=True).start()
        while True:
            left = began + patience_s - time.monotonic()
            try:
                line = lines.get(timeout=max(left, 0.01))
            except queue.Empty:
                raise Failure(f"the engine was not ready after {patience_s} s; see {self.log}")
            if line is None:
                raise Failure(f"the engine ended at once; see {self.log}")
            if "ready" in line.lower():
                return time.monotonic() - began

    def _read_output(self, process, lines):
        with open(self.log, "a") as log:
            for line in process.stdout:
                log.write(line)
                log.flush()
                lines.put(line)
        lines.put(None)

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                raise Failure("the engine did not stop within 60 s of SIGTERM")

    def database(self):
        return Database([self._data, "/var/lib/causeway"])

    def process_ids(self):
        """The engine and its PostgreSQL (which may have outlived an earlier engine)."""
        return [self._process.pid, self.database().pid]

    def worker_id(self):
        """The process below the supervisor that does the engine's work; 0 while there is none."""
        for pid, (name, parent, *_) in processes.tree([self._process.pid]).items():
            if parent == self._process.pid and name.startswith("causeway"):
                return pid
        return 0

    def queue(self):
        return self._command("queue", "show")

    def _command(self, *arguments):
        done = subprocess.run([self._program, *arguments, "--data", str(self._data)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise Failure(f"causeway {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def find(self, path, value):
        listing = self._command("messages", "find", "--term", f"{path}={value}", "--json")
        return [json.loads(line) for line in listing.splitlines() if line.strip()]

    def body(self, message_id):
        return self._command("messages", "show", message_id, "--body")


def free_ports(count):
    """Ports that nothing listens on now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def file_system(folder):
    """Type of the file system that a folder is on, as /proc/mounts says."""
    best, kind = "", "?"
    for line in Path("/proc/mounts").read_text().splitlines():
        fields = line.split()
        mount = fields[1].rstrip("/") + "/"
        if (os.path.realpath(folder) + "/").startswith(mount) and len(mount) >= len(best):
            best, kind = mount, fields[2]
    return kind
