#include "engine/formats/hl7v2/convert.h"

#include <fmt/format.h>

#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

using encoding::CharacterSet;
using encoding::Converter;
using encoding::Losses;
using encoding::Shape;

void add(Losses& losses, const Losses& more) {
  losses.undecodable += more.undecodable;
  losses.unmappable += more.unmappable;
}

/// MSH-18 for this set; ISO-2022-JP is an alternative to ASCII, so it comes second.
std::string declaration(const CharacterSet& set, const Delimiters& delimiters) {
  const auto name = std::string(set.hl7_name.empty() ? set.name : set.hl7_name);
  const bool second = set.shape == Shape::Iso2022Jp && delimiters.repetition != no_delimiter;
  return second ? delimiters.repetition + name : name;
}

/// Names the set in MSH-18, where that says something else.
Result<Bytes> declare(Bytes bytes, const CharacterSet& set) {
  auto message = Message::parse(std::move(bytes), &set);
  if (!message) return std::move(message).error();
  const Path msh_18{.segment = "MSH", .field = 18};
  const auto present = message->raw(msh_18);
  const auto* declared =
      encoding::declared_character_set(present, message->delimiters().repetition);
  const auto wanted = declaration(set, message->delimiters());
  if (declared != &set || (present.empty() && set.shape != Shape::Ascii)) {
    auto written = message->set_raw(msh_18, wanted);
    if (!written) return std::move(written).error();
  }
  return message->bytes();
}

/// How a loss is kept: as "\X..\", or where the message has no escape character, as a blank.
Converter::StandIn stand_in_of(char escape) {
  return [escape](std::string_view bytes, std::string& out) {
    if (escape == no_delimiter)
      out += ' ';
    else
      append_hex_sequence(bytes, escape, out);
  };
}

}  // namespace

Result<Converted> convert_message(const Bytes& message, const Conversion& conversion) {
  return MessageConverter(conversion).convert(message);
}

Result<Converted> MessageConverter::convert(const Bytes& message) {
  if (!message || message->size() > bytes_max)
    return Error{ErrorKind::Limit, "", "no message, or one that is too long"};
  auto from = set_of(*message);
  if (!from) return std::move(from).error();
  if ((*from)->shape == Shape::Wide) return convert_wide(message, **from);
  return convert_narrow(message, **from, *conversion_.to);
}

Result<const CharacterSet*> MessageConverter::set_of(std::string_view bytes) const {
  if (const auto* wide = encoding::wide_character_set(bytes)) return wide;
  auto header = peek_header(bytes);
  if (!header) return std::move(header).error();
  if (conversion_.from && conversion_.from->shape != Shape::Wide) return conversion_.from;
  const auto* declared =
      encoding::declared_character_set(header->character_set, header->delimiters.repetition);
  if (declared && declared->shape != Shape::Wide) return declared;
  return Error{ErrorKind::Invalid, "MSH-18",
               declared ? "it names UTF-16 or UTF-32, and the message is in neither"
                        : "it names a character set that isn't known"};
}

Result<Converter*> MessageConverter::converter(const CharacterSet& from, const CharacterSet& to) {
  if (!made_ || made_from_ != &from || made_to_ != &to) {
    auto made = Converter::make(from, to);
    if (!made) return std::move(made).error();
    made_ = std::move(*made);
    made_from_ = &from;
    made_to_ = &to;
  }
  return &*made_;
}

/// Segment by segment, so that the place of a loss can be told.
Result<Converted> MessageConverter::convert_narrow(const Bytes& message, const CharacterSet& from,
                                                   const CharacterSet& to) {
  auto parsed = Message::parse(message, &from);
  if (!parsed) return std::move(parsed).error();
  auto converting = converter(from, to.shape == Shape::Wide ? encoding::utf8() : to);
  if (!converting) return std::move(converting).error();
  const auto stand_in = stand_in_of(parsed->delimiters().escape);
  Converted converted;
  std::string text;
  text.reserve(message->size() + message->size() / 8);
  std::size_t done = 0;
  for (std::size_t i = 0; i < parsed->segment_count(); ++i) {
    const auto segment = parsed->segment_text(i);
    const auto at = static_cast<std::size_t>(segment.data() - message->data());
    text.append(*message, done, at - done);
    const auto losses = (*converting)->convert(segment, text, stand_in);
    if (!losses.none() && converted.losses.none()) {
      const auto name = parsed->segment_name(i);
      converted.first_loss = parse_path(name) ? std::string(name) : "a segment without a name";
      converted.first_loss += fmt::format(", segment {}", i + 1);
    }
    add(converted.losses, losses);
    done = at + segment.size();
  }
  text.append(*message, done);
  auto declared = declare(text == *message ? message : make_bytes(std::move(text)),
                          to.shape == Shape::Wide ? encoding::utf8() : to);
  if (!declared) return std::move(declared).error();
  converted.bytes = std::move(*declared);
  if (to.shape != Shape::Wide) return converted;
  // MSH-18 is ASCII in any of them, so it can be written before the message is made wide.
  auto renamed = Message::parse(converted.bytes, &encoding::utf8());
  auto widening = Converter::make(encoding::utf8(), to);
  if (!renamed || !widening) return !renamed ? renamed.error() : widening.error();
  auto written =
      renamed->set_raw(Path{.segment = "MSH", .field = 18}, declaration(to, renamed->delimiters()));
  if (!written) return std::move(written).error();
  std::string wide;
  widening->convert(*renamed->bytes(), wide, stand_in);
  converted.bytes = make_bytes(std::move(wide));
  return converted;
}

/// By way of UTF-8.
Result<Converted> MessageConverter::convert_wide(const Bytes& message, const CharacterSet& from) {
  if (conversion_.to->shape == Shape::Wide) return Converted{message, {}, {}};
  auto widened = Converter::make(from, encoding::utf8());
  if (!widened) return std::move(widened).error();
  std::string text;
  const auto losses = widened->convert(*message, text, stand_in_of('\\'));
  auto converted = convert_narrow(make_bytes(std::move(text)), encoding::utf8(), *conversion_.to);
  if (!converted) return converted;
  if (!losses.none()) converted->first_loss = "the text as a whole";
  add(converted->losses, losses);
  return converted;
}

}  // namespace causeway::hl7v2
