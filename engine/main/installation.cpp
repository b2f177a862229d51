#include "engine/main/installation.h"

#include <cstdlib>

#include "engine/main/privileges.h"
#include "engine/store/cluster/private_cluster.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

constexpr const char* data_variable = "CAUSEWAY_DATA";

}  // namespace

fs::path Installation::data_folder(const Arguments& arguments) {
  if (arguments.has("data")) return fs::absolute(arguments.value("data"));
  if (const char* named = std::getenv(data_variable); named && *named) return fs::absolute(named);
  std::error_code ignored;
  if (fs::exists(".causeway", ignored)) return fs::absolute(".causeway");
  return UnprivilegedUser().home;
}

Result<std::unique_ptr<Installation>> Installation::open(const Arguments& arguments) {
  const auto wanted = data_folder(arguments);
  std::error_code ignored;
  if (!fs::exists(wanted, ignored))
    return Error{ErrorKind::NotFound, wanted.string(),
                 "there is no data folder here; name it with --data"};
  auto folder = drop_privileges(wanted);
  if (!folder) return folder.error();
  auto installation = std::unique_ptr<Installation>(new Installation);
  installation->folder_ = folder->path;
  const auto keys = folder->path / "keys";
  if (!fs::exists(keys, ignored))
    return Error{ErrorKind::NotFound, keys.string(),
                 "no engine has run on this data folder yet: there are no keys"};
  auto masters = store::MasterKeys::open(keys);
  if (!masters) return masters.error();
  installation->masters_ = std::move(*masters);
  auto& database = installation->conninfo_;
  database = arguments.has("database") ? arguments.value("database")
                                       : store::private_database(folder->path);
  auto store = store::ReadOnlyStore::open(database, *installation->masters_);
  if (!store && store.error().kind == ErrorKind::Unavailable && !arguments.has("database"))
    return Error{ErrorKind::Unavailable, folder->path.string(),
                 "its PostgreSQL doesn't answer: is the engine running on it (causeway serve)? " +
                     store.error().text};
  if (!store) return store.error();
  installation->store_ = std::move(*store);
  auto channels = installation->store_->registry().channels();
  if (!channels) return channels.error();
  for (auto& channel : *channels) installation->channels_.emplace(channel.id, channel.path);
  auto destinations = installation->store_->registry().destinations();
  if (!destinations) return destinations.error();
  for (auto& destination : *destinations)
    installation->destinations_.emplace(destination.id, destination);
  return installation;
}

std::string Installation::channel_path(ChannelId id) const {
  auto at = channels_.find(id);
  return at == channels_.end() ? "channel " + std::to_string(id.value) : at->second;
}

std::string Installation::destination_name(DestinationId id) const {
  if (!id) return "run";
  auto at = destinations_.find(id);
  return at == destinations_.end() ? "destination " + std::to_string(id.value) : at->second.name;
}

}  // namespace causeway
