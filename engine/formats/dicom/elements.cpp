#include "engine/formats/dicom/elements.h"

#include <array>
#include <vector>

#include "engine/formats/dicom/dictionary.h"

namespace causeway::dicom {
namespace {

constexpr Vr unknown = vr("UN");
constexpr std::size_t short_header = 8;
constexpr std::size_t long_header = 12;

Error error_at(ErrorKind kind, Tag tag, std::size_t at, std::string text) {
  return {kind, to_string(tag) + " at byte " + std::to_string(at), std::move(text)};
}

Tag read_tag(std::string_view bytes, std::size_t at, Encoding encoding) {
  return make_tag(encoding.u16(bytes.data() + at), encoding.u16(bytes.data() + at + 2));
}

bool is_delimiter(Tag tag) {
  return tag == tags::item || tag == tags::item_end || tag == tags::sequence_end;
}

struct Header {
  Element element;
  std::uint32_t length = 0;
};

/// nullopt: it is cut off.
std::optional<Header> read_header(std::string_view bytes, std::size_t at, Encoding encoding) {
  if (bytes.size() - at < short_header) return std::nullopt;
  Header header;
  auto& element = header.element;
  element.begin = at;
  element.tag = read_tag(bytes, at, encoding);
  element.value = at + short_header;
  if (is_delimiter(element.tag)) {
    header.length = encoding.u32(bytes.data() + at + 4);
  } else if (!encoding.explicit_vr) {
    element.vr = vr_of(element.tag).value_or(unknown);
    header.length = encoding.u32(bytes.data() + at + 4);
  } else {
    element.vr = {bytes[at + 4], bytes[at + 5]};
    if (has_long_length(element.vr)) {
      if (bytes.size() - at < long_header) return std::nullopt;
      element.value = at + long_header;
      header.length = encoding.u32(bytes.data() + at + 8);
    } else {
      header.length = encoding.u16(bytes.data() + at + 6);
    }
  }
  element.undefined = header.length == undefined_length;
  return header;
}

/// Finds the end of a value of undefined length, without recursion.
class Nesting {
 public:
  /// `element`: one of undefined length, or an item of one.
  Nesting(std::string_view bytes, const Element& element, Encoding encoding)
      : bytes_(bytes), outermost_(element), at_(element.value) {
    if (element.tag == tags::item)
      open_.push_back({Level::Elements, encoding, false});
    else
      open_.push_back({Level::Items, encoding_within(element, encoding), element.fragments});
  }

  /// Where the value ends, and what follows it begins; nullopt: it is cut off.
  struct Ends {
    std::size_t value = 0;
    std::size_t next = 0;
  };
  Result<std::optional<Ends>> find() {
    while (!open_.empty()) {
      const auto header = read_header(bytes_, at_, open_.back().encoding);
      if (!header) return std::optional<Ends>();
      const auto begin = at_;
      if (auto step = this->step(*header); !step)
        return step.error();
      else if (!*step)
        return std::optional<Ends>();
      if (open_.empty()) return std::optional<Ends>({begin, at_});
    }
    return std::optional<Ends>();
  }

 private:
  struct Level {
    enum Of : std::uint8_t { Items, Elements };
    Of of = Items;
    Encoding encoding;
    bool fragments = false;
  };

  /// False: cut off.
  Result<bool> step(const Header& header) {
    const auto& element = header.element;
    if (open_.back().of == Level::Items) return step_over_item(header);
    if (element.tag == tags::item_end) return close(element);
    if (is_delimiter(element.tag))
      return error_at(ErrorKind::Invalid, element.tag, at_, "a delimiter where it has no place");
    if (!header.element.undefined) return skip(element, header.length);
    const auto encoding = encoding_within(element, open_.back().encoding);
    const bool fragments = is_pixel_data(element.tag);
    return open(element, {Level::Items, encoding, fragments});
  }

