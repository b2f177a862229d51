#!/usr/bin/env python3
"""DICOM through the real engine, with Orthanc and DCMTK's tools at its ends.

With CORPUS (default: ../shared/corpus beside the repository) its DICOM files go through too.
Usage: dicom_test.py BUILD_FOLDER [argument of unittest ...]"""
import hashlib
import os
import shutil
import struct
import sys
import tempfile
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port
from dicom_peers import Archive, Orthanc, Sender, data_pdu, dcmtk, dump, why_orthanc_refuses

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "support" / "dicom"
SAMPLE = ROOT / "samples" / "09_dicom_to_archive"
CORPUS = Path(os.environ.get("CORPUS", ROOT / ".." / "shared" / "corpus")) / "dicom"
QUIET_S = 60
LARGE_BYTES = 96 * 1024 * 1024
LARGE_MEMORY_BYTES = 48 * 1024 * 1024


def source(**more):
    return {"type": "dicom", "port": free_port(), **more}


def sink(port, title="ARCHIVE", **more):
    return {"type": "dicom", "host": "127.0.0.1", "port": port, "called_title": title, **more}


def element(group, number, vr, value):
    value += (b"\0" if vr in (b"OB", b"UI") else b" ") * (len(value) % 2)
    head = struct.pack("<HH2s", group, number, vr)
    size = struct.pack("<HI", 0, len(value)) if vr == b"OB" else struct.pack("<H", len(value))
    return head + size + value


def data_set(instance, patient="P1"):
    return (element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.7")
            + element(8, 0x18, b"UI", instance.encode()) + element(8, 0x60, b"CS", b"OT")
            + element(0x10, 0x10, b"PN", b"DOE^JANE") + element(0x10, 0x20, b"LO", patient.encode())
            + element(0x20, 0xD, b"UI", b"2.25.1") + element(0x20, 0xE, b"UI", b"2.25.2"))


