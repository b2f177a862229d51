// What intake reads off a message before it is stored: lanes, search terms, duplicate key. Pure;
// thread-safe. What can't be read is stored all the same, in the channel's default lane.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/channel/delivery_queue.h"
#include "engine/core/store.h"
#include "engine/formats/dicom/path.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::channel {

/// Which values of a message matter to its channel. Paths are of the format that each belongs to:
/// those of HL7 v2 find nothing in a DICOM object, and the other way round.
struct KeyRules {
  Order order = Order::Channel;
  hl7v2::Path order_by;                       ///< With Order::Keyed.
  std::optional<dicom::Path> dicom_order_by;  ///< With Order::Keyed, in place of `order_by`.
  /// Merges name two patients: trigger events, and where the other one stands (A40: MRG-1.1).
  struct Merge {
    std::string event;
    hl7v2::Path other;
  };
  std::vector<Merge> merges;
  std::vector<hl7v2::Path> search;
  std::vector<dicom::Path> dicom_search;
  bool duplicates = true;
};

/// HL7 v2.5 chapter 3: the merge events that name a prior patient identifier in MRG-1.
std::vector<KeyRules::Merge> standard_merges(const hl7v2::Path& order_by);

/// Fills control_id, type, order_keys, terms, duplicate and flags of `arrival` from its body.
void read_keys(const KeyRules& rules, const KeyedHash& hash, Arrival& arrival);

}  // namespace causeway::channel
