"""The ends of a channel under test: a sender and a recording receiver, with a gate before each."""
import json
import subprocess
import sys
from pathlib import Path

from gate import Gate
from installation import Failure

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "load"))

from bench.programs import Receiver, message_bytes  # noqa: E402,F401
from bench.verify import hash_of  # noqa: E402,F401

MESSAGE_BYTES = 1200
CONNECTIONS = 8
PATIENTS = 48


class Sender:
    """One run of the generator: what gets no answer is sent again until it is answered."""

    def __init__(self, programs, port, run, seconds, rate, ledger):
        self.ledger = ledger
        self.process = subprocess.Popen(
            [programs / "load_generator", "--to", f"127.0.0.1:{port}", "--json", "--resend",
             "--run", str(run), "--seconds", str(seconds), "--rate", str(rate),
             "--connections", str(CONNECTIONS), "--window", "3", "--patients", str(PATIENTS),
             "--bytes", str(MESSAGE_BYTES), "--reconnect-ms", "120000", "--ack-timeout-ms", "20000",
             "--ledger", ledger], stdout=subprocess.PIPE, text=True)

    def finish(self, patience_s=180):
        """{control id: MSA-1 of its answer}, of all it sent."""
        try:
            output, _ = self.process.communicate(timeout=patience_s)
        except subprocess.TimeoutExpired:
            raise Failure(f"a sender got no answer within {patience_s} s") from None
        result = json.loads(output)
        if result["lost"] or result["wrong_answers"]:
            raise Failure(f"the sender lost sight of messages: {result}")
        with open(self.ledger) as lines:
            answers = dict(line.split("\t")[:2] for line in lines)
        if len(answers) != result["sent"]:
            raise Failure(f"sent {result['sent']}, answered {len(answers)}")
        return answers

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class SlowReceiver(Receiver):
    """It takes its time, so that there is always something on the way when something breaks."""

    def __init__(self, programs, ledger, delay_ms):
        self._process = subprocess.Popen(
            [programs / "load_receiver", "--ledger", ledger, "--delay-ms", str(delay_ms)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline().split()[1])


class Recorder:
    """The receiver, whose ledger is read as it grows."""

    def __init__(self, programs, ledger, delay_ms):
        self.receiver = SlowReceiver(programs, ledger, delay_ms)
        self.port = self.receiver.port
        self.ledger = open(ledger)

    def new_arrivals(self):
        """[(control id, sequence, hash)] since the last call, in order of arrival."""
        self.receiver.report()  # it writes out its ledger
        arrivals = []
        for line in self.ledger:
            fields = line.split("\t")
            arrivals.append((fields[0], int(fields[0].split("-")[1]), fields[3]))
        return arrivals

    def count(self):
        return self.receiver.report()["received"]

    def stop(self):
        self.receiver.stop()
        self.ledger.close()


class Channel:
    """A channel, its peers, and what they have seen since the last comparison."""

    def __init__(self, site, path, source_port, on_ambiguous, duplicates, unavailable,
                 answer_delay_ms=6):
        self.path, self.on_ambiguous, self.in_flight_max = path, on_ambiguous, 16
        self.suppresses = duplicates == "suppress"
        programs = site.build / "tools"
        self.recorder = Recorder(programs, site.folder / (path.replace("/", "-") + ".received"),
                                 answer_delay_ms)
        self.before_source, self.before_receiver = Gate(source_port), Gate(self.recorder.port)
        self.answers = {}
        site.add_channel(path, {
            "source": {"type": "mllp", "host": "127.0.0.1", "port": source_port,
                       "on_store_unavailable": unavailable},
            "order_by": "PID-3.1",
            "search": ["MSH-10", "PID-3.1"],
            "duplicates": duplicates,
            "stages": [{"type": "transform", "file": "transform.js"}],
            "destinations": {"out": {
                "type": "mllp", "host": "127.0.0.1", "port": self.before_receiver.port,
                "connections": 4, "in_flight_max": self.in_flight_max, "reply_timeout_ms": 10000,
                "on_ambiguous": on_ambiguous, "retry": {"first_ms": 200, "max_ms": 1000}}},
        })

    def stop(self):
        self.before_source.stop()
        self.before_receiver.stop()
        self.recorder.stop()
