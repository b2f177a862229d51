#include "connectors/ftp/ftp_folder.h"

#include "connectors/ftp/listing.h"
#include "connectors/ftp/session.h"

namespace causeway::connectors::ftp {
namespace {

using folder::FileInfo;
using folder::Folder;

/// Of one listing; some hundred bytes a file.
constexpr std::size_t listing_bytes_max = 64 * 1024 * 1024;

class FtpReader final : public Folder::Reader {
 public:
  explicit FtpReader(std::unique_ptr<Session::Transfer> transfer)
      : transfer_(std::move(transfer)) {}
  Result<std::size_t> read(char* to, std::size_t room) override {
    return transfer_->read(to, room);
  }

 private:
  const std::unique_ptr<Session::Transfer> transfer_;
};

class FtpWriter final : public Folder::Writer {
 public:
  explicit FtpWriter(std::unique_ptr<Session::Transfer> transfer)
      : transfer_(std::move(transfer)) {}
  Status write(std::string_view bytes) override { return transfer_->write(bytes); }
  Status finish() override { return transfer_->finish(); }

 private:
  const std::unique_ptr<Session::Transfer> transfer_;
};

class FtpFolder final : public Folder {
 public:
  FtpFolder(std::unique_ptr<Session> session, std::string base)
      : session_(std::move(session)), base_(std::move(base)) {
    if (base_ == ".") base_.clear();
  }

  Result<std::vector<FileInfo>> list(const std::string& path, std::size_t most) override;
  Result<FileInfo> look(const std::string& path) override;
  Result<std::unique_ptr<Reader>> open(const std::string& path) override;
  Result<std::unique_ptr<Writer>> create(const std::string& path) override;
  Result<std::unique_ptr<Writer>> extend(const std::string&, std::uint64_t) override {
    return Error{ErrorKind::Invalid, "", "FTP can't go on in a file"};
  }
  Status rename(const std::string& from, const std::string& to, OnExisting existing) override;
  Status remove(const std::string& path) override;
  Status make_folders(const std::string& path) override;
  Status sync_names(const std::string&) override { return Done{}; }
  bool is_lost() const override { return session_->is_lost(); }
  bool keep_alive() override { return !is_lost() && session_->ask({"NOOP"}).ok(); }

 private:
  Result<std::string> full(const std::string& path) const;
  Result<std::vector<FileInfo>> list_facts(const std::string& at, std::size_t most);
  Result<std::vector<FileInfo>> list_plainly(const std::string& at, std::size_t most);
  Result<FileInfo> look_plainly(const std::string& path);
  Result<std::int64_t> time_of(const std::string& at);
  Status make_folder(const std::string& path);
  Error failed(const std::string& path, const Error& error);

