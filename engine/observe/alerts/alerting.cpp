#include "engine/observe/alerts/alerting.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "engine/config/text_file.h"

namespace causeway::observe {
namespace {

constexpr auto tell_every = Milliseconds(1000);
/// When channels last received something is kept so often: a kill forgets that much of it.
constexpr auto keep_every = std::chrono::seconds(60);
constexpr auto first_backoff = std::chrono::seconds(5);
constexpr int backoff_doublings_max = 6;  // up to about 5 minutes
constexpr std::size_t state_bytes_max = config::json_bytes_max;

/// Whole or not at all, also over a power failure.
bool write_whole(const std::filesystem::path& path, const std::string& text) {
  const auto fresh = path.string() + ".new";
  const int file = ::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool good = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(file) == 0;
  ::close(file);
  std::error_code failed;
  if (good) std::filesystem::rename(fresh, path, failed);
  return good && !failed;
}

std::vector<std::string> words_of(const config::Problems& problems) {
  std::vector<std::string> words;
  for (const auto& problem : problems.list) words.push_back(problem.str());
  return words;
}

}  // namespace

Alerting::Alerting(AlertingOptions options, Look look, Teller& teller, const Clock& clock, Log& log,
                   OnChange on_change)
    : options_(std::move(options)),
      look_(std::move(look)),
      teller_(teller),
      clock_(clock),
      log_(log),
      on_change_(std::move(on_change)) {
  read_state();
  read_rules_if_changed();
}

Alerting::~Alerting() {
  stop();
}

void Alerting::start() {
  threads_.emplace_back([this] { run(options_.look_every, [this] { look_once(); }); });
  threads_.emplace_back([this] { run(tell_every, [this] { tell_once(); }); });
}

void Alerting::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  stopping_.notify_all();
  for (auto& thread : threads_) thread.join();
  if (!threads_.empty()) keep_state(Keep::AtEnd);
  threads_.clear();
}

void Alerting::run(Milliseconds every, const std::function<void()>& step) {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    lock.unlock();
    step();
    lock.lock();
    stopping_.wait_for(lock, every, [this] { return stopped_; });
  }
}

void Alerting::read_rules_if_changed() {
  std::error_code missing;
  const auto written = std::filesystem::last_write_time(options_.rules_file, missing);
  std::lock_guard lock(mutex_);
  if (missing) {
    rules_written_ = {};
    rules_ = {};
    problems_.clear();
    book_.use(&rules_);
    return;
  }
  if (written == rules_written_) return;
  rules_written_ = written;
  config::Problems problems;
  problems.file = options_.rules_file.string();
  auto text = config::read_text_file(options_.rules_file, config::json_bytes_max);
  if (!text) problems.add_file(text.error().text);
  auto value = text ? config::parse_json(*text, problems) : std::nullopt;
  auto file = value ? read_rules(*value, problems, &options_.environment) : RuleFile{};
  problems_ = words_of(problems);
  if (problems.errors() > 0) {
    for (const auto& problem : problems_) log_.error("alerts.problem", {{"at", problem}});
    return;
  }
  rules_ = std::move(file);
  book_.use(&rules_);
  log_.info("alerts.rules_read", {{"rules", std::to_string(rules_.rules.size())}});
}

void Alerting::read_state() {
  std::error_code error;
  if (!std::filesystem::exists(options_.state_file, error)) return;
  auto text = config::read_text_file(options_.state_file, state_bytes_max);
  auto restored = text ? book_.restore(*text) : Status(text.error());
  if (!restored) log_.error("alerts.state_unusable", {{"at", options_.state_file.string()}});
  kept_changes_ = book_.changes();
  kept_at_ = clock_.steady();
}

void Alerting::keep_state(Keep when) {
  std::lock_guard file(file_mutex_);
  const auto now = clock_.steady();
  const bool old = when == Keep::AtEnd || (when == Keep::IfOld && now - kept_at_ >= keep_every);
  std::string state;
  std::uint64_t changes = 0;
  {
    std::lock_guard lock(mutex_);
    changes = book_.changes();
    if (changes == kept_changes_ && !old) return;
    state = book_.state();
  }
  kept_at_ = now;
  if (write_whole(options_.state_file, state)) {
    kept_changes_ = changes;
    return;
  }
  log_.error("alerts.state_not_kept", {{"at", options_.state_file.string()}});
}

