#include "engine/store/journal/facets.h"

#include "engine/core/limits.h"

namespace causeway::store {
namespace {

// No path of a message begins so: these terms are never a configured path's.
constexpr std::string_view type_path = "@type";
constexpr std::string_view peer_path = "@peer";
constexpr std::string_view channel_path = "@channel";

std::string_view cut(std::string_view value) {
  return value.substr(0, limits::search_value_bytes);
}

std::int64_t month_of(Day day) {
  const std::chrono::year_month_day date(day);
  return static_cast<int>(date.year()) * 12 + static_cast<unsigned>(date.month());
}

std::int64_t block_of(MessageId id) {
  return id.value >> facet_block_bits;
}

}  // namespace

std::string_view peer_of(const Sender& sender) {
  if (!sender.name.empty()) return sender.name;
  const std::string_view address = sender.address;
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == address.size()) return address;
  const bool port = address.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  const bool bare_ipv6 = address.find(':') != colon && address[0] != '[';
  return port && !bare_ipv6 ? address.substr(0, colon) : address;
}

std::string_view facet_type(std::string_view type) {
  const auto first = type.find('^');
  return first == std::string_view::npos ? type : type.substr(0, type.find('^', first + 1));
}

std::int64_t type_term(Sealer& sealer, Day day, std::string_view type) {
  return sealer.term(type_path, day, cut(facet_type(type)));
}

std::int64_t peer_term(Sealer& sealer, Day day, std::string_view peer) {
  return sealer.term(peer_path, day, cut(peer));
}

std::int64_t channel_term(Sealer& sealer, Day day, ChannelId channel) {
  return sealer.term(channel_path, day, std::to_string(channel.value));
}

std::int64_t FacetWriter::term(const std::string& name, MessageId id) {
  if (auto found = hashes_.find(name); found != hashes_.end()) return found->second;
  if (hashes_.size() >= kept_max) hashes_.clear();
  const auto value = std::string_view(name).substr(1);
  const auto path = name[0] == 't' ? type_path : name[0] == 'p' ? peer_path : channel_path;
  return hashes_[name] = sealer_.term(path, day_of(id), value);
}

Facets FacetWriter::of(const Arrival& arrival, MessageId id) {
  const auto type = cut(facet_type(arrival.type));
  const auto peer = cut(peer_of(arrival.draft.sender));
  const auto month = month_of(day_of(id));
  Facets facets;
  std::lock_guard lock(mutex_);
  if (month != month_) hashes_.clear();
  month_ = month;
  auto add = [&](char letter, std::string_view value) {
    const auto hash = term(std::string(1, letter).append(value), id);
    if (block_of(id) != block_ || !known_.contains(hash)) facets.terms.push_back(hash);
    return facet_key(hash);
  };
  if (!type.empty()) facets.type = add('t', type);
  if (!peer.empty()) facets.peer = add('p', peer);
  add('c', std::to_string(arrival.channel.value));
  return facets;
}

void FacetWriter::committed(MessageId id, const std::vector<std::int64_t>& terms) {
  if (terms.empty()) return;
  std::lock_guard lock(mutex_);
  if (block_of(id) < block_) return;
  if (block_of(id) > block_) known_.clear();
  block_ = block_of(id);
  if (known_.size() >= kept_max) known_.clear();
  known_.insert(terms.begin(), terms.end());
}

}  // namespace causeway::store
