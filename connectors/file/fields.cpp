#include "connectors/file/fields.h"

namespace causeway::connectors::file {
namespace {

config::Fields with_folder(config::Fields more, const char* doc) {
  config::Fields fields = {config::text("folder", doc).required()};
  for (auto& field : more) fields.push_back(field);
  return fields;
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields =
      with_folder(folder::source_fields(), "The folder to read from, by its absolute path");
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields =
      with_folder(folder::sink_fields(true), "The folder to write to, by its absolute path");
  return fields;
}

Result<std::string> root_folder(const config::Parsed& parsed) {
  auto path = parsed.text("folder");
  if (!path.starts_with('/') || path.find('\0') != std::string::npos)
    return Error{ErrorKind::Invalid, "folder", "\"" + path + "\" is no absolute path"};
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace causeway::connectors::file
