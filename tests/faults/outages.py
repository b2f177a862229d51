"""What goes wrong around the engine for a while, and then is well again. Each returns what there is to
say of it; `site` is that of outage_test.py."""
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

from installation import Failure, eventually

CLOCK_FILE = "clock"  # in the site's folder: libfaketime's offset


def database_network_frozen(site):
    """Half-open: the connections stand, and nothing comes through."""
    site.database_gates[0].freeze()
    time.sleep(4)
    site.database_gates[0].thaw()


def database_network_frozen_beyond_lease(site):
    site.database_gates[0].freeze()
    time.sleep(14)
    site.database_gates[0].thaw()


def database_network_cut(site):
    site.database_gates[0].cut()


def database_restarted(site):
    site.database.stop(signal.SIGQUIT)
    time.sleep(2)
    site.database.start()


def slow_fdatasync(site):
    if not site.database.delay_fdatasync(200, 3):
        return "not made: tracing isn't allowed here"
    return None


def fill(path):
    """With all that there is room for."""
    for piece in (1 << 20, 1 << 12):
        with open(path, "ab", buffering=0) as file:
            try:
                while file.write(b"\0" * piece) == piece:
                    pass
            except OSError:
                pass


def disk_full(site):
    """PostgreSQL can't go on without its log: it ends, and is started again when there is room."""
    filler = site.disk / "filler"
    fill(filler)
    try:
        eventually(lambda: site.database.ended() or "No space left" in site.database.log_text(), 60,
                   "PostgreSQL notices that the disk is full")
        time.sleep(2)
    finally:
        filler.unlink()
    ended = site.database.ended()
    if ended:
        site.database.start()
    return "PostgreSQL ended" if ended else "PostgreSQL went on"


def limit(pid, what, soft):
    """Returns the soft limit of before. As the process's own user: root in a container may lack the right."""
    status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    owner, group = int(status["Uid"].split()[0]), int(status["Gid"].split()[0])
    user = {"user": owner, "group": group, "extra_groups": []} if os.geteuid() == 0 else {}

    def prlimit(*words):
        done = subprocess.run(["prlimit", f"--pid={pid}", *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, cwd="/", **user)
        if done.returncode != 0:
            raise Failure(f"the limit of {what} can't be set: {done.stderr}")
        return done.stdout.strip()
    before = prlimit(f"--{what}", "--raw", "--noheadings", "--output=SOFT")
    prlimit(f"--{what}={soft}:")
    return before


def descriptors_exhausted(site):
    """The engine may open nothing more; its peers are cut off and connect anew."""
    pid = site.engine_pid()
    before = limit(pid, "nofile", 3)
    for gate in site.gates:
        gate.cut()
    time.sleep(2)
    limit(pid, "nofile", before)


def memory_exhausted(site):
    """The engine gets no more address space. It may end; then its supervisor starts the next."""
    pid = site.engine_pid()
    with open(f"/proc/{pid}/statm") as statm:
        pages = int(statm.read().split()[0])
    before = limit(pid, "as", pages * resource.getpagesize())
    time.sleep(2)
    if site.engine_pid() != pid:
        return "the engine ended"
    limit(pid, "as", before)
    return "the engine went on"


def clock_jumps(site):
    """An hour on, then two hours back, then right again."""
    for offset in ("+3600", "-3600", "+0"):
        (site.folder / CLOCK_FILE).write_text(offset + "\n")
        time.sleep(1.5)


def receivers_frozen(site):
    """They take nothing and answer nothing, for longer than the engine waits for an answer."""
    gates = [channel.before_receiver for channel in site.load.channels]
    for gate in gates:
        gate.freeze()
    time.sleep(13)
    for gate in gates:
        gate.thaw()


def senders_frozen(site):
    gates = [channel.before_source for channel in site.load.channels]
    for gate in gates:
        gate.freeze()
    time.sleep(3)
    for gate in gates:
        gate.thaw()


def database_fails_over(site):
    """To its synchronous replica. The engine's URL names both."""
    site.replica.follow(site.database)
    site.database.stop(signal.SIGKILL)
    site.database_gates.pop(0).stop()  # nobody listens there any more
    # What shares the killed postmaster's folder ends by itself, like its backends.
    site.replica.promote()
    site.database = site.replica



def small_disk(folder, megabytes):
    """A file system of its own. False: mounting isn't allowed here."""
    folder.mkdir()
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "tmpfs",
                           folder], stderr=subprocess.DEVNULL).returncode == 0


def unmount(folder):
    if subprocess.run(["umount", "-l", folder], stderr=subprocess.PIPE).returncode != 0:
        raise Failure(f"{folder} can't be unmounted")


ENDS_ENGINE = (memory_exhausted, database_network_frozen_beyond_lease)
ALL = [database_network_frozen, database_network_cut, database_restarted, slow_fdatasync, disk_full,
       descriptors_exhausted, clock_jumps, receivers_frozen, senders_frozen,
       database_network_frozen_beyond_lease, memory_exhausted, database_fails_over]
