// Statements and JSON of the database connector: whatever is accepted keeps its promises.
#include <cstdlib>
#include <string>

#include "connectors/database/parameters.h"
#include "connectors/database/utf16.h"
#include "engine/formats/encoding/converter.h"

using namespace causeway;
using namespace causeway::connectors;
using namespace causeway::connectors::database;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void try_statement(std::string_view text) {
  const auto numbered = SqlText::parse(text, Marks::Numbered);
  const auto marked = SqlText::parse(text, Marks::Questions);
  if (numbered) check(numbered->names().size() <= sql_parameters_max);
  if (numbered && marked) check(numbered->names().size() <= marked->names().size());
  // What has no parameter is not changed by a byte.
  if (marked && marked->names().empty()) check(marked->sql() == text);
}

void try_json(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return;
  std::string written, again;
  append_json(written, *json);
  const auto read = parse_json(written);
  check(read.ok());
  append_json(again, *read);
  check(again == written);
  if (auto sql = SqlText::parse("SELECT :a, :b.c", Marks::Numbered))
    (void)calls_for({std::move(*sql), {"list"}, 0}, *json).ok();
}

void try_utf16(std::string_view bytes) {
  if (encoding::is_utf8(bytes)) check(to_utf8(to_utf16(bytes)) == bytes);
  (void)to_utf16(bytes);
  std::u16string wide(bytes.size() / 2, u'\0');
  for (std::size_t i = 0; i < wide.size(); ++i)
    wide[i] = static_cast<char16_t>(static_cast<unsigned char>(bytes[2 * i]) << 8 |
                                    static_cast<unsigned char>(bytes[2 * i + 1]));
  if (const auto text = to_utf8(wide)) check(to_utf16(*text) == wide && encoding::is_utf8(*text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try_statement(text);
  try_json(text);
  try_utf16(text);
  return 0;
}
