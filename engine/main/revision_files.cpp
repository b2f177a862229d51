#include "engine/main/revision_files.h"

#include "engine/config/library.h"

namespace causeway {
namespace {

constexpr std::size_t length_bytes = 4;

void put(std::string& out, std::string_view text) {
  for (std::size_t i = length_bytes; i-- > 0;)
    out.push_back(static_cast<char>(text.size() >> (8 * i) & 0xff));
  out += text;
}

/// False: it is cut short.
bool take(std::string_view& packed, std::string& text) {
  if (packed.size() < length_bytes) return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    size = size << 8 | static_cast<unsigned char>(packed[i]);
  packed.remove_prefix(length_bytes);
  if (packed.size() < size) return false;
  text = packed.substr(0, size);
  packed.remove_prefix(size);
  return true;
}

bool stays_inside(std::string_view name) {
  if (name.starts_with(config::library_prefix)) name.remove_prefix(config::library_prefix.size());
  int depth = 0;
  for (std::size_t begin = 0; begin <= name.size(); ++depth) {
    const auto end = std::min(name.find('/', begin), name.size());
    const auto part = name.substr(begin, end - begin);
    if (!config::is_reference_name(part) || part.starts_with('.')) return false;
    begin = end + 1;
  }
  return depth <= config::channel_folder_depth_max;
}

}  // namespace

RevisionFiles files_of(const config::ChannelConfig& config) {
  RevisionFiles files(config.scripts.begin(), config.scripts.end());
  files[declaration_name] = config.text;
  return files;
}

std::string pack(const RevisionFiles& files) {
  std::string packed;
  for (const auto& [name, text] : files) {
    put(packed, name);
    put(packed, text);
  }
  return packed;
}

Result<RevisionFiles> unpack(std::string_view packed) {
  RevisionFiles files;
  while (!packed.empty()) {
    std::string name, text;
    if (!take(packed, name) || !take(packed, text) || !files.emplace(name, std::move(text)).second)
      return Error{ErrorKind::Damaged, "", "the files of a revision are not as they were stored"};
  }
  return files;
}

Status check_files(const RevisionFiles& files) {
  if (!files.contains(declaration_name))
    return Error{ErrorKind::Invalid, "", "there is no channel.json"};
  std::size_t bytes = 0;
  for (const auto& [name, text] : files) {
    if (!stays_inside(name))
      return Error{ErrorKind::Invalid, "",
                   "a file's name is none that a channel's folder can have"};
    const auto most = name == declaration_name ? config::json_bytes_max : config::script_bytes_max;
    if (text.size() > most) return Error{ErrorKind::Limit, name, "the file is too large"};
    bytes += text.size();
  }
  if (files.size() > config::scripts_max + 1 || bytes > config::scripts_bytes_max)
    return Error{ErrorKind::Limit, "",
                 "more than " + std::to_string(config::scripts_max) + " files, or " +
                     std::to_string(config::scripts_bytes_max) + " bytes"};
  return Done{};
}

}  // namespace causeway
