#include "connectors/support/folder/file_writing.h"

#include <charconv>

#include "engine/core/limits.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;
constexpr std::size_t note_bytes_max = 200;

/// Trouble of the destination as a whole: the disk is full, the session lost.
bool is_about_all(const Error& error) {
  return error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::TimedOut ||
         error.kind == ErrorKind::NotPermitted || error.kind == ErrorKind::NotFound;
}

/// Reads an open file against what it should hold.
class Comparison {
 public:
  Comparison(Folder::Reader& reader, std::uint64_t skip) : reader_(reader), skip_(skip) {}

  /// Compares the next bytes; what is missing at the file's end is no difference.
  Status next(std::string_view expected) {
    while (!expected.empty() && same_ && !ended_) {
      if (at_ == held_.size())
        if (auto filled = fill(); !filled) return filled;
      const auto part = std::min(expected.size(), held_.size() - at_);
      same_ = held_.compare(at_, part, expected.substr(0, part)) == 0;
      at_ += part;
      expected.remove_prefix(part);
    }
    return Done{};
  }
  bool same() const { return same_; }

 private:
  Status fill() {
    do {
      held_.resize(chunk_bytes);
      auto count = reader_.read(held_.data(), held_.size());
      if (!count) return count.error();
      held_.resize(*count);
      ended_ = *count == 0;
      at_ = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, held_.size()));
      skip_ -= at_;
    } while (!ended_ && at_ == held_.size());
    return Done{};
  }

  Folder::Reader& reader_;
  std::uint64_t skip_;
  std::string held_;
  std::size_t at_ = 0;
  bool same_ = true;
  bool ended_ = false;
};

}  // namespace

Status read_body(const Body& body, BodyStaging* staging, const OnBytes& on_bytes) {
  if (!body.is_staged()) return on_bytes(body.view());
  if (!staging) return Error{ErrorKind::Unavailable, "", "no store to read a staged body from"};
  for (std::uint64_t at = 0; at < body.size();) {
    const auto most = std::min<std::uint64_t>(limits::staged_chunk_bytes, body.size() - at);
    auto chunk = staging->read(body.staged(), at, static_cast<std::size_t>(most));
    if (!chunk) return chunk.error();
    if (chunk->empty()) return Error{ErrorKind::Damaged, "", "a staged body is too short"};
    if (auto taken = on_bytes(*chunk); !taken) return taken;
    at += chunk->size();
  }
  return Done{};
}

std::string delivery_name(const WorkRef& work) {
  return to_string(work.message) + "-" + std::to_string(work.part + 1);
}

Result<std::string> file_path(const NameTemplate& name, const StoredDelivery& delivery,
                              BodyStaging* staging) {
  std::string beginning;
  if (name.reads_body()) {
    const auto& body = delivery.body;
    if (!body.is_staged()) {
      beginning = body.view().substr(0, named_bytes_max);
    } else {
      if (!staging) return Error{ErrorKind::Unavailable, "", "no store to read it from"};
      auto read = staging->read(body.staged(), 0, named_bytes_max);
      if (!read) return read.error();
      beginning = std::move(*read);
    }
  }
  return name.fill(delivery, beginning);
}

Attempt not_delivered(Outcome outcome, const Error& error, const Folder& folder) {
  Attempt attempt;
  attempt.outcome = error.kind == ErrorKind::Conflict && outcome == Outcome::Deferred
                        ? Outcome::Rejected
                        : outcome;
  attempt.reason = error;
  attempt.destination_down =
      outcome != Outcome::Rejected && (folder.is_lost() || is_about_all(error));
  return attempt;
}

Attempt FileWriting::run(Folder& folder) {
  open_ = false;
  if (auto named = name(); !named)
    return not_delivered(
        named.error().kind == ErrorKind::Limit ? Outcome::Rejected : Outcome::Deferred,
        named.error(), folder);
  if (!context_.may_send())
    return not_delivered(Outcome::Deferred, {ErrorKind::Stopped, "", "stopped"}, folder);
  const auto above = parent_of(path_);
  if (!above.empty())
    if (auto made = folder.make_folders(above); !made)
      return not_delivered(Outcome::Deferred, made.error(), folder);
  return context_.settings.on_existing == SinkSettings::OnExisting::Append ? append(folder)
                                                                           : write_new(folder);
}

Status FileWriting::name() {
  auto path = file_path(context_.settings.name, delivery_, context_.staging);
  if (!path) return path.error();
  path_ = std::move(*path);
  return Done{};
}

Attempt FileWriting::write_new(Folder& folder) {
  auto there = is_there(folder);
  if (!there) return not_delivered(Outcome::Deferred, there.error(), folder);
  if (*there) return delivered();
  const auto temporary = joined(parent_of(path_), "." + delivery_name() + ".part");
  if (auto written = write_temporary(folder, temporary); !written) {
    const bool lost = folder.is_lost();
    if (!lost) (void)folder.remove(temporary);
    return not_delivered(Outcome::Deferred, written.error(), folder);
  }
  return give_name(folder, temporary);
}

Status FileWriting::write_temporary(Folder& folder, const std::string& path) {
  auto writer = folder.create(path);
  if (!writer) return writer.error();
  if (auto done = read_body([&](std::string_view bytes) { return (*writer)->write(bytes); }); !done)
    return done;
  return (*writer)->finish();
}

