"""Many channels in one engine: what the first start (which deploys them), a further one, memory and a
message cost, beside the same with one channel."""
from . import measure, processes
from .engine import Engine, channel, free_ports
from .programs import Failure, Receiver

DEFAULT = 500
START_S, MEMORY_MIB = 5, 1024  # what a start and the engine's memory may be


class ManyChannels:
    def __init__(self, programs, program, folder, count, seconds, say):
        self._programs, self._program, self._folder = programs, program, folder
        self._count, self._seconds, self._say = count, seconds, say
        self._receiver = Receiver(programs)
        self._engine = None

    def close(self):
        try:
            if self._engine:
                self._engine.stop()
        finally:
            self._receiver.stop()

    def run(self):
        self._say(f"{'channels':>9} {'deploy s':>9} {'start s':>8} {'peak MiB':>9} {'msg/s':>8} {'engine µs':>10}")
        return [self._row(count) for count in (1, self._count)]

    def _row(self, count):
        folder = self._folder / str(count)
        folder.mkdir()
        ports = free_ports(count)
        self._engine = Engine(self._program, folder, {
            f"c{number:04}": channel("patient", port, {"out": self._receiver.port})
            for number, port in enumerate(ports)})
        deploy = self._engine.start()
        self._engine.stop()
        start = self._engine.start()
        load = measure.row(self._engine, self._engine.database(), self._receiver, self._programs,
                           ports[count // 2], {"connections": 8, "seconds": self._seconds, "run": count,
                                               "patients": 1000, "bytes": 1500})
        row = {"channels": count, "deploy_s": deploy, "start_s": start,
               "peak_mib": processes.peak_mib(self._engine.worker_id()), **load}
        self._engine.stop()
        self._engine = None
        self._say(f"{count:>9} {deploy:>9.1f} {start:>8.1f} {row['peak_mib']:>9.0f} {row['rate']:>8.0f} "
                  f"{row['engine_cpu_us']:>10.1f}")
        return row


def check(rows):
    last = rows[-1]
    if any(row["missing"] or row["duplicates"] for row in rows):
        raise Failure("messages were lost or doubled")
    if last["start_s"] > START_S or last["peak_mib"] > MEMORY_MIB:
        raise Failure(f"a start with {last['channels']} channels took {last['start_s']:.1f} s and "
                      f"{last['peak_mib']:.0f} MiB; {START_S} s and {MEMORY_MIB} MiB are allowed")
