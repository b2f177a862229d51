#include "connectors/http/path_pattern.h"

#include <algorithm>

#include "connectors/http/target.h"

namespace causeway::connectors::http {
namespace {

Error invalid(std::string_view part, std::string text) {
  return {ErrorKind::Invalid, "path", "\"" + std::string(part) + "\": " + std::move(text)};
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

Result<PathPattern::Part> PathPattern::parse_part(std::string_view text) {
  if (text.find_first_of("{}") == text.npos) {
    if (text.empty()) return invalid(text, "an empty segment");
    return Part{Part::Kind::Fixed, std::string(text)};
  }
  if (!text.starts_with('{') || !text.ends_with('}'))
    return invalid(text, "a name stands for a whole segment: \"/{id}\"");
  auto name = text.substr(1, text.size() - 2);
  const bool rest = name.ends_with('*');
  if (rest) name.remove_suffix(1);
  if (!is_name(name)) return invalid(text, "names have letters, digits and \"_\"");
  return Part{rest ? Part::Kind::Rest : Part::Kind::One, std::string(name)};
}

Result<PathPattern> PathPattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return invalid(text, "a path begins with \"/\"");
  if (text.find_first_of("?#") != text.npos)
    return invalid(text, "a path without a query; scripts see it as attributes");
  PathPattern pattern;
  pattern.text_ = text;
  auto rest = text == "/" ? std::string_view() : text;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    auto part = parse_part(rest.substr(0, end));
    if (!part) return part.error();
    for (const auto& before : pattern.parts_)
      if (before.kind == Part::Kind::Rest)
        return invalid(text, "\"{" + before.text + "*}\" takes all that follows: put it last");
      else if (before.kind != Part::Kind::Fixed && part->kind != Part::Kind::Fixed &&
               before.text == part->text)
        return invalid(text, "the name \"" + part->text + "\" is there twice");
    if (pattern.parts_.size() == path_segments_max) return invalid(text, "too many segments");
    pattern.parts_.push_back(std::move(*part));
    rest.remove_prefix(end);
  }
  return pattern;
}

std::optional<Attributes> PathPattern::match(const std::vector<std::string>& segments) const {
  Attributes values;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    const auto& part = parts_[i];
    if (part.kind == Part::Kind::Rest) {
      std::string rest;
      for (auto at = i; at < segments.size(); ++at) rest += (at > i ? "/" : "") + segments[at];
      values.push_back({part.text, std::move(rest)});
      return values;
    }
    if (i >= segments.size()) return std::nullopt;
    if (part.kind == Part::Kind::Fixed && part.text != segments[i]) return std::nullopt;
    if (part.kind == Part::Kind::One) values.push_back({part.text, segments[i]});
  }
  if (segments.size() != parts_.size()) return std::nullopt;
  return values;
}

bool PathPattern::conflicts_with(const PathPattern& other) const {
  return parts_.size() == other.parts_.size() &&
         std::equal(parts_.begin(), parts_.end(), other.parts_.begin(),
                    [](const Part& a, const Part& b) {
                      return a.kind == b.kind && (a.kind != Part::Kind::Fixed || a.text == b.text);
                    });
}

bool PathPattern::before(const PathPattern& other) const {
  for (std::size_t i = 0; i < std::min(parts_.size(), other.parts_.size()); ++i)
    if (parts_[i].kind != other.parts_[i].kind) return parts_[i].kind < other.parts_[i].kind;
  return parts_.size() > other.parts_.size();
}

}  // namespace causeway::connectors::http
