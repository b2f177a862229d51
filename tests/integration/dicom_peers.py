"""The other ends of DICOM: Orthanc and DCMTK's tools as processes, and a sender that can be made to misbehave."""
import json
import re
import shutil
import socket
import struct
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from command_line import eventually, free_port

EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
CONTEXT = "1.2.840.10008.3.1.1.1"
PATIENCE_S = 60


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A server of its own folder, ended and removed with `stop`."""

    def __init__(self, name):
        self.folder = Path(tempfile.mkdtemp(prefix=f"causeway-{name}-"))
        self.port = free_port()
        self.process = None

    def run(self, *command):
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=log,
                                        stderr=log, cwd=self.folder)
        log.close()
        eventually(lambda: listens(self.port), PATIENCE_S,
                   lambda: (self.folder / "log").read_text(errors="replace"))

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Orthanc(Process):
    """`modalities`: whom it knows, by title: their ports."""

    def __init__(self, modalities=()):
        super().__init__("orthanc")
        self.http_port = free_port()
        settings = {"Name": "test", "StorageDirectory": str(self.folder / "objects"),
                    "IndexDirectory": str(self.folder / "index"), "HttpPort": self.http_port,
                    "DicomPort": self.port, "DicomAet": "ORTHANC", "Plugins": [],
                    "RemoteAccessAllowed": False, "AuthenticationEnabled": False,
                    "DicomAlwaysAllowStore": True, "UnknownSopClassAccepted": True,
                    "OverwriteInstances": False, "StorageCompression": False,
                    "DicomModalities": {title: [title, "127.0.0.1", port]
                                        for title, port in dict(modalities).items()}}
        (self.folder / "orthanc.json").write_text(json.dumps(settings))
        program = shutil.which("Orthanc") or "/usr/sbin/Orthanc"
        self.run(program, self.folder / "orthanc.json")

    def ask(self, path, method="GET", body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", method=method,
                                         data=body and json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.read()

    def instances(self):
        """Orthanc's ids by SOP Instance UID."""
        found = json.loads(self.ask("/instances?expand"))
        return {each["MainDicomTags"]["SOPInstanceUID"]: each["ID"] for each in found}

    def file(self, instance):
        return self.ask(f"/instances/{instance}/file")

    def forget(self):
        for instance in self.instances().values():
            self.ask(f"/instances/{instance}", "DELETE")


class Archive(Process):
    """DCMTK's storescp; keeps what it gets as it came."""

    def __init__(self, *options):
        super().__init__("storescp")
        self.objects = self.folder / "objects"
        self.objects.mkdir()
        self.run("storescp", "-aet", "ARCHIVE", "+xa", "-od", self.objects, *options, self.port)

    def files(self):
        return sorted(self.objects.iterdir())


def dcmtk(program, *words):
    """(exit code, everything it said)."""
    done = subprocess.run([program, *map(str, words)], capture_output=True, timeout=PATIENCE_S * 5)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def dump(path):
    """What a data set says, line by line, apart from how it is encoded; None: DCMTK can't read it."""
    code, text = dcmtk("dcmdump", "-q", "+L", "+R", "1024", path)
    if code != 0:
        return None
    lines = [re.sub(" with (explicit|undefined) length", "", line.split(" #")[0].strip())
             for line in text.splitlines()]
    return [line for line in lines if line.startswith("(") and not line.startswith("(0002,")
            and not line[5:].startswith(",0000)")
            # Items, and the padding behind a data set, which DCMTK leaves out when it sends.
            and not line.startswith(("(fffe,", "(fffc,"))]


def why_orthanc_refuses(path):
    """Orthanc files an object under its patient, study and series: one that doesn't say them it refuses (A700). So it
    does where the object says another UID than its file and, with it, the request (C000). None: it has no reason."""
    top = {}
    for line in dcmtk("dcmdump", "-q", "+L", "+R", "1024", path)[1].splitlines():
        if line.startswith("("):
            value = re.search(r"\[(.*?)\]", line)
            top[line[1:10]] = value[1] if value else ""
    missing = [tag for tag in ("0010,0020", "0020,000d", "0020,000e", "0008,0018") if not top.get(tag)]
    if missing:
        return f"without {', '.join(missing)}"
    return "other UIDs than its file" if top.get("0002,0003") != top["0008,0018"] else None


