// What FTP servers say of files: no name that is believed leads elsewhere.
#include <cstdlib>

#include "connectors/ftp/listing.h"

using namespace causeway::connectors;

namespace {

void check(const std::optional<folder::FileInfo>& info) {
  if (!info) return;
  if (!folder::check_relative(info->path) || info->path.find('/') != std::string::npos ||
      info->path.find_first_of("\r\n") != std::string::npos || (info->is_folder && info->size != 0))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ftp::parse_time(text);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    check(ftp::parse_facts(text.substr(0, end)));
    check(ftp::parse_list_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}
