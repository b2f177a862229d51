"""What this machine can do at most, measured in the same run."""
import json
import os
import shutil
import subprocess
import time

from .programs import Failure, Receiver, generate


def fsync(folder, seconds=2.0):
    """fdatasync after each 8 KiB written into a file that has its length already, as PostgreSQL
    writes its log: the floor under every commit."""
    path = folder / "fsync.tmp"
    block, length = os.urandom(8192), 16 * 2**20
    took = []
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, bytes(length))
        os.fsync(descriptor)
        end = time.perf_counter() + seconds
        while (before := time.perf_counter()) < end:
            os.pwrite(descriptor, block, len(took) * len(block) % length)
            os.fdatasync(descriptor)
            took.append(time.perf_counter() - before)
    finally:
        os.close(descriptor)
        path.unlink()
    took.sort()
    return {"rate": len(took) / sum(took), "p50_ms": took[len(took) // 2] * 1000,
            "p99_ms": took[len(took) * 99 // 100] * 1000}


def echo(programs, connections, seconds, size):
    """Generator and receiver, with nothing between them."""
    receiver = Receiver(programs)
    try:
        return generate(programs, receiver.port, connections=connections, seconds=seconds,
                        bytes=size, run=0, patients=max(1000, connections))
    finally:
        receiver.stop()


def bare_rows(programs, folder, database, rows_per_message, batch, seconds=4):
    """The rows that the engine has just written, written again by a program that does only that."""
    program = folder / "load_bare_rows"
    shutil.copy(programs / "load_bare_rows", program)  # the database's user must reach it
    program.chmod(0o755)
    tables = [f"{name}={share:.6f}" for name, share in rows_per_message.items() if share >= 0.5]
    if not tables:
        return None
    done = subprocess.run(
        database.as_owner([str(program), "--database", database.conninfo, "--batch", str(batch),
                           "--seconds", str(seconds), *tables]),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/")
    if done.returncode != 0:
        raise Failure(f"load_bare_rows: {done.stderr.strip()}")
    return json.loads(done.stdout)
