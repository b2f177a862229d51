"""CPU time and memory of a process and all that descend from it, from /proc."""
import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """(name, parent, seconds of its own, seconds of children it has waited for), or None."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name = text[text.index("(") + 1:text.rindex(")")]
    fields = text[text.rindex(")") + 2:].split()
    return (name, int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS,
            (int(fields[13]) + int(fields[14])) / TICKS)


def _snapshot():
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = _stat(entry)
            if stat:
                found[int(entry)] = stat
    return found


def tree(roots):
    """Process ids of the roots and their descendants, with their stat values."""
    everything = _snapshot()
    members = {pid for pid in roots if pid in everything}
    grew = True
    while grew:
        more = {pid for pid, stat in everything.items() if stat[1] in members} - members
        members |= more
        grew = bool(more)
    return {pid: everything[pid] for pid in members}


def cpu_seconds(roots):
    """{"engine": s, "postgres": s}. What has ended counts through whoever waited for it."""
    sums = {"engine": 0.0, "postgres": 0.0}
    for name, _, own, waited in tree(roots).values():
        sums["postgres" if name.startswith("postgres") else "engine"] += own + waited
    return sums


def memory_mib(roots):
    """{"engine": MiB, "postgres": MiB}: proportional shares, so that shared pages count once."""
    sums = {"engine": 0.0, "postgres": 0.0}
    for pid, (name, *_) in tree(roots).items():
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kib = sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        sums["postgres" if name.startswith("postgres") else "engine"] += kib / 1024
    return sums


def peak_mib(pid):
    """The most memory that this process has had resident so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0
