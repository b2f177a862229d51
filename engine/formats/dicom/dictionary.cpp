#include "engine/formats/dicom/dictionary.h"

#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "engine/formats/dicom/dictionary_files.h"

namespace causeway::dicom {
namespace {

struct Attribute {
  Tag tag = 0;
  std::string_view keyword;
  Vr vr{};
};

std::optional<Tag> hexadecimal(std::string_view digits) {
  Tag tag = 0;
  const auto* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, tag, 16);
  if (digits.size() != 8 || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return tag;
}

/// Cuts the next field off a line, or the next line off a text.
std::string_view cut(std::string_view& text, char end) {
  const auto at = std::min(text.find(end), text.size());
  const auto field = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return field;
}

/// Groups that are repeated (curves 50xx, overlays 60xx) stand once, by the first of them.
constexpr bool is_repeated(Tag tag) {
  const auto high = group_of(tag) >> 8;
  return (high == 0x50 || high == 0x60) && !is_private(tag);
}
constexpr Tag first_of_repeated(Tag tag) {
  return is_repeated(tag) ? tag & 0xFF00FFFF : tag;
}

class Dictionary {
 public:
  static const Dictionary& instance() {
    static const Dictionary read;
    return read;
  }

  const Attribute* find(Tag tag) const {
    tag = first_of_repeated(tag);
    const auto at = std::lower_bound(by_tag_.begin(), by_tag_.end(), tag,
                                     [](const Attribute& a, Tag wanted) { return a.tag < wanted; });
    return at != by_tag_.end() && at->tag == tag ? &*at : nullptr;
  }
  std::optional<Tag> find(std::string_view keyword) const {
    const auto at = by_keyword_.find(keyword);
    if (at == by_keyword_.end()) return std::nullopt;
    return at->second;
  }
  std::string_view sop_class(std::string_view uid) const {
    const auto at = sop_classes_.find(uid);
    return at == sop_classes_.end() ? uid : at->second;
  }

 private:
  Dictionary() {
    for (auto text = attributes_file(); !text.empty();) add(cut(text, '\n'));
    std::sort(by_tag_.begin(), by_tag_.end(),
              [](const Attribute& a, const Attribute& b) { return a.tag < b.tag; });
    for (auto text = sop_classes_file(); !text.empty();) {
      auto line = cut(text, '\n');
      const auto uid = cut(line, '\t');
      sop_classes_.emplace(uid, line);
    }
  }

  void add(std::string_view line) {
    std::string digits(cut(line, '\t'));
    if (digits[2] == 'X') digits[2] = digits[3] = '0';
    const auto tag = hexadecimal(digits);
    if (!tag) return;  // the few others with X are retired, and have no use here
    const auto keyword = cut(line, '\t');
    by_tag_.push_back({*tag, keyword, {line[0], line[1]}});
    by_keyword_.emplace(keyword, *tag);
  }

  std::vector<Attribute> by_tag_;
  std::unordered_map<std::string_view, Tag> by_keyword_;
  std::unordered_map<std::string_view, std::string_view> sop_classes_;
};

}  // namespace

std::optional<Vr> vr_of(Tag tag) {
  if ((tag & 0xFFFF) == 0) return vr("UL");  // group length
  if (is_private(tag)) {
    // A private creator (PS3.5 section 7.8.1).
    const auto element = tag & 0xFFFF;
    if (element >= 0x10 && element <= 0xFF) return vr("LO");
    return std::nullopt;
  }
  const auto* found = Dictionary::instance().find(tag);
  if (!found) return std::nullopt;
  return found->vr;
}

std::optional<Tag> tag_named(std::string_view keyword) {
  return Dictionary::instance().find(keyword);
}

std::string_view keyword_of(Tag tag) {
  const auto* found = Dictionary::instance().find(tag);
  return found ? found->keyword : std::string_view();
}

std::optional<Tag> read_tag_text(std::string_view text) {
  if (const auto named = tag_named(text)) return named;
  if (text.size() == 11 && text.front() == '(' && text.back() == ')')
    text = text.substr(1, text.size() - 2);
  std::string digits(text);
  if (digits.size() == 9 && digits[4] == ',') digits.erase(4, 1);
  return hexadecimal(digits);
}

std::string_view sop_class_name(std::string_view uid) {
  return Dictionary::instance().sop_class(uid);
}

}  // namespace causeway::dicom