# ---- A sender

def _pdu(kind, body):
    return struct.pack(">BBI", kind, 0, len(body)) + body


def _item(kind, content):
    return struct.pack(">BBH", kind, 0, len(content)) + content


def _element(number, value):
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHI", 0, number, len(value)) + value


def _u16(value):
    return struct.pack("<H", value)


def data_pdu(flags, fragment, context=1):
    return _pdu(4, struct.pack(">IBB", len(fragment) + 2, context, flags) + fragment)


class Sender:
    """One association for one SOP class in one transfer syntax."""

    def __init__(self, port, called="CAUSEWAY", sop_class=SECONDARY_CAPTURE, syntax=EXPLICIT):
        self.sop_class, self.socket = sop_class, socket.create_connection(("127.0.0.1", port), 30)
        self.socket.settimeout(PATIENCE_S)
        context = b"\1\0\0\0" + _item(0x30, sop_class.encode()) + _item(0x40, syntax.encode())
        user = _item(0x51, struct.pack(">I", 16384)) + _item(0x52, b"2.25.1")
        self.socket.sendall(_pdu(1, b"\0\1\0\0" + called.ljust(16).encode() + b"TESTER".ljust(16)
                                 + bytes(32) + _item(0x10, CONTEXT.encode())
                                 + _item(0x20, context) + _item(0x50, user)))
        self.answer = self.receive()

    def receive(self):
        """(type, body); None: the connection is closed."""
        head = self._read(6)
        return head and (head[0], self._read(struct.unpack(">I", head[2:])[0]))

    def _read(self, size):
        data = b""
        while len(data) < size:
            try:
                more = self.socket.recv(size - len(data))
            except ConnectionError:
                more = b""
            if not more:
                return None
            data += more
        return data

    def ask_to_store(self, instance):
        command = (_element(2, self.sop_class.encode()) + _element(0x100, _u16(1))
                   + _element(0x110, _u16(1)) + _element(0x700, _u16(0))
                   + _element(0x800, _u16(1)) + _element(0x1000, instance.encode()))
        self.socket.sendall(data_pdu(3, command))

    def store(self, instance, pieces):
        """The status, and the comment with it."""
        self.ask_to_store(instance)
        for piece in pieces:
            self.socket.sendall(data_pdu(0, piece))
        self.socket.sendall(data_pdu(2, b""))
        return self.status()

    def request(self, field, instance, data_set, asked=False, kind=None):
        """Any other request, with a data set. `asked`: it is about an instance that is there."""
        kind = b"" if kind is None else _element(0x1008, _u16(kind))
        self.socket.sendall(data_pdu(3, (
            _element(3 if asked else 2, self.sop_class.encode()) + _element(0x100, _u16(field))
            + _element(0x110, _u16(1)) + _element(0x800, _u16(1))
            + _element(0x1001 if asked else 0x1000, instance.encode()) + kind)))
        self.socket.sendall(data_pdu(2, data_set))

    def command(self):
        """The elements of the next command, by number; None: there is none."""
        answer = self.receive()
        if answer is None or answer[0] != 4:
            return None
        command, found = answer[1][6:], {}
        while command:
            _, number, size = struct.unpack("<HHI", command[:8])
            found[number], command = command[8:8 + size], command[8 + size:]
        return found

    def status(self):
        found = self.command()
        if found is None:
            return None
        return struct.unpack("<H", found[0x900])[0], found.get(0x902, b"").decode().strip()

    def answer_report(self):
        self.socket.sendall(data_pdu(3, _element(0x100, _u16(0x8100)) + _element(0x120, _u16(1))
                                     + _element(0x800, _u16(0x101)) + _element(0x900, _u16(0))))

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
