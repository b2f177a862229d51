"""One row of the bench: a load through the engine, from the first byte sent until the receiver has
everything that was acknowledged."""
import resource
import time

from . import processes
from .programs import Failure, generate


def drained(receiver, messages, patience_s):
    """The receiver's report once it has so many messages (or after the patience, what it has)."""
    end = time.monotonic() + patience_s
    while True:
        report = receiver.report()
        if report["received"] >= messages or time.monotonic() > end:
            return report
        time.sleep(0.02)


def _own_cpu(receiver):
    """CPU of generators that have ended, and of the receiver."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = processes.tree([receiver.pid]).get(receiver.pid)
    return ended.ru_utime + ended.ru_stime + (alive[2] if alive else 0)


def row(engine, database, receiver, programs, port, options, patience_s=120):
    """Runs the generator with `options` and returns what a table row needs."""
    roots = engine.process_ids()
    receiver.reset()
    cpu, wal, own = processes.cpu_seconds(roots), database.wal_bytes(), _own_cpu(receiver)
    sent = generate(programs, port, **options)
    accepted = sent["answers"].get("AA", 0) + sent["answers"].get("CA", 0)
    if accepted == 0:
        raise Failure(f"no message was accepted: {sent}")
    received = drained(receiver, accepted, patience_s)
    cpu_after, wal_after = processes.cpu_seconds(roots), database.wal_bytes()
    own = _own_cpu(receiver) - own
    seconds = (received["last_ns"] - sent["first_send_ns"]) / 1e9
    count = max(received["received"], 1)
    memory = processes.memory_mib(roots)
    return {
        "connections": options["connections"], "sent": sent["sent"], "accepted": accepted,
        "received": received["received"], "duplicates": received["duplicates"],
        "late": received["late"], "missing": accepted - received["received"],
        "lost": sent["lost"], "answers": sent["answers"], "seconds": seconds,
        "rate": received["received"] / seconds if seconds > 0 else 0,
        "p50_ms": sent["p50_ms"], "p99_ms": sent["p99_ms"], "p999_ms": sent["p999_ms"],
        "max_ms": sent["max_ms"],
        "engine_cpu_us": (cpu_after["engine"] - cpu["engine"]) / count * 1e6,
        "postgres_cpu_us": (cpu_after["postgres"] - cpu["postgres"]) / count * 1e6,
        "load_cpu_us": own / count * 1e6,
        "wal_bytes": (wal_after - wal) / count,
        "engine_mib": memory["engine"], "postgres_mib": memory["postgres"],
    }
