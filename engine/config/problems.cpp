#include "engine/config/problems.h"

#include <cstdio>
#include <numeric>

namespace causeway::config {

namespace {

constexpr std::size_t quoted_bytes_max = 64;
constexpr std::size_t pointer_bytes_max = 256;
constexpr std::size_t listed_max = 30;

bool is_utf8_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

/// Cut after a whole character, control characters as \xNN.
std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string_view shown = text.substr(0, bytes_max);
  if (shown.size() < text.size())
    while (!shown.empty() && is_utf8_continuation(text[shown.size()])) shown.remove_suffix(1);
  std::string out;
  for (const char c : shown) {
    char escaped[5];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      std::snprintf(escaped, sizeof escaped, "\\x%02X", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  if (shown.size() < text.size()) out += "…";
  return out;
}

/// Optimal string alignment distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Problem::str() const {
  std::string out = file;
  if (place.line > 0) out += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  if (severity == Severity::Warning) out += ": warning";
  if (!pointer.empty()) out += ": " + printable(pointer, pointer_bytes_max);
  return out + ": " + text;
}

void Problems::add(const Value& at, std::string pointer, std::string text) {
  if (list.size() < kept_max)
    list.push_back({file, at.place(), std::move(pointer), std::move(text), Severity::Error});
}

void Problems::warn(Place place, std::string pointer, std::string text) {
  if (list.size() < warnings_kept_max)
    list.push_back({file, place, std::move(pointer), std::move(text), Severity::Warning});
}

std::size_t Problems::errors() const {
  return static_cast<std::size_t>(std::count_if(list.begin(), list.end(), [](const auto& problem) {
    return problem.severity == Severity::Error;
  }));
}

void Problems::add_file(std::string text) {
  if (list.size() < kept_max) list.push_back({file, {}, "", std::move(text), Severity::Error});
}

void Problems::append(const Problems& others) {
  for (const auto& problem : others.list)
    if (list.size() < (problem.severity == Severity::Error ? kept_max : warnings_kept_max))
      list.push_back(problem);
}

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text, quoted_bytes_max) + "\"";
}

std::string pointer_to(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out += c;
  }
  return out;
}

std::string pointer_to(std::string_view pointer, std::size_t index) {
  return std::string(pointer) + "/" + std::to_string(index);
}

std::string did_you_mean(std::string_view typed, const std::vector<std::string>& candidates) {
  const auto near = nearest(typed, candidates);
  if (!near.empty()) return "; did you mean \"" + near + "\"?";
  if (candidates.empty() || candidates.size() > listed_max) return "";
  std::string out;
  for (const auto& word : candidates) out += (out.empty() ? "; known: " : ", ") + word;
  return out;
}

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  std::string best;
  // A third of the letters wrong is still a slip; more is another word.
  std::size_t best_distance =
      std::max<std::size_t>(1, std::min<std::size_t>(typed.size(), 12) / 3) + 1;
  for (const auto& candidate : candidates) {
    const auto longer = std::max(candidate.size(), typed.size());
    const auto shorter = std::min(candidate.size(), typed.size());
    if (longer - shorter >= best_distance) continue;
    if (const auto found = distance(typed, candidate); found < best_distance) {
      best = candidate;
      best_distance = found;
    }
  }
  return best;
}

}  // namespace causeway::config
