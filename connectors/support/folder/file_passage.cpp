#include "connectors/support/folder/file_passage.h"

#include "connectors/support/folder/digest.h"
#include "connectors/support/staged_body.h"
#include "engine/core/limits.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::size_t chunk_bytes = 256 * 1024;

ContentType type_for(const SourceSettings& settings, std::string_view beginning) {
  if (settings.content_type) return *settings.content_type;
  switch (settings.records.kind) {
    case RecordKind::Hl7v2:
      return ContentType::Hl7v2;
    case RecordKind::XmlElement:
      return ContentType::Xml;
    case RecordKind::Csv:
      return ContentType::Csv;
    case RecordKind::Line:
      return content_type_of(beginning, ContentType::Text);
    case RecordKind::Whole:
      break;
  }
  return content_type_of(beginning, ContentType::Binary);
}

Error while_read() {
  return {ErrorKind::Conflict, "", "the file was changed while it was read"};
}

}  // namespace

FilePassage::FilePassage(const Context& context, Folder& folder, FileInfo file)
    : context_(context),
      folder_(folder),
      file_(std::move(file)),
      offering_(context.intake, context.switches) {}

PassageEnd FilePassage::run() {
  auto passed = pass();
  // Also after an error: what was offered is known before the file is judged.
  auto finished = offering_.finish();
  return judged(finished ? passed : finished);
}

Status FilePassage::pass() {
  if (file_.size > context_.settings.file_bytes_max)
    return Error{ErrorKind::Limit, "", "larger than file_bytes_max"};
  if (file_.size <= small_file_bytes) return pass_small();
  return context_.settings.records.kind == RecordKind::Whole ? pass_staged() : pass_large();
}

PassageEnd FilePassage::judged(const Status& passed) {
  PassageEnd end{.kind = PassageEnd::Kind::Stored, .reason = {}, .tally = offering_.tally()};
  const auto bad = [&](Error reason) {
    end.kind = PassageEnd::Kind::Bad;
    end.reason = std::move(reason);
    return end;
  };
  if (!passed) {
    end.reason = passed.error();
    switch (passed.error().kind) {
      case ErrorKind::NotFound:
        end.kind = records_ == 0 ? PassageEnd::Kind::Gone : PassageEnd::Kind::Bad;
        return end;
      case ErrorKind::Invalid:
      case ErrorKind::Limit:
      case ErrorKind::NotPermitted:
        return bad(passed.error());
      case ErrorKind::Conflict:
        end.kind = changed_ && records_ == 0 ? PassageEnd::Kind::Changed : PassageEnd::Kind::Bad;
        return end;
      default:
        end.kind = PassageEnd::Kind::Later;
        return end;
    }
  }
  if (end.tally.refused > 0)
    return bad(
        {end.tally.why, "record " + std::to_string(end.tally.first_refused), "can't be stored"});
  if (!problem_.empty()) return bad({ErrorKind::Invalid, "", problem_});
  return end;
}

Status FilePassage::read(const OnBytes& on_bytes) {
  auto reader = folder_.open(file_.path);
  if (!reader) return reader.error();
  std::string chunk(chunk_bytes, '\0');
  for (std::uint64_t left = file_.size; left > 0;) {
    if (context_.switches.stop) return Error{ErrorKind::Stopped, "", "stopped"};
    auto count = (*reader)->read(chunk.data(), std::min<std::uint64_t>(chunk.size(), left));
    if (!count) return count.error();
    if (*count == 0) {
      changed_ = true;
      return while_read();
    }
    if (auto taken = on_bytes(std::string_view(chunk).substr(0, *count)); !taken) return taken;
    left -= *count;
  }
  return Done{};
}

bool FilePassage::is_unchanged() {
  auto now = folder_.look(file_.path);
  changed_ = !now || *now != file_;
  return !changed_;
}

void FilePassage::name_after(std::string digest) {
  origin_ = joined(context_.address, file_.path) + "\nsize " + std::to_string(file_.size) +
            "\ntime " + std::to_string(file_.modified_ns) + "\nsha256 " + digest;
  const SystemTime modified{std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::nanoseconds(file_.modified_ns))};
  attributes_ = std::make_shared<const Attributes>(
      Attributes{{"file", printable(name_of(file_.path))},
                 {"path", printable(file_.path)},
                 {"size", std::to_string(file_.size)},
                 {"modified", utc_text(modified, "%Y-%m-%dT%H:%M:%SZ")},
                 {"sha256", std::move(digest)}});
}

