#include "engine/formats/dicom/path.h"

#include <algorithm>
#include <charconv>

#include "engine/formats/dicom/dictionary.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t path_bytes_max = 1024;

Error invalid(std::string_view path, std::string text) {
  return {ErrorKind::Invalid, std::string(path.substr(0, path_bytes_max)), std::move(text)};
}

/// "[12]" at the end of a step.
bool read_item(std::string_view& text, int& item) {
  const auto open = text.find('[');
  if (open == text.npos) return true;
  if (text.back() != ']') return false;
  const auto digits = text.substr(open + 1, text.size() - open - 2);
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, item);
  text = text.substr(0, open);
  return read.ec == std::errc() && read.ptr == end && item >= 0 && item < items_max;
}

}  // namespace

Result<Path> parse_path(std::string_view whole) {
  if (whole.empty()) return invalid(whole, "an empty path");
  if (whole.size() > path_bytes_max) return invalid(whole, "a path that is too long");
  Path path;
  for (auto rest = whole;;) {
    const auto dot = std::min(rest.find('.'), rest.size());
    auto text = rest.substr(0, dot);
    Path::Step step;
    if (!read_item(text, step.item)) return invalid(whole, "the number of an item is wrong");
    const auto tag = read_tag_text(text);
    if (!tag)
      return invalid(whole, "\"" + std::string(text) +
                                "\" is neither a keyword of DICOM's dictionary nor a tag");
    step.tag = *tag;
    path.steps.push_back(step);
    if (path.steps.size() > path_steps_max) return invalid(whole, "a path with too many steps");
    if (dot == rest.size()) return path;
    rest.remove_prefix(dot + 1);
  }
}

std::string to_string(const Path& path) {
  std::string text;
  for (const auto& step : path.steps) {
    if (!text.empty()) text += '.';
    const auto keyword = keyword_of(step.tag);
    text += keyword.empty() ? to_string(step.tag) : std::string(keyword);
    if (step.item >= 0) text += "[" + std::to_string(step.item) + "]";
  }
  return text;
}

}  // namespace causeway::dicom
