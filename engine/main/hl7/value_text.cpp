#include "engine/main/hl7/value_text.h"

#include "engine/main/message_text.h"

namespace causeway {
namespace {

using encoding::CharacterSet;

const CharacterSet& set_of(const hl7v2::Message& message, const CharacterSet* overrule) {
  const auto* set = overrule;
  if (!set)
    if (const auto header = hl7v2::peek_header(*message.bytes()))
      set =
          encoding::declared_character_set(header->character_set, message.delimiters().repetition);
  const bool usable =
      set && set->shape != encoding::Shape::Ascii && set->shape != encoding::Shape::Wide;
  return usable ? *set : encoding::utf8();
}

}  // namespace

ValueText::ValueText(const hl7v2::Message& message, const CharacterSet* set) {
  auto made = encoding::Converter::make(set_of(message, set), encoding::utf8());
  if (!made) made = encoding::Converter::make(encoding::utf8(), encoding::utf8());
  if (made) converter_.emplace(std::move(*made));
}

std::string ValueText::utf8(std::string_view bytes) {
  const bool plain =
      encoding::ascii_prefix(bytes) == bytes.size() && bytes.find('\x1b') == std::string_view::npos;
  if (plain || !converter_) return std::string(bytes);
  std::string out;
  converter_->convert(bytes, out, [](std::string_view lost, std::string& stand_in) {
    hl7v2::append_hex_sequence(lost, '\\', stand_in);
  });
  return out;
}

std::string ValueText::shown(std::string_view bytes) {
  return shown_utf8(utf8(bytes));
}

std::string ValueText::shown_utf8(std::string_view text) {
  return visible(text, false);
}

}  // namespace causeway
