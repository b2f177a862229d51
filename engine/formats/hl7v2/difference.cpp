#include "engine/formats/hl7v2/difference.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "engine/formats/hl7v2/leaves.h"
#include "engine/formats/hl7v2/segment_pairs.h"

namespace causeway::hl7v2 {
namespace {

/// One of the two messages.
class Side {
 public:
  Side(const Message& message, const std::function<std::string(std::string)>& to_text,
       const DifferenceOptions& options)
      : message_(message), to_text_(to_text), raw_(options.raw) {
    std::map<std::string_view, int> counts;
    for (std::size_t i = 0; i < message.segment_count(); ++i)
      numbers_.push_back(++counts[message.segment_name(i)]);
    for (const auto& path : options.ignored) ignore(path);
  }

  std::vector<Leaf> leaves(std::size_t segment) const { return leaves_of(message_, segment); }

  std::string text(const Leaf& leaf) const {
    auto value = raw_ ? std::string(leaf.raw) : decoded(leaf, message_.delimiters());
    return to_text_ ? to_text_(std::move(value)) : value;
  }
  std::string segment_text(std::size_t segment) const {
    std::string text(message_.segment_text(segment));
    return to_text_ ? to_text_(std::move(text)) : text;
  }
  Path path(std::size_t segment, const Leaf& leaf) const {
    return path_of(leaf, message_.segment_name(segment), numbers_[segment]);
  }
  bool ignores(std::size_t segment, const Leaf& leaf) const {
    const auto [begin, end] = ignored_.equal_range(segment);
    return std::any_of(begin, end, [&](const auto& entry) {
      const auto& path = entry.second;
      const auto covers = [](int wanted, int number) { return wanted <= 0 || wanted == number; };
      return covers(path.field, leaf.field) && covers(path.repetition, leaf.repetition) &&
             covers(path.component, leaf.component) && covers(path.subcomponent, leaf.subcomponent);
    });
  }
  bool ignores(std::size_t segment) const {
    const auto [begin, end] = ignored_.equal_range(segment);
    return std::any_of(begin, end, [](const auto& entry) { return entry.second.field == 0; });
  }

 private:
  void ignore(const Path& path) {
    Path segments = path;
    segments.field = segments.repetition = segments.component = segments.subcomponent = 0;
    if (segments.segment_index == 0) segments.segment_index = every;
    for (auto& group : segments.groups)
      if (group.index == 0) group.index = every;
    for (const auto& match : message_.matches(segments)) ignored_.emplace(match.segment, path);
  }

  const Message& message_;
  const std::function<std::string(std::string)>& to_text_;
  const bool raw_;
  std::vector<int> numbers_;
  std::multimap<std::size_t, Path> ignored_;
};

class Comparison {
 public:
  Comparison(const Message& before, const Message& after, const DifferenceOptions& options)
      : before_(before, options.to_text_before, options),
        after_(after, options.to_text_after, options) {}

  std::vector<Difference> of(const std::vector<SegmentPair>& pairs) {
    for (const auto& pair : pairs) {
      if (pair.before && pair.after)
        compare(*pair.before, *pair.after);
      else if (pair.before && !before_.ignores(*pair.before))
        one_sided(Difference::Kind::SegmentRemoved, *pair.before);
      else if (pair.after && !after_.ignores(*pair.after))
        one_sided(Difference::Kind::SegmentAdded, *pair.after);
    }
    return std::move(found_);
  }

 private:
  void one_sided(Difference::Kind kind, std::size_t segment) {
    const bool removed = kind == Difference::Kind::SegmentRemoved;
    const auto& side = removed ? before_ : after_;
    Difference difference;
    difference.kind = kind;
    (removed ? difference.segment_before : difference.segment_after) = segment;
    (removed ? difference.before : difference.after) = side.path(segment, Leaf{});
    (removed ? difference.text_before : difference.text_after) = side.segment_text(segment);
    found_.push_back(std::move(difference));
  }

  /// Both lists are in order: what only one has stands alone.
  void compare(std::size_t before, std::size_t after) {
    const auto ours = before_.leaves(before), theirs = after_.leaves(after);
    auto a = ours.begin(), b = theirs.begin();
    while (a != ours.end() || b != theirs.end()) {
      const bool only_b = a == ours.end() || (b != theirs.end() && order(*b) < order(*a));
      const bool only_a = !only_b && (b == theirs.end() || order(*a) < order(*b));
      add(before, after, only_b ? nullptr : &*a, only_a ? nullptr : &*b);
      if (!only_b) ++a;
      if (!only_a) ++b;
    }
  }

  static std::tuple<int, int, int, int> order(const Leaf& leaf) {
    return {leaf.field, leaf.repetition, leaf.component, leaf.subcomponent};
  }

  void add(std::size_t before, std::size_t after, const Leaf* a, const Leaf* b) {
    Leaf place = a ? *a : *b;
    if (before_.ignores(before, place) || after_.ignores(after, place)) return;
    Difference difference;
    if (a) difference.text_before = before_.text(*a);
    if (b) difference.text_after = after_.text(*b);
    if (difference.text_before == difference.text_after) return;
    place.divided = place.divided || (b && b->divided);
    place.parted = place.parted || (b && b->parted);
    difference.segment_before = before;
    difference.segment_after = after;
    difference.before = before_.path(before, place);
    difference.after = after_.path(after, place);
    found_.push_back(std::move(difference));
  }

  Side before_, after_;
  std::vector<Difference> found_;
};

}  // namespace

std::vector<Difference> differences(const Message& before, const Message& after,
                                    const DifferenceOptions& options) {
  return Comparison(before, after, options).of(pair_segments(before, after, pairs_weighed_max));
}

}  // namespace causeway::hl7v2
