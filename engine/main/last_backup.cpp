#include "engine/main/last_backup.h"

#include <sys/stat.h>

#include "engine/main/authoring/write_file.h"

namespace causeway {
namespace {

constexpr const char* note_name = "last_backup";

}  // namespace

std::optional<SystemTime> last_backup(const std::filesystem::path& data_folder) {
  struct stat note {};
  if (::stat((data_folder / note_name).c_str(), &note) != 0) return std::nullopt;
  return SystemTime(std::chrono::seconds(note.st_mtime));
}

Status note_backup(const std::filesystem::path& data_folder, const std::filesystem::path& where) {
  return write_file(data_folder / note_name, where.string() + "\n");
}

}  // namespace causeway
