"""The load programs, run as children: generator, receiver, and the store's rows written bare."""
import json
import subprocess


class Failure(Exception):
    """The bench can't go on, or found something wrong; the text is for people."""


class Receiver:
    """A running load_receiver; `port` is where it listens."""

    def __init__(self, programs, ledger=None, port=0):
        command = [programs / "load_receiver", "--port", str(port)]
        if ledger:
            command += ["--ledger", str(ledger)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        first = self._process.stdout.readline().split()
        if len(first) != 2:
            raise Failure("the receiver did not start")
        self.port = int(first[1])
        self.pid = self._process.pid

    def _ask(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def report(self):
        return self._ask("report")

    def reset(self):
        return self._ask("reset")

    def stop(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            self._process.wait(10)
        self._process.stdout.close()


def generate(programs, port, **options):
    """Runs load_generator to its end. Options as on its command line: connections=8, count=1000."""
    command = [programs / "load_generator", "--to", f"127.0.0.1:{port}", "--json"]
    for name, value in options.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if not done.stdout.strip():
        raise Failure(f"the generator: {done.stderr.strip() or done.returncode}")
    return json.loads(done.stdout)


def message_bytes(programs, control_id, size):
    """The message that the generator sent under this control id."""
    command = [programs / "load_generator", "--print", "--bytes", str(size), control_id]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
