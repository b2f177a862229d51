// What a raw TCP source and sink can be told, and what was read of it. Plain values.
#pragma once

#include "connectors/support/endpoint.h"
#include "connectors/tcp/frame.h"
#include "engine/config/fields.h"
#include "engine/core/body.h"
#include "engine/core/outcome.h"

namespace causeway::connectors::tcp {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct SourceSettings : Endpoint {
  std::size_t connections_max = 0;
  Milliseconds idle_timeout{0};   ///< 0: never.
  Milliseconds frame_timeout{0};  ///< 0: never.
  std::size_t frame_bytes_max = 0;
  std::size_t buffered_bytes_max = 0;
  std::size_t unanswered_max = 0;
  Framing framing;
  ContentType content = ContentType::Binary;
  std::string accepted, refused;  ///< What senders are told; empty: nothing.
};

struct SinkSettings : Endpoint {
  std::size_t connections = 1;
  Milliseconds connect_timeout{0};
  Milliseconds reply_timeout{0};
  Milliseconds idle_timeout{0};  ///< 0: never.
  std::size_t frame_bytes_max = 0;
  Framing framing;
  bool expects_reply = false;
  /// What replies begin with, and what that means; any other reply is `otherwise`.
  struct Meaning {
    std::string prefix;
    Outcome outcome;
  };
  std::vector<Meaning> meanings;
  Outcome otherwise = Outcome::Delivered;
};

/// Errors: Invalid, where certificates can't be read, the address is no address or a text is
/// malformed; a secret that isn't there.
Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets);
Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::tcp
