#!/usr/bin/env python3
"""Rows of a real database go through the real engine while it is killed: each is stored and sent
exactly once; and the sample does what it says.

Usage: database_test.py BUILD_FOLDER [argument of unittest ...]"""
import collections
import re
import shutil
import signal
import sys
import unittest
from pathlib import Path

from command_line import Site, eventually, free_port
from database_servers import PostgresServer
from installation import send_signal
from mllp_peers import Receiver

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "11_database_orders"
ROWS = 3000
KILLS_AT = (0.1, 0.5)  # of all rows stored
PASS = "export default function (row, ctx) { return row; }\n"
PATIENCE_S = 120
CANARY = "CANARYNAME"


class Database(unittest.TestCase):
    build = None

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.stop)
        cls.site = Site(cls.build, "database")
        cls.addClassCleanup(cls.site.remove)
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.stop)
        cls.add_sample()
        cls.add_copies()
        cls.site.start()
        cls.site.wait_ready(1)

    @classmethod
    def add_sample(cls):
        cls.server.sql((SAMPLE / "README.md").read_text().split("```sql")[1].split("```")[0])
        folder = cls.site.channels / "orders"
        shutil.copytree(SAMPLE, folder)
        declaration = folder / "channel.json"
        text = declaration.read_text().replace("port=5432", f"port={cls.server.port}")
        text = text.replace('"poll_interval_ms": 2000', '"poll_interval_ms": 50')
        declaration.write_text(re.sub(r'"port": 6782', f'"port": {cls.receiver.port}', text))

    @classmethod
    def add_copies(cls):
        """From one table into another, by each method."""
        cls.server.sql("CREATE TABLE a (id int PRIMARY KEY, name text, marked bool);"
                       "CREATE TABLE by_mark (id int, name text);"
                       "CREATE TABLE by_watermark (id int, name text);")
        to = {"type": "database", "connection": cls.server.connection(), "connections": 1,
              "on_ambiguous": "park_and_continue"}
        common = {"type": "database", "connection": cls.server.connection(), "key": ["id"],
                  "poll_interval_ms": 50, "rows_max": 200}
        sources = {
            "by_mark": {**common, "method": "mark", "mark": ["UPDATE a SET marked = true "
                                                             "WHERE id = :id"],
                        "query": "SELECT id, name FROM a WHERE marked IS NULL ORDER BY id"},
            "by_watermark": {**common, "method": "watermark", "watermark_column": "id",
                             "watermark_start": "0",
                             "query": "SELECT id, name FROM a WHERE id >= :watermark ORDER BY id"},
        }
        for name, source in sources.items():
            cls.site.add_channel(name, {
                "source": source, "stages": [{"type": "transform", "file": "transform.js"}],
                "destinations": {"copy": {**to, "statements": [
                    {"sql": f"INSERT INTO {name} VALUES (:id, :name)"}]}},
            }, PASS)

    def stored(self):
        """(by_mark, by_watermark)"""
        counts = dict(self.site.query("SELECT c.path, count(*) FROM message m JOIN channel c ON "
                                      "c.id = m.channel GROUP BY 1"))
        return [int(counts.get(name, 0)) for name in ("by_mark", "by_watermark")]

    def test_each_row_is_stored_once_over_kills(self):
        self.server.sql(f"INSERT INTO a SELECT i, '{CANARY} ' || i FROM generate_series(1, {ROWS}) i")
        for share in KILLS_AT:
            eventually(lambda: min(self.stored()) >= share * ROWS, PATIENCE_S,
                       lambda: f"{self.stored()} stored:\n{self.site.log_text()[-2000:]}")
            ready = self.site.times_ready()
            send_signal(self.site.engine_pid(), signal.SIGKILL)
            self.site.wait_ready(ready + 1)
        unmarked = "SELECT count(*) FROM a WHERE marked IS NULL"
        eventually(lambda: self.server.sql(unmarked) == [["0"]] and min(self.stored()) >= ROWS,
                   PATIENCE_S, lambda: f"{self.stored()} stored:\n{self.site.log_text()[-2000:]}")
        self.assertEqual(self.stored(), [ROWS, ROWS])
        for table in ("by_mark", "by_watermark"):
            self.copied(table)
        log = self.site.log_text()
        self.assertNotIn(CANARY, log)

    def copied(self, table):
        """What was being written at a kill is parked, as it is told to be; all else is there once."""
        def parked():
            return int(self.site.query(
                "SELECT count(*) FROM attention a JOIN channel c ON c.id = a.channel "
                f"WHERE c.path = '{table}'")[0][0])

        def ids():
            return collections.Counter(row[0] for row in self.server.sql(f"SELECT id FROM {table}"))
        eventually(lambda: len(ids()) + parked() >= ROWS, PATIENCE_S,
                   lambda: f"{len(ids())} in {table}, {parked()} parked")
        self.assertEqual([each for each, count in ids().items() if count > 1], [])

    def test_the_sample(self):
        self.server.sql("INSERT INTO lab_order (mrn, family, given, born, code, name) VALUES "
                        "('4711', 'M|LLER', 'Anna', '1970-01-31', '718-7', 'Hemoglobin'), "
                        "('4712', 'MUSTER', NULL, NULL, '2345-7', 'Glucose')")
        eventually(lambda: len(self.receiver.received) == 2, PATIENCE_S,
                   lambda: self.site.log_text()[-2000:])
        self.assertIn(b"PID|1||4711^^^HOSPITAL^MR||M\\F\\LLER^Anna||19700131",
                      self.receiver.received[0])
        eventually(lambda: self.server.sql("SELECT count(*) FROM order_log") == [["2"]], PATIENCE_S,
                   lambda: self.site.log_text()[-2000:])
        sent = self.server.sql("SELECT count(*) FROM lab_order WHERE sent IS NOT NULL")
        self.assertEqual(sent, [["2"]])
        logged = self.server.sql("SELECT control_id FROM order_log ORDER BY order_id")
        self.assertEqual([message.split(b"|")[9].decode() for message in self.receiver.received],
                         [row[0] for row in logged])
        self.assertEqual(self.server.sql("SELECT code FROM order_test ORDER BY order_id"),
                         [["718-7"], ["2345-7"]])


if __name__ == "__main__":
    Database.build = Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
