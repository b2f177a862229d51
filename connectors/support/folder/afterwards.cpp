#include "connectors/support/folder/afterwards.h"

namespace causeway::connectors::folder {
namespace {

constexpr int names_tried = 100;

std::string reason_text(const FileInfo& file, const PassageEnd& end, SystemTime now) {
  std::string text = "file: " + printable(file.path) +
                     "\nread: " + utc_text(now, "%Y-%m-%dT%H:%M:%SZ") +
                     "\nreason: " + end.reason.str() +
                     "\nstored: " + std::to_string(end.tally.stored) + " messages";
  if (end.tally.again > 0)
    text += " (" + std::to_string(end.tally.again) + " of them at an earlier reading)";
  if (end.tally.refused > 0)
    text += "\nnot stored: " + std::to_string(end.tally.refused) + " messages";
  return text + "\n";
}

/// Who sees it sees all of it.
Status write_text(Folder& folder, const std::string& path, std::string_view text) {
  const auto unfinished = path + ".part";
  {
    auto writer = folder.create(unfinished);
    if (!writer) return writer.error();
    if (auto written = (*writer)->write(text); !written) return written;
    if (auto finished = (*writer)->finish(); !finished) return finished;
  }
  return folder.rename(unfinished, path, Folder::OnExisting::Replace);
}

}  // namespace

Status Afterwards::succeeded(Folder& folder, const FileInfo& file) const {
  switch (settings_.on_success) {
    case SourceSettings::OnSuccess::Leave:
      return Done{};
    case SourceSettings::OnSuccess::Delete:
      return folder.remove(file.path);
    case SourceSettings::OnSuccess::Move:
      break;
  }
  auto moved = move(folder, file, settings_.done_folder);
  if (!moved) return moved.error();
  return Done{};
}

Status Afterwards::failed(Folder& folder, const FileInfo& file, const PassageEnd& end) const {
  auto moved = move(folder, file, settings_.failed_folder);
  if (!moved) return moved.error();
  return write_text(folder, *moved + ".reason.txt", reason_text(file, end, clock_.now()));
}

Result<std::string> Afterwards::move(Folder& folder, const FileInfo& file,
                                     const std::string& into) const {
  const auto plain = joined(into, file.path);
  if (auto made = folder.make_folders(parent_of(plain)); !made) return made.error();
  auto target = plain;
  for (int i = 0; i < names_tried; ++i) {
    auto renamed = folder.rename(file.path, target, Folder::OnExisting::Refuse);
    if (renamed) return target;
    if (renamed.error().kind != ErrorKind::Conflict) return renamed.error();
    target = plain + "." + utc_text(clock_.now(), "%Y%m%dT%H%M%SZ");
    if (i > 0) target += "-" + std::to_string(i);
  }
  return Error{ErrorKind::Conflict, printable(plain), "the name is taken"};
}

}  // namespace causeway::connectors::folder
