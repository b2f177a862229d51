#include "connectors/dicom/matches.h"

#include "connectors/dicom/data_set_json.h"
#include "engine/config/revision_hash.h"
#include "engine/core/limits.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::size_t list_bytes_max = limits::response_bytes - 2;  // without its brackets

}  // namespace

void Matches::reset() {
  list_.clear();
  complete_ = true;
}

bool Matches::add(std::string_view data_set, std::string_view transfer_syntax) {
  if (!complete_) return false;
  const auto match = data_set_as_json(data_set, transfer_syntax);
  const auto text = match ? config::canonical_json(*match) : std::string();
  complete_ = match.ok() && list_.size() + text.size() + 1 <= list_bytes_max;
  if (complete_) list_.append(list_.empty() ? "" : ",").append(text);
  return complete_;
}

std::string moved_in_json(const Command& response) {
  return "{\"completed\":" + std::to_string(response.completed) +
         ",\"failed\":" + std::to_string(response.failed) +
         ",\"warnings\":" + std::to_string(response.warnings) + "}";
}

}  // namespace causeway::connectors::dicom
