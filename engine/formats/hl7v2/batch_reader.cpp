#include <charconv>

#include <fmt/format.h>

#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// What MLLP leaves at a message's end, in captured traffic.
constexpr char frame_end = '\x1C';
constexpr std::size_t name_bytes = 4;  // with the separator after it

bool is_blank(char c) {
  return is_segment_end(c) || c == ' ' || c == '\t' || c == '\v' || c == '\0' || c == frame_end;
}

/// What begins with this line; none: it belongs to what it follows.
std::optional<BatchItem::Kind> kind_of_line(std::string_view line) {
  if (line.size() < 3) return std::nullopt;
  const char after = line.size() > 3 ? line[3] : '\r';
  const bool letter = (after >= 'A' && after <= 'Z') || (after >= 'a' && after <= 'z');
  if (letter || (after >= '0' && after <= '9') || after == ' ') return std::nullopt;
  const auto name = line.substr(0, 3);
  if (name == "MSH") return BatchItem::Kind::Message;
  if (name == "FHS") return BatchItem::Kind::FileHeader;
  if (name == "BHS") return BatchItem::Kind::BatchHeader;
  if (name == "BTS") return BatchItem::Kind::BatchTrailer;
  if (name == "FTS") return BatchItem::Kind::FileTrailer;
  return std::nullopt;
}

/// Field 1 of a trailer: its delimiter is the character after the name.
std::string_view count_field(std::string_view trailer) {
  if (trailer.size() < 5) return {};
  auto field = trailer.substr(4, trailer.substr(4).find(trailer[3]));
  return field.substr(0, field.find_first_of("\r\n"));
}

std::string_view without_frame_end(std::string_view message) {
  auto end = message.size();
  while (end > 0 && is_blank(message[end - 1]) && message[end - 1] != frame_end) --end;
  return end > 0 && message[end - 1] == frame_end ? message.substr(0, end - 1) : message;
}

}  // namespace

std::string_view to_string(BatchProblem problem) {
  switch (problem) {
    case BatchProblem::None:
      return "none";
    case BatchProblem::CountDiffers:
      return "the count in the trailer is not what came";
    case BatchProblem::CountUnreadable:
      return "the count in the trailer is no number";
    case BatchProblem::NoTrailer:
      return "the batch or file before it has no trailer";
    case BatchProblem::NoHeader:
      return "a trailer without its header";
  }
  return "none";
}

std::string_view to_string(BatchItem::Kind kind) {
  constexpr std::string_view words[] = {
      "message",      "file header", "batch header", "batch trailer",
      "file trailer", "unreadable",  "end"};
  return words[static_cast<std::size_t>(kind)];
}

Status BatchReader::push(std::string_view bytes, const OnItem& on_item) {
  held_ += bytes;
  return scan(false, on_item);
}

Status BatchReader::finish(const OnItem& on_item) {
  if (auto scanned = scan(true, on_item); !scanned) return scanned;
  if (kind_) {
    if (auto given = give(held_, on_item); !given) return given;
  }
  held_.clear();
  begin_ = line_ = scanned_ = 0;
  kind_.reset();
  if (!in_batch_ && !in_file_) return Done{};
  BatchItem item;
  item.kind = Kind::End;
  item.problem = BatchProblem::NoTrailer;
  in_batch_ = in_file_ = false;
  return on_item(item);
}

