// The SQL of Retention: text made from names of partitions and numbers alone.
#pragma once

#include <string>
#include <vector>

#include "engine/core/ids.h"
#include "engine/store/partitions.h"

namespace causeway::store::retention_sql {

/// What is to go from one day's rows.
struct Selection {
  Day day;
  std::vector<std::int32_t> channels;      ///< Their lineage is over: rows go.
  std::vector<std::int32_t> classes;       ///< Their content is over: sealed columns are emptied.
  std::vector<std::int32_t> held;          ///< Channels under legal hold: stay whole.
  std::vector<std::int32_t> body_classes;  ///< Bodies of these messages go.
};

/// Makes `<partition>_new` with the rows that stay, as they are to be; all of a message that is
/// noted in `open_work`. Writers of the partition
/// wait from then on until the end of the transaction.
std::string copy(const PartitionedTable& table, const Selection& selection);
/// Puts `<partition>_new` in the partition's place.
std::string exchange(const PartitionedTable& table, Day day);
/// Removes what other tables know of rows that have gone; of the whole day with `everything`.
std::string forget(const Selection& selection, bool everything);

/// The classes of messages to which bodies of this day are bound.
std::string body_classes(Day day);
/// A row, if something of the day stays when the channels' rows have gone.
std::string rows_left(const Selection& selection);
/// A row, if a held channel, or a message with open work, still has content of this class.
std::string needed_content(const Selection& selection, std::int32_t retention);

/// "1,2,3"; "-1" for none: no channel or class has that number.
std::string number_list(const std::vector<std::int32_t>& numbers);

/// Fills the session's table `open_work` with the messages of this day that have open work, and of
/// the next day (a body may have been staged on the day before its message).
std::string note_open_work(Day day);
/// How many of them have rows or a body on this day.
std::string count_open_work(Day day);
std::string bytes_of(Day day);  ///< All partitions of the day.

}  // namespace causeway::store::retention_sql
