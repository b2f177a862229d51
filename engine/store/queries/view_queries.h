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

extern const char* const recent;         // from, before bigint, examined, channels integer[], rows
extern const char* const with_term;      // term, day start, day end, from, before, rows bigint
extern const char* const newest_bucket;  // from, before bigint
extern const char* const summaries;  // ids bigint[], channels integer[], lowest, highest id bigint

extern const char* const queues;  //

}  // namespace causeway::store::view_sql