/// Looks at each line that begins in what is held. Only its name is needed, so a line may be far
/// from whole.
Status BatchReader::scan(bool at_end, const OnItem& on_item) {
  for (;;) {
    while (line_ < held_.size() && is_blank(held_[line_])) ++line_;
    if (!kind_) begin_ = line_;
    if (held_.size() - line_ < name_bytes && !at_end) break;
    if (line_ >= held_.size()) break;
    if (scanned_ <= line_) {
      const auto kind = kind_of_line(std::string_view(held_).substr(line_));
      const bool begins = kind || !kind_ || (*kind_ != Kind::Message && *kind_ != Kind::Unreadable);
      if (begins) {
        auto begun = begin_item(kind.value_or(Kind::Unreadable), line_, on_item);
        if (!begun) return begun;
      }
      scanned_ = line_ + 1;
    }
    const auto end = held_.find_first_of("\r\n", scanned_);
    if (end == std::string::npos) {
      scanned_ = held_.size();
      break;
    }
    line_ = end + 1;
    scanned_ = 0;
  }
  held_.erase(0, begin_);
  line_ -= begin_;
  scanned_ -= std::min(scanned_, begin_);
  begin_ = 0;
  if (held_.size() <= message_bytes_max_) return Done{};
  return Error{ErrorKind::Limit, fmt::format("message {}", position_ + 1),
               fmt::format("it has over {} bytes", message_bytes_max_)};
}

/// What is held up to `at` is whole; the next item begins there.
Status BatchReader::begin_item(Kind kind, std::size_t at, const OnItem& on_item) {
  if (kind_) {
    auto given = give(std::string_view(held_).substr(begin_, at - begin_), on_item);
    if (!given) return given;
  }
  begin_ = at;
  kind_ = kind;
  return Done{};
}

Status BatchReader::give(std::string_view text, const OnItem& on_item) {
  if (text.size() > message_bytes_max_)
    return Error{ErrorKind::Limit, fmt::format("message {}", position_ + 1),
                 fmt::format("it has over {} bytes", message_bytes_max_)};
  BatchItem item;
  item.kind = *kind_;
  item.text = without_frame_end(text);
  count(item);
  return on_item(item);
}

/// Where the item stands, and what that makes of the batch it is in.
void BatchReader::count(BatchItem& item) {
  switch (item.kind) {
    case Kind::FileHeader:
      if (in_file_ || in_batch_) item.problem = BatchProblem::NoTrailer;
      in_file_ = true;
      in_batch_ = false;
      ++file_;
      batches_in_file_ = 0;
      break;
    case Kind::BatchHeader:
      if (in_batch_) item.problem = BatchProblem::NoTrailer;
      in_batch_ = true;
      ++batch_;
      ++batches_in_file_;
      place_ = 0;
      break;
    case Kind::Message:
      item.position = ++position_;
      item.place = ++place_;
      break;
    case Kind::BatchTrailer:
      item.counted = place_;
      count_trailer(item, in_batch_);
      break;
    case Kind::FileTrailer:
      item.counted = batches_in_file_;
      count_trailer(item, in_file_);
      if (in_batch_ && item.problem == BatchProblem::None) item.problem = BatchProblem::NoTrailer;
      break;
    case Kind::Unreadable:
    case Kind::End:
      break;
  }
  item.file = in_file_ ? file_ : 0;
  item.batch = in_batch_ ? batch_ : 0;
  if (item.kind == Kind::BatchTrailer || item.kind == Kind::FileTrailer) in_batch_ = false;
  if (item.kind == Kind::BatchTrailer) place_ = 0;
  if (item.kind == Kind::FileTrailer) in_file_ = false;
}

void BatchReader::count_trailer(BatchItem& item, bool has_header) {
  const auto field = count_field(item.text);
  if (!field.empty()) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(field.data(), field.data() + field.size(), number);
    if (read.ec != std::errc() || read.ptr != field.data() + field.size())
      item.problem = BatchProblem::CountUnreadable;
    else
      item.declared = number;
  }
  if (item.declared && *item.declared != item.counted) item.problem = BatchProblem::CountDiffers;
  if (!has_header) item.problem = BatchProblem::NoHeader;
}

bool is_batch(std::string_view bytes) {
  SegmentScanner lines(bytes, start_of_message(bytes));
  if (!lines.next()) return false;
  const auto first = kind_of_line(lines.text());
  if (first && *first != BatchItem::Kind::Message) return true;
  while (lines.next())
    if (kind_of_line(lines.text())) return true;
  return false;
}

}  // namespace causeway::hl7v2
