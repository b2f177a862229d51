#include "engine/api/message_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/api/json_text.h"
#include "engine/api/time_text.h"
#include "engine/config/value.h"
#include "engine/core/limits.h"
#include "engine/formats/dicom/facts.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::api {
namespace {

bool is_value(std::string_view found, const std::string& value) {
  return found.substr(0, limits::search_value_bytes) == value;
}

bool has_value(const Body& body, const hl7v2::Path& path, const std::string& value) {
  const auto found = hl7v2::peek_all(body.view(), path, limits::search_terms_max);
  return std::any_of(found.begin(), found.end(), [&](auto each) { return is_value(each, value); });
}

bool has_value(const Body& body, const dicom::Path& path, const std::string& value) {
  if (!body.bytes()) return false;
  const auto facts = dicom::read_facts(body.bytes(), nullptr, {path}, limits::search_terms_max);
  if (!facts) return false;
  const auto& found = facts->found.front();
  return std::any_of(found.begin(), found.end(),
                     [&](const auto& each) { return is_value(each, value); });
}

Status add_term(const std::string& term, store::SearchRequest& request) {
  const auto equals = term.find('=');
  const auto text = term.substr(0, equals);
  const auto path = hl7v2::parse_path(text);
  const auto dicom_path = dicom::parse_path(text);
  if (!path && !dicom_path) return path.error();
  if (equals == std::string::npos || equals + 1 == term.size())
    return Error{ErrorKind::Invalid, term, "a term is PATH=VALUE"};
  const auto value = term.substr(equals + 1, limits::search_value_bytes);
  request.term = SearchTerm{path ? hl7v2::to_string(*path) : dicom::to_string(*dicom_path), value};
  request.verify = [=](const StoredMessage& message) {
    const auto& body = message.arrival.draft.body;
    if (body.is_staged()) return true;
    return path ? has_value(body, *path, value) : has_value(body, *dicom_path, value);
  };
  return Done{};
}

constexpr AttentionState attention_states[] = {AttentionState::Waiting, AttentionState::Trying,
                                               AttentionState::Held, AttentionState::Behind,
                                               AttentionState::Parked};
constexpr RunState run_states[] = {RunState::Passed,     RunState::Filtered, RunState::Failed,
                                   RunState::Suppressed, RunState::Suspect,  RunState::Discarded};

std::vector<ErrorKind> all_kinds() {
  std::vector<ErrorKind> kinds;
  for (int kind = 1; kind <= static_cast<int>(ErrorKind::Internal); ++kind)
    kinds.push_back(static_cast<ErrorKind>(kind));
  return kinds;
}

template <class Words>
std::string joined(const Words& words) {
  std::string text;
  for (auto word : words) text.append(text.empty() ? "" : ", ").append(to_string(word));
  return text;
}

template <class Words, class Found>
bool add_named(const Words& words, std::string_view name, std::vector<Found>& found) {
  for (auto word : words)
    if (to_string(word) == name) {
      found.push_back(word);
      return true;
    }
  return false;
}

/// The texts of a query by their names, to be read or written.
template <class Query>
auto texts_of(Query& query) {
  using Text = std::conditional_t<std::is_const_v<Query>, const std::string, std::string>;
  return std::array<std::pair<const char*, Text*>, 7>{{{"cause", &query.cause},
                                                       {"channel", &query.channel},
                                                       {"term", &query.term},
                                                       {"type", &query.type},
                                                       {"peer", &query.peer},
                                                       {"from", &query.from},
                                                       {"to", &query.to}}};
}

template <class Query>
auto lists_of(Query& query) {
  using List = std::conditional_t<std::is_const_v<Query>, const std::vector<std::string>,
                                  std::vector<std::string>>;
  return std::array<std::pair<const char*, List*>, 2>{
      {{"state", &query.states}, {"kind", &query.kinds}}};
}

Status add_states(const MessageQuery& query, store::SearchRequest& request) {
  for (const auto& state : query.states)
    if (!add_named(attention_states, state, request.attention) &&
        !add_named(run_states, state, request.runs))
      return Error{ErrorKind::Invalid, state, "is no state; there are " + state_words()};
  for (const auto& kind : query.kinds)
    if (!add_named(all_kinds(), kind, request.kinds))
      return Error{ErrorKind::Invalid, kind, "is no class of errors; there are " + kind_words()};
  return Done{};
}

}  // namespace

std::string cause_text(std::uint64_t cause) {
  return fmt::format("{:016x}", cause);
}

std::optional<std::uint64_t> read_cause(std::string_view text) {
  std::uint64_t cause = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cause, 16);
  if (text.size() != 16 || error != std::errc() || end != text.data() + text.size() || cause == 0)
    return std::nullopt;
  return cause;
}

std::string state_words() {
  return joined(attention_states) + ", " + joined(run_states);
}

std::string query_text(const MessageQuery& query) {
  JsonText json;
  json.begin_object();
  for (const auto& [name, value] : texts_of(query)) json.member(name, *value);
  for (const auto& [name, values] : lists_of(query)) {
    json.key(name).begin_list();
    for (const auto& value : *values) json.value(value);
    json.end_list();
  }
  return json.end_object().take();
}

Result<MessageQuery> read_query_text(std::string_view text) {
  const Error damaged{ErrorKind::Damaged, "", "a stored query cannot be read"};
  auto value = config::parse_json(text, "query");
  if (!value) return damaged;
  MessageQuery query;
  for (const auto& [name, to] : texts_of(query)) {
    const auto* member = value->find(name);
    if (!member || !member->string()) return damaged;
    *to = *member->string();
  }
  for (const auto& [name, to] : lists_of(query)) {
    const auto* member = value->find(name);
    if (!member || !member->list()) return damaged;
    for (const auto& each : *member->list()) to->push_back(each.string() ? *each.string() : "");
  }
  return query;
}

std::string kind_words() {
  return joined(all_kinds());
}

Result<store::SearchRequest> search_request(Names& names, const MessageQuery& query,
                                            SystemTime now) {
  store::SearchRequest request;
  request.to = now + std::chrono::hours(24);
  for (auto [text, time] : {std::pair(&query.from, &request.from), {&query.to, &request.to}}) {
    if (text->empty()) continue;
    auto parsed = parse_time(*text);
    if (!parsed) return parsed.error();
    *time = *parsed;
  }
  if (!query.after.empty()) {
    auto after = parse_message_id(query.after);
    if (!after) return after.error();
    request.before = *after;
  }
  const bool all = query.channel.empty() && query.scopes == std::vector<std::string>{""};
  if (!all) {
    if (auto loaded = names.load(); !loaded) return loaded.error();
    request.channels = names.channels_in(query.channel, query.scopes);
    if (request.channels.empty())
      return Error{ErrorKind::NotFound, query.channel,
                   "no channel has this path, or is in this folder"};
  }
  if (!query.term.empty())
    if (auto added = add_term(query.term, request); !added) return added.error();
  if (auto added = add_states(query, request); !added) return added.error();
  if (!query.cause.empty()) {
    auto cause = read_cause(query.cause);
    if (!cause) return Error{ErrorKind::Invalid, query.cause, "is no cause's number"};
    request.cause = *cause;
  }
  request.type = query.type;
  request.peer = query.peer;
  return request;
}

}  // namespace causeway::api
