#include "engine/main/file_differences.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace causeway {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t context = 3;
/// Beyond so many pairs of lines that differ, the whole part between is shown as exchanged.
constexpr std::size_t compared_max = 4'000'000;

Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Step {
  char mark;  // ' ', '-' or '+'
  std::string_view line;
};

/// The longest common subsequence of the part that differs, by the table of lengths.
void compare(const Lines& before, const Lines& after, std::size_t first, std::size_t before_end,
             std::size_t after_end, std::vector<Step>& steps) {
  const auto rows = before_end - first, columns = after_end - first;
  if (rows * columns > compared_max) {
    for (auto i = first; i < before_end; ++i) steps.push_back({'-', before[i]});
    for (auto i = first; i < after_end; ++i) steps.push_back({'+', after[i]});
    return;
  }
  std::vector<std::uint32_t> lengths((rows + 1) * (columns + 1));
  auto length = [&](std::size_t row, std::size_t column) -> std::uint32_t& {
    return lengths[row * (columns + 1) + column];
  };
  for (auto row = rows; row-- > 0;)
    for (auto column = columns; column-- > 0;)
      length(row, column) = before[first + row] == after[first + column]
                                ? length(row + 1, column + 1) + 1
                                : std::max(length(row + 1, column), length(row, column + 1));
  std::size_t row = 0, column = 0;
  while (row < rows || column < columns) {
    if (row < rows && column < columns && before[first + row] == after[first + column]) {
      steps.push_back({' ', before[first + row]});
      ++row, ++column;
    } else if (column == columns ||
               (row < rows && length(row + 1, column) >= length(row, column + 1))) {
      steps.push_back({'-', before[first + row++]});
    } else {
      steps.push_back({'+', after[first + column++]});
    }
  }
}

std::vector<Step> steps_between(const Lines& before, const Lines& after) {
  std::size_t first = 0;
  while (first < before.size() && first < after.size() && before[first] == after[first]) ++first;
  auto before_end = before.size(), after_end = after.size();
  while (before_end > first && after_end > first && before[before_end - 1] == after[after_end - 1])
    --before_end, --after_end;
  std::vector<Step> steps;
  for (std::size_t i = 0; i < first; ++i) steps.push_back({' ', before[i]});
  compare(before, after, first, before_end, after_end, steps);
  for (auto i = before_end; i < before.size(); ++i) steps.push_back({' ', before[i]});
  return steps;
}

std::string range(std::size_t start, std::size_t count) {
  return std::to_string(count == 0 ? start : start + 1) + "," + std::to_string(count);
}

/// One run of changes with its surroundings.
std::string hunk(const std::vector<Step>& steps, std::size_t begin, std::size_t end,
                 std::size_t before_at, std::size_t after_at) {
  std::string text;
  std::size_t before = 0, after = 0;
  for (auto i = begin; i < end; ++i) {
    before += steps[i].mark != '+';
    after += steps[i].mark != '-';
    text += steps[i].mark;
    text += steps[i].line;
    text += '\n';
  }
  return "@@ -" + range(before_at, before) + " +" + range(after_at, after) + " @@\n" + text;
}

std::string hunks(const std::vector<Step>& steps) {
  std::string text;
  std::size_t before_at = 0, after_at = 0, shown = 0;
  auto pass_to = [&](std::size_t end) {
    for (; shown < end; ++shown) {
      before_at += steps[shown].mark != '+';
      after_at += steps[shown].mark != '-';
    }
  };
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].mark == ' ') continue;
    const auto begin = std::max(shown, i < context ? 0 : i - context);
    auto last = i;
    for (auto next = i; next < steps.size() && next <= last + 2 * context; ++next)
      if (steps[next].mark != ' ') last = next;
    const auto end = std::min(steps.size(), last + 1 + context);
    pass_to(begin);
    text += hunk(steps, begin, end, before_at, after_at);
    pass_to(end);
    i = end - 1;
  }
  return text;
}

}  // namespace

std::string differences(const Named& before, const Named& after) {
  std::set<std::string> names;
  for (const auto& [name, text] : before.files) names.insert(name);
  for (const auto& [name, text] : after.files) names.insert(name);
  std::string all;
  for (const auto& name : names) {
    auto was = before.files.find(name);
    auto is = after.files.find(name);
    const bool had = was != before.files.end(), has = is != after.files.end();
    const std::string_view old_text = had ? was->second : std::string_view();
    const std::string_view new_text = has ? is->second : std::string_view();
    if (had == has && old_text == new_text) continue;
    all += "--- " + (had ? name + "\t" + before.name : "/dev/null") + "\n+++ " +
           (has ? name + "\t" + after.name : "/dev/null") + "\n";
    all += hunks(steps_between(lines_of(old_text), lines_of(new_text)));
  }
  return all;
}

}  // namespace causeway
