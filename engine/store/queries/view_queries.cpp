#include "engine/store/queries/view_queries.h"

#include "engine/store/stored_rows.h"

namespace causeway::store::view_sql {

const char* const message =
    "SELECT " CAUSEWAY_MESSAGE_COLUMNS " FROM message m WHERE m.id = $1::bigint";

const char* const channel_of = "SELECT channel FROM message WHERE id = $1::bigint";

const char* const passages =
    "SELECT run, deployment, cause, state, at, destinations, deliveries, steps,"
    "  reply, reply_at, reply_bits FROM passage WHERE id = $1::bigint ORDER BY run";

const char* const settlements =
    "SELECT run, destination, event, attempt, outcome, kind, terminal, at, content,"
    "  reply, reply_at, reply_bits FROM settlement WHERE id = $1::bigint ORDER BY seq";

const char* const links =
    "SELECT other, kind, up FROM link WHERE id = $1::bigint ORDER BY up DESC, other LIMIT 1000";

const char* const attention = "SELECT " CAUSEWAY_ATTENTION_COLUMNS
                              " FROM attention WHERE message = $1::bigint"
                              " ORDER BY run, destination";

// How many messages are looked at is bounded, not only how many are found: a rare channel's next
// page starts where this one stopped looking.
const char* const recent =
    "WITH examined AS MATERIALIZED (SELECT id, channel FROM message"
    "    WHERE id >= $1::bigint AND id < $2::bigint ORDER BY id DESC LIMIT $3::bigint),"
    "  picked AS (SELECT id FROM examined WHERE channel = ANY ($4::integer[])"
    "    OR cardinality($4::integer[]) = 0 ORDER BY id DESC LIMIT $5::bigint)"
    " SELECT ARRAY(SELECT id FROM picked), (SELECT min(id) FROM examined),"
    "  (SELECT count(*) FROM examined)";

// One day: its buckets are probed for the term.
const char* const with_term =
    "SELECT t.message FROM term_bucket b"
    " JOIN term t ON t.bucket = b.bucket AND t.term = $1::bigint"
    " WHERE b.bucket >= $2::bigint AND b.bucket < $3::bigint"
    "  AND t.message >= $4::bigint AND t.message < $5::bigint"
    " ORDER BY t.message DESC LIMIT $6::bigint";

const char* const newest_bucket =
    "SELECT bucket FROM term_bucket WHERE bucket >= $1::bigint AND bucket < $2::bigint"
    " ORDER BY bucket DESC LIMIT 1";

// The range of the ids is said besides, so that partitions are left out when it is planned.
const char* const summaries =
    "SELECT " CAUSEWAY_MESSAGE_COLUMNS
    ", m.id,"
    "  (SELECT p.state FROM passage p WHERE p.id = m.id AND p.id >= $3::bigint"
    "    AND p.id <= $4::bigint ORDER BY p.run DESC LIMIT 1),"
    "  EXISTS (SELECT 1 FROM attention a WHERE a.message = m.id)"
    " FROM message m WHERE m.id = ANY ($1::bigint[])"
    "  AND (m.channel = ANY ($2::integer[]) OR cardinality($2::integer[]) = 0)"
    " ORDER BY m.id DESC";

const char* const queues =
    "SELECT channel, destination, state, count(*), min(message), min(since)"
    " FROM attention GROUP BY channel, destination, state ORDER BY channel, destination, state";

}  // namespace causeway::store::view_sql
