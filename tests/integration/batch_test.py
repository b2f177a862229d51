#!/usr/bin/env python3
"""A file of many messages comes over SFTP while the engine is killed: each is stored exactly once. And many are
put together into batches, over SFTP too, while it is killed: each stands in one of them exactly once.

20,000 messages and 500; 100,000 and 2,500 with CAUSEWAY_LONG.

Usage: batch_test.py BUILD_FOLDER [argument of unittest ...]"""
import collections
import os
import signal
import sys
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port, message
from file_servers import SshServer
from installation import send_signal

MESSAGES = 100_000 if os.environ.get("CAUSEWAY_LONG") else 20_000
WRITTEN = MESSAGES // 40
PER_BATCH = 60
KILLS_AT = (0.1, 0.4, 0.8)  # of all messages stored
FILTER = 'export default function (msg, ctx) { return "only stored"; }\n'
PATIENCE_S = 400


def engine_user():
    """Whom the engine becomes when it is started by root."""
    return "causeway" if os.geteuid() == 0 else None


class Batch(unittest.TestCase):
    build = None

    def setUp(self):
        self.site = Site(self.build, "batch")
        self.addCleanup(self.site.remove)
        self.server = SshServer(engine_user())
        self.addCleanup(self.server.stop)

    def stored(self):
        return int(self.site.query("SELECT count(*) FROM message")[0][0])

    def control_ids(self):
        """In the order of the messages' numbers."""
        lines = [line.split("\t") for line in
                 self.site.stored_ledger("--after", 0).decode().splitlines()]
        return [of for _, of in sorted((int(line[1]), line[3]) for line in lines
                                       if line[0] == "M")]

    def test_each_message_is_stored_once(self):
        self.site.add_channel("lab/batch", {
            "source": {**self.server.fields(), "poll_interval_ms": 200, "stable_ms": 200,
                       "records": "hl7v2", "match": ["*.hl7"]},
            "stages": [{"type": "filter", "file": "transform.js"}],
            "destinations": {"out": {"type": "mllp", "host": "127.0.0.1", "port": free_port()}},
        }, FILTER)
        wanted = [f"B{number:06}" for number in range(MESSAGES)]
        batch = b"BHS|^~\\&|LAB\r" + b"".join(map(message, wanted)) + b"BTS|%d\r" % MESSAGES
        (self.server.folder / "batch.hl7").write_bytes(batch)
        (self.server.folder / "batch.hl7").chmod(0o666)
        self.site.start()
        self.site.wait_ready(1)
        for times, share in enumerate(KILLS_AT):
            eventually(lambda: self.stored() >= share * MESSAGES, PATIENCE_S,
                       lambda: f"{self.stored()} stored:\n{self.site.log_text()[-2000:]}")
            ready = self.site.times_ready()
            send_signal(self.site.engine_pid(), signal.SIGKILL)
            self.site.wait_ready(ready + 1)
        done = self.server.folder / "done" / "batch.hl7"
        eventually(done.exists, PATIENCE_S,
                   lambda: f"{self.stored()} stored:\n{self.site.log_text()[-2000:]}")
        self.assertEqual(done.read_bytes(), batch)
        found = self.control_ids()
        doubled = [each for each, count in collections.Counter(found).items() if count > 1]
        self.assertEqual(doubled, [])
        self.assertEqual(len(found), MESSAGES)
        self.assertEqual(found, wanted)
        self.assertNotIn("batch.hl7", self.site.log_text())

    def written(self):
        """Control ids in the batches that readers see, in the order of their names; counts are checked."""
        found = []
        for file in sorted((self.server.folder / "out").glob("[!.]*.hl7")):
            segments = file.read_bytes().decode().rstrip("\r").split("\r")
            ids = [segment.split("|")[9] for segment in segments if segment.startswith("MSH")]
            self.assertEqual([segments[0][:4], segments[1][:4]], ["FHS|", "BHS|"])
            self.assertEqual(segments[-2:], [f"BTS|{len(ids)}", "FTS|1"])
            found += ids
        return found

    def test_each_message_is_in_one_batch(self):
        for folder in ("in", "out"):
            (self.server.folder / folder).mkdir()
            (self.server.folder / folder).chmod(0o777)
        fields = self.server.fields()
        self.site.add_channel("lab/put_together", {
            "source": {**fields, "folder": f"{fields['folder']}/in", "poll_interval_ms": 200,
                       "stable_ms": 200, "records": "hl7v2"},
            "stages": [],
            "destinations": {"out": {**fields, "folder": f"{fields['folder']}/out",
                                     "on_ambiguous": "retry",
                                     "batch": {"messages_max": PER_BATCH, "age_max_ms": 2000}}},
        })
        wanted = [f"W{number:06}" for number in range(WRITTEN)]
        file = self.server.folder / "in" / "all.hl7"
        file.write_bytes(b"".join(map(message, wanted)))
        file.chmod(0o666)
        self.site.start()
        self.site.wait_ready(1)
        for share in KILLS_AT[:2]:
            eventually(lambda: len(self.written()) >= share * WRITTEN, PATIENCE_S,
                       lambda: f"{len(self.written())} written:\n{self.site.log_text()[-2000:]}")
            ready = self.site.times_ready()
            send_signal(self.site.engine_pid(), signal.SIGKILL)
            self.site.wait_ready(ready + 1)
        eventually(lambda: len(self.written()) >= WRITTEN, PATIENCE_S,
                   lambda: f"{len(self.written())} written:\n{self.site.log_text()[-2000:]}")
        self.assertEqual(self.written(), wanted)
        self.site.stop()


if __name__ == "__main__":
    Batch.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
