// What tests of file connectors share: an engine's environment, ends made from their JSON by the
// registry, and files.
#pragma once

#include <fstream>
#include <future>
#include <stdexcept>

#include "connectors/registry.h"
#include "connectors/support/event_loop.h"
#include "tests/support/memory_staging.h"
#include "tests/support/origin_intake.h"
#include "tests/support/temporary_folder.h"

namespace causeway::testing {

inline void write_file(const std::filesystem::path& path, std::string_view text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Relative paths of all files, sorted.
inline std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (!entry.is_directory()) found.push_back(entry.path().lexically_relative(folder).string());
  std::sort(found.begin(), found.end());
  return found;
}

/// Waits until something is so; false if it never is.
inline bool eventually(const std::function<bool()>& is_so,
                       Milliseconds wait = OriginIntake::patience) {
  for (const auto until = std::chrono::steady_clock::now() + wait;
       std::chrono::steady_clock::now() < until;) {
    if (is_so()) return true;
    std::this_thread::sleep_for(Milliseconds(10));
  }
  return is_so();
}

/// Records the events and fields of a log, to look for what must not be in it.
class TextLog final : public Log {
 public:
  void write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::lock_guard lock(mutex_);
    text_ += event;
    for (const auto& field : fields) text_.append(" ").append(field.key).append("=") += field.value;
    text_ += '\n';
  }
  std::string text() const {
    std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// One value, whatever the name.
class FixedSecrets final : public Secrets {
 public:
  explicit FixedSecrets(std::string its_text) : text(std::move(its_text)) {}
  Result<std::string> value(std::string_view) const override { return text; }
  std::string text;
};

struct FileBench {
  FileBench() { loop.start(); }

  std::unique_ptr<Source> source(const char* kind, const std::string& json) {
    const auto* found = connectors::find_kind(kind);
    auto made =
        found->make_source(parsed(*found->source_fields, json), {"lab/in", "source"}, environment);
    if (!made) throw std::runtime_error(made.error().str());
    return std::move(*made);
  }
  std::unique_ptr<Sink> sink(const char* kind, const std::string& json) {
    const auto* found = connectors::find_kind(kind);
    auto made =
        found->make_sink(parsed(*found->sink_fields, json), {"lab/in", "files"}, environment);
    if (!made) throw std::runtime_error(made.error().str());
    return std::move(*made);
  }

  connectors::EventLoop loop;
  MachineClock clock;
  TextLog log;
  Metrics metrics;
  MemoryStaging staging;
  std::atomic<bool> holds_lease = true;
  connectors::Environment environment{loop,    clock,    log,
                                      metrics, &staging, [this] { return holds_lease.load(); }};

 private:
  static config::Parsed parsed(const config::Fields& fields, const std::string& json) {
    config::Problems problems;
    const auto value = config::parse_json(json, problems);
    if (!value) throw std::runtime_error(json);
    auto read = config::read(fields, *value, problems);
    for (const auto& problem : problems.list) throw std::runtime_error(problem.str());
    return read;
  }
};

inline StoredDelivery file_delivery(int number, std::string text) {
  StoredDelivery delivery;
  delivery.work.message = make_message_id(1772366400000 + number, NodeId{0}, 1);
  delivery.body = Body(make_bytes(std::move(text)));
  return delivery;
}

inline Attempt delivered(Sink& sink, StoredDelivery delivery) {
  auto promise = std::make_shared<std::promise<Attempt>>();
  sink.deliver(std::move(delivery),
               [promise](Attempt attempt) { promise->set_value(std::move(attempt)); });
  auto future = promise->get_future();
  if (future.wait_for(std::chrono::seconds(30)) != std::future_status::ready)
    throw std::runtime_error("no outcome");
  return future.get();
}

}  // namespace causeway::testing
