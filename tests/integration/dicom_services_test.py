#!/usr/bin/env python3
"""DICOM besides storing: worklist, procedure steps, commitment, queries and moves, with Orthanc and DCMTK's tools.

Usage: dicom_services_test.py BUILD_FOLDER [argument of unittest ...]"""
import json
import shutil
import struct
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from command_line import Site, eventually, free_port
from dicom_peers import IMPLICIT, Orthanc, Sender, data_pdu, dcmtk
from dicom_test import data_set, element
from mllp_peers import Client, Receiver, msa

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "10_imaging_order"
PATIENCE_S = 60
STEP = "1.2.840.10008.3.1.2.3.3"
COMMITMENT = "1.2.840.10008.1.20.1"
WORKLIST = "1.2.840.10008.5.1.4.31"
N_CREATE, N_SET, N_ACTION = 0x140, 0x120, 0x130

REMEMBERS = """
export default (msg, ctx) => {
  const stored = ctx.state("stored") ?? [];
  if (ctx.message.attributes.operation === "action") {
    const asked = msg.items("ReferencedSOPSequence").map((item) => item.ReferencedSOPInstanceUID);
    const committed = asked.filter((uid) => stored.includes(uid));
    if (ctx.message.sender.address.endsWith(" ORTHANC")) {
      const list = (uids) => msg.items("ReferencedSOPSequence").filter((item) => uids.includes(item.ReferencedSOPInstanceUID))
        .map((item) => ({ReferencedSOPClassUID: item.ReferencedSOPClassUID,
                         ReferencedSOPInstanceUID: item.ReferencedSOPInstanceUID}));
      const failed = list(asked.filter((uid) => !committed.includes(uid)));
      ctx.reply("0000");
      const report = {TransactionUID: msg.TransactionUID, ReferencedSOPSequence: list(committed)};
      if (failed.length) report.FailedSOPSequence = failed.map((each) => ({...each, FailureReason: 0x0112}));
      return ctx.send("reports", ctx.json(report));
    }
    return ctx.reply(ctx.json({committed})), ctx.drop("answered");
  }
  ctx.setState("stored", [...stored, msg.SOPInstanceUID]);
  return ctx.drop("remembered");
};
"""


def items(element_head, *contents):
    """A sequence, explicit, with defined lengths."""
    body = b"".join(struct.pack("<HHI", 0xFFFE, 0xE000, len(each)) + each for each in contents)
    return struct.pack("<HH2sHI", *element_head, b"SQ", 0, len(body)) + body


def reference(instance):
    return (element(8, 0x1150, b"UI", b"1.2.840.10008.5.1.4.1.1.7")
            + element(8, 0x1155, b"UI", instance.encode()))