  Result<bool> step_over_item(const Header& header) {
    const auto& element = header.element;
    if (element.tag == tags::sequence_end) return close(element);
    if (element.tag != tags::item)
      return error_at(ErrorKind::Invalid, element.tag, at_, "an item is missing here");
    if (!element.undefined) return skip(element, header.length);
    if (open_.back().fragments)
      return error_at(ErrorKind::Invalid, element.tag, at_, "a fragment without a length");
    return open(element, {Level::Elements, open_.back().encoding});
  }

  Result<bool> open(const Element& element, Level level) {
    if (open_.size() == nesting_max)
      return error_at(ErrorKind::Limit, outermost_.tag, outermost_.begin, "nested too deeply");
    open_.push_back(level);
    at_ = element.value;
    return true;
  }
  Result<bool> close(const Element& element) {
    open_.pop_back();
    at_ = element.value;
    return true;
  }
  Result<bool> skip(const Element& element, std::size_t length) {
    if (bytes_.size() - element.value < length) return false;
    at_ = element.value + length;
    return true;
  }

  std::string_view bytes_;
  Element outermost_;
  std::size_t at_;
  std::vector<Level> open_;
};

}  // namespace

bool holds_items(const Element& element) {
  if (element.fragments || is_pixel_data(element.tag)) return false;
  return element.vr == vr("SQ") || (element.undefined && element.vr == unknown);
}

Encoding encoding_within(const Element& element, Encoding encoding) {
  if (element.undefined && element.vr == unknown) return {.explicit_vr = false};
  return encoding;
}

ItemReader::ItemReader(std::string_view bytes, const Element& sequence, Encoding encoding)
    : bytes_(bytes.substr(0, sequence.value + sequence.length)),
      encoding_(encoding_within(sequence, encoding)),
      fragments_(sequence.fragments),
      at_(sequence.value) {}

Result<std::optional<Element>> ItemReader::next() {
  if (at_ == bytes_.size()) return std::optional<Element>();
  const auto header = read_header(bytes_, at_, encoding_);
  if (!header) return error_at(ErrorKind::Invalid, tags::item, at_, "an item is cut off");
  auto item = header->element;
  if (item.tag != tags::item)
    return error_at(ErrorKind::Invalid, item.tag, at_, "an item is missing here");
  if (!item.undefined) {
    item.length = header->length;
    item.end = item.value + item.length;
    if (bytes_.size() - item.value < item.length)
      return error_at(ErrorKind::Invalid, item.tag, at_, "an item is longer than its sequence");
  } else {
    if (fragments_)
      return error_at(ErrorKind::Invalid, item.tag, at_, "a fragment without a length");
    auto ends = Nesting(bytes_, item, encoding_).find();
    if (!ends) return ends.error();
    if (!*ends) return error_at(ErrorKind::Invalid, item.tag, at_, "an item is cut off");
    item.length = (*ends)->value - item.value;
    item.end = (*ends)->next;
  }
  at_ = item.end;
  return std::optional<Element>(item);
}

ElementReader::ElementReader(std::string_view bytes, Encoding encoding, std::size_t at,
                             std::size_t to)
    : bytes_(bytes.substr(0, to)), encoding_(encoding), at_(at) {}

Result<std::optional<Element>> ElementReader::next() {
  if (at_ >= bytes_.size() || cut_off_) return std::optional<Element>();
  const auto header = read_header(bytes_, at_, encoding_);
  cut_off_ = !header;
  if (!header) return std::optional<Element>();
  auto element = header->element;
  if (is_delimiter(element.tag))
    return error_at(ErrorKind::Invalid, element.tag, at_, "a delimiter where it has no place");
  if (!element.undefined) {
    element.length = header->length;
    element.end = element.value + element.length;
    cut_off_ = bytes_.size() - element.value < element.length;
  } else {
    element.fragments = is_pixel_data(element.tag);
    auto ends = Nesting(bytes_, element, encoding_).find();
    if (!ends) return ends.error();
    cut_off_ = !*ends;
    if (*ends) {
      element.length = (*ends)->value - element.value;
      element.end = (*ends)->next;
    }
  }
  if (cut_off_) {
    cut_element_ = element;
    return std::optional<Element>();
  }
  at_ = element.end;
  return std::optional<Element>(element);
}

}  // namespace causeway::dicom