  const std::unique_ptr<Session> session_;
  std::string base_;
  bool knows_facts_ = true;
};

/// What the server calls it. A path that begins with '/' comes from the configuration alone.
Result<std::string> FtpFolder::full(const std::string& path) const {
  if (path.find_first_of("\r\n") != std::string::npos)
    return Error{ErrorKind::Invalid, folder::printable(path), "a line's end in a name"};
  if (path.starts_with('/')) return path;
  if (path.empty()) return base_;
  if (auto checked = folder::check_relative(path); !checked) return checked.error();
  return folder::joined(base_, path);
}

/// 550 is said of what isn't there as of what isn't permitted: it is looked for.
Error FtpFolder::failed(const std::string& path, const Error& error) {
  const bool unclear = error.kind == ErrorKind::NotFound || error.kind == ErrorKind::NotPermitted;
  if (!unclear || is_lost()) return error;
  auto there = look(path);
  if (!there && there.error().kind != ErrorKind::NotFound) return there.error();
  return {there ? ErrorKind::NotPermitted : ErrorKind::NotFound, folder::printable(path),
          error.str()};
}

template <class OnLine>
void for_each_line(std::string_view text, OnLine on_line) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    on_line(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Result<std::vector<FileInfo>> FtpFolder::list(const std::string& path, std::size_t most) {
  auto at = full(path);
  if (!at) return at.error();
  Result<std::vector<FileInfo>> found = std::vector<FileInfo>();
  if (knows_facts_) {
    found = list_facts(*at, most);
    if (!found && found.error().kind == ErrorKind::Invalid && !is_lost()) knows_facts_ = false;
  }
  if (!knows_facts_) found = list_plainly(*at, most);
  if (!found) return Error{found.error().kind, folder::printable(path), found.error().str()};
  for (auto& each : *found) each.path = folder::joined(path, each.path);
  return found;
}

Result<std::vector<FileInfo>> FtpFolder::list_facts(const std::string& at, std::size_t most) {
  auto listing = session_->list("MLSD", at, listing_bytes_max);
  if (!listing) return listing.error();
  std::vector<FileInfo> found;
  for_each_line(*listing, [&](std::string_view line) {
    if (auto info = parse_facts(line); info && found.size() < most)
      found.push_back(std::move(*info));
  });
  return found;
}

Result<std::vector<FileInfo>> FtpFolder::list_plainly(const std::string& at, std::size_t most) {
  auto listing = session_->list("LIST", at, listing_bytes_max);
  if (!listing) return listing.error();
  std::vector<FileInfo> found;
  for_each_line(*listing, [&](std::string_view line) {
    if (auto info = parse_list_line(line); info && found.size() < most)
      found.push_back(std::move(*info));
  });
  // Many servers list nothing where there is nothing.
  if (found.empty() && !at.empty()) {
    auto there = session_->ask({"CWD " + at});
    if (!there) return there.error();
    if (!there->is_good()) return Error{ErrorKind::NotFound, "", there->text};
  }
  for (auto& each : found) {
    if (each.is_folder) continue;
    auto time = time_of(folder::joined(at, each.path));
    if (!time) return time.error();
    each.modified_ns = *time;
  }
  return found;
}

/// 0: it has gone, or the server doesn't tell.
Result<std::int64_t> FtpFolder::time_of(const std::string& at) {
  auto answer = session_->ask({"MDTM " + at});
  if (!answer) return answer.error();
  const auto said = answer->text.rfind("213 ");
  if (!answer->is_good() || said == std::string::npos) return std::int64_t{0};
  const auto end = answer->text.find_first_of("\r\n", said);
  return parse_time(std::string_view(answer->text).substr(said + 4, end - said - 4)).value_or(0);
}

Result<FileInfo> FtpFolder::look(const std::string& path) {
  auto at = full(path);
  if (!at) return at.error();
  if (!knows_facts_) return look_plainly(path);
  auto answer = session_->ask({"MLST " + *at});
  if (!answer) return answer.error();
  if (answer->code == 500 || answer->code == 502) {
    knows_facts_ = false;
    return look_plainly(path);
  }
  if (!answer->is_good())
    return Error{ErrorKind::NotFound, folder::printable(path), "it is not on the server"};
  std::optional<FileInfo> info;
  for_each_line(answer->text, [&](std::string_view line) {
    // " type=file;…; /the/path", between two lines with a code
    if (!line.starts_with(' ') || line.find("=") == line.npos) return;
    const auto space = line.find(' ', 1);
    if (space == line.npos) return;
    info = parse_facts(std::string(line.substr(1, space)) + folder::name_of(*at));
  });
  if (!info)
    return Error{ErrorKind::Invalid, folder::printable(path), "neither a file nor a folder"};
  info->path = path;
  return *info;
}

Result<FileInfo> FtpFolder::look_plainly(const std::string& path) {
  auto all = list(folder::parent_of(path), SIZE_MAX);
  if (!all) return all.error();
  for (auto& each : *all)
    if (each.path == path) return std::move(each);
  return Error{ErrorKind::NotFound, folder::printable(path), "it is not on the server"};
}

Result<std::unique_ptr<Folder::Reader>> FtpFolder::open(const std::string& path) {
  auto info = look(path);
  if (!info) return info.error();
  if (info->is_folder)
    return Error{ErrorKind::Invalid, folder::printable(path), "not a regular file"};
  auto at = full(path);
  if (!at) return at.error();
  auto transfer = session_->read(*at);
  if (!transfer) return failed(path, transfer.error());
  return std::unique_ptr<Reader>(std::make_unique<FtpReader>(std::move(*transfer)));
}

Result<std::unique_ptr<Folder::Writer>> FtpFolder::create(const std::string& path) {
  auto at = full(path);
  if (!at) return at.error();
  auto transfer = session_->write(*at);
  if (!transfer) return failed(path, transfer.error());
  return std::unique_ptr<Writer>(std::make_unique<FtpWriter>(std::move(*transfer)));
}

Status FtpFolder::rename(const std::string& from, const std::string& to, OnExisting existing) {
  auto source = full(from);
  if (!source) return source.error();
  auto target = full(to);
  if (!target) return target.error();
  auto there = look(to);
  if (!there && there.error().kind != ErrorKind::NotFound) return there.error();
  if (there && existing == OnExisting::Refuse)
    return Error{ErrorKind::Conflict, folder::printable(to), "it exists on the server"};
  auto answer = session_->ask({"RNFR " + *source, "RNTO " + *target});
  if (!answer) return answer.error();
  if (answer->is_good()) return Done{};
  return failed(from, {ErrorKind::NotPermitted, folder::printable(from), answer->text});
}

Status FtpFolder::remove(const std::string& path) {
  auto at = full(path);
  if (!at) return at.error();
  auto answer = session_->ask({"DELE " + *at});
  if (!answer) return answer.error();
  if (answer->is_good()) return Done{};
  return failed(path, {ErrorKind::NotPermitted, folder::printable(path), answer->text});
}

Status FtpFolder::make_folders(const std::string& path) {
  for (auto end = path.find('/', 1);; end = path.find('/', end + 1)) {
    if (auto made = make_folder(path.substr(0, end)); !made) return made;
    if (end == std::string::npos) return Done{};
  }
}

Status FtpFolder::make_folder(const std::string& path) {
  auto there = look(path);
  if (there && there->is_folder) return Done{};
  if (there) return Error{ErrorKind::Invalid, folder::printable(path), "it is no folder"};
  if (there.error().kind != ErrorKind::NotFound) return there.error();
  auto at = full(path);
  if (!at) return at.error();
  auto answer = session_->ask({"MKD " + *at});
  if (!answer) return answer.error();
  if (answer->is_good()) return Done{};
  // Somebody else may have made it.
  auto again = look(path);
  if (again && again->is_folder) return Done{};
  return Error{ErrorKind::NotPermitted, folder::printable(path), answer->text};
}

}  // namespace

Result<std::unique_ptr<Folder>> FtpOpener::open(const std::atomic<bool>& stop) {
  auto session = Session::open(settings_, stop);
  if (!session) return session.error();
  auto opened = std::make_unique<FtpFolder>(std::move(*session), settings_.folder);
  // A folder that isn't there is told now, and not file by file.
  if (auto listed = opened->list("", 1); !listed) return listed.error();
  return std::unique_ptr<Folder>(std::move(opened));
}

std::string FtpOpener::address() const {
  const bool from_the_start = settings_.security == ServerSettings::Security::Implicit;
  const bool bare = settings_.host.find(':') == std::string::npos;
  return (from_the_start ? "ftps://" : "ftp://") + settings_.user + "@" +
         (bare ? settings_.host : "[" + settings_.host + "]") + ":" +
         std::to_string(settings_.port) + (settings_.folder.starts_with('/') ? "" : "/") +
         settings_.folder;
}

}  // namespace causeway::connectors::ftp
