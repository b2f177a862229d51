#include "connectors/support/folder/batch_file.h"

#include <charconv>

#include "connectors/support/folder/digest.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::string_view first_line = "causeway batch ledger 1\n";
constexpr std::size_t ledger_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t chunk_bytes = 256 * 1024;

/// The next word of a line; empty: there is none, or a number that isn't one.
std::string_view word(std::string_view& line) {
  const auto end = std::min(line.find(' '), line.size());
  const auto found = line.substr(0, end);
  line.remove_prefix(std::min(line.size(), end + 1));
  return found;
}

std::optional<std::uint64_t> number(std::string_view& line) {
  const auto text = word(line);
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::uint64_t microseconds(SystemTime time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count());
}

SystemTime at_microseconds(std::uint64_t value) {
  return SystemTime(std::chrono::microseconds(static_cast<std::int64_t>(value)));
}

/// Up to `most` bytes of a file, from its beginning.
Result<std::string> read_file(Folder& folder, const std::string& path, std::size_t most) {
  auto reader = folder.open(path);
  if (!reader) return reader.error();
  std::string text, part(std::min(chunk_bytes, most), '\0');
  while (text.size() < most) {
    auto count = (*reader)->read(part.data(), std::min(part.size(), most - text.size()));
    if (!count) return count.error();
    if (*count == 0) break;
    text.append(part, 0, *count);
  }
  return text;
}

bool is_end(char c) {
  return c == '\r' || c == '\n';
}

Attempt delivered(const std::string& text) {
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.response = text;
  return attempt;
}

}  // namespace

std::string BatchFile::hidden(std::string_view end) const {
  return "." + context_.label + "." + std::string(end);
}

std::optional<SystemTime> BatchFile::due_at() const {
  if (!open_) return std::nullopt;
  const bool now = open_->closing || open_->messages >= context_.settings.batch->messages_max;
  return now ? open_->begun : open_->begun + context_.settings.batch->age_max;
}

bool BatchFile::is_full(std::uint64_t more) const {
  const auto& rules = *context_.settings.batch;
  return open_->closing || open_->messages >= rules.messages_max ||
         open_->size + more > rules.bytes_max;
}

void BatchFile::remember(Entry entry) {
  digests_[entry.delivery] = entry.digest;
  remembered_.push_back(std::move(entry));
}

Status BatchFile::load(Folder& folder) {
  loaded_ = ledger_exists_ = false;
  ledger_bytes_ = 0;
  open_.reset();
  remembered_.clear();
  digests_.clear();
  std::optional<LastLine> last;
  if (auto read = read_ledger(folder, last); !read) return read;
  if (open_ && !open_->closing && last)
    if (auto settled = settle_last(folder, *last); !settled) return settled;
  if (open_ && open_->closing)
    if (auto done = finish_closing(folder); !done) return done;
  loaded_ = true;
  return Done{};
}

/// What is no whole line at the end was being written; it is written over.
Status BatchFile::read_ledger(Folder& folder, std::optional<LastLine>& last) {
  auto text = read_file(folder, hidden("ledger"), ledger_bytes_max);
  if (!text && text.error().kind == ErrorKind::NotFound) {
    // Where a file can't be replaced in one step, a kill may have come between the two.
    auto named = folder.rename(hidden("ledger.part"), hidden("ledger"), Folder::OnExisting::Refuse);
    if (!named && named.error().kind == ErrorKind::NotFound) return Done{};
    if (!named) return named;
    text = read_file(folder, hidden("ledger"), ledger_bytes_max);
  }
  if (!text) return text.error();
  if (!text->starts_with(first_line)) return Done{};  // its beginning was being written
  ledger_exists_ = true;
  ledger_bytes_ = first_line.size();
  std::uint64_t opened = 0;
  const auto first_of_batch = [&] { return open_ && open_->messages == 1; };
  for (auto rest = std::string_view(*text).substr(first_line.size()); !rest.empty();) {
    const auto end = rest.find('\n');
    if (end == rest.npos || !take_line(rest.substr(0, end), last)) break;
    if (last && last->line_at == 0) last->line_at = first_of_batch() ? opened : ledger_bytes_;
    if (open_ && open_->messages == 0) opened = ledger_bytes_;
    ledger_bytes_ += end + 1;
    rest.remove_prefix(end + 1);
  }
  if (open_ && open_->messages == 0) {  // of a batch that had only begun
    open_.reset();
    ledger_bytes_ = opened;
  }
  return Done{};
}

bool BatchFile::take_line(std::string_view line, std::optional<LastLine>& last) {
  const auto verb = word(line);
  if (verb == "was") {
    const auto delivery = word(line);
    remember({std::string(delivery), std::string(word(line))});
    return true;
  }
  if (verb == "open") {
    const auto begun = number(line);
    if (!begun) return false;
    open_ = Open{std::string(line), at_microseconds(*begun)};
    last.reset();
    return true;
  }
  if (verb == "close" && open_) return open_->closing = true;
  if (verb != "add" || !open_) return false;
  const auto delivery = word(line);
  const auto from = number(line), bytes = number(line);
  if (!from || !bytes) return false;
  last = LastLine{*from, *bytes, std::string(word(line))};
  remember({std::string(delivery), last->digest});
  open_->size = *from + *bytes;
  ++open_->messages;
  return true;
}

