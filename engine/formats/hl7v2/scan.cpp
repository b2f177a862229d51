#include "engine/formats/hl7v2/scan.h"

#include <algorithm>

namespace causeway::hl7v2 {
namespace {

/// Letters and digits would make every value ambiguous; control and 8-bit characters are a sign of
/// something else than HL7 in one of the encodings that it allows.
bool may_delimit(char c) {
  auto byte = static_cast<unsigned char>(c);
  bool letter = (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
  return byte > ' ' && byte < 0x7F && !letter && !(byte >= '0' && byte <= '9');
}

Error invalid(std::string_view place, std::string_view text) {
  return Error{ErrorKind::Invalid, std::string(place), std::string(text)};
}

}  // namespace

std::size_t start_of_message(std::string_view bytes) {
  if (bytes.starts_with('M')) return 0;
  std::size_t at = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  constexpr std::string_view passed_over("\r\n \t\v\0", 6);
  while (at < bytes.size() && passed_over.find(bytes[at]) != std::string_view::npos) ++at;
  return at;
}

Result<Delimiters> read_delimiters(std::string_view msh) {
  if (msh.starts_with("MSH|^~\\&|")) return Delimiters{};
  if (!msh.starts_with("MSH")) return invalid("MSH", "the message does not begin with MSH");
  if (msh.size() < 4 || !may_delimit(msh[3]))
    return invalid("MSH-1", "no field separator after MSH");
  Delimiters delimiters{msh[3],       no_delimiter, no_delimiter,
                        no_delimiter, no_delimiter, no_delimiter};
  constexpr Delimiters usual;
  struct Slot {
    char* value;
    char usual;
  };
  const Slot slots[] = {{&delimiters.component, usual.component},
                        {&delimiters.repetition, usual.repetition},
                        {&delimiters.escape, usual.escape},
                        {&delimiters.subcomponent, usual.subcomponent}};
  auto taken = [&](char c) {
    return c == delimiters.field || std::any_of(std::begin(slots), std::end(slots),
                                                [&](const Slot& slot) { return *slot.value == c; });
  };

  auto declared = *part(msh.substr(4), delimiters.field, 1);
  if (declared.empty()) return invalid("MSH-2", "no encoding characters");
  std::size_t given = std::min(declared.size(), std::size(slots));
  for (std::size_t i = 0; i < given; ++i) {
    if (!may_delimit(declared[i])) return invalid("MSH-2", "a character that can't be a delimiter");
    if (taken(declared[i])) return invalid("MSH-2", "one character for two delimiters");
    *slots[i].value = declared[i];
  }
  for (std::size_t i = given; i < std::size(slots); ++i)
    if (!taken(slots[i].usual)) *slots[i].value = slots[i].usual;
  if (declared.size() > std::size(slots)) {
    const char fifth = declared[std::size(slots)];
    if (may_delimit(fifth) && !taken(fifth)) delimiters.truncation = fifth;
  }
  return delimiters;
}

std::optional<std::string_view> field_of(std::string_view segment, char separator, int n) {
  if (!declares_delimiters(segment)) return part(segment, separator, n + 1);
  return n == 1 ? segment.substr(3, 1) : part(segment, separator, n);
}

std::optional<std::string_view> component_in(std::string_view repetition,
                                             const Delimiters& delimiters, const Path& path) {
  std::optional<std::string_view> value = repetition;
  if (path.component > 0 || path.subcomponent > 0)
    value = part(*value, delimiters.component, std::max(path.component, 1));
  if (value && path.subcomponent > 0)
    value = part(*value, delimiters.subcomponent, path.subcomponent);
  return value;
}

std::optional<std::string_view> value_in(std::string_view segment, const Delimiters& delimiters,
                                         const Path& path) {
  if (path.field == 0) return segment;
  auto value = field_of(segment, delimiters.field, path.field);
  if (path.field <= 2 && declares_delimiters(segment)) return value;
  if (value) value = part(*value, delimiters.repetition, std::max(path.repetition, 1));
  if (value) value = component_in(*value, delimiters, path);
  return value;
}

bool SegmentScanner::next() {
  if (next_ >= bytes_.size()) return false;
  offset_ = next_;
  const char* const begin = bytes_.data();
  text_end_ =
      static_cast<std::size_t>(find_line_end(begin + offset_, begin + bytes_.size()) - begin);
  next_ = text_end_;
  while (next_ < bytes_.size() && is_segment_end(bytes_[next_])) ++next_;
  return true;
}

}  // namespace causeway::hl7v2
