#include "engine/formats/dicom/file.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t preamble_bytes = 128;
constexpr std::string_view prefix = "DICM";
constexpr Encoding meta_encoding{};  // explicit, little endian

constexpr Tag group_length = 0x00020000;
constexpr Tag version = 0x00020001;
constexpr Tag media_sop_class = 0x00020002;
constexpr Tag media_sop_instance = 0x00020003;
constexpr Tag transfer_syntax = 0x00020010;
constexpr Tag implementation = 0x00020012;
constexpr Tag implementation_name = 0x00020013;
constexpr Tag source_title = 0x00020016;

Error invalid(std::string_view place, std::string text) {
  return {ErrorKind::Invalid, std::string(place), std::move(text)};
}

std::string* member_of(FileHead& head, Tag tag) {
  switch (tag) {
    case media_sop_class:
      return &head.sop_class;
    case media_sop_instance:
      return &head.sop_instance;
    case transfer_syntax:
      return &head.transfer_syntax;
    case source_title:
      return &head.source_title;
    default:
      return nullptr;
  }
}

void put(std::string& out, Tag tag, Vr kind, std::string_view value, char padding) {
  meta_encoding.put_u16(out, group_of(tag));
  meta_encoding.put_u16(out, tag & 0xFFFF);
  out.append(kind.data(), kind.size());
  const auto length = static_cast<std::uint32_t>(value.size() + value.size() % 2);
  if (has_long_length(kind)) {
    meta_encoding.put_u16(out, 0);
    meta_encoding.put_u32(out, length);
  } else {
    meta_encoding.put_u16(out, length);
  }
  out.append(value);
  if (value.size() % 2 != 0) out += padding;
}

}  // namespace

bool is_file(std::string_view bytes) {
  return bytes.size() >= preamble_bytes + prefix.size() &&
         bytes.substr(preamble_bytes, prefix.size()) == prefix;
}

std::string_view unpadded(std::string_view value) {
  const auto blanks = std::string_view(" \0", 2);
  const auto begin = value.find_first_not_of(' ');
  if (begin == value.npos) return {};
  const auto end = value.find_last_not_of(blanks);
  return end == value.npos || end < begin ? std::string_view()
                                          : value.substr(begin, end - begin + 1);
}

Result<FileHead> read_file_head(std::string_view bytes) {
  if (!is_file(bytes)) return invalid("preamble", "it is no DICOM file: DICM is missing at 128");
  FileHead head;
  bytes = bytes.substr(0, file_head_bytes_max);
  ElementReader reader(bytes, meta_encoding, preamble_bytes + prefix.size());
  head.data_set_begin = reader.at();
  while (reader.at() + 2 <= bytes.size() && meta_encoding.u16(bytes.data() + reader.at()) == 2) {
    auto element = reader.next();
    if (!element) return element.error();
    if (!*element) return Error{ErrorKind::Invalid, "meta group", "it is cut off, or too long"};
    if (auto* member = member_of(head, (*element)->tag)) *member = unpadded((*element)->of(bytes));
    head.data_set_begin = reader.at();
  }
  if (!is_uid(head.transfer_syntax))
    return invalid(to_string(transfer_syntax), "the file doesn't say its transfer syntax");
  return head;
}

std::string make_file_head(const FileHead& head) {
  std::string group;
  put(group, version, vr("OB"), std::string_view("\0\1", 2), '\0');
  put(group, media_sop_class, vr("UI"), head.sop_class, '\0');
  put(group, media_sop_instance, vr("UI"), head.sop_instance, '\0');
  put(group, transfer_syntax, vr("UI"), head.transfer_syntax, '\0');
  put(group, implementation, vr("UI"), implementation_uid, '\0');
  put(group, implementation_name, vr("SH"), implementation_version, ' ');
  if (!head.source_title.empty()) put(group, source_title, vr("AE"), head.source_title, ' ');
  std::string out(preamble_bytes, '\0');
  out += prefix;
  std::string length;
  meta_encoding.put_u32(length, static_cast<std::uint32_t>(group.size()));
  put(out, group_length, vr("UL"), length, '\0');
  return out + group;
}

}  // namespace causeway::dicom
