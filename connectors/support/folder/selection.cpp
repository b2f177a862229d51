#include "connectors/support/folder/selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <tuple>

namespace causeway::connectors::folder {
namespace {

bool matches(const std::string& pattern, const std::string& path) {
  const bool by_path = pattern.find('/') != std::string::npos;
  const auto name = by_path ? path : name_of(path);
  return ::fnmatch(pattern.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& path) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, path); });
}

}  // namespace

bool is_wanted(const SelectionRules& rules, const std::string& path) {
  static const std::vector<std::string> all{"*"};
  return any_matches(rules.match.empty() ? all : rules.match, path) &&
         !any_matches(rules.exclude, path);
}

Selection::Selection(SelectionRules rules, std::set<std::string> spared)
    : rules_(std::move(rules)), spared_(std::move(spared)) {}

Result<Selection::Found> Selection::look(Folder& folder, const Clock& clock) {
  now_ = clock.steady();
  entries_ = 0;
  for (auto& [path, seen] : seen_) seen.listed = false;
  Found found;
  if (auto collected = collect(folder, "", 0, found); !collected) return collected.error();
  std::erase_if(seen_, [](const auto& entry) { return !entry.second.listed; });
  for (const auto& [path, seen] : seen_) {
    if (seen.done) continue;
    const auto age =
        clock.now().time_since_epoch() - std::chrono::nanoseconds(seen.info.modified_ns);
    if (rules_.age_max.count() > 0 && age > rules_.age_max) continue;
    if (is_ready(seen, clock))
      found.ready.push_back(seen.info);
    else
      ++found.waiting;
  }
  sort(found.ready);
  return found;
}

Status Selection::collect(Folder& folder, const std::string& path, int depth, Found& found) {
  auto entries = folder.list(path, entries_max - entries_ + 1);
  // One that goes away between two calls is no trouble of the folder.
  if (!entries) {
    if (depth > 0 && entries.error().kind == ErrorKind::NotFound) return Done{};
    return entries.error();
  }
  for (auto& entry : *entries) {
    if (entries_ >= entries_max) {
      found.more = true;
      break;
    }
    ++entries_;
    if (entry.is_folder) {
      if (depth >= rules_.depth_max || spared_.contains(entry.path)) continue;
      if (auto inner = collect(folder, entry.path, depth + 1, found); !inner) return inner;
      continue;
    }
    if (!is_wanted(rules_, entry.path)) continue;
    auto [known, fresh] = seen_.try_emplace(entry.path);
    if (fresh || known->second.info != entry) known->second = {entry, now_, false, false};
    known->second.listed = true;
  }
  return Done{};
}

bool Selection::is_ready(const Seen& seen, const Clock& clock) const {
  if (now_ - seen.since < rules_.stable) return false;
  if (rules_.age_min.count() == 0) return true;
  return clock.now().time_since_epoch() - std::chrono::nanoseconds(seen.info.modified_ns) >=
         rules_.age_min;
}

void Selection::sort(std::vector<FileInfo>& files) const {
  using Order = SelectionRules::Order;
  std::sort(files.begin(), files.end(), [this](const FileInfo& a, const FileInfo& b) {
    if (rules_.order == Order::Time)
      return std::tie(a.modified_ns, a.path) < std::tie(b.modified_ns, b.path);
    if (rules_.order == Order::Size) return std::tie(a.size, a.path) < std::tie(b.size, b.path);
    return a.path < b.path;
  });
}

void Selection::done_with(const FileInfo& file) {
  auto found = seen_.find(file.path);
  if (found != seen_.end() && found->second.info == file) found->second.done = true;
}

void Selection::changed(const FileInfo& file) {
  auto found = seen_.find(file.path);
  if (found != seen_.end()) seen_.erase(found);
}

}  // namespace causeway::connectors::folder
