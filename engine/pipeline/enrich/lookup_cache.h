// Answers that are given again without asking. Thread-safe: one mutex.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/core/body.h"
#include "engine/core/ids.h"

namespace causeway::pipeline {

class LookupCache {
 public:
  static constexpr std::size_t bytes_max = 16 * 1024 * 1024;  ///< Of one stage.

  /// Age 0: it keeps nothing.
  LookupCache(Milliseconds age, std::size_t entries_max) : age_(age), entries_max_(entries_max) {}

  Bytes find(const std::string& request, SteadyTime now);  ///< Null: it has none, or too old a one.
  void keep(const std::string& request, Bytes answer, SteadyTime now);

 private:
  struct Entry {
    std::string request;
    Bytes answer;
    SteadyTime kept_at;
  };
  void drop(std::list<Entry>::iterator entry);

  const Milliseconds age_;
  const std::size_t entries_max_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::list<Entry> entries_;  // the latest used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_request_;
  std::size_t bytes_ = 0;
};

}  // namespace causeway::pipeline
