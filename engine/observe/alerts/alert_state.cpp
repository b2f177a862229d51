// The book of alerts as JSON.
#include "engine/config/revision_hash.h"
#include "engine/observe/alerts/alert_book.h"

namespace causeway::observe {
namespace {

using config::Value;

constexpr const char* format_name = "causeway alerts 1";

Value text(std::string value) {
  return {std::move(value), {}};
}

Value number(std::int64_t value) {
  return {value, {}};
}

Value time(const std::optional<SystemTime>& at) {
  return at ? number(at->time_since_epoch().count()) : Value();
}

Value names(const std::set<std::string>& all) {
  Value::List list;
  for (const auto& name : all) list.push_back(text(name));
  return {std::move(list), {}};
}

Value value_of(const Alert& alert) {
  return {Value::Object{{"id", number(alert.id)},
                        {"rule", text(alert.rule)},
                        {"channel", text(alert.channel)},
                        {"subject", text(alert.subject)},
                        {"text", text(alert.text)},
                        {"critical", Value(alert.critical, {})},
                        {"since", time(alert.since)},
                        {"opened", time(alert.opened)},
                        {"resolved", time(alert.resolved)},
                        {"acknowledged", time(alert.acknowledged)},
                        {"acknowledged_by", text(alert.acknowledged_by)},
                        {"comment", text(alert.comment)},
                        {"told", names(alert.told)},
                        {"told_resolved", names(alert.told_resolved)}},
          {}};
}

Value value_of(const Silence& silence) {
  return {Value::Object{{"rule", text(silence.rule)},
                        {"subject", text(silence.subject)},
                        {"until", time(silence.until)},
                        {"by", text(silence.by)},
                        {"reason", text(silence.reason)}},
          {}};
}

std::string text_in(const Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value && value->string() ? *value->string() : "";
}

std::int64_t number_in(const Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value && value->integer() ? *value->integer() : 0;
}

std::optional<SystemTime> time_in(const Value& object, std::string_view name) {
  const auto* value = object.find(name);
  if (!value || !value->integer()) return std::nullopt;
  return SystemTime(std::chrono::microseconds(*value->integer()));
}

const Value::List& list_in(const Value& object, std::string_view name) {
  static const Value::List none;
  const auto* value = object.find(name);
  return value && value->list() ? *value->list() : none;
}

std::set<std::string> names_in(const Value& object, std::string_view name) {
  std::set<std::string> all;
  for (const auto& each : list_in(object, name))
    if (each.string()) all.insert(*each.string());
  return all;
}

Alert alert_in(const Value& object) {
  Alert alert;
  alert.id = number_in(object, "id");
  alert.rule = text_in(object, "rule");
  alert.channel = text_in(object, "channel");
  alert.subject = text_in(object, "subject");
  alert.text = text_in(object, "text");
  const auto* critical = object.find("critical");
  alert.critical = critical && critical->boolean() && *critical->boolean();
  alert.since = time_in(object, "since").value_or(SystemTime{});
  alert.opened = time_in(object, "opened");
  alert.resolved = time_in(object, "resolved");
  alert.acknowledged = time_in(object, "acknowledged");
  alert.acknowledged_by = text_in(object, "acknowledged_by");
  alert.comment = text_in(object, "comment");
  alert.told = names_in(object, "told");
  alert.told_resolved = names_in(object, "told_resolved");
  return alert;
}

}  // namespace

std::string AlertBook::state() const {
  Value::List alerts, silences;
  for (const auto& each : resolved_) alerts.push_back(value_of(each));
  for (const auto& [key, each] : open_)
    if (each.is_open()) alerts.push_back(value_of(each));
  for (const auto& each : silences_) silences.push_back(value_of(each));
  Value::Object received;
  for (const auto& [path, at] : received_) received.push_back({path, time(at)});
  return config::canonical_json({Value::Object{{"format", text(format_name)},
                                               {"received", Value(std::move(received), {})},
                                               {"last_id", number(last_id_)},
                                               {"alerts", Value(std::move(alerts), {})},
                                               {"silences", Value(std::move(silences), {})}},
                                 {}});
}

Status AlertBook::restore(std::string_view state) {
  auto read = config::parse_json(state, "alerts");
  if (!read) return read.error();
  if (text_in(*read, "format") != format_name)
    return Error{ErrorKind::Invalid, "alerts", "is not in a format that this version knows"};
  open_.clear();
  resolved_.clear();
  silences_.clear();
  received_.clear();
  if (const auto* received = read->find("received"); received && received->object())
    for (const auto& [path, at] : *received->object())
      if (const auto when = time_in(*read->find("received"), path)) received_[path] = *when;
  last_id_ = number_in(*read, "last_id");
  for (const auto& each : list_in(*read, "alerts")) {
    auto alert = alert_in(each);
    last_id_ = std::max(last_id_, alert.id);
    if (alert.resolved)
      resolved_.push_back(std::move(alert));
    else if (alert.opened)
      open_.emplace(Key(alert.rule, alert.subject), std::move(alert));
  }
  for (const auto& each : list_in(*read, "silences"))
    silences_.push_back({text_in(each, "rule"), text_in(each, "subject"),
                         time_in(each, "until").value_or(SystemTime{}), text_in(each, "by"),
                         text_in(each, "reason")});
  return Done{};
}

}  // namespace causeway::observe