Result<bool> BatchFile::holds(Folder& folder, const LastLine& last) const {
  auto info = folder.look(hidden("batch"));
  if (!info && info.error().kind == ErrorKind::NotFound) return false;
  if (!info) return info.error();
  if (info->size < last.from + last.bytes) return false;
  auto reader = folder.open(hidden("batch"));
  if (!reader) return reader.error();
  Digest digest;
  std::string part(chunk_bytes, '\0');
  for (std::uint64_t at = 0, end = last.from + last.bytes; at < end;) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(part.size(), end - at));
    auto count = (*reader)->read(part.data(), wanted);
    if (!count) return count.error();
    if (*count == 0) return false;
    if (at + *count > last.from) {
      const auto skipped = static_cast<std::size_t>(last.from - std::min(last.from, at));
      digest.add(std::string_view(part).substr(skipped, *count - skipped));
    }
    at += *count;
  }
  return digest.hex() == last.digest;
}

/// The last message noted may not have been written, or not to its end: then it isn't there, and
/// what comes next is written over it.
Status BatchFile::settle_last(Folder& folder, const LastLine& last) {
  auto whole = holds(folder, last);
  if (!whole) return whole.error();
  if (*whole) return Done{};
  digests_.erase(remembered_.back().delivery);
  remembered_.pop_back();
  open_->size = last.from;
  ledger_bytes_ = last.line_at;
  if (--open_->messages == 0) open_.reset();
  return Done{};
}

Result<BatchFile::Text> BatchFile::look_at(const StoredDelivery& delivery) const {
  Text text;
  Digest digest;
  char last = '\r';
  auto read = read_body(delivery.body, context_.staging, [&](std::string_view bytes) -> Status {
    digest.add(bytes);
    if (!bytes.empty()) last = bytes.back();
    return Done{};
  });
  if (!read) return read.error();
  text.needs_end = !is_end(last);
  if (text.needs_end) digest.add("\r");
  text.bytes = delivery.body.size() + (text.needs_end ? 1 : 0);
  text.digest = digest.hex();
  return text;
}

Attempt BatchFile::add(Folder& folder, const StoredDelivery& delivery) {
  const auto deferred = [&](const Error& error) {
    loaded_ = false;
    return not_delivered(Outcome::Deferred, error, folder);
  };
  if (!loaded_)
    if (auto done = load(folder); !done) return deferred(done.error());
  if (delivery.content_type != ContentType::Hl7v2)
    return not_delivered(Outcome::Rejected, {ErrorKind::Invalid, "", "a batch is of HL7 v2 alone"},
                         folder);
  auto text = look_at(delivery);
  if (!text) return not_delivered(Outcome::Deferred, text.error(), folder);
  const auto known = digests_.find(delivery_name(delivery.work));
  if (known != digests_.end() && known->second == text->digest)
    return delivered("in a batch since an earlier try");
  if (open_ && is_full(text->bytes))
    if (auto closed = close(folder); !closed) return deferred(closed.error());
  if (!context_.may_send())
    return not_delivered(Outcome::Deferred, {ErrorKind::Stopped, "", "stopped"}, folder);
  if (!open_)
    if (auto begun = begin(delivery, *text); !begun)
      return not_delivered(
          begun.error().kind == ErrorKind::Limit ? Outcome::Rejected : Outcome::Deferred,
          begun.error(), folder);
  const auto path = open_->path;
  if (auto written = append(folder, delivery, *text); !written) {
    loaded_ = false;
    return not_delivered(folder.is_lost() ? Outcome::Ambiguous : Outcome::Deferred, written.error(),
                         folder);
  }
  // If it can't be closed now, that is tried again: the message is in it all the same.
  if (is_full(0)) (void)close(folder);
  return delivered("in the batch " + path);
}

Attempt BatchFile::find_out(Folder& folder, const StoredDelivery& delivery) {
  if (auto done = load(folder); !done)
    return not_delivered(Outcome::Ambiguous, done.error(), folder);
  auto text = look_at(delivery);
  if (!text) return not_delivered(Outcome::Ambiguous, text.error(), folder);
  const auto known = digests_.find(delivery_name(delivery.work));
  if (known != digests_.end() && known->second == text->digest) return delivered("in the batch");
  return not_delivered(
      Outcome::Deferred,
      {ErrorKind::Unavailable, "", "the session was lost before the message was in the batch"},
      folder);
}

