"""A store as it is after long traffic and a long outage: many messages stored and settled, and many
queued for a destination that is away.

They are clones of real messages' rows under ids of their own: the stored ones from the day's
first millisecond on, the queued ones right after the newest real message, and below all that the
engine will give out (engine/core/ids.h). What is sealed in a clone can't be opened, since the
message's id is part of its authentication: good enough for work that is not sent."""
from .programs import Failure

EPOCH_MS = 1577836800000
DAY_MS = 86_400_000
NODE_MASK = 63 << 16
PER_MS = 60_000
STEP = 500_000  # messages a transaction
PER_BUCKET = 1 << 18
TERMS = 3
TABLES = ("message", "passage", "settlement")
RECEIVED_AT = f"(({{id}} >> 22) + {EPOCH_MS}) * 1000"

# Messages whose delivery to the one destination is over, and to the other has not been tried.
MAKE_TEMPLATES = """
CREATE TABLE public.template AS
SELECT row_number() OVER (ORDER BY p.id) - 1 AS n, p.id FROM passage p
WHERE p.run = 1 AND p.channel = {channel} AND {dead} = ANY (p.destinations)
  AND EXISTS (SELECT FROM settlement s WHERE s.id = p.id AND s.destination = {alive} AND s.terminal)
  AND NOT EXISTS (SELECT FROM settlement s WHERE s.id = p.id AND s.destination = {dead})
  AND NOT EXISTS (SELECT FROM attention a WHERE a.message = p.id);
"""
MAKE_TEMPLATE_ROWS = """
CREATE TABLE public.template_{table} AS
SELECT t.n, r.* FROM public.template t JOIN {table} r USING (id);
ANALYZE public.template_{table};
"""
INSERT_TERMS = """
INSERT INTO term_bucket VALUES ({bucket});
INSERT INTO term SELECT {bucket}, hashint8extended(i * {terms} + n, 0), {id}
FROM generate_series({start}::bigint, {end}::bigint - 1) i, generate_series(1, {terms}) n;
"""
MOVE_MARKS = """
INSERT INTO low_water VALUES ({channel}, 0, {mark}), ({channel}, {alive}, {mark})
ON CONFLICT (channel, destination) DO UPDATE SET message = excluded.message;
"""


class Ids:
    """The ids of clones, by their number from 0 on."""

    def __init__(self, first_ms, node_bits):
        self._first_ms = first_ms
        self._node_bits = node_bits

    def of(self, number):
        return (self._first_ms + number // PER_MS << 22) | self._node_bits | number % PER_MS

    def sql(self, number):
        return (f"(({self._first_ms} + {number} / {PER_MS} << 22) | {self._node_bits}"
                f" | ({number} % {PER_MS}))")


class Backlog:
    """Seeds the store of an engine that has just taken in real messages and is idle."""

    def __init__(self, database, path, alive, dead):
        """`path` of the channel; names of its destination that answers, and of the other."""
        self._database = database
        self._channel = self._number(f"SELECT id FROM channel WHERE path = '{path}'")
        of = f"SELECT id FROM destination WHERE channel = {self._channel} AND name ="
        self._alive = self._number(f"{of} '{alive}'")
        self._dead = self._number(f"{of} '{dead}'")
        self._first, self._last = map(int, database.query("SELECT min(id), max(id) FROM message")[0])
        self._columns = {table: self._columns_of(table) for table in TABLES}

    def _number(self, sql):
        return int(self._database.query(sql)[0][0])

    def _columns_of(self, table):
        return [row[0] for row in self._database.query(
            f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass "
            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum")]

    def seed(self, stored, queued):
        node = self._last & NODE_MASK
        day = ((self._first >> 22) + EPOCH_MS) // DAY_MS * DAY_MS - EPOCH_MS
        below, above = Ids(day, node), Ids((self._last >> 22) + 1, node)
        if below.of(stored) >= self._first:
            raise Failure("so many ids don't fit into the UTC day before now: try again later")
        count = self._make_templates()
        for start in range(0, stored, STEP):
            end = min(start + STEP, stored)
            self._clone(below, count, start, end, settled=True)
        self._add_terms(below, stored - stored // 10, stored)
        for start in range(0, queued, STEP):
            end = min(start + STEP, queued)
            self._clone(above, count, start, end, settled=False)
        tables = ", ".join(f"public.template_{table}" for table in TABLES)
        self._database.query(f"DROP TABLE public.template, {tables};" + MOVE_MARKS.format(
            channel=self._channel, alive=self._alive, mark=above.of(max(queued, 1) - 1)))
        for table in (*TABLES, "term"):
            self._database.query(f"VACUUM ANALYZE {table}")
        self._database.query("CHECKPOINT")

    def _make_templates(self):
        sql = MAKE_TEMPLATES.format(channel=self._channel, alive=self._alive, dead=self._dead)
        for table in TABLES:
            sql += MAKE_TEMPLATE_ROWS.format(table=table)
        self._database.query(sql)
        count = self._number("SELECT count(*) FROM public.template")
        if count == 0:
            raise Failure("no real message is delivered to the one destination and queued for the "
                          "other")
        return count

    def _clone(self, ids, count, start, end, settled):
        """`settled`: also by the destination that is away, from before it was."""
        change = {"id": ids.sql("i")}
        received = {"received_at": RECEIVED_AT.format(id=change["id"])}
        sql = self._clone_rows("message", {**change, **received}, count, start, end)
        sql += self._clone_rows("passage", change, count, start, end)
        sql += self._clone_rows("settlement", change, count, start, end)
        if settled:
            other = {"destination": str(self._dead), "reply": "NULL", "reply_at": "NULL",
                     "reply_bits": "NULL"}
            sql += self._clone_rows("settlement", {**change, **other}, count, start, end,
                                    "WHERE t.terminal")
        self._database.query(sql)

    def _clone_rows(self, table, change, count, start, end, where=""):
        values = ", ".join(change.get(name, f"t.{name}") for name in self._columns[table])
        return (f"INSERT INTO {table} ({', '.join(self._columns[table])}) SELECT {values} "
                f"FROM generate_series({start}::bigint, {end}::bigint - 1) i "
                f"JOIN public.template_{table} t ON t.n = i % {count} {where};")

    def _add_terms(self, ids, start, end):
        for first in range(start, end, PER_BUCKET):
            self._database.query(INSERT_TERMS.format(
                bucket=ids.of(first), id=ids.sql("i"), start=first,
                end=min(first + PER_BUCKET, end), terms=TERMS))
