// The store for looking only, beside an engine that runs or without one: it takes no lease and
// writes nothing. For the commands `messages find | show` and `queue show`. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "engine/core/audit.h"
#include "engine/core/lane_hold.h"
#include "engine/core/store.h"
#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/queries/queue_views.h"
#include "engine/store/queries/registry.h"
#include "engine/store/queries/revisions.h"
#include "engine/store/sealing/master_keys.h"

namespace causeway::store {

class ReadOnlyStore {
 public:
  /// NotFound: no engine has made its tables in this database yet; Invalid: of another version.
  static Result<std::unique_ptr<ReadOnlyStore>> open(const std::string& conninfo,
                                                     MasterKeys& masters);
  ~ReadOnlyStore();

  WorkReader& work();
  /// As BodyStaging::read.
  Result<std::string> read_body(BodyId body, std::uint64_t offset, std::size_t bytes);
  MessageSearch& search();
  MessageViews& messages();
  QueueViews& queues();
  LaneHolds& holds();      ///< Its reading half.
  Registry& registry();    ///< Its reading half.
  Revisions& revisions();  ///< Likewise.
  AuditStore& audit();     ///< Its reading half.

 private:
  struct Parts;
  explicit ReadOnlyStore(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace causeway::store
