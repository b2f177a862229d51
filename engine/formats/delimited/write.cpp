#include "engine/formats/delimited/delimited.h"

namespace causeway::delimited {
namespace {

Error at_field(std::size_t index, std::string text) {
  return {ErrorKind::Invalid, "field " + std::to_string(index + 1), std::move(text)};
}

Status write_fixed(const std::vector<std::string>& fields, const Format& format,
                   std::string& text) {
  if (fields.size() > format.widths.size())
    return at_field(format.widths.size(), "there is no column for it");
  for (std::size_t i = 0; i < format.widths.size(); ++i) {
    std::string_view field = i < fields.size() ? std::string_view(fields[i]) : std::string_view();
    if (field.size() > format.widths[i])
      return at_field(
          i, "longer than the " + std::to_string(format.widths[i]) + " bytes of its column");
    if (field.find_first_of("\r\n") != std::string_view::npos)
      return at_field(i, "a line end has no place in fixed-width text");
    text.append(field).append(format.widths[i] - field.size(), ' ');
  }
  return Done{};
}

Status write_field(std::string_view field, std::size_t index, const Format& format, bool alone,
                   std::string& text) {
  const char special[] = {'\r', '\n', format.separator, format.quote};
  bool needs_quotes = field.find_first_of(std::string_view(special, format.quote ? 4 : 3)) !=
                      std::string_view::npos;
  // A lone empty field would read as a blank line.
  if (!needs_quotes && !(alone && field.empty())) {
    text += field;
    return Done{};
  }
  if (!format.quote)
    return at_field(index, alone && field.empty() ? "a line can't be empty"
                                                  : "it holds a separator or line end");
  text += format.quote;
  for (char c : field) {
    if (c == format.quote) text += c;
    text += c;
  }
  text += format.quote;
  return Done{};
}

}  // namespace

Status write(const std::vector<std::string>& fields, const Format& format, std::string& text,
             std::string_view line_end) {
  auto before = text.size();
  Status written = format.widths.empty() ? Status(Done{}) : write_fixed(fields, format, text);
  if (format.widths.empty()) {
    for (std::size_t i = 0; i < fields.size() && written; ++i) {
      if (i > 0) text += format.separator;
      written = write_field(fields[i], i, format, fields.size() == 1, text);
    }
  }
  if (written)
    text += line_end;
  else
    text.resize(before);
  return written;
}

}  // namespace causeway::delimited
