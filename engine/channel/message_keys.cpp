#include "engine/channel/message_keys.h"

#include <algorithm>

#include "engine/core/limits.h"
#include "engine/formats/dicom/facts.h"
#include "engine/formats/hl7v2/acknowledgement.h"

namespace causeway::channel {
namespace {

std::string channel_text(const Arrival& arrival) {
  return std::to_string(arrival.channel.value);
}

void add_key(OrderKeys& keys, std::uint64_t key) {
  if (keys.size() < limits::order_keys_max &&
      std::find(keys.begin(), keys.end(), key) == keys.end())
    keys.push_back(key);
}

void add_lane(const KeyedHash& hash, OrderKeys& keys, std::string_view value) {
  if (!value.empty()) add_key(keys, hash.hash("lane", value));
}

/// Trigger event of "ADT^A40^ADT_A39".
std::string_view event_of(std::string_view type, char component) {
  auto first = type.find(component);
  if (first == std::string_view::npos) return {};
  auto rest = type.substr(first + 1);
  return rest.substr(0, rest.find(component));
}

void order_by_key(const KeyRules& rules, const KeyedHash& hash, const hl7v2::Header& header,
                  std::string_view bytes, Arrival& arrival) {
  if (auto value = hl7v2::peek(bytes, rules.order_by)) add_lane(hash, arrival.order_keys, *value);
  auto event = event_of(header.type, header.delimiters.component);
  for (const auto& merge : rules.merges) {
    if (merge.event != event) continue;
    for (auto value : hl7v2::peek_all(bytes, merge.other, limits::order_keys_max))
      add_lane(hash, arrival.order_keys, value);
  }
}

void add_terms(const std::string& path, std::vector<std::string_view> values, Arrival& arrival) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (auto value : values)
    if (!value.empty() && arrival.terms.size() < limits::search_terms_max)
      arrival.terms.push_back({path, std::string(value.substr(0, limits::search_value_bytes))});
}

void find_terms(const KeyRules& rules, std::string_view bytes, Arrival& arrival) {
  for (const auto& path : rules.search) {
    auto room = limits::search_terms_max - arrival.terms.size();
    auto values = hl7v2::peek_all(bytes, path, room);
    add_terms(hl7v2::to_string(path), std::move(values), arrival);
  }
}

/// What tells its sender and itself from others; empty: nothing does.
using Identity = std::string;

Identity read_hl7v2(const KeyRules& rules, const KeyedHash& hash, Arrival& arrival) {
  // UTF-16 and UTF-32 are read by way of UTF-8.
  const auto narrow = hl7v2::narrowed(arrival.draft.readable_view());
  const std::string_view bytes = narrow ? *narrow : arrival.draft.readable_view();
  const auto header = hl7v2::peek_header(bytes);
  if (!header) {
    if (arrival.draft.content_type == ContentType::Hl7v2)
      arrival.flags |= message_flags::unreadable;
    return {};
  }
  arrival.control_id = header->control_id.substr(0, limits::search_value_bytes);
  arrival.type = header->type.substr(0, limits::search_value_bytes);
  if (rules.order == Order::Keyed && !rules.dicom_order_by)
    order_by_key(rules, hash, *header, bytes, arrival);
  find_terms(rules, bytes, arrival);
  auto identity = channel_text(arrival);
  for (auto part : {header->sending_application, header->sending_facility, header->control_id})
    identity.append(1, '\x1f').append(part);
  return identity;
}

Identity read_dicom(const KeyRules& rules, const KeyedHash& hash, Arrival& arrival) {
  const auto file = arrival.draft.readable();
  const auto* order_by =
      rules.order == Order::Keyed && rules.dicom_order_by ? &*rules.dicom_order_by : nullptr;
  const auto facts = dicom::read_facts(file ? file : make_bytes({}), order_by, rules.dicom_search,
                                       limits::search_terms_max);
  if (!facts) {
    arrival.flags |= message_flags::unreadable;
    return {};
  }
  arrival.control_id = facts->control_id.substr(0, limits::search_value_bytes);
  arrival.type = facts->type.substr(0, limits::search_value_bytes);
  add_lane(hash, arrival.order_keys, facts->order_value);
  for (std::size_t i = 0; i < rules.dicom_search.size(); ++i)
    add_terms(dicom::to_string(rules.dicom_search[i]),
              {facts->found[i].begin(), facts->found[i].end()}, arrival);
  auto identity = channel_text(arrival);
  return identity.append(1, '\x1f')
      .append(facts->sender)
      .append(1, '\x1f')
      .append(facts->control_id);
}

}  // namespace

std::vector<KeyRules::Merge> standard_merges(const hl7v2::Path& order_by) {
  if (order_by.segment != "PID" || order_by.field != 3) return {};
  auto other = order_by;
  other.segment = "MRG";
  other.field = 1;
  other.segment_index = 0;
  std::vector<KeyRules::Merge> merges;
  for (auto event : {"A18", "A30", "A34", "A35", "A36", "A39", "A40", "A41", "A42", "A43", "A44",
                     "A45", "A46", "A47", "A48", "A49", "A50", "A51"})
    merges.push_back({event, other});
  return merges;
}

void read_keys(const KeyRules& rules, const KeyedHash& hash, Arrival& arrival) {
  const auto lane_of_channel = hash.hash("channel", channel_text(arrival));
  const auto identity = arrival.draft.content_type == ContentType::Dicom
                            ? read_dicom(rules, hash, arrival)
                            : read_hl7v2(rules, hash, arrival);
  // What names no key is kept in order among its like.
  if (rules.order != Order::None && arrival.order_keys.empty())
    arrival.order_keys.push_back(lane_of_channel);
  if (!rules.duplicates || arrival.control_id.empty()) return;
  arrival.duplicate.key = std::max<std::uint64_t>(1, hash.hash("duplicate", identity));
  arrival.duplicate.fingerprint = hash.hash("body", arrival.draft.readable_view());
}

}  // namespace causeway::channel
