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
    "  reply, reply_at, reply_bits, part FROM settlement WHERE id = $1::bigint ORDER BY seq";

const char* const links =
    "SELECT other, kind, up FROM link WHERE id = $1::bigint ORDER BY up DESC, other LIMIT 1000";

const char* const attention = "SELECT " CAUSEWAY_ATTENTION_COLUMNS
                              " FROM attention WHERE message = $1::bigint"
                              " ORDER BY run, destination, part";

// How many messages are looked at is bounded, not only how many are found: the next page starts
// where this one stopped looking.
const char* const recent =
    "WITH examined AS MATERIALIZED (SELECT id, channel FROM message"
    "    WHERE id >= $1::bigint AND id < $2::bigint ORDER BY id DESC LIMIT $3::bigint),"
    "  picked AS (SELECT id FROM examined WHERE (channel = ANY ($4::integer[])"
    "      OR cardinality($4::integer[]) = 0)"
    "    AND (cardinality($6::smallint[]) = 0 OR (SELECT p.state FROM passage p"
    "      WHERE p.id = examined.id AND p.id >= $1::bigint AND p.id < $2::bigint"
    "      ORDER BY p.run DESC LIMIT 1) = ANY ($6::smallint[]))"
    "    ORDER BY id DESC LIMIT $5::bigint)"
    " SELECT ARRAY(SELECT id FROM picked), (SELECT min(id) FROM examined),"
    "  (SELECT count(*) FROM examined)";

// What is wanted of a block: a term for each bit. Blocks are read newest first, until enough is
// found. $4 and $5 are $6 and $7 widened to whole blocks: a term stands for all of its block.
const char* const with_facets =
    "WITH facet AS (SELECT * FROM unnest($1::bigint[], $2::integer[]) AS u(term, bit)),"
    " block AS MATERIALIZED (SELECT t.message >> 32 AS n"
    "    FROM term_bucket b CROSS JOIN facet JOIN term t ON t.bucket = b.bucket"
    "     AND t.term = facet.term"
    "    WHERE b.bucket >= $3::bigint AND b.bucket < $5::bigint"
    "     AND t.message >= $4::bigint AND t.message < $5::bigint"
    "    GROUP BY 1 HAVING bit_or(facet.bit) = $8::integer)"
    " SELECT m.id FROM (SELECT n FROM block ORDER BY n DESC) newest"
    " CROSS JOIN LATERAL (SELECT id FROM message"
    "   WHERE id >= newest.n << 32 AND id < (newest.n + 1) << 32"
    "    AND id >= $6::bigint AND id < $7::bigint"
    "    AND (type_key = ANY ($9::integer[]) OR cardinality($9::integer[]) = 0)"
    "    AND (peer_key = ANY ($10::integer[]) OR cardinality($10::integer[]) = 0)"
    "    AND (channel = ANY ($11::integer[]) OR cardinality($11::integer[]) = 0)"
    "   ORDER BY id DESC) m"
    " ORDER BY newest.n DESC, m.id DESC LIMIT $12::bigint";

// Each state and kind is a range of the index by itself: none is read past what a page needs.
const char* const in_attention =
    "SELECT DISTINCT found.message FROM unnest($1::smallint[]) AS wanted_state(s)"
    " CROSS JOIN unnest($2::smallint[]) AS wanted_kind(k)"
    " CROSS JOIN LATERAL (SELECT DISTINCT a.message FROM attention a"
    "   WHERE a.state = s AND a.kind = k AND a.message >= $3::bigint AND a.message < $4::bigint"
    "    AND (a.channel = ANY ($5::integer[]) OR cardinality($5::integer[]) = 0)"
    "   ORDER BY a.message DESC LIMIT $6::bigint) found"
    " ORDER BY found.message DESC LIMIT $6::bigint";

const char* const with_cause =
    "SELECT message FROM failure_message WHERE cause = $1::bigint AND message >= $2::bigint"
    " AND message < $3::bigint ORDER BY message DESC LIMIT $4::bigint";

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
    "  EXISTS (SELECT 1 FROM attention a WHERE a.message = m.id),"
    "  EXISTS (SELECT 1 FROM attention a WHERE a.message = m.id AND a.state = ANY ($5::smallint[])"
    "    AND a.kind = ANY ($6::smallint[])), m.type_key, m.peer_key"
    " FROM message m WHERE m.id = ANY ($1::bigint[])"
    "  AND (m.channel = ANY ($2::integer[]) OR cardinality($2::integer[]) = 0)"
    " ORDER BY m.id DESC";

const char* const queues =
    "SELECT channel, destination, state, count(*), min(message), min(since)"
    " FROM attention GROUP BY channel, destination, state ORDER BY channel, destination, state";

}  // namespace causeway::store::view_sql
