"""Search terms of messages that came earlier today, so that a run meets an index that is not empty.

They are what as many real messages would have left: three terms each, in buckets of 2^18 messages
(see engine/store/README.md), with ids from the day's first on, below all that the engine gives
out."""

MESSAGES_PER_BUCKET = 1 << 18
TERMS_PER_MESSAGE = 3

# The first id of the current UTC day (engine/core/ids.h: milliseconds since 2020, 22 bits below).
FIRST_ID = """((extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC'))::bigint * 1000
               - 1577836800000) << 22)"""
INSERT_BUCKET = """
INSERT INTO term_bucket SELECT {first_id} + {start} ON CONFLICT DO NOTHING;
INSERT INTO term SELECT first + {start}, hashint8extended(message * 3 + n, {start}), first + message
FROM (SELECT {first_id} AS first) day,
     generate_series({start}::bigint, {end}::bigint - 1) message,
     generate_series(0, 2) n;
"""


def terms(database, count, say):
    """Inserts at least `count` terms, a bucket per transaction."""
    messages = -(-count // TERMS_PER_MESSAGE)
    for start in range(0, messages, MESSAGES_PER_BUCKET):
        end = min(start + MESSAGES_PER_BUCKET, messages)
        database.query(INSERT_BUCKET.format(first_id=FIRST_ID, start=start, end=end))
    database.query("VACUUM ANALYZE term")
    database.query("CHECKPOINT")
    say(f"seeded with {messages * TERMS_PER_MESSAGE:,} terms of {messages:,} messages")
