#include "engine/store/work_queries.h"

#include "engine/store/stored_rows.h"

namespace causeway::store::work_sql {

const char* const last_message =
    "SELECT id FROM message WHERE ((id >> 16) & 63) = $1::bigint ORDER BY id DESC LIMIT 1";

const char* const low_waters = "SELECT channel, destination, message FROM low_water";

// The range is said again within each anti-join: it lets both sides be read in step, in id order.
const char* const open_runs =
    "SELECT m.id, m.order_key, m.more_keys, m.body_bytes, m.flags FROM message m"
    " WHERE m.id > $2::bigint AND m.id <= $3::bigint AND m.channel = $1::integer"
    "  AND NOT EXISTS (SELECT 1 FROM passage p WHERE p.id = m.id"
    "    AND p.id > $2::bigint AND p.id <= $3::bigint)"
    "  AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.message = m.id AND a.run = 1"
    "    AND a.destination = 0 AND a.message > $2::bigint AND a.message <= $3::bigint)"
    " ORDER BY m.id LIMIT $4::bigint";

// A page of passages that have an open delivery, or several of which fewer are over than there are.
// WITH TIES: a page never ends between two runs of one message. OFFSET 0: what is over is looked up
// for each delivery. Joined, a destination that is away has nothing that matches, and each page
// would read the settlements of all others to the end of the range: 1 s for a backlog of a million.
const char* const open_deliveries =
    "SELECT p.id, p.run, p.destinations, p.deliveries,"
    "  ARRAY(SELECT (coalesce(s.part, 0)::bigint << 16) | (s.terminal::integer << 15) | s.event"
    "    FROM settlement s WHERE s.id = p.id AND s.run = p.run"
    "    AND s.destination = $2::integer AND s.id > $3::bigint AND s.id <= $4::bigint"
    "    ORDER BY s.seq),"
    "  ARRAY(SELECT a.part FROM attention a WHERE a.message = p.id AND a.run = p.run"
    "    AND a.destination = $2::integer)"
    " FROM passage p"
    " WHERE p.id > $3::bigint AND p.id <= $4::bigint AND p.channel = $1::integer"
    "  AND $2::integer = ANY (p.destinations)"
    "  AND ((NOT EXISTS (SELECT 1 FROM settlement s WHERE s.id = p.id AND s.run = p.run"
    "      AND s.destination = $2::integer AND s.terminal"
    "      AND s.id > $3::bigint AND s.id <= $4::bigint OFFSET 0)"
    "    AND NOT EXISTS (SELECT 1 FROM attention a WHERE a.message = p.id AND a.run = p.run"
    "      AND a.destination = $2::integer OFFSET 0))"
    "   OR (cardinality(array_positions(p.destinations, $2::integer)) > 1"
    "    AND cardinality(array_positions(p.destinations, $2::integer)) > (SELECT count(DISTINCT "
    "part) FROM ("
    "     SELECT coalesce(s.part, 0) AS part FROM settlement s WHERE s.id = p.id AND s.run = p.run"
    "      AND s.destination = $2::integer AND s.terminal"
    "      AND s.id > $3::bigint AND s.id <= $4::bigint"
    "     UNION ALL SELECT a.part FROM attention a WHERE a.message = p.id AND a.run = p.run"
    "      AND a.destination = $2::integer) over)))"
    " ORDER BY p.id FETCH FIRST ($5::bigint) ROWS WITH TIES";

const char* const attention =
    "SELECT " CAUSEWAY_ATTENTION_COLUMNS
    " FROM attention WHERE channel = $1::integer AND destination = $2::integer"
    "  AND (message, run, part) > ($3::bigint, $4::smallint, $5::smallint)"
    " ORDER BY message, run, part LIMIT $6::bigint";

const char* const behind =
    "SELECT " CAUSEWAY_ATTENTION_COLUMNS
    " FROM attention WHERE channel = $1::integer AND destination = $2::integer AND state = 4"
    "  AND order_key = $3::bigint ORDER BY message, run, part LIMIT $4::bigint";

const char* const message =
    "SELECT " CAUSEWAY_MESSAGE_COLUMNS " FROM message m WHERE m.id = $1::bigint";

const char* const deliveries =
    "SELECT p.destinations, p.deliveries, p.outputs, p.form, m.sealed, m.body, m.body_bytes, p.id,"
    "  p.run"
    " FROM unnest($1::bigint[], $2::smallint[]) AS w(id, run)"
    " JOIN passage p ON p.id = w.id AND p.run = w.run AND p.id >= $3::bigint AND p.id <= $4::bigint"
    " LEFT JOIN message m ON m.id = w.id AND m.id >= $3::bigint AND m.id <= $4::bigint";

const char* const state =
    "SELECT message, sealed FROM script_state"
    " WHERE channel = $1::integer AND lane = $2::bigint AND name = $3::bigint";

// Where few messages have a key, the window is looked for among four times as many messages.
const char* const recent_duplicate_keys =
    "SELECT id, channel, dup_key, dup_print FROM"
    "  (SELECT id, channel, dup_key, dup_print FROM message ORDER BY id DESC"
    "    LIMIT 4 * $1::bigint) newest"
    " WHERE dup_key IS NOT NULL ORDER BY id DESC LIMIT $1::bigint";

// What was recorded last holds: a settlement's before a passage's, a later run's before an earlier.
const char* const reply_of =
    "SELECT reply, reply_at, reply_bits FROM ("
    "  SELECT reply, reply_at, reply_bits, 1 AS later, seq AS n FROM settlement"
    "   WHERE id = $1::bigint AND reply_at IS NOT NULL"
    "  UNION ALL SELECT reply, reply_at, reply_bits, 0, run FROM passage"
    "   WHERE id = $1::bigint AND reply_at IS NOT NULL) replies"
    " ORDER BY later DESC, n DESC LIMIT 1";

const char* const trying =
    "INSERT INTO trying AS t (message, run, destination, part, crashes)"
    " VALUES ($1::bigint, $2::smallint, $3::integer, $4::smallint, 1)"
    " ON CONFLICT (message, run, destination, part) DO UPDATE SET crashes = t.crashes + 1"
    " RETURNING crashes - 1";

const char* const tried =
    "DELETE FROM trying t USING unnest($1::bigint[], $2::smallint[], $3::integer[],"
    "  $4::smallint[]) AS u(message, run, destination, part)"
    " WHERE t.message = u.message AND t.run = u.run AND t.destination = u.destination"
    "  AND t.part = u.part";

}  // namespace causeway::store::work_sql
