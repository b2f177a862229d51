#include "engine/main/hl7/rows.h"

#include <algorithm>

namespace causeway {
namespace {

using hl7v2::every;
using hl7v2::Path;

/// A path's levels from the outermost: groups, segment, field with its repetition.
struct Level {
  std::string name;
  int index = 0;
  bool operator==(const Level&) const = default;
};

std::vector<Level> levels_of(const Path& path) {
  std::vector<Level> levels;
  for (const auto& group : path.groups) levels.push_back({group.name + "/", group.index});
  levels.push_back({path.segment, path.segment_index});
  levels.push_back({std::to_string(path.field), path.repetition});
  return levels;
}

int& index_at(Path& path, std::size_t level) {
  if (level < path.groups.size()) return path.groups[level].index;
  return level == path.groups.size() ? path.segment_index : path.repetition;
}

/// Puts in what wildcards stand for in `place`, as far as `other`, which it was found for, begins
/// as this path does.
void bind(Path& path, const Path& as_asked, const Path& other, const Path& place) {
  const auto ours = levels_of(as_asked), theirs = levels_of(other), found = levels_of(place);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()) && ours[i] == theirs[i]; ++i)
    if (ours[i].index == every) index_at(path, i) = found[i].index;
}

bool share_a_wildcard(const Path& one, const Path& other) {
  const auto ours = levels_of(one), theirs = levels_of(other);
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()) && ours[i] == theirs[i]; ++i)
    if (ours[i].index == every) return true;
  return false;
}

/// The same place as far as its wildcards go: of "OBX[*]-5.1" the segments, whether or not they
/// have a fifth field.
Path skeleton(Path path) {
  path.component = path.subcomponent = 0;
  if (path.repetition != every) path.field = path.repetition = 0;
  return path;
}

/// Where `path`, as it was asked for, is in a row in which those before it are.
std::vector<std::optional<Path>> places_in(const hl7v2::Message& message, const Row& row,
                                           const std::vector<Path>& paths, const Path& as_asked) {
  Path path = as_asked;
  for (std::size_t i = 0; i < row.size(); ++i)
    if (row[i] && paths[i].has_wildcard()) bind(path, as_asked, paths[i], *row[i]);
  if (!path.has_wildcard()) return {path};
  std::vector<std::optional<Path>> places;
  for (const auto& match : message.matches(skeleton(path))) {
    Path place = match.path;
    place.field = path.field;
    if (path.repetition != every) place.repetition = path.repetition;
    place.component = path.component;
    place.subcomponent = path.subcomponent;
    places.emplace_back(std::move(place));
  }
  if (places.empty()) places.emplace_back(std::nullopt);
  return places;
}

}  // namespace

Status check_paths(const std::vector<Path>& paths) {
  std::vector<const Path*> wild;
  for (const auto& path : paths) {
    if (!path.has_wildcard()) continue;
    const auto related = [&](const Path* other) { return share_a_wildcard(path, *other); };
    if (!wild.empty() && std::none_of(wild.begin(), wild.end(), related))
      return Error{ErrorKind::Invalid, to_string(path),
                   "its [*] has nothing to do with that of " + to_string(*wild.front()) +
                       ": ask for them one after the other"};
    wild.push_back(&path);
  }
  return Done{};
}

Result<std::vector<Row>> rows_of(const hl7v2::Message& message, const std::vector<Path>& paths) {
  std::vector<Row> rows(1);
  for (const auto& path : paths) {
    std::vector<Row> longer;
    for (const auto& row : rows)
      for (auto& place : places_in(message, row, paths, path)) {
        if (longer.size() == rows_max)
          return Error{ErrorKind::Limit, to_string(path),
                       "over " + std::to_string(rows_max) + " rows"};
        longer.push_back(row);
        longer.back().push_back(std::move(place));
      }
    rows = std::move(longer);
  }
  // A wildcard that stands for nothing is no row.
  std::erase_if(rows, [&](const Row& row) {
    bool any = false, wild = false;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!paths[i].has_wildcard()) continue;
      wild = true;
      any = any || row[i].has_value();
    }
    return wild && !any;
  });
  return rows;
}

}  // namespace causeway
