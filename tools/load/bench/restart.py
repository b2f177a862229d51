"""The large restart: how soon after a kill -9 is a message acknowledged, and in how much memory, by
an engine whose store holds millions of messages and millions queued for a dead destination."""
import os
import signal
import socket
import threading
import time
from contextlib import closing
from pathlib import Path

from . import measure, processes, verify
from .backlog import Backlog
from .engine import Engine, channel, free_ports
from .programs import Failure, Receiver, generate

DEFAULT = "10000000,2000000"
ACKNOWLEDGED_WITHIN_S = 5.0
MEMORY_MAX_MIB = 300

REAL_MESSAGES = 2000
RATE, SECONDS = 200, 20
PATIENCE_S = 120
ANSWER_WITHIN_S = 10
DELIVERED_WITHIN_S = 30
RETRY_AFTER_S = 0.02


def parse(text):
    numbers = text.split(",")
    if len(numbers) != 2 or not all(number.isdigit() for number in numbers):
        raise Failure(f"--restart: \"{text}\" is not STORED,QUEUED")
    return int(numbers[0]), int(numbers[1])


def small_message(patient, sequence):
    mrn = f"900{patient:07}"
    return (f"MSH|^~\\&|LAB|GENERAL|HIS|GENERAL|20260301080000||ADT^A08|{mrn}-{sequence}|P|2.5.1\r"
            f"PID|1||{mrn}^^^GENERAL^MR||Okafor^Elin||19700101|F\r"
            f"PV1|1|I|WARD^1^1^GENERAL\r").encode()


def _read_answers(connection, count):
    """The acknowledgement codes of so many answers."""
    codes, data = [], b""
    while len(codes) < count:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        data += more
        *answers, data = data.split(b"\x1c\r")
        codes += [answer.split(b"\rMSA|")[1][:2].decode() for answer in answers]
    return codes


def send(port, messages):
    """Sends over one connection, answers awaited at the end; the codes."""
    with closing(socket.create_connection(("127.0.0.1", port), ANSWER_WITHIN_S)) as connection:
        connection.sendall(b"".join(b"\x0b" + message + b"\x1c\r" for message in messages))
        return _read_answers(connection, len(messages))


