#include "engine/script/coverage.h"

#include <atomic>
#include <charconv>

#include <jsapi.h>

#include <js/experimental/CodeCoverage.h>

#include "engine/script/interpreter.h"
#include "engine/script/prelude.h"
#include "engine/script/script_runtime.h"

namespace causeway::script {
namespace {

std::atomic<bool> enabled{false};

constexpr std::string_view file_prefix = "SF:";
constexpr std::string_view line_prefix = "DA:";

/// "7,12": line and count; false if it is something else.
bool read_count(std::string_view text, int& line, std::uint64_t& count) {
  const auto end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, line);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != ',') return false;
  return std::from_chars(read.ptr + 1, end, count).ec == std::errc();
}

}  // namespace

void enable_coverage() {
  js::EnableCodeCoverage();
  enabled = true;
}

bool is_coverage_enabled() {
  return enabled;
}

std::map<std::string, std::map<int, std::uint64_t>> coverage_of_this_thread() {
  std::map<std::string, std::map<int, std::uint64_t>> found;
  auto* context = ScriptRuntime::of_this_thread().interpreter().context();
  std::size_t size = 0;
  const auto text = js::GetCodeCoverageSummaryAll(context, &size);
  if (!text) return found;
  std::string_view rest(text.get(), size);
  std::map<int, std::uint64_t>* lines = nullptr;
  while (!rest.empty()) {
    auto row = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(row.size() + 1, rest.size()));
    int line = 0;
    std::uint64_t count = 0;
    if (row.starts_with(file_prefix)) {
      row.remove_prefix(file_prefix.size());
      lines = row == prelude_name ? nullptr : &found[std::string(row)];
    } else if (lines && row.starts_with(line_prefix) &&
               read_count(row.substr(line_prefix.size()), line, count)) {
      (*lines)[line] += count;
    }
  }
  return found;
}

void forget_coverage() {
  ScriptRuntime::of_this_thread().end_released();
  auto* context = ScriptRuntime::of_this_thread().interpreter().context();
  JS_GC(context);
}

}  // namespace causeway::script
