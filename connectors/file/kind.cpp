#include "connectors/file/kind.h"

#include "connectors/file/fields.h"
#include "connectors/file/local_folder.h"
#include "connectors/support/folder/sink.h"
#include "connectors/support/folder/source.h"

namespace causeway::connectors::file {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = folder::source_settings(parsed);
  if (!settings) return settings.error();
  auto root = root_folder(parsed);
  if (!root) return root.error();
  return std::unique_ptr<Source>(std::make_unique<folder::FolderSource>(
      std::move(*settings), std::make_unique<LocalOpener>(*root), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = folder::sink_settings(parsed);
  if (!settings) return settings.error();
  auto root = root_folder(parsed);
  if (!root) return root.error();
  return std::unique_ptr<Sink>(std::make_unique<folder::FolderSink>(
      std::move(*settings), std::make_unique<LocalOpener>(*root), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{"file",           "Files in a folder of this machine",
                         &source_fields(), &sink_fields(),
                         &make_source,     &make_sink};
  return kind;
}

}  // namespace causeway::connectors::file
