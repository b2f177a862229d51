// PostgreSQL's logical replication: any bytes are decoded or refused, and what is decoded can be
// written as JSON that reads again.
#include <cstdlib>

#include "connectors/database/change_text.h"
#include "connectors/support/exact_json.h"

using namespace causeway::connectors;
using namespace causeway::connectors::database;

namespace {

/// What the server calls JSON stands as it is.
bool is_known_to_differ(const Change& change) {
  return std::any_of(change.table->columns.begin(), change.table->columns.end(),
                     [](const auto& column) { return column.type == 114 || column.type == 3802; });
}

void check_reads(const std::string& text) {
  const auto read = parse_json(text);
  if (read || read.error().kind == causeway::ErrorKind::Limit) return;
  // Two columns of one name, which no server has.
  if (read.error().text.find("twice") == std::string::npos) std::abort();
}

/// Messages stand behind their length, of two bytes: a stream of them, as tables are described
/// first.
void decode_all(std::string_view bytes) {
  ChangeDecoder decoder;
  Begin begin;
  while (bytes.size() >= 2) {
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[0]) << 8 |
                                               static_cast<unsigned char>(bytes[1]));
    bytes.remove_prefix(2);
    auto decoded = decoder.decode(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    if (!decoded) continue;
    if (const auto* begun = std::get_if<Begin>(&*decoded)) begin = *begun;
    const auto* changes = std::get_if<std::vector<Change>>(&*decoded);
    if (!changes) continue;
    for (const auto& change : *changes) {
      const auto text = change_text(change, begin);
      if (text && !is_known_to_differ(change)) check_reads(*text);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  decode_all({reinterpret_cast<const char*>(data), size});
  return 0;
}