void Alerting::look_once() {
  read_rules_if_changed();
  auto situation = look_();
  std::vector<Alert> before, after;
  {
    std::lock_guard lock(mutex_);
    before = book_.alerts();
    book_.remember_received(situation);
    conditions_.see(std::move(situation));
    book_.look(conditions_);
    after = book_.alerts();
  }
  keep_state(Keep::IfOld);
  for (const auto& alert : after) {
    const auto was = std::find_if(before.begin(), before.end(),
                                  [&](const Alert& each) { return each.id == alert.id; });
    if (was != before.end() && was->is_open() == alert.is_open()) continue;
    log_.warn(alert.is_open() ? "alert.opened" : "alert.resolved",
              {{"rule", alert.rule}, {"subject", alert.subject}});
    if (on_change_) on_change_(alert);
  }
}

bool Alerting::waits(const std::string& recipient, SteadyTime now) const {
  const auto at = backoffs_.find(recipient);
  return at != backoffs_.end() && at->second.until > now;
}

void Alerting::tell_once() {
  std::vector<std::pair<Recipient, Notice>> notices;
  {
    std::lock_guard lock(mutex_);
    for (auto& notice : book_.due(clock_.now()))
      if (const auto* recipient = rules_.recipient(notice.recipient);
          recipient && !waits(notice.recipient, clock_.steady()))
        notices.emplace_back(*recipient, std::move(notice));
  }
  for (const auto& [recipient, notice] : notices) {
    {
      std::lock_guard lock(mutex_);
      if (stopped_) return;
      if (waits(recipient.name, clock_.steady())) continue;  // it failed a moment ago
    }
    const auto told = teller_.tell(recipient, notice);
    {
      std::lock_guard lock(mutex_);
      if (told) {
        book_.told(notice);
        backoffs_.erase(recipient.name);
      } else {
        auto& backoff = backoffs_[recipient.name];
        backoff.until = clock_.steady() +
                        first_backoff * (1 << std::min(backoff.failures, backoff_doublings_max));
        ++backoff.failures;
        log_.warn("alert.not_told", {{"recipient", recipient.name},
                                     {"kind", std::string(to_string(told.error().kind))}});
      }
    }
    keep_state();
  }
}

std::vector<Alert> Alerting::alerts() const {
  std::lock_guard lock(mutex_);
  return book_.alerts();
}

std::vector<Silence> Alerting::silences() const {
  std::lock_guard lock(mutex_);
  return book_.silences();
}

RuleFile Alerting::rules() const {
  std::lock_guard lock(mutex_);
  return rules_;
}

std::vector<std::string> Alerting::problems() const {
  std::lock_guard lock(mutex_);
  return problems_;
}

Status Alerting::acknowledge(std::int64_t id, std::string by, std::string comment) {
  {
    std::lock_guard lock(mutex_);
    auto done = book_.acknowledge(id, std::move(by), std::move(comment), clock_.now());
    if (!done) return done;
  }
  keep_state();
  return Done{};
}

Status Alerting::silence(Silence silence) {
  {
    std::lock_guard lock(mutex_);
    auto done = book_.silence(std::move(silence));
    if (!done) return done;
  }
  keep_state();
  return Done{};
}

bool Alerting::end_silence(const std::string& rule, const std::string& subject) {
  bool ended = false;
  {
    std::lock_guard lock(mutex_);
    ended = book_.end_silence(rule, subject);
  }
  keep_state();
  return ended;
}

Status Alerting::test(const std::string& recipient) {
  Notice notice;
  Recipient to;
  {
    std::lock_guard lock(mutex_);
    const auto* found = rules_.recipient(recipient);
    if (!found) return Error{ErrorKind::NotFound, recipient, "there is no such recipient"};
    to = *found;
  }
  notice.recipient = recipient;
  notice.alert.rule = "test";
  notice.alert.subject = "causeway";
  notice.alert.text = "this is a test: nothing is wrong";
  notice.alert.opened = clock_.now();
  return teller_.tell(to, notice);
}

}  // namespace causeway::observe
