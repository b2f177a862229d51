#include "engine/main/authoring/hl7_difference.h"

#include "engine/formats/hl7v2/message.h"

namespace causeway {
namespace {

using Parts = std::vector<std::string_view>;

Parts parts_of(std::string_view text, char delimiter) {
  Parts parts;
  for (;;) {
    const auto end = text.find(delimiter);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view part(const Parts& parts, std::size_t i) {
  return i < parts.size() ? parts[i] : std::string_view();
}

/// Blank lines don't count, nor does how the last segment ends.
Parts segments_of(std::string_view message) {
  Parts segments;
  while (!message.empty()) {
    const auto end = std::min(message.find_first_of("\r\n"), message.size());
    if (end > 0) segments.push_back(message.substr(0, end));
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return segments;
}

hl7v2::Delimiters delimiters_of(std::string_view message) {
  const auto header = hl7v2::peek_header(message);
  return header ? header->delimiters : hl7v2::Delimiters{};
}

bool covers(const hl7v2::Path& mask, const hl7v2::Path& path) {
  const auto same = [](int wanted, int found) { return wanted == 0 || wanted == found; };
  return mask.segment == path.segment && same(mask.segment_index, path.segment_index) &&
         same(mask.field, path.field) && same(mask.repetition, path.repetition) &&
         same(mask.component, path.component) && same(mask.subcomponent, path.subcomponent);
}

class Comparison {
 public:
  Comparison(std::string_view expected, std::string_view actual,
             const std::vector<std::string>& mask)
      : left_(segments_of(expected)),
        right_(segments_of(actual)),
        left_delimiters_(delimiters_of(expected)),
        right_delimiters_(delimiters_of(actual)) {
    for (const auto& text : mask)
      if (auto path = hl7v2::parse_path(text)) mask_.push_back(std::move(*path));
  }

  std::vector<Difference> compare() {
    const auto rank = [&](std::size_t i, std::size_t j) {
      if (left_[i] == right_[j]) return 3;
      return name_of(left_[i]) == name_of(right_[j]) ? 1 : 0;
    };
    for (const auto& [i, j] : pair_up(left_.size(), right_.size(), rank).pairs) {
      if (i < 0) {
        one_sided(right_, static_cast<std::size_t>(j), Difference::Kind::Unexpected);
      } else if (j < 0) {
        one_sided(left_, static_cast<std::size_t>(i), Difference::Kind::Missing);
      } else {
        at_ = place_of(right_, static_cast<std::size_t>(j));
        fields(left_[static_cast<std::size_t>(i)], right_[static_cast<std::size_t>(j)]);
      }
    }
    return std::move(found_);
  }

 private:
  static std::string_view name_of(std::string_view segment) { return segment.substr(0, 3); }

  static hl7v2::Path place_of(const Parts& segments, std::size_t at) {
    hl7v2::Path path;
    path.segment = std::string(name_of(segments[at]));
    for (std::size_t i = 0; i <= at; ++i)
      if (name_of(segments[i]) == path.segment) ++path.segment_index;
    return path;
  }

  void one_sided(const Parts& segments, std::size_t at, Difference::Kind kind) {
    at_ = place_of(segments, at);
    Difference difference{segment_text(), "", "", kind};
    (kind == Difference::Kind::Missing ? difference.expected : difference.actual) = segments[at];
    add(std::move(difference));
  }

  void fields(std::string_view left, std::string_view right) {
    const auto a = parts_of(left, left_delimiters_.field);
    const auto b = parts_of(right, right_delimiters_.field);
    // MSH-1 is the separator itself: what stands after it is field 2.
    const int first = at_.segment == "MSH" || at_.segment == "FHS" || at_.segment == "BHS" ? 1 : 0;
    for (std::size_t i = 1; i < std::max(a.size(), b.size()); ++i) {
      at_.field = static_cast<int>(i) + first;
      at_.repetition = at_.component = at_.subcomponent = 0;
      if (part(a, i) == part(b, i)) continue;
      if (first == 1 && i == 1)
        leaf(part(a, i), part(b, i));  // MSH-2 is no value that could be divided
      else
        repetitions(part(a, i), part(b, i));
    }
  }

  void repetitions(std::string_view left, std::string_view right) {
    const auto a = parts_of(left, left_delimiters_.repetition);
    const auto b = parts_of(right, right_delimiters_.repetition);
    several_repetitions_ = std::max(a.size(), b.size()) > 1;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      at_.repetition = static_cast<int>(i) + 1;
      at_.component = at_.subcomponent = 0;
      if (part(a, i) != part(b, i)) components(part(a, i), part(b, i));
    }
  }

  void components(std::string_view left, std::string_view right) {
    const auto a = parts_of(left, left_delimiters_.component);
    const auto b = parts_of(right, right_delimiters_.component);
    several_components_ = std::max(a.size(), b.size()) > 1;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      at_.component = static_cast<int>(i) + 1;
      at_.subcomponent = 0;
      if (part(a, i) != part(b, i)) subcomponents(part(a, i), part(b, i));
    }
  }

  void subcomponents(std::string_view left, std::string_view right) {
    const auto a = parts_of(left, left_delimiters_.subcomponent);
    const auto b = parts_of(right, right_delimiters_.subcomponent);
    several_subcomponents_ = std::max(a.size(), b.size()) > 1;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
      at_.subcomponent = static_cast<int>(i) + 1;
      if (part(a, i) != part(b, i)) leaf(part(a, i), part(b, i));
    }
  }

  void leaf(std::string_view left, std::string_view right) {
    auto place = segment_text() + "-" + std::to_string(at_.field);
    if (at_.repetition > 0 && several_repetitions_)
      place += "[" + std::to_string(at_.repetition) + "]";
    const bool below = at_.subcomponent > 0 && several_subcomponents_;
    if (at_.component > 0 && (several_components_ || below))
      place += "." + std::to_string(at_.component);
    if (below) place += "." + std::to_string(at_.subcomponent);
    add({std::move(place), std::string(left), std::string(right), Difference::Kind::Changed});
  }

  std::string segment_text() const {
    return at_.segment +
           (at_.segment_index > 1 ? "[" + std::to_string(at_.segment_index) + "]" : "");
  }

  void add(Difference difference) {
    const auto masks = [&](const hl7v2::Path& mask) { return covers(mask, at_); };
    if (found_.size() < differences_max && std::none_of(mask_.begin(), mask_.end(), masks))
      found_.push_back(std::move(difference));
  }

  Parts left_, right_;
  hl7v2::Delimiters left_delimiters_, right_delimiters_;
  std::vector<hl7v2::Path> mask_;
  std::vector<Difference> found_;
  hl7v2::Path at_;
  bool several_repetitions_ = false, several_components_ = false, several_subcomponents_ = false;
};

}  // namespace

std::vector<Difference> hl7_differences(std::string_view expected, std::string_view actual,
                                        const std::vector<std::string>& mask) {
  return Comparison(expected, actual, mask).compare();
}

}  // namespace causeway
