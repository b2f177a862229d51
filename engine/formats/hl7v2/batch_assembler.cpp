#include <fmt/format.h>

#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// The segment with which a message or a batch begins.
std::string_view first_segment(std::string_view text) {
  text.remove_prefix(start_of_message(text));
  return text.substr(0, text.find_first_of("\r\n"));
}

/// As `read_delimiters`, for FHS and BHS too: their fields 1 and 2 are those of MSH.
Result<Delimiters> delimiters_of(std::string_view header) {
  if (!declares_delimiters(header))
    return Error{ErrorKind::Invalid, "BHS", "no header of a batch, file or message"};
  return read_delimiters("MSH" + std::string(header.substr(3)));
}

struct BatchHeader {
  std::string_view name;          // "BHS"
  std::string_view source;        // MSH, FHS or BHS: whose parties and delimiters it takes
  bool turned_about = false;      // sender and receiver change places
  std::string_view control_id;    // field 11
  std::string_view timestamp;     // field 7
  std::string_view answers = {};  // field 12: the control id of the batch that is answered
};

std::string write(const BatchHeader& header, const Delimiters& delimiters) {
  const auto field = [&](int n) {
    return field_of(header.source, delimiters.field, n).value_or(std::string_view());
  };
  const int sender = header.turned_about ? 5 : 3, receiver = header.turned_about ? 3 : 5;
  const char f = delimiters.field;
  auto text =
      fmt::format("{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}{}", header.name, f, field(2), f, field(sender),
                  f, field(sender + 1), f, field(receiver), f, field(receiver + 1), f,
                  header.timestamp, std::string(4, f), escape(header.control_id, delimiters),
                  header.answers.empty() ? "" : std::string(1, f), header.answers);
  return text + '\r';
}

}  // namespace

bool BatchAssembler::is_full_for(std::string_view message) const {
  return messages_ > 0 && rules_.bytes_max > 0 &&
         text_.size() + message.size() + 1 > rules_.bytes_max;
}

void BatchAssembler::add(std::string_view message, SteadyTime now) {
  if (messages_++ == 0) {
    begun_ = now;
    first_header_ = first_segment(message);
  }
  text_ += message;
  if (!text_.empty() && !is_segment_end(text_.back())) text_ += '\r';
}

bool BatchAssembler::is_complete(SteadyTime now) const {
  if (messages_ == 0) return false;
  const auto due = due_at();
  return (rules_.messages_max > 0 && messages_ >= rules_.messages_max) ||
         (rules_.bytes_max > 0 && text_.size() >= rules_.bytes_max) || (due && now >= *due);
}

std::optional<SteadyTime> BatchAssembler::due_at() const {
  if (messages_ == 0 || rules_.age_max.count() == 0) return std::nullopt;
  return begun_ + rules_.age_max;
}

std::string batch_head(const BatchRules& rules, std::string_view first_message,
                       std::string_view control_id, std::string_view timestamp) {
  auto source = first_segment(first_message);
  auto delimiters = delimiters_of(source);
  if (!delimiters) {
    source = "MSH|^~\\&";
    delimiters = Delimiters{};
  }
  std::string head;
  if (rules.file_header) head += write({"FHS", source, false, control_id, timestamp}, *delimiters);
  if (rules.batch_header) head += write({"BHS", source, false, control_id, timestamp}, *delimiters);
  return head;
}

std::string batch_tail(const BatchRules& rules, char field_separator, std::size_t messages) {
  const char f = field_separator;
  std::string tail;
  if (rules.batch_header) tail += fmt::format("BTS{}{}\r", f, messages);
  if (rules.file_header) tail += fmt::format("FTS{}{}\r", f, rules.batch_header ? 1 : 0);
  return tail;
}

std::string BatchAssembler::take(std::string_view control_id, std::string_view timestamp) {
  if (messages_ == 0) return {};
  const auto delimiters = delimiters_of(first_header_);
  const char f = delimiters ? delimiters->field : Delimiters{}.field;
  auto batch = batch_head(rules_, first_header_, control_id, timestamp) + text_ +
               batch_tail(rules_, f, messages_);
  text_.clear();
  first_header_.clear();
  messages_ = 0;
  return batch;
}

std::string acknowledge_batch(std::string_view batch_header,
                              const std::vector<std::string>& acknowledgements,
                              std::string_view control_id, std::string_view timestamp) {
  const auto header = first_segment(batch_header);
  const auto delimiters = delimiters_of(header);
  std::string batch;
  if (delimiters)
    batch = write({"BHS", header, true, control_id, timestamp,
                   field_of(header, delimiters->field, 11).value_or(std::string_view())},
                  *delimiters);
  std::size_t count = 0;
  for (const auto& acknowledgement : acknowledgements) {
    if (acknowledgement.empty()) continue;
    ++count;
    batch += acknowledgement;
    if (!is_segment_end(batch.back())) batch += '\r';
  }
  if (delimiters) batch += fmt::format("BTS{}{}\r", delimiters->field, count);
  return batch;
}

}  // namespace causeway::hl7v2
