// The SQL of WorkReader, by name, so that tests can ask for its plans.
#pragma once

#include <cstdint>

namespace causeway::store::work_sql {

extern const char* const last_message;     // node bigint
extern const char* const low_waters;       //
extern const char* const open_runs;        // channel integer, after, upto, rows bigint
extern const char* const open_deliveries;  // channel, destination integer, after, upto, rows bigint
extern const char* const attention;        // channel, destination integer, after message bigint,
                                           // run smallint, part smallint, rows bigint
extern const char* const behind;           // channel, destination integer, key, rows bigint
extern const char* const message;          // id bigint
extern const char* const deliveries;       // ids bigint[], runs smallint[], first id, last id
extern const char* const state;            // channel integer, lane bigint, name bigint
extern const char* const recent_duplicate_keys;  // rows bigint
extern const char* const reply_of;               // id bigint
extern const char* const trying;  // message bigint, run smallint, destination integer, part
extern const char* const tried;   // bigint[], smallint[], integer[], smallint[]

/// Of the numbers that open_deliveries gives for events.
inline constexpr std::int64_t event_mask = 0x7fff;
inline constexpr std::int64_t terminal_bit = 0x8000;
inline constexpr int part_shift = 16;

}  // namespace causeway::store::work_sql
