// Which requests a source takes, and what connections ask of it. Loop's thread alone.
#pragma once

#include <memory>

#include "connectors/http/body_collector.h"
#include "connectors/http/fields.h"
#include "connectors/http/head.h"
#include "connectors/http/target.h"
#include "engine/core/intake.h"

namespace causeway::connectors::http {

/// Whose answer it is: the connection, and the number of the request on it.
struct RequestPlace {
  std::uint64_t connection = 0;
  std::uint64_t number = 0;
};

/// A request that has come whole.
struct Request {
  Head head;
  Target target;
  Attributes path_values;
  Sender sender;
  BodyCollector::Collected body;
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual const SourceSettings& settings() const = 0;
  /// False: take no request now; the connection is told to go on when that may have changed.
  virtual bool may_offer() = 0;
  virtual BodyCollector::Places places() = 0;
  /// Leads to one answer for this place, later.
  virtual void offer(const RequestPlace& place, Request request) = 0;
  /// A request has been let in; `over` follows once its answer has left or can't leave any more.
  virtual void begun() = 0;
  virtual void over() = 0;
  virtual void reply_sent(MessageId message, ReplyState state) = 0;
  /// A request that was answered without being offered; `word` says why, for metrics.
  virtual void refused(int status, std::string_view word) = 0;
};

struct Route {
  std::string channel;
  PathPattern path;
  std::vector<std::string> methods;
  Receiver* receiver = nullptr;  ///< Outlives the time in which it is in a server.
};

/// The answer to one request.
struct Answer {
  Bytes composed;                   ///< As reply.h has it.
  std::vector<MessageId> messages;  ///< Whose senders are answered by it.
  std::string headers;              ///< More lines, for what isn't kept in the history.
};

}  // namespace causeway::connectors::http