Attempt FileWriting::give_name(Folder& folder, const std::string& temporary) {
  const bool replaces = context_.settings.on_existing == SinkSettings::OnExisting::Replace;
  if (!context_.may_send()) {
    (void)folder.remove(temporary);
    return not_delivered(Outcome::Deferred, {ErrorKind::Stopped, "", "stopped"}, folder);
  }
  open_ = true;
  auto renamed = folder.rename(temporary, path_,
                               replaces ? Folder::OnExisting::Replace : Folder::OnExisting::Refuse);
  if (!renamed) {
    if (folder.is_lost()) return not_delivered(Outcome::Ambiguous, renamed.error(), folder);
    open_ = false;
    (void)folder.remove(temporary);
    return not_delivered(
        renamed.error().kind == ErrorKind::Conflict ? Outcome::Rejected : Outcome::Deferred,
        renamed.error(), folder);
  }
  if (auto synced = folder.sync_names(parent_of(path_)); !synced)
    return not_delivered(Outcome::Ambiguous, synced.error(), folder);
  return delivered();
}

/// True: with this content. Conflict: with another, and it is to stay.
Result<bool> FileWriting::is_there(Folder& folder) {
  auto info = folder.look(path_);
  if (!info && info.error().kind == ErrorKind::NotFound) return false;
  if (!info) return info.error();
  const bool same_size = !info->is_folder && info->size == delivery_.body.size();
  auto same = same_size ? continues(folder, 0, info->size) : Result<bool>(false);
  if (!same) return same.error();
  if (*same) return true;
  if (context_.settings.on_existing == SinkSettings::OnExisting::Replace && !info->is_folder)
    return false;
  return Error{ErrorKind::Conflict, printable(path_), "there is another file of this name"};
}

Attempt FileWriting::find_out(Folder& folder) {
  auto there = is_there(folder);
  if (!there) return not_delivered(Outcome::Ambiguous, there.error(), folder);
  if (*there) return delivered();
  return not_delivered(
      Outcome::Deferred,
      {ErrorKind::Unavailable, "", "the session was lost before the file had its name"}, folder);
}

Attempt FileWriting::append(Folder& folder) {
  auto info = folder.look(path_);
  if (!info && info.error().kind != ErrorKind::NotFound)
    return not_delivered(Outcome::Deferred, info.error(), folder);
  const std::uint64_t size = info ? info->size : 0;
  auto from = append_from(folder, size);
  if (!from) return not_delivered(Outcome::Deferred, from.error(), folder);
  if (*from + delivery_.body.size() + context_.settings.separator.size() == size && *from < size)
    return delivered();  // by an earlier try
  if (auto noted = note_append(folder, *from); !noted)
    return not_delivered(Outcome::Deferred, noted.error(), folder);
  // From here on a part of it may stand in the file; the next try finds where it begins.
  auto writer = folder.extend(path_, *from);
  if (!writer) return not_delivered(Outcome::Deferred, writer.error(), folder);
  auto written = read_body([&](std::string_view bytes) { return (*writer)->write(bytes); });
  if (written) written = (*writer)->write(context_.settings.separator);
  if (written) written = (*writer)->finish();
  if (written && !info) written = folder.sync_names(parent_of(path_));
  if (!written) return not_delivered(Outcome::Deferred, written.error(), folder);
  return delivered();
}

/// Where it is to begin: at the end, or where an earlier try of the same delivery began.
Result<std::uint64_t> FileWriting::append_from(Folder& folder, std::uint64_t size) {
  auto reader = folder.open(joined(parent_of(path_), "." + name_of(path_) + ".append"));
  if (!reader && reader.error().kind == ErrorKind::NotFound) return size;
  if (!reader) return reader.error();
  std::string note(note_bytes_max, '\0');
  auto count = (*reader)->read(note.data(), note.size());
  if (!count) return count.error();
  note.resize(*count);
  const auto ours = delivery_name() + " ";
  if (!note.starts_with(ours)) return size;
  std::uint64_t from = 0;
  const auto* begin = note.data() + ours.size();
  const auto* end = note.data() + note.size();
  const auto read = std::from_chars(begin, end, from);
  if (read.ec != std::errc() || read.ptr == end || *read.ptr != '\n' || from > size) return size;
  auto same = continues(folder, from, size);
  if (!same) return same.error();
  return *same ? from : size;
}

/// Whether what stands in the file between the two is the beginning of this delivery, or all of it.
Result<bool> FileWriting::continues(Folder& folder, std::uint64_t from, std::uint64_t size) {
  const bool appends = context_.settings.on_existing == SinkSettings::OnExisting::Append;
  const auto whole =
      delivery_.body.size() + (appends ? context_.settings.separator.size() : std::size_t{0});
  if (size - from > whole) return false;
  auto reader = folder.open(path_);
  if (!reader) return reader.error();
  Comparison comparison(**reader, from);
  if (auto read = read_body([&](std::string_view bytes) { return comparison.next(bytes); }); !read)
    return read.error();
  if (appends)
    if (auto read = comparison.next(context_.settings.separator); !read) return read.error();
  return comparison.same();
}

Status FileWriting::note_append(Folder& folder, std::uint64_t from) {
  auto writer = folder.create(joined(parent_of(path_), "." + name_of(path_) + ".append"));
  if (!writer) return writer.error();
  auto written = (*writer)->write(delivery_name() + " " + std::to_string(from) + "\n");
  return written ? (*writer)->finish() : written;
}

Status FileWriting::read_body(const OnBytes& on_bytes) const {
  return folder::read_body(delivery_.body, context_.staging, on_bytes);
}

Attempt FileWriting::delivered() const {
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.response = "written as " + path_;
  return attempt;
}

}  // namespace causeway::connectors::folder
