// Paths such as PID-3[2].1.2: from text and back.
#include <algorithm>

#include <fmt/format.h>

#include "engine/formats/hl7v2/path.h"

namespace causeway::hl7v2 {
namespace {

/// Reads a path from left to right; what a step does not find, it leaves.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool skip_one_of(std::string_view characters) {
    return !rest_.empty() && characters.find(rest_[0]) != std::string_view::npos && skip(rest_[0]);
  }

  /// A letter, then two letters or digits, upper case. Empty if there is none.
  std::string name() {
    if (rest_.size() < 3) return {};
    auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    auto digit = [](char c) { return c >= '0' && c <= '9'; };
    if (!upper(rest_[0])) return {};
    for (int i : {1, 2})
      if (!upper(rest_[static_cast<std::size_t>(i)]) && !digit(rest_[static_cast<std::size_t>(i)]))
        return {};
    std::string found(rest_.substr(0, 3));
    rest_.remove_prefix(3);
    return found;
  }

  /// A number from 1 to `most`; 0 if there is none.
  int number(std::size_t most) {
    std::size_t value = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9') {
      value = value * 10 + static_cast<std::size_t>(rest_[0] - '0');
      if (value > most) return 0;
      rest_.remove_prefix(1);
    }
    return static_cast<int>(value);
  }

  /// "[n]", "[*]" or nothing (0). False if it is malformed.
  bool index(int& value, std::size_t most) {
    if (!skip('[')) return true;
    value = skip('*') ? every : number(most);
    return value != 0 && skip(']');
  }

  /// Up to a "/"; nullopt if there is none.
  std::optional<std::string_view> until_slash() {
    auto end = rest_.find('/');
    if (end == std::string_view::npos) return std::nullopt;
    auto found = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return found;
  }

  /// A group's name: capitals, digits, "_" and "-".
  std::string group_name() {
    std::string found;
    while (!rest_.empty() && found.size() < group_name_max) {
      char c = rest_[0];
      bool good = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
      if (!good) break;
      found += c;
      rest_.remove_prefix(1);
    }
    return found;
  }

 private:
  std::string_view rest_;
};

Error bad_path(std::string_view text, std::string_view why) {
  return Error{ErrorKind::Invalid, fmt::format("path \"{}\"", text.substr(0, 60)),
               std::string(why)};
}

}  // namespace

bool Path::has_wildcard() const {
  return segment_index == every || repetition == every ||
         std::any_of(groups.begin(), groups.end(),
                     [](const Group& group) { return group.index == every; });
}

Result<Path> parse_path(std::string_view text) {
  Reader reader(text);
  Path path;
  while (auto part = reader.until_slash()) {
    Reader group_reader(*part);
    Path::Group group;
    group.name = group_reader.group_name();
    if (group.name.empty() || !group_reader.index(group.index, segments_max) ||
        !group_reader.at_end())
      return bad_path(text,
                      "a group is its name in capitals and [n], from 1, or [*], before a \"/\"");
    if (path.groups.size() == groups_max) return bad_path(text, "too many groups");
    path.groups.push_back(std::move(group));
  }
  path.segment = reader.name();
  if (path.segment.empty())
    return bad_path(text, "it must begin with a segment's name in capitals, such as PID");
  if (!reader.index(path.segment_index, segments_max))
    return bad_path(text, "the segment's index must be [n], from 1, or [*]");
  if (reader.at_end()) return path;
  if (!reader.skip_one_of("-.") || (path.field = reader.number(fields_max)) == 0)
    return bad_path(text, "a field is -n after the segment's name, from 1 to 4000");
  if (!reader.index(path.repetition, repetitions_max))
    return bad_path(text, "a repetition must be [n], from 1 to 4000, or [*]");
  for (int* level : {&path.component, &path.subcomponent}) {
    if (reader.at_end()) return path;
    if (!reader.skip_one_of(".-") || (*level = reader.number(repetitions_max)) == 0)
      return bad_path(text, "components are .n, from 1 to 4000");
  }
  if (!reader.at_end()) return bad_path(text, "nothing may follow the subcomponent");
  return path;
}

std::string to_string(const Path& path) {
  auto index = [](int n) {
    return n == 0 ? std::string() : n == every ? "[*]" : fmt::format("[{}]", n);
  };
  std::string text;
  for (const auto& group : path.groups) text += group.name + index(group.index) + "/";
  text += path.segment + index(path.segment_index);
  if (path.field == 0) return text;
  text += fmt::format("-{}", path.field) + index(path.repetition);
  if (path.component > 0) text += fmt::format(".{}", path.component);
  if (path.subcomponent > 0) text += fmt::format(".{}", path.subcomponent);
  return text;
}

}  // namespace causeway::hl7v2
