#!/usr/bin/env python3
"""A file of many messages comes over SFTP while the engine is killed: each is stored exactly once.

20,000 messages; 100,000 with CAUSEWAY_LONG.

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
KILLS_AT = (0.1, 0.4, 0.8)  # of all messages stored
FILTER = 'export default function (msg, ctx) { return "only stored"; }\n'
PATIENCE_S = 400


def engine_user():
    """Whom the engine becomes when it is started by root."""
    return "causeway" if os.geteuid() == 0 else None


class Batch(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.site = Site(cls.build, "batch")
        cls.addClassCleanup(cls.site.remove)
        cls.server = SshServer(engine_user())
        cls.addClassCleanup(cls.server.stop)

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


if __name__ == "__main__":
    Batch.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
