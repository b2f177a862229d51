#include "connectors/ftp/listing.h"

#include <charconv>

namespace causeway::connectors::ftp {
namespace {

using folder::FileInfo;

constexpr std::int64_t ns_per_second = 1'000'000'000;

bool is_good_name(std::string_view name) {
  return name.find_first_of("/\r\n") == name.npos && folder::check_relative(name).ok();
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Takes a word and the spaces behind it.
std::string_view take_word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto word = line.substr(0, end);
  line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
  return word;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.size() < 14) return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) {
    return number<unsigned>(text.substr(at, size));
  };
  const auto year = part(0, 4), month = part(4, 2), day = part(6, 2), hour = part(8, 2),
             minute = part(10, 2), second = part(12, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  // What a signed 64-bit number of nanoseconds can hold.
  if (!date.ok() || *year < 1700 || *year > 2200 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  auto time = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hour) +
              std::chrono::minutes(*minute) + std::chrono::seconds(*second);
  std::int64_t ns = std::chrono::duration_cast<std::chrono::seconds>(time).count() * ns_per_second;
  if (text.size() == 14) return ns;
  if (text[14] != '.' || text.size() == 15 || text.size() > 24) return std::nullopt;
  std::int64_t unit = ns_per_second;
  for (const char c : text.substr(15)) {
    if (c < '0' || c > '9') return std::nullopt;
    unit /= 10;
    ns += (c - '0') * unit;
  }
  return ns;
}

std::optional<FileInfo> parse_facts(std::string_view line) {
  const auto space = line.find(' ');
  if (space == line.npos) return std::nullopt;
  FileInfo info;
  info.path = line.substr(space + 1);
  if (!is_good_name(info.path)) return std::nullopt;
  bool has_type = false;
  for (auto facts = line.substr(0, space); !facts.empty();) {
    const auto end = std::min(facts.find(';'), facts.size());
    const auto fact = facts.substr(0, end);
    facts.remove_prefix(std::min(end + 1, facts.size()));
    const auto equals = fact.find('=');
    if (equals == fact.npos) continue;
    const auto name = lower(fact.substr(0, equals));
    const auto value = fact.substr(equals + 1);
    if (name == "type") {
      info.is_folder = lower(value) == "dir";
      has_type = info.is_folder || lower(value) == "file";
    } else if (name == "size") {
      const auto size = number<std::uint64_t>(value);
      if (!size) return std::nullopt;
      info.size = *size;
    } else if (name == "modify") {
      const auto time = parse_time(value);
      if (!time) return std::nullopt;
      info.modified_ns = *time;
    }
  }
  if (!has_type) return std::nullopt;
  if (info.is_folder) info.size = 0;
  return info;
}

std::optional<FileInfo> parse_list_line(std::string_view line) {
  if (line.size() < 10 || (line[0] != '-' && line[0] != 'd')) return std::nullopt;
  FileInfo info;
  info.is_folder = line[0] == 'd';
  take_word(line);                              // permissions
  for (int i = 0; i < 3; ++i) take_word(line);  // links, user, group
  const auto size = number<std::uint64_t>(take_word(line));
  if (!size) return std::nullopt;
  if (!info.is_folder) info.size = *size;
  take_word(line);  // month
  take_word(line);  // day
  // A name may begin with spaces: only one of them ends the time.
  const auto space = line.find(' ');
  if (space == line.npos) return std::nullopt;
  info.path = line.substr(space + 1);
  if (!is_good_name(info.path)) return std::nullopt;
  return info;
}

}  // namespace causeway::connectors::ftp
