#include "engine/channel/duplicates.h"

namespace causeway::channel {

DuplicateWindow::Answer DuplicateWindow::check(const DuplicateKey& key) {
  if (key.key == 0) return {};
  auto [at, is_new] = entries_.try_emplace(key.key);
  auto& entry = at->second;
  if (is_new) {
    entry.fingerprint = key.fingerprint;
    oldest_first_.push_back(key.key);
    forget_oldest();
    return {};
  }
  if (!entry.message) return {Seen::InProgress, {}};
  Answer answer{entry.fingerprint == key.fingerprint ? Seen::Duplicate : Seen::KeyReuse,
                entry.message};
  if (answer.seen == Seen::KeyReuse || in_trouble_.contains(entry.message)) {
    // This copy is processed: it is the one that later copies are compared with.
    entry.fingerprint = key.fingerprint;
    entry.message = {};
  }
  return answer;
}

void DuplicateWindow::when_known(const DuplicateKey& key, std::function<void()> on_known) {
  entries_.at(key.key).waiting.push_back(std::move(on_known));
}

std::vector<std::function<void()>> DuplicateWindow::known(const DuplicateKey& key,
                                                          MessageId stored) {
  auto at = entries_.find(key.key);
  if (key.key == 0 || at == entries_.end()) return {};
  auto waiting = std::exchange(at->second.waiting, {});
  if (at->second.message) return waiting;  // a copy that changes nothing
  if (stored)
    at->second.message = stored;
  else
    entries_.erase(at);
  return waiting;
}

void DuplicateWindow::remember(const DuplicateKey& key, MessageId message) {
  if (key.key == 0) return;
  auto [at, is_new] = entries_.try_emplace(key.key);
  at->second.fingerprint = key.fingerprint;
  at->second.message = message;
  if (is_new) oldest_first_.push_back(key.key);
  forget_oldest();
}

void DuplicateWindow::in_trouble(MessageId message, bool trouble) {
  if (trouble && in_trouble_.size() < keys_max)
    in_trouble_.insert(message);
  else if (!trouble && !in_trouble_.empty())
    in_trouble_.erase(message);
}

void DuplicateWindow::forget_oldest() {
  for (auto tries = oldest_first_.size(); oldest_first_.size() > keys_max && tries > 0; --tries) {
    auto key = oldest_first_.front();
    oldest_first_.pop_front();
    auto at = entries_.find(key);
    if (at == entries_.end()) continue;
    if (at->second.message)
      entries_.erase(at);
    else
      oldest_first_.push_back(key);  // still being committed
  }
}

}  // namespace causeway::channel
