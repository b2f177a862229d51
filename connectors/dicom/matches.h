// What comes back of a query or a move, as the response of its delivery: a list of data sets in
// JSON (data_set_json.h), or counts. Loop's thread alone.
#pragma once

#include "connectors/dicom/command.h"
#include "engine/core/result.h"

namespace causeway::connectors::dicom {

class Matches {
 public:
  void reset();
  /// False: it can't be read, or there is no room for it; then all later ones are passed over.
  bool add(std::string_view data_set, std::string_view transfer_syntax);
  bool is_complete() const { return complete_; }
  std::string json() const { return "[" + list_ + "]"; }

 private:
  std::string list_;
  bool complete_ = true;
};

/// {"completed": 12, "failed": 0, "warnings": 0}
std::string moved_in_json(const Command& response);

}  // namespace causeway::connectors::dicom
