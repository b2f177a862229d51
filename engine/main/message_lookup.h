// Stored messages and queues for the commands that show them, as JSON: asked of the engine if one
// runs (so that reading content is checked and audited), else read from the database. Used by one
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/api/message_query.h"
#include "engine/config/value.h"
#include "engine/main/arguments.h"

namespace causeway {

class MessageLookup {
 public:
  virtual ~MessageLookup() = default;

  /// The engine that the arguments name or that runs here; without one, or with --database, the
  /// database itself.
  static Result<std::unique_ptr<MessageLookup>> open(const Arguments& arguments);

  struct Page {
    std::vector<config::Value> found;  ///< As api::found_json writes them, newest first.
    std::string next;                  ///< For the next page; empty: that was all.
  };
  virtual Result<Page> find(const api::MessageQuery& query, std::size_t limit,
                            const std::string& next) = 0;
  /// As api::message_json writes it, with content. NotFound: no such message.
  virtual Result<std::string> show(MessageId id) = 0;
  /// Piece by piece, until `take` returns false.
  virtual Status body(MessageId id, const std::function<bool(std::string_view)>& take) = 0;
  /// As api::queue_json writes them, with reasons where the caller may read content.
  virtual Result<std::vector<config::Value>> queues(const std::string& path, std::size_t rows) = 0;
};

}  // namespace causeway
