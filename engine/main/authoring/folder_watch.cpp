#include "engine/main/authoring/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace causeway {

namespace fs = std::filesystem;

namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR;
/// Editors write a file in several steps.
constexpr Milliseconds quiet{15};

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

}  // namespace

FolderWatch::FolderWatch() : descriptor_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FolderWatch::~FolderWatch() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status FolderWatch::add_one(const fs::path& folder) {
  const int watch = ::inotify_add_watch(descriptor_, folder.c_str(), changes);
  if (watch < 0) return Error{ErrorKind::Unavailable, folder.string(), std::strerror(errno)};
  folders_[watch] = folder;
  return Done{};
}

Status FolderWatch::add(const fs::path& folder) {
  if (auto added = add_one(folder); !added) return added;
  std::error_code failed;
  fs::recursive_directory_iterator entry(folder, failed), end;
  for (; !failed && entry != end; entry.increment(failed)) {
    std::error_code ignored;
    if (!entry->is_directory(ignored)) continue;
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    if (folders_.size() > folders_max)
      return Error{ErrorKind::Limit, folder.string(), "too many folders to watch"};
    if (auto added = add_one(entry->path()); !added) return added;
  }
  return Done{};
}

bool FolderWatch::ready(Milliseconds patience) const {
  pollfd poll{descriptor_, POLLIN, 0};
  return ::poll(&poll, 1, static_cast<int>(patience.count())) > 0;
}

void FolderWatch::read_events(std::set<fs::path>& changed) {
  alignas(inotify_event) char buffer[16 * 1024];
  for (;;) {
    const auto got = ::read(descriptor_, buffer, sizeof buffer);
    if (got <= 0) return;
    for (const char* at = buffer; at < buffer + got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      const auto folder = folders_.find(event->wd);
      if (folder == folders_.end()) continue;
      const auto path = event->len > 0 ? folder->second / event->name : folder->second;
      if (is_hidden(path)) continue;
      // What was written before a new folder is watched is noticed by the folder itself.
      if ((event->mask & IN_ISDIR) != 0 && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
        (void)add(path);
      changed.insert(path);
    }
  }
}

std::set<fs::path> FolderWatch::wait(Milliseconds patience) {
  std::set<fs::path> changed;
  if (!ready(patience)) return changed;
  do read_events(changed);
  while (ready(quiet));
  return changed;
}

}  // namespace causeway
