#include "engine/formats/hl7v2/rewrite.h"

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {

Result<Delimiters> read_delimiters_text(std::string_view text) {
  return read_delimiters("MSH" + std::string(text));
}

Result<std::string> rewrite(const Message& message, const Rewriting& rewriting) {
  const auto& from = message.delimiters();
  const auto to = rewriting.delimiters.value_or(from);
  std::string out;
  out.reserve(message.bytes()->size() + message.segment_count());
  for (std::size_t i = 0; i < message.segment_count(); ++i) {
    if (from == to) {
      out += message.segment_text(i);
    } else {
      auto text = in_delimiters(message.segment_text(i), message.scanned_text(i), from, to);
      if (!text) return std::move(text).error();
      out += *text;
    }
    out += rewriting.segment_end;
  }
  return out;
}

Result<std::string> rewrite_envelope(std::string_view text, const Rewriting& rewriting) {
  text = text.substr(0, text.find_first_of("\r\n"));
  std::string out(text);
  if (rewriting.delimiters && text.size() > 3) {
    // A trailer has the delimiters of its header, of which its own text shows the first alone.
    auto from = *rewriting.delimiters;
    if (declares_delimiters(text)) {
      auto declared = read_delimiters_text(text.substr(3));
      if (!declared) return std::move(declared).error();
      from = *declared;
    }
    from.field = text[3];
    auto written = in_delimiters(text, from, *rewriting.delimiters);
    if (!written) return std::move(written).error();
    out = std::move(*written);
  }
  return out.append(rewriting.segment_end);
}

}  // namespace causeway::hl7v2
