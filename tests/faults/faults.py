"""What is done to a running installation. Each fault returns when its immediate effect is there."""
import platform
import signal
import time
from pathlib import Path

from installation import Failure, eventually, runs, send_signal

# Number of fdatasync, with which PostgreSQL's commit ends.
FDATASYNC = {"x86_64": "75", "aarch64": "83"}.get(platform.machine())
COMMIT_PATIENCE_S = 2.0


def kill_engine(site, _random):
    pid = eventually(site.engine_pid, 60, "an engine to kill")
    send_signal(pid, signal.SIGKILL)


def kill_supervisor(site, _random):
    """The next one adopts PostgreSQL."""
    eventually(site.engine_pid, 60, "an engine under the supervisor")
    engine, postmaster, ready = site.engine_pid(), site.postmaster_pid(), site.times_ready()
    site.supervisor.kill()
    site.supervisor.wait()
    if engine:
        eventually(lambda: not runs(engine), 10, "the engine ended with its supervisor")
    site.start()
    site.wait_ready(ready + 1)
    if postmaster and runs(postmaster) and site.postmaster_pid() != postmaster:
        raise Failure(f"PostgreSQL {postmaster} was not adopted")


def kill_postmaster(site, _random):
    pid = eventually(site.postmaster_pid, 60, "a postmaster to kill")
    send_signal(pid, signal.SIGKILL)


def kill_backend(site, random):
    """One backend's violent end makes PostgreSQL end all others, and recover."""
    send_signal(random.choice(eventually(site.backends, 60, "a backend to kill")), signal.SIGKILL)


def kill_committing_backend(site, random):
    """While it is in fdatasync: the commit becomes durable, and nobody hears of it."""
    backends = eventually(site.backends, 60, "a backend to kill")
    until = time.monotonic() + COMMIT_PATIENCE_S
    while FDATASYNC and time.monotonic() < until:
        for pid in backends:
            try:
                syscall = Path(f"/proc/{pid}/syscall").read_bytes()
            except OSError:
                continue
            if syscall.split(b" ")[0].decode() == FDATASYNC:
                send_signal(pid, signal.SIGKILL)
                return "in fdatasync"
    send_signal(random.choice(backends), signal.SIGKILL)
    return "not seen in fdatasync"


def end_backend(site, random):
    """As an administrator would: this connection alone is lost."""
    send_signal(random.choice(eventually(site.backends, 60, "a backend to end")), signal.SIGTERM)


def stop_engine(site, random):
    """It stands still for a while, rarely for longer than its lease lasts."""
    pid = eventually(site.engine_pid, 60, "an engine to stop")
    pause = 11 if random.random() < 0.2 else random.uniform(0.2, 3)
    if not send_signal(pid, signal.SIGSTOP):
        return None
    time.sleep(pause)
    send_signal(pid, signal.SIGCONT)
    return f"for {pause:.1f} s"


def cut_connections(site, random):
    gate = random.choice(site.gates)
    if random.random() < 0.5:
        gate.cut()
        return "at once"
    gate.cut_in_message()
    return "in a message"


KILLS = [kill_engine, kill_supervisor, kill_postmaster, kill_backend, kill_committing_backend]
OTHERS = [end_backend, stop_engine, cut_connections]


def ends_engine(fault):
    return fault in (kill_engine, kill_supervisor)
