// The alerts of an installation, and what they have been through: opened, acknowledged, silenced,
// escalated, resolved. One alert for a rule and a subject at a time. Says which notices are due;
// whoever sends them says how it went, so that none is forgotten over a restart and each is sent
// once (twice only if the engine ends between the sending and its note).
//
// Pure but for the time it is given; not thread-safe.
#pragma once

#include <map>
#include <set>

#include "engine/observe/alerts/conditions.h"

namespace causeway::observe {

struct Alert {
  std::int64_t id = 0;
  std::string rule, channel, subject, text;
  bool critical = false;
  SystemTime since;                  ///< When its condition began to hold.
  std::optional<SystemTime> opened;  ///< Not yet: it has not lasted long enough.
  std::optional<SystemTime> over;    ///< Its condition has not held since.
  std::optional<SystemTime> resolved;
  std::string acknowledged_by, comment;
  std::optional<SystemTime> acknowledged;
  std::set<std::string> told;  ///< Recipients that know it is open.
  std::set<std::string> told_resolved;

  bool is_open() const { return opened && !resolved; }
};

/// No notices of a rule (about one subject, or all) until then.
struct Silence {
  std::string rule, subject;
  SystemTime until;
  std::string by, reason;
};

struct Notice {
  enum class Kind : std::uint8_t { Opened, Escalated, Resolved };
  Kind kind = Kind::Opened;
  std::string recipient;
  Alert alert;
};
std::string_view to_string(Notice::Kind kind);

class AlertBook {
 public:
  static constexpr std::size_t open_max = 2'000;
  static constexpr std::size_t resolved_kept_max = 500;
  /// What nobody could be told of for so long is not worth telling any more.
  static constexpr auto telling_max = std::chrono::hours(24);

  /// The rules from now on. Alerts of rules that are gone are resolved by the next look.
  void use(const RuleFile* file) { file_ = file; }
  void look(const Conditions& conditions);
  std::vector<Notice> due(SystemTime now) const;
  void told(const Notice& notice);

  /// NotFound: there is no such open alert.
  Status acknowledge(std::int64_t id, std::string by, std::string comment, SystemTime now);
  /// NotFound: there is no such rule.
  Status silence(Silence silence);
  bool end_silence(const std::string& rule, const std::string& subject);

  /// Newest first; those that have been resolved too.
  std::vector<Alert> alerts() const;
  const std::vector<Silence>& silences() const { return silences_; }

  /// Notes when channels last received something, and says so of those that haven't since the
  /// engine's start.
  void remember_received(Situation& situation);

  /// As JSON, to be kept over restarts. `restore` takes what it wrote; Invalid: it is something
  /// else.
  std::string state() const;
  Status restore(std::string_view state);
  /// Grows with each change that `state` would show.
  std::uint64_t changes() const { return changes_; }

 private:
  using Key = std::pair<std::string, std::string>;  // rule, subject
  void holds(const Rule& rule, const Finding& finding, SystemTime now);
  void is_over(Alert& alert, Milliseconds lasting, SystemTime now);
  void settle_down(SystemTime now);
  bool is_silenced(const Alert& alert, SystemTime now) const;

  const RuleFile* file_ = nullptr;
  std::map<Key, Alert> open_;  // also those that have not lasted long enough
  std::vector<Alert> resolved_;
  std::vector<Silence> silences_;
  std::map<std::string, SystemTime> received_;  // by channel
  std::int64_t last_id_ = 0;
  std::uint64_t changes_ = 0;
};

}  // namespace causeway::observe