Status FilePassage::pass_small() {
  std::string content;
  content.reserve(file_.size);
  Digest digest;
  auto done = read([&](std::string_view bytes) -> Status {
    content += bytes;
    digest.add(bytes);
    return Done{};
  });
  if (!done) return done;
  if (!is_unchanged()) return while_read();
  name_after(digest.hex());
  if (content.empty()) return Done{};
  if (context_.settings.records.kind == RecordKind::Whole) return offer_record(content);
  return split([&](RecordReader& reader, const RecordReader::OnRecord& on_record) -> Status {
    for (std::string_view rest = content; !rest.empty();) {
      const auto part = rest.substr(0, chunk_bytes);
      if (auto pushed = reader.push(part, on_record); !pushed) return pushed;
      rest.remove_prefix(part.size());
    }
    return Done{};
  });
}

/// First its digest, then its records.
Status FilePassage::pass_large() {
  Digest first;
  auto done = read([&](std::string_view bytes) -> Status {
    first.add(bytes);
    return Done{};
  });
  if (!done) return done;
  if (!is_unchanged()) return while_read();
  const auto digest = first.hex();
  name_after(digest);
  Digest second;
  auto cut = split([&](RecordReader& reader, const RecordReader::OnRecord& on_record) {
    return read([&](std::string_view bytes) {
      second.add(bytes);
      return reader.push(bytes, on_record);
    });
  });
  if (!cut) return cut;
  if (second.hex() != digest || !is_unchanged()) return while_read();
  return Done{};
}

/// A large file as one message: into staging, and named when it is there.
Status FilePassage::pass_staged() {
  if (!context_.staging) return Error{ErrorKind::Limit, "", "too large to be held in memory"};
  auto writer = context_.staging->begin();
  if (!writer) return writer.error();
  Digest digest;
  std::string beginning, chunk;
  auto done = read([&](std::string_view bytes) -> Status {
    digest.add(bytes);
    if (beginning.empty()) beginning = bytes.substr(0, 4096);
    chunk += bytes;
    if (chunk.size() < limits::staged_chunk_bytes) return Done{};
    auto appended = (*writer)->append(chunk);
    chunk.clear();
    return appended;
  });
  if (!done) return done;
  if (!chunk.empty())
    if (auto appended = (*writer)->append(chunk); !appended) return appended;
  if (!is_unchanged()) return while_read();
  auto body = (*writer)->finish();
  if (!body) return body.error();
  name_after(digest.hex());
  return offer(std::move(*body), {}, beginning, ++records_);
}

Status FilePassage::split(
    const std::function<Status(RecordReader&, const RecordReader::OnRecord&)>& feed) {
  auto reader = make_record_reader(context_.settings.records);
  const RecordReader::OnRecord on_record = [this](std::string_view record) {
    return offer_record(record);
  };
  if (auto fed = feed(*reader, on_record); !fed) return fed;
  if (auto finished = reader->finish(on_record); !finished) return finished;
  problem_ = reader->problem();
  return Done{};
}

Status FilePassage::offer_record(std::string_view record) {
  const auto number = ++records_;
  auto bytes = make_bytes(std::string(record));
  if (!context_.staging || record.size() <= limits::inline_body_bytes)
    return offer(Body(std::move(bytes)), {}, record, number);
  auto staged = stage(*context_.staging, record);
  if (!staged) return staged.error();
  return offer(std::move(*staged), std::move(bytes), record, number);
}

Status FilePassage::offer(Body body, Bytes at_hand, std::string_view beginning,
                          std::uint64_t record) {
  Draft draft;
  draft.sender.address = joined(context_.address, printable(file_.path));
  draft.content_type = type_for(context_.settings, beginning);
  draft.body = std::move(body);
  draft.at_hand = std::move(at_hand);
  draft.attributes = attributes_;
  draft.origin = Origin{origin_, record};
  if (context_.settings.records.kind != RecordKind::Whole)
    draft.batch_place = static_cast<std::uint32_t>(std::min<std::uint64_t>(record, UINT32_MAX));
  return offering_.offer(std::move(draft), record);
}

}  // namespace causeway::connectors::folder
