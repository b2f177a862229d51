#include "engine/formats/hl7v2/segment_pairs.h"

#include <algorithm>
#include <map>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// A segment left out and another put in cost a little more than one changed throughout.
constexpr int changed_cost = 2000;
constexpr int gap_cost = 1010;

/// A segment as it is weighed: its fields by their hashes.
struct Weighed {
  std::string_view name;
  std::vector<std::size_t> fields;
};

std::vector<Weighed> weigh(const Message& message, std::size_t begin, std::size_t end) {
  std::vector<Weighed> all;
  for (auto i = begin; i < end; ++i) {
    Weighed one{message.segment_name(i), {}};
    auto rest = message.scanned_text(i);
    rest.remove_prefix(one.name.size());
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const auto field = *part(rest, message.delimiters().field, 1);
      one.fields.push_back(std::hash<std::string_view>()(field));
      rest.remove_prefix(field.size());
    }
    all.push_back(std::move(one));
  }
  return all;
}

int cost_of(const Weighed& a, const Weighed& b) {
  const auto common = std::min(a.fields.size(), b.fields.size());
  const auto longest = std::max<std::size_t>(std::max(a.fields.size(), b.fields.size()), 1);
  std::size_t equal = 0;
  for (std::size_t i = 0; i < common; ++i) equal += a.fields[i] == b.fields[i] ? 1 : 0;
  return static_cast<int>(changed_cost * (longest - equal) / longest);
}

/// The cheapest way from the one to the other, by dynamic programming.
class Weighing {
 public:
  Weighing(std::vector<Weighed> before, std::vector<Weighed> after)
      : before_(std::move(before)),
        after_(std::move(after)),
        steps_((before_.size() + 1) * (after_.size() + 1), Step::Add) {}

  /// Steps from the first on, with indices from `first_*`.
  void append(std::size_t first_before, std::size_t first_after, std::vector<SegmentPair>& pairs) {
    fill();
    const auto begin = pairs.size();
    auto i = before_.size(), j = after_.size();
    while (i > 0 || j > 0) {
      const auto step = i == 0 ? Step::Add : j == 0 ? Step::Remove : at(i, j);
      SegmentPair pair;
      if (step != Step::Add) pair.before = first_before + --i;
      if (step != Step::Remove) pair.after = first_after + --j;
      pairs.push_back(pair);
    }
    std::reverse(pairs.begin() + static_cast<std::ptrdiff_t>(begin), pairs.end());
  }

 private:
  enum class Step : std::uint8_t { Pair, Remove, Add };

  Step& at(std::size_t i, std::size_t j) { return steps_[i * (after_.size() + 1) + j]; }

  void fill() {
    std::vector<int> row(after_.size() + 1), above(after_.size() + 1);
    for (std::size_t j = 0; j <= after_.size(); ++j) above[j] = static_cast<int>(j) * gap_cost;
    for (std::size_t i = 1; i <= before_.size(); ++i) {
      row[0] = static_cast<int>(i) * gap_cost;
      for (std::size_t j = 1; j <= after_.size(); ++j) {
        row[j] = row[j - 1] + gap_cost;
        at(i, j) = Step::Add;
        if (above[j] + gap_cost < row[j]) {
          row[j] = above[j] + gap_cost;
          at(i, j) = Step::Remove;
        }
        if (before_[i - 1].name != after_[j - 1].name) continue;
        const auto paired = above[j - 1] + cost_of(before_[i - 1], after_[j - 1]);
        if (paired > row[j]) continue;
        row[j] = paired;
        at(i, j) = Step::Pair;
      }
      std::swap(row, above);
    }
  }

  std::vector<Weighed> before_, after_;
  std::vector<Step> steps_;
};

/// The nth OBX of the one is that of the other.
void pair_by_number(const Message& before, const Message& after, SegmentRange in_before,
                    SegmentRange in_after, std::vector<SegmentPair>& pairs) {
  std::map<std::string_view, std::vector<std::size_t>> places;
  for (auto i = in_after.end; i-- > in_after.begin;)
    places[after.segment_name(i)].push_back(i);  // the first is the last of the list
  std::vector<std::size_t> added;
  for (auto i = in_before.begin; i < in_before.end; ++i) {
    auto& same = places[before.segment_name(i)];
    pairs.push_back({i, std::nullopt});
    if (same.empty()) continue;
    pairs.back().after = same.back();
    same.pop_back();
  }
  for (const auto& [name, left] : places) added.insert(added.end(), left.begin(), left.end());
  std::sort(added.begin(), added.end());
  for (const auto place : added) pairs.push_back({std::nullopt, place});
}

}  // namespace

std::vector<SegmentPair> pair_segments(const Message& before, const Message& after,
                                       std::size_t weighed_max) {
  std::vector<SegmentPair> pairs;
  const auto same = [&](std::size_t i, std::size_t j) {
    return before.segment_text(i) == after.segment_text(j);
  };
  std::size_t begin = 0, end_before = before.segment_count(), end_after = after.segment_count();
  while (begin < std::min(end_before, end_after) && same(begin, begin)) {
    pairs.push_back({begin, begin});
    ++begin;
  }
  while (begin < std::min(end_before, end_after) && same(end_before - 1, end_after - 1)) {
    --end_before;
    --end_after;
  }
  if ((end_before - begin) * (end_after - begin) <= weighed_max)
    Weighing(weigh(before, begin, end_before), weigh(after, begin, end_after))
        .append(begin, begin, pairs);
  else
    pair_by_number(before, after, {begin, end_before}, {begin, end_after}, pairs);
  for (std::size_t i = end_before; i < before.segment_count(); ++i)
    pairs.push_back({i, end_after + (i - end_before)});
  return pairs;
}

}  // namespace causeway::hl7v2