Status BatchFile::begin(const StoredDelivery& delivery, Text& text) {
  auto path = file_path(context_.settings.name, delivery, context_.staging);
  if (!path) return path.error();
  std::string beginning;
  auto read = read_body(delivery.body, context_.staging, [&](std::string_view bytes) -> Status {
    if (beginning.size() < named_bytes_max) beginning += bytes.substr(0, named_bytes_max);
    return Done{};
  });
  if (!read) return read;
  const auto now = context_.clock.now();
  text.head = hl7v2::batch_head(*context_.settings.batch, beginning, delivery_name(delivery.work),
                                utc_text(now, "%Y%m%d%H%M%S+0000"));
  open_ = Open{std::move(*path), now, text.head.size()};
  return Done{};
}

Status BatchFile::append(Folder& folder, const StoredDelivery& delivery, const Text& text) {
  const bool first = open_->messages == 0;
  const auto name = delivery_name(delivery.work);
  std::string lines;
  if (first)
    lines = "open " + std::to_string(microseconds(open_->begun)) + " " + open_->path + "\n";
  lines += "add " + name + " " + std::to_string(open_->size) + " " + std::to_string(text.bytes) +
           " " + text.digest + "\n";
  if (auto noted = write_lines(folder, lines); !noted) return noted;
  auto writer =
      first ? folder.create(hidden("batch")) : folder.extend(hidden("batch"), open_->size);
  if (!writer) return writer.error();
  if (first)
    if (auto written = (*writer)->write(text.head); !written) return written;
  auto written = read_body(delivery.body, context_.staging,
                           [&](std::string_view bytes) { return (*writer)->write(bytes); });
  if (written && text.needs_end) written = (*writer)->write("\r");
  if (written) written = (*writer)->finish();
  if (written && first) written = folder.sync_names("");
  if (!written) return written;
  open_->size += text.bytes;
  ++open_->messages;
  remember({name, text.digest});
  return Done{};
}

Status BatchFile::write_lines(Folder& folder, const std::string& lines) {
  if (!ledger_exists_)
    if (auto made = rewrite_ledger(folder); !made) return made;
  auto writer = folder.extend(hidden("ledger"), ledger_bytes_);
  if (!writer) return writer.error();
  auto written = (*writer)->write(lines);
  if (written) written = (*writer)->finish();
  if (written) ledger_bytes_ += lines.size();
  return written;
}

Status BatchFile::close(Folder& folder) {
  if (!loaded_)
    if (auto done = load(folder); !done) return done;
  if (!open_) return Done{};
  auto done = open_->closing ? Status(Done{}) : write_lines(folder, "close\n");
  if (done) {
    open_->closing = true;
    done = finish_closing(folder);
  }
  if (!done && folder.is_lost()) loaded_ = false;
  return done;
}

Status BatchFile::finish_closing(Folder& folder) {
  auto info = folder.look(hidden("batch"));
  if (!info && info.error().kind != ErrorKind::NotFound) return info.error();
  if (info) {  // else it has its name already
    auto tail = trailer(folder);
    if (!tail) return tail.error();
    auto writer = folder.extend(hidden("batch"), open_->size);
    if (!writer) return writer.error();
    auto written = (*writer)->write(*tail);
    if (written) written = (*writer)->finish();
    if (!written) return written;
    const auto above = parent_of(open_->path);
    if (!above.empty())
      if (auto made = folder.make_folders(above); !made) return made;
    if (!context_.may_send()) return Error{ErrorKind::Stopped, "", "stopped"};
    auto named = folder.rename(hidden("batch"), open_->path, Folder::OnExisting::Refuse);
    if (!named && named.error().kind == ErrorKind::Conflict)
      return Error{ErrorKind::Unavailable, printable(open_->path),
                   "a batch is complete, but there is another file of its name"};
    if (!named) return named;
    if (auto synced = folder.sync_names(above); !synced) return synced;
  }
  open_.reset();
  return rewrite_ledger(folder);
}

Result<std::string> BatchFile::trailer(Folder& folder) const {
  const auto& rules = *context_.settings.batch;
  if (!rules.batch_header && !rules.file_header) return std::string();
  auto head = read_file(folder, hidden("batch"), 4);  // "FHS|"
  if (!head) return head.error();
  if (head->size() < 4) return Error{ErrorKind::Damaged, "", "the open batch has no header"};
  return hl7v2::batch_tail(rules, (*head)[3], open_->messages);
}

/// With no batch open.
Status BatchFile::rewrite_ledger(Folder& folder) {
  for (; remembered_.size() > remembered_max; remembered_.pop_front()) {
    const auto known = digests_.find(remembered_.front().delivery);
    if (known != digests_.end() && known->second == remembered_.front().digest)
      digests_.erase(known);
  }
  std::string text(first_line);
  for (const auto& entry : remembered_) text += "was " + entry.delivery + " " + entry.digest + "\n";
  auto writer = folder.create(hidden("ledger.part"));
  if (!writer) return writer.error();
  auto written = (*writer)->write(text);
  if (written) written = (*writer)->finish();
  if (written)
    written = folder.rename(hidden("ledger.part"), hidden("ledger"), Folder::OnExisting::Replace);
  if (written) written = folder.sync_names("");
  if (!written) return written;
  ledger_exists_ = true;
  ledger_bytes_ = text.size();
  return Done{};
}

}  // namespace causeway::connectors::folder
