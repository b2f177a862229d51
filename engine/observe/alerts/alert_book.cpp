#include "engine/observe/alerts/alert_book.h"

#include <algorithm>

namespace causeway::observe {

std::string_view to_string(Notice::Kind kind) {
  switch (kind) {
    case Notice::Kind::Opened:
      return "opened";
    case Notice::Kind::Escalated:
      return "escalated";
    case Notice::Kind::Resolved:
      return "resolved";
  }
  return "";
}

void AlertBook::look(const Conditions& conditions) {
  const auto now = conditions.present().at;
  std::set<Key> holding;
  for (const auto& rule : file_ ? file_->rules : std::vector<Rule>{})
    for (const auto& finding : conditions.findings(rule)) {
      holding.emplace(rule.name, finding.subject);
      holds(rule, finding, now);
    }
  for (auto& [key, alert] : open_) {
    if (holding.contains(key)) continue;
    const auto* rule = file_ ? file_->rule(key.first) : nullptr;
    is_over(alert, rule ? rule->lasting : Milliseconds(0), now);
  }
  settle_down(now);
}

void AlertBook::holds(const Rule& rule, const Finding& finding, SystemTime now) {
  const Key key(rule.name, finding.subject);
  auto at = open_.find(key);
  if (at == open_.end()) {
    if (open_.size() >= open_max) return;
    at = open_.emplace(key, Alert{}).first;
    auto& fresh = at->second;
    fresh.id = ++last_id_;
    fresh.rule = rule.name;
    fresh.channel = finding.channel;
    fresh.subject = finding.subject;
    fresh.since = now;
  }
  auto& alert = at->second;
  alert.text = finding.text;
  alert.critical = rule.critical;
  alert.over.reset();
  if (alert.opened || now - alert.since < rule.lasting) return;
  alert.opened = now;
  ++changes_;
}

/// What comes and goes is one alert: it is over when it has been over for as long as it took to
/// open.
void AlertBook::is_over(Alert& alert, Milliseconds lasting, SystemTime now) {
  if (!alert.over) alert.over = now;
  if (!alert.opened || now - *alert.over < lasting) return;
  alert.resolved = now;
  ++changes_;
}

void AlertBook::settle_down(SystemTime now) {
  for (auto at = open_.begin(); at != open_.end();) {
    auto& alert = at->second;
    const bool ends = alert.resolved || (alert.over && !alert.opened);
    if (alert.resolved) resolved_.push_back(std::move(alert));
    at = ends ? open_.erase(at) : std::next(at);
  }
  if (resolved_.size() > resolved_kept_max)
    resolved_.erase(resolved_.begin(),
                    resolved_.end() - static_cast<std::ptrdiff_t>(resolved_kept_max));
  const auto ended =
      std::erase_if(silences_, [&](const Silence& each) { return each.until <= now; });
  if (ended > 0) ++changes_;
}

bool AlertBook::is_silenced(const Alert& alert, SystemTime now) const {
  return std::any_of(silences_.begin(), silences_.end(), [&](const Silence& each) {
    return each.rule == alert.rule && each.until > now &&
           (each.subject.empty() || each.subject == alert.subject);
  });
}

void AlertBook::remember_received(Situation& situation) {
  std::map<std::string, SystemTime> present;  // a channel that is gone is forgotten
  for (auto& channel : situation.channels) {
    const auto known = received_.find(channel.path);
    if (known != received_.end())
      channel.last_received =
          std::max(channel.last_received.value_or(known->second), known->second);
    if (channel.last_received) present.emplace(channel.path, *channel.last_received);
  }
  received_ = std::move(present);
}

std::vector<Notice> AlertBook::due(SystemTime now) const {
  std::vector<Notice> notices;
  for (const auto& [key, alert] : open_) {
    const auto* rule = file_ ? file_->rule(alert.rule) : nullptr;
    if (!alert.is_open() || !rule || is_silenced(alert, now)) continue;
    for (const auto& name : rule->notify)
      if (!alert.told.contains(name)) notices.push_back({Notice::Kind::Opened, name, alert});
    const bool escalates = rule->escalate_after.count() > 0 && !alert.acknowledged &&
                           now - *alert.opened >= rule->escalate_after;
    for (const auto& name : rule->escalate_to)
      if (escalates && !alert.told.contains(name))
        notices.push_back({Notice::Kind::Escalated, name, alert});
  }
  for (const auto& alert : resolved_) {
    if (now - *alert.resolved > telling_max) continue;
    for (const auto& name : alert.told)
      if (!alert.told_resolved.contains(name))
        notices.push_back({Notice::Kind::Resolved, name, alert});
  }
  return notices;
}

void AlertBook::told(const Notice& notice) {
  const auto note = [&](Alert& alert) {
    if (alert.id != notice.alert.id) return;
    auto& names = notice.kind == Notice::Kind::Resolved ? alert.told_resolved : alert.told;
    names.insert(notice.recipient);
    ++changes_;
  };
  for (auto& [key, alert] : open_) note(alert);
  for (auto& alert : resolved_) note(alert);
}

Status AlertBook::acknowledge(std::int64_t id, std::string by, std::string comment,
                              SystemTime now) {
  for (auto& [key, alert] : open_) {
    if (alert.id != id || !alert.is_open()) continue;
    alert.acknowledged = now;
    alert.acknowledged_by = std::move(by);
    alert.comment = std::move(comment);
    ++changes_;
    return Done{};
  }
  return Error{ErrorKind::NotFound, std::to_string(id), "there is no such open alert"};
}

Status AlertBook::silence(Silence silence) {
  if (!file_ || !file_->rule(silence.rule))
    return Error{ErrorKind::NotFound, silence.rule, "there is no such rule"};
  end_silence(silence.rule, silence.subject);
  silences_.push_back(std::move(silence));
  ++changes_;
  return Done{};
}

bool AlertBook::end_silence(const std::string& rule, const std::string& subject) {
  const auto ended = std::erase_if(
      silences_, [&](const Silence& each) { return each.rule == rule && each.subject == subject; });
  if (ended > 0) ++changes_;
  return ended > 0;
}

std::vector<Alert> AlertBook::alerts() const {
  std::vector<Alert> all(resolved_);
  for (const auto& [key, alert] : open_)
    if (alert.is_open()) all.push_back(alert);
  std::sort(all.begin(), all.end(), [](const Alert& a, const Alert& b) { return a.id > b.id; });
  return all;
}

}  // namespace causeway::observe
