#include "engine/main/authoring/difference.h"

#include "engine/config/problems.h"
#include "engine/config/revision_hash.h"
#include "engine/main/authoring/hl7_difference.h"

namespace causeway {
namespace {

constexpr std::size_t shown_bytes_max = 120;
/// Lists longer than this together are compared item by item: the table of a pairing would not fit.
constexpr std::size_t pairing_cells_max = 4'000'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<Difference> by_line(std::string_view expected, std::string_view actual) {
  const auto left = lines_of(expected), right = lines_of(actual);
  std::vector<Difference> found;
  const auto same = [&](std::size_t i, std::size_t j) { return left[i] == right[j] ? 2 : 0; };
  for (const auto& [i, j] : pair_up(left.size(), right.size(), same).pairs) {
    if (found.size() == differences_max) break;
    if (i >= 0 && j >= 0 && left[static_cast<std::size_t>(i)] == right[static_cast<std::size_t>(j)])
      continue;
    if (i >= 0)
      found.push_back({"line " + std::to_string(i + 1),
                       std::string(left[static_cast<std::size_t>(i)]), "",
                       Difference::Kind::Missing});
    if (j >= 0)
      found.push_back({"line " + std::to_string(j + 1), "",
                       std::string(right[static_cast<std::size_t>(j)]),
                       Difference::Kind::Unexpected});
  }
  if (found.empty())
    found.push_back({"the end", expected.ends_with('\n') ? "\n" : "",
                     actual.ends_with('\n') ? "\n" : "", Difference::Kind::Changed});
  return found;
}

class JsonComparison {
 public:
  explicit JsonComparison(const std::vector<std::string>& mask) : mask_(mask) {}

  std::vector<Difference> compare(const config::Value& expected, const config::Value& actual) {
    walk(expected, actual, "");
    return std::move(found_);
  }

 private:
  bool masked(const std::string& pointer) const {
    return std::any_of(mask_.begin(), mask_.end(), [&](const std::string& masked) {
      return masked.starts_with('/') && pointer.starts_with(masked) &&
             (pointer.size() == masked.size() || pointer[masked.size()] == '/');
    });
  }

  void add(Difference difference) {
    if (difference.place.empty()) difference.place = "/";
    if (found_.size() < differences_max) found_.push_back(std::move(difference));
  }

  void walk(const config::Value& expected, const config::Value& actual, const std::string& at) {
    if (masked(at)) return;
    if (expected.object() && actual.object()) return walk_members(expected, actual, at);
    if (expected.list() && actual.list()) return walk_items(*expected.list(), *actual.list(), at);
    const auto left = config::canonical_json(expected), right = config::canonical_json(actual);
    if (left != right) add({at, left, right, Difference::Kind::Changed});
  }

  void walk_members(const config::Value& expected, const config::Value& actual,
                    const std::string& at) {
    for (const auto& [key, value] : *expected.object()) {
      const auto pointer = config::pointer_to(at, key);
      if (const auto* other = actual.find(key))
        walk(value, *other, pointer);
      else if (!masked(pointer))
        add({pointer, config::canonical_json(value), "", Difference::Kind::Missing});
    }
    for (const auto& [key, value] : *actual.object()) {
      const auto pointer = config::pointer_to(at, key);
      if (!expected.find(key) && !masked(pointer))
        add({pointer, "", config::canonical_json(value), Difference::Kind::Unexpected});
    }
  }

  void walk_items(const config::Value::List& expected, const config::Value::List& actual,
                  const std::string& at) {
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
      const auto pointer = config::pointer_to(at, i);
      if (i < expected.size() && i < actual.size())
        walk(expected[i], actual[i], pointer);
      else if (i < expected.size() && !masked(pointer))
        add({pointer, config::canonical_json(expected[i]), "", Difference::Kind::Missing});
      else if (i < actual.size() && !masked(pointer))
        add({pointer, "", config::canonical_json(actual[i]), Difference::Kind::Unexpected});
    }
  }

  const std::vector<std::string>& mask_;
  std::vector<Difference> found_;
};

}  // namespace

std::string shown(std::string_view value) {
  std::string out = "\"";
  for (const char c : value.substr(0, shown_bytes_max)) {
    char escaped[5];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      std::snprintf(escaped, sizeof escaped, "\\x%02X",
                    static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escaped;
    } else {
      out += c;
    }
  }
  return out + (value.size() > shown_bytes_max ? "…\"" : "\"");
}

std::string Difference::str() const {
  switch (kind) {
    case Kind::Missing:
      return place + ": missing: " + shown(expected);
    case Kind::Unexpected:
      return place + ": not expected: " + shown(actual);
    case Kind::Changed:
      break;
  }
  return place + ": expected " + shown(expected) + ", got " + shown(actual);
}

Pairing pair_up(std::size_t left, std::size_t right,
                const std::function<int(std::size_t, std::size_t)>& rank) {
  Pairing pairing;
  const auto index = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
  if (left * right > pairing_cells_max || left > pairing_cells_max || right > pairing_cells_max) {
    for (std::size_t i = 0; i < std::max(left, right); ++i)
      pairing.pairs.emplace_back(i < left ? index(i) : -1, i < right ? index(i) : -1);
    return pairing;
  }
  // best[i][j]: the most that can be had of what comes from i and j on.
  std::vector<std::vector<int>> best(left + 1, std::vector<int>(right + 1, 0));
  for (std::size_t i = left; i-- > 0;)
    for (std::size_t j = right; j-- > 0;) {
      const int here = rank(i, j);
      best[i][j] =
          std::max({best[i + 1][j], best[i][j + 1], here > 0 ? here + best[i + 1][j + 1] : 0});
    }
  std::size_t i = 0, j = 0;
  while (i < left || j < right) {
    const int here = i < left && j < right ? rank(i, j) : 0;
    if (here > 0 && best[i][j] == here + best[i + 1][j + 1])
      pairing.pairs.emplace_back(index(i++), index(j++));
    else if (i < left && (j == right || best[i][j] == best[i + 1][j]))
      pairing.pairs.emplace_back(index(i++), -1);
    else
      pairing.pairs.emplace_back(-1, index(j++));
  }
  return pairing;
}

std::vector<Difference> differences(std::string_view expected, std::string_view actual,
                                    ContentType type, const std::vector<std::string>& mask) {
  if (expected == actual) return {};
  if (type == ContentType::Hl7v2) {
    if (auto found = hl7_differences(expected, actual, mask)) return std::move(*found);
  }
  if (type == ContentType::Json) {
    config::Problems ignored;
    const auto left = config::parse_json(expected, ignored);
    const auto right = config::parse_json(actual, ignored);
    if (left && right) return JsonComparison(mask).compare(*left, *right);
  }
  return by_line(expected, actual);
}

}  // namespace causeway
