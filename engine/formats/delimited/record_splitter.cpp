#include "engine/formats/delimited/record_splitter.h"

namespace causeway::delimited {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

}  // namespace

Status RecordSplitter::push(std::string_view bytes, const OnRecord& on_record) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (std::exchange(after_cr_, false) && c == '\n') {
      if (state_ != State::Quoted) begin = i + 1;  // it is part of the line end before
      continue;
    }
    if (c != '\n' && c != '\r') {
      step(c);
      continue;
    }
    ++line_;
    after_cr_ = c == '\r';
    if (state_ == State::Quoted) continue;
    if (auto given = end_record(bytes.substr(begin, i - begin), on_record); !given) return given;
    begin = i + 1;
  }
  held_ += bytes.substr(begin);
  if (held_.size() > rules_.record_bytes_max) return too_long();
  return Done{};
}

void RecordSplitter::step(char c) {
  if (mark_ < byte_order_mark.size()) {
    const bool in_mark = c == byte_order_mark[mark_];
    mark_ = in_mark ? mark_ + 1 : byte_order_mark.size();
    if (in_mark) return;
  }
  const bool quote = rules_.quote != 0 && c == rules_.quote;
  const bool separator = rules_.separator != 0 && c == rules_.separator;
  switch (state_) {
    case State::FieldStart:
      state_ = quote ? State::Quoted : separator ? State::FieldStart : State::Unquoted;
      break;
    case State::Unquoted:
      if (separator) state_ = State::FieldStart;
      break;
    case State::Quoted:
      if (quote) state_ = State::QuoteInQuoted;
      break;
    case State::QuoteInQuoted:
      state_ = quote ? State::Quoted : separator ? State::FieldStart : State::Unquoted;
      break;
  }
}

Status RecordSplitter::end_record(std::string_view last_part, const OnRecord& on_record) {
  std::string_view record = last_part;
  if (!held_.empty()) record = held_.append(last_part);
  if (record.size() > rules_.record_bytes_max) return too_long();
  if (std::exchange(first_, false) && record.starts_with(byte_order_mark))
    record.remove_prefix(byte_order_mark.size());
  Status given = Done{};
  if (record.find_first_not_of(" \t") != std::string_view::npos) given = on_record(record);
  held_.clear();
  state_ = State::FieldStart;
  record_line_ = line_;
  return given;
}

Status RecordSplitter::finish(const OnRecord& on_record) {
  if (state_ == State::Quoted)
    return Error{ErrorKind::Invalid, place(), "quotes that are opened and never closed"};
  return end_record({}, on_record);
}

Error RecordSplitter::too_long() const {
  return {ErrorKind::Limit, place(),
          "a record of more than " + std::to_string(rules_.record_bytes_max) + " bytes"};
}

}  // namespace causeway::delimited
