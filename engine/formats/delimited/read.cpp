#include "engine/formats/delimited/delimited.h"

namespace causeway::delimited {
namespace {

class Reader {
 public:
  Reader(std::string_view text, const Format& format) : text_(text), format_(format) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  }

  Result<std::vector<Record>> read() {
    while (at_ < text_.size()) {
      if (is_line_end(text_[at_])) {
        pass_line_end();
        continue;
      }
      if (records_.size() == records_max) return limit("records", records_max);
      records_.push_back({{}, line_});
      auto record = format_.widths.empty() ? read_delimited() : read_fixed();
      if (!record) return std::move(record).error();
    }
    return std::move(records_);
  }

 private:
  static bool is_line_end(char c) { return c == '\r' || c == '\n'; }
  bool at_end_of_field() const {
    return at_ == text_.size() || is_line_end(text_[at_]) || text_[at_] == format_.separator;
  }

  void pass_line_end() {
    at_ += text_.substr(at_).starts_with("\r\n") ? 2 : 1;
    ++line_;
  }

  Error error(std::size_t line, std::string text) const {
    return {ErrorKind::Invalid, "line " + std::to_string(line), std::move(text)};
  }
  Error limit(std::string_view what, std::size_t most) const {
    return {ErrorKind::Limit, "line " + std::to_string(line_),
            "more than " + std::to_string(most) + " " + std::string(what)};
  }

  Status add(std::string field) {
    auto& fields = records_.back().fields;
    if (fields.size() == fields_max) return limit("fields in a line", fields_max);
    if (++all_fields_ > all_fields_max) return limit("fields", all_fields_max);
    fields.push_back(std::move(field));
    return Done{};
  }

  Status read_delimited() {
    while (true) {
      bool quoted = format_.quote && at_ < text_.size() && text_[at_] == format_.quote;
      auto field = quoted ? read_quoted() : read_plain();
      if (!field) return std::move(field).error();
      auto added = add(std::move(*field));
      if (!added) return added;
      if (at_ == text_.size() || is_line_end(text_[at_])) return Done{};
      ++at_;  // the separator
    }
  }

  Result<std::string> read_plain() {
    auto begin = at_;
    while (!at_end_of_field()) {
      if (format_.quote && text_[at_] == format_.quote)
        return error(line_, "a quote in a field that does not begin with one");
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::string> read_quoted() {
    auto began = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == format_.quote) {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != format_.quote) return close_quote(field);
        ++at_;
      }
      bool pair = c == '\r' && text_.substr(at_ + 1).starts_with('\n');
      if (is_line_end(c) && !pair) ++line_;
      field += c;
    }
    return error(began, "a quoted field that is not closed");
  }

  Result<std::string> close_quote(std::string& field) {
    ++at_;
    if (!at_end_of_field()) return error(line_, "text after the closing quote of a field");
    return std::move(field);
  }

  Status read_fixed() {
    auto end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    auto line = text_.substr(at_, end - at_);
    at_ = end;
    for (auto width : format_.widths) {
      auto field = line.substr(0, width);
      line.remove_prefix(field.size());
      field = field.substr(0, field.find_last_not_of(' ') + 1);
      auto added = add(std::string(field));
      if (!added) return added;
    }
    if (line.find_first_not_of(' ') == std::string_view::npos) return Done{};
    return error(line_, "it is longer than its columns");
  }

  std::string_view text_;
  const Format& format_;
  std::size_t at_ = 0, line_ = 1, all_fields_ = 0;
  std::vector<Record> records_;
};

}  // namespace

Status check(const Format& format) {
  auto is_control = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (is_control(format.separator) || format.quote == '\r' || format.quote == '\n')
    return Error{ErrorKind::Invalid, "", "a line end can't be a separator or quote"};
  if (format.separator == format.quote)
    return Error{ErrorKind::Invalid, "", "separator and quote are the same character"};
  if (format.widths.size() > fields_max)
    return Error{ErrorKind::Limit, "", "more than " + std::to_string(fields_max) + " columns"};
  for (auto width : format.widths)
    if (width == 0) return Error{ErrorKind::Invalid, "", "a column's width is 0"};
  return Done{};
}

Result<std::vector<Record>> read(std::string_view text, const Format& format) {
  auto checked = check(format);
  if (!checked) return std::move(checked).error();
  return Reader(text, format).read();
}

}  // namespace causeway::delimited
