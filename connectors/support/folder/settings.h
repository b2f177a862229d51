// What sources and sinks of files can be told, whatever the protocol, and what was read of it.
// Plain values. Errors: Invalid (a cron expression, a pattern, a name that can't be).
#pragma once

#include <optional>

#include "connectors/support/cron.h"
#include "connectors/support/folder/name_template.h"
#include "connectors/support/folder/records.h"
#include "engine/config/fields.h"
#include "engine/formats/hl7v2/batch.h"

namespace causeway::connectors::folder {

struct SelectionRules {
  std::vector<std::string> match;    ///< Empty: all.
  std::vector<std::string> exclude;  ///< Likewise none.
  int depth_max = 0;                 ///< 0: the folder itself alone.
  enum class Order : std::uint8_t { Name, Time, Size };
  Order order = Order::Name;
  Milliseconds stable{0};
  Milliseconds age_min{0};
  Milliseconds age_max{0};  ///< 0: any.
};

struct SourceSettings {
  SelectionRules selection;
  LookTimes times;
  RecordRules records;
  std::optional<ContentType> content_type;  ///< None: as the bytes say.
  std::uint64_t file_bytes_max = 0;
  enum class OnSuccess : std::uint8_t { Move, Delete, Leave };
  OnSuccess on_success = OnSuccess::Move;
  std::string done_folder;
  std::string failed_folder;
};

struct SinkSettings {
  NameTemplate name;
  enum class OnExisting : std::uint8_t { Reject, Replace, Append };
  OnExisting on_existing = OnExisting::Reject;
  std::string separator;                   ///< Behind each body that is appended.
  std::optional<hl7v2::BatchRules> batch;  ///< One file for many: its name is the first one's.
  std::size_t connections = 1;
  Milliseconds idle_timeout{0};  ///< 0: sessions are kept.
};

/// Added to those of the protocol.
config::Fields source_fields();
/// `appends`: the protocol can go on in a file.
config::Fields sink_fields(bool appends);

Result<SourceSettings> source_settings(const config::Parsed& parsed);
Result<SinkSettings> sink_settings(const config::Parsed& parsed);

}  // namespace causeway::connectors::folder