def send_until_acknowledged(port, message):
    """As a sender that does not give up; the monotonic time of the positive answer."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            if send(port, [message]) == ["AA"]:
                return time.monotonic()
        except OSError:
            pass
        time.sleep(RETRY_AFTER_S)
    raise Failure(f"no message was acknowledged within {PATIENCE_S} s of the kill")


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def kill(pids):
    """Returns when the processes are gone; the monotonic time of the kill."""
    killed = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    while any(_alive(pid) for pid in pids):
        time.sleep(0.001)
    return killed


class Restart:
    def __init__(self, programs, program, folder, size, say):
        self._programs = programs
        self._stored, self._queued = size
        self._say = say
        self._folder = folder
        self._received = folder / "received.tsv"
        self._receiver = Receiver(programs, self._received)
        self._port, dead = free_ports(2)
        receivers = {"alive": self._receiver.port, "dead": dead}
        self._engine = Engine(program, folder,
                              {"restart": channel("patient", self._port, receivers)})
        self._sent = 0
        self._loads = 0

    def close(self):
        try:
            self._engine.stop()
        finally:
            self._receiver.stop()

    def run(self):
        self._engine.start()
        self._send_real_messages()
        began = time.monotonic()
        Backlog(self._engine.database(), "bench/restart", "alive", "dead").seed(self._stored,
                                                                               self._queued)
        size = self._engine.database().size_bytes()
        self._say(f"seeded in {time.monotonic() - began:.0f} s: {self._stored:,} stored, "
                  f"{self._queued:,} queued, {size / 2**30:.1f} GiB")
        self._engine.stop()
        result = {"stored": self._stored, "queued": self._queued, "database_bytes": size,
                  "clean_start_s": self._engine.start(), "kills": []}
        for what, pids in (("engine", self._engine_processes),
                           ("PostgreSQL", self._database_processes)):
            result["kills"].append(self._measure(what, pids))
        result["queue_show_s"] = self._took(self._engine.queue)
        mrn = small_message(REAL_MESSAGES // 2, 1).split(b"|")[9].decode()[:10]
        result["find_term_s"] = self._took(lambda: self._engine.find("PID-3.1", mrn))
        return result

    @staticmethod
    def _took(call):
        began = time.monotonic()
        call()
        return time.monotonic() - began

    def _next_message(self):
        """Of a patient of its own: no lane that stands still is in its way."""
        self._sent += 1
        return small_message(self._sent, 1)

    def _send_real_messages(self):
        for _ in range(0, REAL_MESSAGES, 100):
            codes = send(self._port, [self._next_message() for _ in range(100)])
            if codes != ["AA"] * 100:
                raise Failure(f"a message was not accepted: {codes}")
        if measure.drained(self._receiver, self._sent, 60)["received"] < self._sent:
            raise Failure("the receiver did not get what was accepted")

    def _engine_processes(self):
        worker = self._engine.worker_id()
        if not worker:
            raise Failure(f"no engine runs below its supervisor; see {self._engine.log}")
        return [worker]

    def _database_processes(self):
        """The postmaster first: its backends would live on for a while, and commit."""
        postmaster = self._engine.database().pid
        return [postmaster, *(pid for pid in processes.tree([postmaster]) if pid != postmaster)]

    def _measure(self, what, processes_of):
        send_until_acknowledged(self._port, self._next_message())
        replay = self._engine.database().wal_bytes_to_replay()
        killed = kill(processes_of())
        acknowledged = send_until_acknowledged(self._port, self._next_message()) - killed
        memory = {}
        watch = threading.Thread(target=self._watch_memory, args=(memory,))
        watch.start()
        self._loads += 1
        ledger = self._folder / f"sent-{self._loads}.tsv"
        sent = generate(self._programs, self._port, connections=4, rate=RATE, seconds=SECONDS,
                        run=self._loads, bytes=900, patients=1000, ledger=ledger)
        watch.join()
        accepted = sent["answers"].get("AA", 0)
        return {"killed": what, "wal_bytes_to_replay": replay, "acknowledged_s": acknowledged,
                "sent": sent["sent"], "accepted": accepted, "not_received": self._not_received(ledger),
                "p50_ms": sent["p50_ms"], "p99_ms": sent["p99_ms"], "max_ms": sent["max_ms"],
                **memory}

    def _not_received(self, ledger):
        """How many of the accepted messages have not come out within a while."""
        until = time.monotonic() + DELIVERED_WITHIN_S
        while True:
            self._receiver.report()  # its ledger is written out with each report
            accepted, received, _ = verify.read_ledgers([ledger], self._received)
            missing = len(set(accepted) - received.keys())
            if missing == 0 or time.monotonic() > until:
                return missing
            time.sleep(0.2)

    def _watch_memory(self, memory):
        """The engine's peak, that of its start included."""
        until = time.monotonic() + SECONDS
        memory["engine_peak_mib"] = 0.0
        while time.monotonic() < until:
            worker = self._engine.worker_id()
            if worker:
                memory["engine_peak_mib"] = max(memory["engine_peak_mib"],
                                                processes.peak_mib(worker))
            time.sleep(1)


def check(result):
    """Failure where the engine came back too late, took too much memory, or lost a message."""
    problems = []
    for each in result["kills"]:
        where = f"after the kill of {each['killed']}: "
        if each["acknowledged_s"] > ACKNOWLEDGED_WITHIN_S:
            problems.append(f"{where}acknowledged after {each['acknowledged_s']:.1f} s, "
                            f"not within {ACKNOWLEDGED_WITHIN_S:.0f}")
        if each["engine_peak_mib"] > MEMORY_MAX_MIB:
            problems.append(f"{where}{each['engine_peak_mib']:.0f} MiB of memory, "
                            f"more than {MEMORY_MAX_MIB}")
        if each["accepted"] < each["sent"]:
            problems.append(f"{where}{each['sent']} sent, {each['accepted']} accepted")
        if each["not_received"]:
            problems.append(f"{where}{each['not_received']} were accepted and not delivered")
    if problems:
        raise Failure("\n".join(problems))
