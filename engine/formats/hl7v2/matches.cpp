// Message: groups, and the places that wildcards stand for.
#include <algorithm>

#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {

void Message::use_groups(std::shared_ptr<const GroupFinder> finder) {
  group_finder_ = std::move(finder);
  groups_.reset();
}

const GroupPlaces& Message::groups() const {
  if (!groups_)
    groups_ = std::make_shared<const GroupPlaces>(group_finder_ ? group_finder_->groups_of(*this)
                                                                : GroupPlaces());
  return *groups_;
}

namespace {

/// Calls for each group of this name within the range until it is told to stop.
template <class Take>
void each_group(const GroupPlaces& groups, std::string_view name, const SegmentRange& within,
                const Take& take) {
  auto at = std::lower_bound(
      groups.begin(), groups.end(), within.begin,
      [](const GroupPlace& group, std::size_t begin) { return group.range.begin < begin; });
  for (; at != groups.end() && at->range.begin < within.end; ++at)
    if (at->name == name && at->range.end <= within.end && at != groups.begin() && !take(at->range))
      return;
}

}  // namespace

std::optional<SegmentRange> Message::find_group(std::string_view name, int n,
                                                const SegmentRange& within) const {
  std::optional<SegmentRange> found;
  each_group(groups(), name, within, [&](const SegmentRange& range) {
    if (--n == 0) found = range;
    return n > 0;
  });
  return found;
}

std::vector<SegmentRange> Message::find_groups(std::string_view name,
                                               const SegmentRange& within) const {
  std::vector<SegmentRange> found;
  each_group(groups(), name, within, [&](const SegmentRange& range) {
    found.push_back(range);
    return true;
  });
  return found;
}

std::vector<Match> Message::matches(const Path& path) const {
  std::vector<Match> found;
  match_groups(path, 0, all_segments(), found);
  return found;
}

/// Goes into the path's groups from this depth on.
void Message::match_groups(Path path, std::size_t depth, const SegmentRange& within,
                           std::vector<Match>& found) const {
  if (depth == path.groups.size()) return match_segments(std::move(path), within, found);
  const auto name = path.groups[depth].name;
  auto& index = path.groups[depth].index;
  if (index != every) {
    if (const auto range = find_group(name, std::max(index, 1), within))
      match_groups(std::move(path), depth + 1, *range, found);
    return;
  }
  index = 0;
  for (const auto& range : find_groups(name, within)) {
    ++index;
    match_groups(path, depth + 1, range, found);
    if (found.size() >= matches_max) return;
  }
}

void Message::match_segments(Path path, const SegmentRange& within,
                             std::vector<Match>& found) const {
  const bool all = path.segment_index == every;
  int seen = 0;
  for (auto i = within.begin; i < within.end && found.size() < matches_max; ++i) {
    if (!has_name(segment_text(i), path.segment, delimiters_.field)) continue;
    ++seen;
    if (!all && seen < path.segment_index) continue;
    if (!all) return match_in(i, std::move(path), found);
    path.segment_index = seen;
    match_in(i, path, found);
  }
}

/// Adds the path's place in this segment: each repetition, where the path wants them all.
void Message::match_in(std::size_t segment, Path path, std::vector<Match>& found) const {
  if (path.repetition != every) {
    if (auto value = raw_in(segment, path)) found.push_back({segment, std::move(path), *value});
    return;
  }
  const int count = count_repetitions_in(segment, path.field);
  const auto text = scanned_text(segment);
  auto rest = field_of(text, delimiters_.field, path.field).value_or(std::string_view());
  for (path.repetition = 1; path.repetition <= count && found.size() < matches_max;
       ++path.repetition) {
    const bool whole = path.field <= 2 && declares_delimiters(text);
    auto repetition = whole ? rest : *part(rest, delimiters_.repetition, 1);
    auto value = whole ? repetition : component_in(repetition, delimiters_, path);
    if (value) found.push_back({segment, path, original_of(segment, *value)});
    rest.remove_prefix(std::min(rest.size(), repetition.size() + 1));
  }
}

}  // namespace causeway::hl7v2
