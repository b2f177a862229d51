"""How fast DICOM objects pass from DCMTK's storescu to its storescp: directly, and through the engine."""
import shutil
import statistics
import struct
import subprocess
import time

from . import processes
from .engine import Engine, free_ports
from .programs import Failure

DEFAULT = 100
MIB = 1024 * 1024
SMALL_BYTES, SMALL_COUNT = 512 * 1024, 200
RUNS = 3
RUN_BYTES_MAX = 256 * MIB  # above, one run of each is enough
PATIENCE_S = 900
SECONDARY_CAPTURE = b"1.2.840.10008.5.1.4.1.1.7"
EXPLICIT = b"1.2.840.10008.1.2.1"


def _element(group, number, vr, value):
    value += (b" " if vr in (b"PN", b"LO", b"CS", b"IS") else b"\0") * (len(value) % 2)
    size = struct.pack("<HI", 0, len(value)) if vr == b"OB" else struct.pack("<H", len(value))
    return struct.pack("<HH2s", group, number, vr) + size + value


def write_object(path, instance, size):
    """A multiframe of so many bytes of pixels, written in pieces."""
    uid = f"2.25.{instance}".encode()
    meta = (_element(2, 1, b"OB", b"\0\1") + _element(2, 2, b"UI", SECONDARY_CAPTURE)
            + _element(2, 3, b"UI", uid) + _element(2, 0x10, b"UI", EXPLICIT)
            + _element(2, 0x12, b"UI", b"2.25.1"))
    content = (_element(8, 0x16, b"UI", SECONDARY_CAPTURE) + _element(8, 0x18, b"UI", uid)
               + _element(8, 0x60, b"CS", b"OT") + _element(0x10, 0x10, b"PN", b"DOE^JANE")
               + _element(0x10, 0x20, b"LO", b"P1") + _element(0x20, 0xD, b"UI", b"2.25.1")
               + _element(0x20, 0xE, b"UI", b"2.25.2")
               + _element(0x28, 8, b"IS", str(size // MIB or 1).encode()))
    piece = bytes(range(256)) * 4096
    with open(path, "wb") as file:
        file.write(bytes(128) + b"DICM" + _element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta + content)
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, size))
        for begin in range(0, size, len(piece)):
            file.write(piece[:min(len(piece), size - begin)])


class Archive:
    def __init__(self, folder):
        self.objects = folder / "archive"
        self.objects.mkdir()
        self.port, = free_ports(1)
        self._process = subprocess.Popen(
            ["storescp", "--bit-preserving", "+xa", "-aet", "ARCHIVE", "-od", self.objects, str(self.port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for(self, count, size):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = [path.stat().st_size for path in self.objects.iterdir()]
            if len(found) == count and sum(found) >= count * size:
                return
            time.sleep(0.01)
        raise Failure(f"{count} objects did not arrive within {PATIENCE_S} s")

    def empty(self):
        for path in self.objects.iterdir():
            path.unlink()

    def stop(self):
        self._process.kill()
        self._process.wait()


class Dicom:
    """`large`: MiB of the large object."""

    def __init__(self, program, folder, large):
        for name in ("storescu", "storescp"):
            if not shutil.which(name):
                raise Failure(f"{name} is not installed (Debian: dcmtk)")
        self._folder, self._large = folder, large
        self._archive = Archive(folder)
        self._port, = free_ports(1)
        self._engine = Engine(program, folder, {"dicom": {
            "source": {"type": "dicom", "port": self._port},
            "destinations": {"archive": {"type": "dicom", "host": "127.0.0.1", "port": self._archive.port,
                                         "called_title": "ARCHIVE"}}}})

    def close(self):
        try:
            self._engine.stop()
        finally:
            self._archive.stop()

    def run(self):
        self._engine.start()
        self._memory_before = processes.peak_mib(self._engine.worker_id())
        rows = [self._row(SMALL_COUNT, SMALL_BYTES), self._row(1, self._large * MIB)]
        return {"rows": rows, "engine_peak_mib": processes.peak_mib(self._engine.worker_id()),
                "engine_before_mib": self._memory_before}

    def _row(self, count, size):
        sent = self._folder / "sent"
        sent.mkdir()
        for i in range(count):
            write_object(sent / f"{i}.dcm", size * 1000 + i, size)
        found = {"direct": [], "engine": []}
        for _ in range(RUNS if count * size <= RUN_BYTES_MAX else 1):  # in turns, so that both have the same of whatever else goes on
            for way, port in (("direct", self._archive.port), ("engine", self._port)):
                began = time.monotonic()
                subprocess.run(["storescu", "-aec", "ARCHIVE", "+sd", "127.0.0.1", str(port), sent], check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                answered = time.monotonic() - began
                self._archive.wait_for(count, size)
                found[way].append((count * size / 1e6 / (time.monotonic() - began), answered))
                self._archive.empty()
        shutil.rmtree(sent)
        return {"objects": count, "bytes": size,
                **{f"{way}_mb_s": statistics.median(rate for rate, _ in runs) for way, runs in found.items()},
                **{f"{way}_answered_s": statistics.median(answered for _, answered in runs)
                   for way, runs in found.items()}}


def lines(result):
    yield (f"DICOM, storescu to storescp, which writes them: median of {RUNS} (one of what is larger than "
           f"{RUN_BYTES_MAX // MIB} MiB), until the last byte has arrived")
    yield f"{'objects':>16} {'direct MB/s':>12} {'engine MB/s':>12} {'direct, answered s':>19} {'engine, answered s':>19}"
    for row in result["rows"]:
        yield (f"{row['objects']:5} x {row['bytes'] / MIB:5.1f} MiB {row['direct_mb_s']:11.1f} {row['engine_mb_s']:12.1f} "
               f"{row['direct_answered_s']:19.2f} {row['engine_answered_s']:19.2f}")
    yield (f"the engine's resident memory at its highest: {result['engine_peak_mib']:.0f} MiB, "
           f"{result['engine_before_mib']:.0f} MiB before the first object")