def resident_bytes(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


class Dicom(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.build, "dicom")
        cls.addClassCleanup(cls.site.remove)
        cls.orthanc, cls.archive = Orthanc(), Archive("--bit-preserving")
        cls.addClassCleanup(cls.orthanc.stop)
        cls.addClassCleanup(cls.archive.stop)
        cls.ports = {}
        cls.add("to_orthanc", source(called_titles=["CAUSEWAY"]), order_by="PatientID",
                search=["PatientID", "SOPInstanceUID"],
                destinations={"orthanc": sink(cls.orthanc.port, "ORTHANC", reply_timeout_ms=5000,
                                              on_ambiguous="park_and_continue")})
        cls.add("to_archive", source(),
                destinations={"archive": sink(cls.archive.port)})
        cls.add("answered", source(), reply={"when": "destination", "destination": "orthanc", "timeout_ms": 3000},
                destinations={"orthanc": sink(cls.orthanc.port, "ORTHANC",
                                              on_ambiguous="park_and_continue",
                                              reply_timeout_ms=1500)})
        cls.add("checked", source(), reply={"when": "done"},
                stages=[{"type": "filter", "file": "transform.js",
                         "on_error": "park_and_continue"}],
                destinations={"archive": sink(cls.archive.port)},
                script='export default (msg, ctx) => { ctx.reply("A700 archive is full"); '
                       'return msg.PatientID !== "DROP"; }')
        cls.add_sample()
        cls.site.start()
        cls.site.wait_ready(1)

    @classmethod
    def add_sample(cls):
        shutil.copytree(SAMPLE, cls.site.channels / SAMPLE.name)
        declaration = cls.site.channels / SAMPLE.name / "channel.json"
        cls.ports["sample"] = free_port()
        declaration.write_text(declaration.read_text().replace("11112", str(cls.ports["sample"]))
                               .replace("4242", str(cls.archive.port)))

    @classmethod
    def add(cls, name, from_, script="", **more):
        cls.ports[name] = from_["port"]
        cls.site.add_channel(name, {"source": from_, **more}, script)

    def delivered(self, channel, count):
        return self.site.find_settled(count, "--channel", channel, "--limit", 1000)

    def test_echo_and_titles(self):
        port = self.ports["to_orthanc"]
        self.assertEqual(dcmtk("echoscu", "-aec", "CAUSEWAY", "127.0.0.1", port)[0], 0)
        code, said = dcmtk("echoscu", "-aec", "ELSEWHERE", "127.0.0.1", port)
        self.assertNotEqual(code, 0)
        self.assertIn("Called AE Title Not Recognized", said)

    def test_every_file_reaches_orthanc_as_it_is(self):
        paths = sorted(FILES.glob("*.dcm"))
        if CORPUS.exists():
            paths += sorted(path for path in CORPUS.rglob("*") if path.is_file()
                            and path.suffix in (".dcm", "") and path.name[0] not in "_D")
        readable = [(path, lines) for path in paths if (lines := dump(path))]
        self.assertGreater(len(readable), 15)
        waves, instances = [], {}
        for path, lines in readable:
            uid = next((line.split("[")[1].split("]")[0] for line in lines
                        if line.startswith("(0008,0018) UI [")), None)
            if not uid:
                continue
            place = instances.setdefault(uid, 0)
            instances[uid] += 1
            waves += [{}] if place == len(waves) else []
            waves[place][uid] = (path, lines)
        self.refused = set()
        compared = sum(self.compare(wave) for wave in waves)
        self.assertGreaterEqual(compared, 12)
        print(f"{compared} files arrived as they are, {len(self.refused)} refused by Orthanc",
              file=sys.stderr)

    def missing(self, count, sent):
        """What is neither in Orthanc nor refused by it."""
        found = self.site.find_settled(count, "--channel", "to_orthanc", "--limit", 1000)
        refused = {each["control_id"] for each in found if each["attention"]}
        return sent - self.orthanc.instances().keys() - refused

    def compare(self, wave):
        """Sends them all over one association; gives how many were compared."""
        before = len(self.site.find("--channel", "to_orthanc", "--limit", 1000))
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report"
            dcmtk("dcmsend", "-nh", "-dn", "+crf", report, "-aec", "CAUSEWAY", "127.0.0.1",
                  self.ports["to_orthanc"], *(path for path, _ in wave.values()))
            names = {str(path): uid for uid, (path, _) in wave.items()}
            fields = [line.split(": ", 1) for line in report.read_text().splitlines()
                      if ": " in line]
            sent, name = set(), None
            for key, value in fields:
                name = value.strip() if key.startswith("Filename") else name
                if key.startswith("DIMSE Status") and value.startswith("0x0000"):
                    sent.add(names[name])
            eventually(lambda: not self.missing(before + len(sent), sent), QUIET_S,
                       lambda: f"{self.missing(before + len(sent), sent)} {self.site.queue()}")
            there = self.orthanc.instances()
            for uid in sent & there.keys():
                copy = Path(folder) / "copy.dcm"
                copy.write_bytes(self.orthanc.file(there[uid]))
                self.assertTrue(dump(copy) == wave[uid][1], wave[uid][0])
        self.orthanc.forget()
        for uid in sent - there.keys():
            self.assertTrue(why_orthanc_refuses(wave[uid][0]), wave[uid][0])
        self.refused |= sent - there.keys()
        return len(sent & there.keys())

    def test_bytes_are_those_that_came(self):
        with Sender(self.ports["to_archive"]) as sender:
            self.assertEqual(sender.answer[0], 2)
            # Not sorted, and cut off at the end: no business of the engine's.
            content = data_set("2.25.11") + element(8, 0x5, b"CS", b"ISO_IR 100") + b"\xE8\x7F"
            before = len(self.archive.files())
            self.assertEqual(sender.store("2.25.11", [content[:8], content[8:]]), (0, ""))
        eventually(lambda: len(self.archive.files()) > before, QUIET_S, self.site.queue)
        found = [path for path in self.archive.files() if path.read_bytes().endswith(content)]
        self.assertEqual(len(found), 1)

    def test_a_large_object_passes_in_bounded_memory(self):
        piece = bytes(range(256)) * 60
        count = LARGE_BYTES // len(piece)
        head = data_set("2.25.12") + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0,
                                                 count * len(piece))
        wanted = hashlib.sha256(head + piece * count).hexdigest()
        pid = self.site.engine_pid()
        before = resident_bytes(pid)
        with Sender(self.ports["to_archive"]) as sender:
            pieces = (head if i == 0 else piece for i in range(count + 1))
            self.assertEqual(sender.store("2.25.12", pieces), (0, ""))
        path = self.archive.objects / "SC.2.25.12"
        eventually(lambda: self.delivered("to_archive", 1) and path.exists()
                   and path.stat().st_size > count * len(piece), QUIET_S,
                   lambda: f"{self.site.queue()}{path.exists() and path.stat().st_size}")
        content = path.read_bytes()
        self.assertEqual(hashlib.sha256(content[content.index(head[:40]):]).hexdigest(), wanted)
        self.assertLess(resident_bytes(pid) - before, LARGE_MEMORY_BYTES)

    def test_objects_are_found_by_what_they_hold(self):
        with Sender(self.ports["to_orthanc"]) as sender:
            self.assertEqual(sender.store("2.25.13", [data_set("2.25.13", "PATIENT13")]), (0, ""))
        found = self.site.find_settled(1, "--term", "PatientID=PATIENT13")
        self.assertEqual(found[0]["control_id"], "2.25.13")
        self.assertEqual(found[0]["type"], "OT^SecondaryCaptureImageStorage")
        self.assertTrue(found[0]["sender"].endswith(" TESTER"), found[0])
        self.assertFalse(self.site.find("--term", "PatientID=PATIENT14"))

    def test_the_archives_status_is_handed_on(self):
        with Sender(self.ports["answered"]) as sender:
            self.assertEqual(sender.store("2.25.14", [data_set("2.25.14")])[0], 0)
            # Orthanc gives up on this one without a word.
            broken = sender.store("2.25.15", [b"\x08\0\x18\0UI\x40\0no data set!"])
        self.assertIsNotNone(broken)
        self.assertNotEqual(broken[0], 0)
        with Sender(self.ports["answered"]) as sender:
            self.assertEqual(sender.store("2.25.16", [data_set("2.25.16")])[0], 0)

    def test_a_script_may_answer_and_filter(self):
        with Sender(self.ports["checked"]) as sender:
            self.assertEqual(sender.store("2.25.17", [data_set("2.25.17", "DROP")]),
                             (0xA700, "archive is full"))
            self.assertEqual(sender.store("2.25.18", [b"this is no data set at all"])[0], 0x0110)
        self.assertFalse((self.archive.objects / "SC.2.25.17").exists())

    def test_the_sample_gives_what_it_says(self):
        for name in ("image", "localizer"):
            code, said = dcmtk("storescu", "-aec", "CAUSEWAY", "127.0.0.1", self.ports["sample"],
                               SAMPLE / "tests" / name / "input.dcm")
            self.assertEqual(code, 0, said)
        found = self.delivered(SAMPLE.name, 2)
        self.assertEqual({each["state"] for each in found}, {"passed", "filtered"})
        copy = self.archive.objects / "CT.2.25.102"
        eventually(copy.exists, QUIET_S, self.site.queue)
        self.assertEqual(dump(copy), dump(SAMPLE / "tests" / "image" / "expected" / "archive.dcm"))

    def test_hostile_peers_hurt_nobody(self):
        port = self.ports["to_archive"]
        with Sender(port) as broken:
            broken.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(broken.receive()[0], 7)
        with Sender(port) as broken:
            broken.ask_to_store("2.25.19")
            broken.socket.sendall(data_pdu(0, b"half of it"))
        with Sender(port, sop_class="1.2.840.10008.5.1.4.1.2.1.1") as refused:
            self.assertEqual(refused.answer[0], 2)
            refused.ask_to_store("2.25.20")
            self.assertEqual(refused.receive()[0], 7)
        with Sender(port) as good:
            self.assertEqual(good.store("2.25.21", [data_set("2.25.21")]), (0, ""))
        self.assertFalse(self.site.find("--channel", "to_archive", "--limit", 1000) == [])
        self.assertEqual(self.site.times_ready(), 1)


if __name__ == "__main__":
    Dicom.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
