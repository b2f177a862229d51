// The SQL behind MessageViews, MessageSearch and QueueViews, by name, so that tests can ask for its
// plans.
#pragma once

namespace causeway::store::view_sql {

extern const char* const message;      // id bigint
extern const char* const channel_of;   // id bigint
extern const char* const passages;     // id bigint
extern const char* const settlements;  // id bigint
extern const char* const links;        // id bigint
extern const char* const attention;    // message bigint

// from, before bigint, examined, channels integer[], rows, run states smallint[]
extern const char* const recent;
// terms bigint[], bits integer[], day start, from and before in whole blocks, from, before bigint,
// all bits integer, type keys, peer keys, channels integer[], rows bigint
extern const char* const with_facets;
// states, kinds smallint[], from, before bigint, channels integer[], rows bigint
extern const char* const in_attention;
extern const char* const with_cause;     // cause, from, before, rows bigint
extern const char* const with_term;      // term, day start, day end, from, before, rows bigint
extern const char* const newest_bucket;  // from, before bigint
// ids bigint[], channels integer[], lowest, highest id bigint, states, kinds smallint[]
extern const char* const summaries;

extern const char* const queues;  //

}  // namespace causeway::store::view_sql