class Services(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.build, "dicom-services")
        cls.addClassCleanup(cls.site.remove)
        cls.ports = {name: free_port() for name in ("orders", "worklist", "images", "commitment", "query")}
        cls.orthanc = Orthanc({"CAUSEWAY": cls.ports["images"], "COMMIT": cls.ports["commitment"]})
        cls.addClassCleanup(cls.orthanc.stop)
        cls.hospital = Receiver()
        cls.addClassCleanup(cls.hospital.stop)
        cls.add_sample()
        archive = {"type": "dicom", "host": "127.0.0.1", "port": cls.orthanc.port, "called_title": "ORTHANC"}
        cls.site.add_channel("commitment", {
            "source": {"type": "dicom", "port": cls.ports["commitment"], "serves": {"commitment": True}},
            "reply": {"when": "done"}, "stages": [{"type": "transform", "file": "transform.js"}],
            "destinations": {"reports": {**archive, "calling_title": "COMMIT", "operation": "report"}}}, REMEMBERS)
        for operation, more in (("find", {}), ("move", {"move_destination": "CAUSEWAY"})):
            cls.site.add_channel(operation, {
                "source": {"type": "http", "port": cls.ports["query"], "path": f"/{operation}"},
                "reply": {"when": "destination", "destination": "archive"},
                "destinations": {"archive": {**archive, "operation": operation, "on_rejected": "park_and_continue",
                                             **more}}})
        cls.site.start()
        cls.site.wait_ready(1)

    @classmethod
    def add_sample(cls):
        copy = cls.site.channels / SAMPLE.name
        shutil.copytree(SAMPLE, copy)
        for name, old, more in (("orders", "6721", []), ("worklist", "11113", [("6722", cls.hospital.port)]),
                                ("images", "11114", [("4242", cls.orthanc.port), ("6722", cls.hospital.port)])):
            file = copy / name / "channel.json"
            text = file.read_text().replace(old, str(cls.ports[name]))
            for before, after in more:
                text = text.replace(before, str(after))
            file.write_text(text)

    def worklist(self, *keys):
        """Accession numbers of what findscu gets."""
        with tempfile.TemporaryDirectory() as folder:
            code, said = dcmtk("findscu", "-W", "-X", "-od", folder, "-aec", "WORKLIST", "127.0.0.1",
                               self.ports["worklist"], "-k", "PatientName", "-k", "AccessionNumber",
                               *(word for key in keys for word in ("-k", key)))
            self.assertEqual(code, 0, said)
            found = {}
            for path in sorted(Path(folder).iterdir()):
                dump = dcmtk("dcmdump", path)[1]
                number = next(line for line in dump.splitlines() if line.startswith("(0008,0050)"))
                found[number.split("[")[1].split("]")[0]] = dump
            return found

    def order(self, accession, control="NW", name="Doe^Jane", modality="CT"):
        text = (SAMPLE / "orders" / "tests" / "order" / "input.hl7").read_bytes().replace(b"\n", b"\r")
        text = (text.replace(b"A4711", accession.encode()).replace(b"ORC|NW", b"ORC|" + control.encode())
                .replace(b"Doe^Jane", name.encode()).replace(b"|||CT|||", f"|||{modality}|||".encode())
                .replace(b"|P|2.5\r", b"|P|2.5||||||UNICODE UTF-8\r").replace(b"O1001", f"O{accession}{control}".encode()))
        with Client(self.ports["orders"]) as client:
            self.assertEqual(msa(client.ask(text))[0], "AA")

    def ask(self, path, query):
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['query']}{path}", method="POST",
                                         data=json.dumps(query).encode(),
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code

    def store(self, instance, patient="P1", port="images", **more):
        with Sender(self.ports[port]) as sender:
            self.assertEqual(sender.store(instance, [data_set(instance, patient)]), (0, ""))

    def test_from_the_order_to_the_result(self):
        self.order("A1", name="Doe^Jane")
        self.order("A2", name="Müller^Jörg", modality="MR")
        eventually(lambda: self.worklist().keys() >= {"A1", "A2"}, PATIENCE_S, self.site.queue)
        self.assertIn("A1", self.worklist("PatientName=doe*"))
        self.assertNotIn("A2", self.worklist("PatientName=doe*"))
        found = self.worklist("ScheduledProcedureStepSequence[0].Modality=MR",
                              "ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=20260301-20260302",
                              "PatientComments")
        self.assertEqual(found.keys(), {"A2"})
        self.assertIn("Müller", found["A2"])
        self.assertIn("(0040,0002) DA [20260301]", found["A2"])
        self.assertNotIn("(0040,0007)", found["A2"])  # it wasn't asked for
        self.assertIn("(0010,4000)", found["A2"])  # it isn't known
        self.assertFalse(self.worklist("ScheduledProcedureStepSequence[0].ScheduledProcedureStepStartDate=20260302-"))
        self.order("A2", control="CA")
        eventually(lambda: "A2" not in self.worklist(), PATIENCE_S, self.site.queue)

        with Sender(self.ports["worklist"], "WORKLIST", STEP) as modality:
            attributes = items((0x40, 0x270), element(8, 0x50, b"SH", b"A1"))
            modality.request(N_CREATE, "2.25.500", attributes)
            created = modality.command()
            self.assertEqual((created[0x100], created[0x900]), (struct.pack("<H", 0x8140), b"\0\0"))
            self.assertEqual(created[0x1000].rstrip(b"\0"), b"2.25.500")
            modality.request(N_SET, "2.25.500", element(0x40, 0x252, b"CS", b"COMPLETED"), asked=True)
            self.assertEqual(modality.status(), (0, ""))
        eventually(lambda: "A1" not in self.worklist(), PATIENCE_S, self.site.queue)
        eventually(lambda: any(b"ORC|SC||||IP\rOBR|1|||||||||||||||||A1" in each for each in self.hospital.received),
                   PATIENCE_S, self.site.queue)

        with Sender(self.ports["images"]) as modality:
            for number in (501, 502):
                content = data_set(f"2.25.{number}", "P4711").replace(
                    element(0x20, 0xD, b"UI", b"2.25.1"), element(0x20, 0xD, b"UI", b"2.25.50"))
                at = content.index(struct.pack("<HH", 8, 0x60))
                content = content[:at] + element(8, 0x50, b"SH", b"A1") + content[at:]
                self.assertEqual(modality.store(f"2.25.{number}", [content]), (0, ""))
        eventually(lambda: {"2.25.501", "2.25.502"} <= self.orthanc.instances().keys(), PATIENCE_S, self.site.queue)
        results = lambda: [each for each in self.hospital.received if b"PID|1||P4711||" in each]
        eventually(results, PATIENCE_S, self.site.queue)
        self.assertEqual(len(results()), 1)
        self.assertIn(b"|A1|", results()[0])

    def test_a_query_that_the_channel_cannot_answer_fails(self):
        with Sender(self.ports["worklist"], "WORKLIST", WORKLIST, IMPLICIT) as modality:
            modality.request(0x20, "", struct.pack("<HHI", 0x10, 0x10, 400))  # longer than it is
            self.assertGreater(modality.status()[0], 0)
            modality.request(0x21, "", b"")  # no C-MOVE here
            self.assertEqual(modality.status()[0], 0x0211)
        with Sender(self.ports["images"], sop_class=WORKLIST, syntax=IMPLICIT) as modality:
            modality.request(0x20, "", b"")
            self.assertEqual(modality.receive()[0], 7)

    def test_commitment_on_the_same_association(self):
        self.store("2.25.601", port="commitment")
        with Sender(self.ports["commitment"], sop_class=COMMITMENT) as modality:
            asked = element(8, 0x1195, b"UI", b"2.25.9") + items((8, 0x1199), reference("2.25.601"),
                                                                  reference("2.25.602"))
            modality.request(N_ACTION, COMMITMENT + ".1", asked, asked=True, kind=1)
            self.assertEqual(modality.status(), (0, ""))
            event = modality.command()
            self.assertEqual((event[0x100], event[0x1002]), (struct.pack("<H", 0x100), struct.pack("<H", 2)))
            failed, good = modality.receive()[1][6:].split(struct.pack("<HH", 8, 0x1199))
            self.assertIn(b"2.25.602", failed)
            self.assertNotIn(b"2.25.601", failed)
            self.assertIn(b"2.25.601", good)
            self.assertNotIn(b"2.25.602", good)
            modality.answer_report()
            modality.request(N_ACTION, COMMITMENT + ".1", asked, asked=True, kind=1)
            self.assertEqual(modality.status(), (0, ""))

    def test_commitment_to_orthanc_by_a_destination(self):
        self.store("2.25.611")
        self.store("2.25.612")
        eventually(lambda: {"2.25.611", "2.25.612"} <= self.orthanc.instances().keys(), PATIENCE_S, self.site.queue)
        self.store("2.25.611", port="commitment")
        ids = self.orthanc.instances()
        for names, state in ((["2.25.611"], "Success"), (["2.25.611", "2.25.612"], "Failure")):
            asked = json.loads(self.orthanc.ask("/modalities/COMMIT/storage-commitment", "POST",
                                                {"Resources": [ids[name] for name in names]}))
            report = lambda: json.loads(self.orthanc.ask(f"/storage-commitment/{asked['ID']}"))
            eventually(lambda: report()["Status"] == state, PATIENCE_S,
                       lambda: f"{report()} {self.site.queue()}")

    def test_queries_and_moves_of_an_archive(self):
        self.store("2.25.701", "FINDME")
        eventually(lambda: "2.25.701" in self.orthanc.instances(), PATIENCE_S, self.site.queue)
        found = self.ask("/find", {"QueryRetrieveLevel": "STUDY", "PatientID": "FINDME", "PatientName": "",
                                   "StudyInstanceUID": ""})
        self.assertEqual([each["PatientName"] for each in found], ["DOE^JANE"])
        self.assertEqual(found[0]["StudyInstanceUID"], "2.25.1")
        self.assertEqual(self.ask("/find", {"QueryRetrieveLevel": "STUDY", "PatientID": "NOBODY"}), [])
        before = len(self.site.find("--channel", f"{SAMPLE.name}/images", "--limit", 1000))
        moved = self.ask("/move", {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": found[0]["StudyInstanceUID"]})
        self.assertGreater(moved["completed"], 0)
        self.assertEqual(moved["failed"], 0)
        eventually(lambda: len(self.site.find("--channel", f"{SAMPLE.name}/images", "--limit", 1000)) >=
                   before + moved["completed"], PATIENCE_S, self.site.queue)
        self.assertIsInstance(self.ask("/find", {"PatientNam": "X"}), int)


if __name__ == "__main__":
    Services.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
