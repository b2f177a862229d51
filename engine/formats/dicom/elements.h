// Walks over the elements of a data set, one level deep, without copying: where each begins and
// ends, whatever lies nested in it.
//
// Views into the bytes given, which may be the beginning of a longer data set. Errors: Invalid,
// Limit; place: the tag and its offset. Time is linear in the bytes; nesting is bounded. Not
// thread-safe. Standard: DICOM PS3.5 section 7.
#pragma once

#include <optional>

#include "engine/core/result.h"
#include "engine/formats/dicom/encoding.h"

namespace causeway::dicom {

inline constexpr std::size_t nesting_max = 64;
inline constexpr std::uint32_t undefined_length = 0xFFFFFFFF;

struct Element {
  Tag tag = 0;
  Vr vr{};                 ///< As it stands; of implicit encodings, by the dictionary, or UN.
  std::size_t begin = 0;   ///< Of its tag.
  std::size_t value = 0;   ///< Where its value begins,
  std::size_t length = 0;  ///< and how long it is, without what ends one of undefined length.
  std::size_t end = 0;     ///< Where the next one begins.
  bool undefined = false;  ///< Its length is; an item or a sequence ends it.
  bool fragments = false;  ///< Its value is fragments of pixel data, not items.

  std::string_view of(std::string_view bytes) const { return bytes.substr(value, length); }
};

class ElementReader {
 public:
  /// From `at`; `to`: where it ends, of `bytes`.
  ElementReader(std::string_view bytes, Encoding encoding, std::size_t at = 0,
                std::size_t to = std::string_view::npos);

  /// nullopt: the end, or what follows is not a whole element (`cut_off`).
  Result<std::optional<Element>> next();
  std::size_t at() const { return at_; }
  /// The bytes ended within an element: the header of it, if that was whole.
  bool cut_off() const { return cut_off_; }
  const std::optional<Element>& cut_element() const { return cut_element_; }

 private:
  std::string_view bytes_;
  Encoding encoding_;
  std::size_t at_;
  bool cut_off_ = false;
  std::optional<Element> cut_element_;
};

/// The items of a sequence, or the fragments of pixel data. Each is an Element with the tag of an
/// item; what ends one of undefined length is not in its `length`.
class ItemReader {
 public:
  /// `encoding`: that of the sequence.
  ItemReader(std::string_view bytes, const Element& sequence, Encoding encoding);

  /// nullopt: the end.
  Result<std::optional<Element>> next();
  Encoding encoding() const { return encoding_; }  ///< Of what is in the items.

 private:
  std::string_view bytes_;
  Encoding encoding_;
  bool fragments_;
  std::size_t at_;
};

/// Whether an element holds items: by its VR, or (UN, and unknown in implicit encodings) by its
/// undefined length.
bool holds_items(const Element& element);
/// How its items are encoded: those of UN with undefined length are implicit.
Encoding encoding_within(const Element& element, Encoding encoding);

}  // namespace causeway::dicom
