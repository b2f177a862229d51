#include "connectors/support/folder/folder.h"

#include <array>
#include <ctime>

#include "engine/formats/encoding/converter.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::size_t path_bytes_max = 4096;

}  // namespace

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return std::string(slash == 0 ? path.substr(0, 1) : path.substr(0, slash));
}

std::string name_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

Status check_relative(std::string_view path) {
  const auto bad = [&] { return Error{ErrorKind::Invalid, printable(path), "not a path below"}; };
  if (path.empty() || path.size() > path_bytes_max || path.find('\0') != std::string_view::npos)
    return bad();
  for (;;) {
    const auto slash = path.find('/');
    const auto name = path.substr(0, slash);
    if (name.empty() || name == "." || name == "..") return bad();
    if (slash == std::string_view::npos) return Done{};
    path.remove_prefix(slash + 1);
  }
}

std::string printable(std::string_view name) {
  const bool valid = encoding::is_utf8(name);
  std::string text(name.substr(0, path_bytes_max));
  for (auto& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !valid)) c = '?';
  }
  return text;
}

}  // namespace causeway::connectors::folder
