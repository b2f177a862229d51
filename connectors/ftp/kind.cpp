#include "connectors/ftp/kind.h"

#include "connectors/ftp/ftp_folder.h"
#include "connectors/support/folder/sink.h"
#include "connectors/support/folder/source.h"

namespace causeway::connectors::ftp {
namespace {

Result<std::unique_ptr<Source>> make_source(const config::Parsed& parsed, const Name& name,
                                            const Environment& environment) {
  auto settings = folder::source_settings(parsed);
  if (!settings) return settings.error();
  auto server = server_settings(parsed, environment.secrets);
  if (!server) return server.error();
  return std::unique_ptr<Source>(std::make_unique<folder::FolderSource>(
      std::move(*settings), std::make_unique<FtpOpener>(std::move(*server)), name, environment));
}

Result<std::unique_ptr<Sink>> make_sink(const config::Parsed& parsed, const Name& name,
                                        const Environment& environment) {
  auto settings = folder::sink_settings(parsed);
  if (!settings) return settings.error();
  auto server = server_settings(parsed, environment.secrets);
  if (!server) return server.error();
  return std::unique_ptr<Sink>(std::make_unique<folder::FolderSink>(
      std::move(*settings), std::make_unique<FtpOpener>(std::move(*server)), name, environment));
}

}  // namespace

const Kind& kind() {
  static const Kind kind{"ftp",
                         "Files in a folder of an FTP server",
                         &source_fields(),
                         &sink_fields(),
                         &make_source,
                         &make_sink};
  return kind;
}

}  // namespace causeway::connectors::ftp
