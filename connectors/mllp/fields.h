// What an MLLP source and sink can be told, and what was read of it. Plain values.
#pragma once

#include <array>

#include "connectors/support/endpoint.h"
#include "engine/config/fields.h"
#include "engine/core/outcome.h"
#include "engine/formats/hl7v2/acknowledgement.h"

namespace causeway::connectors::mllp {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct SourceSettings : Endpoint {
  enum class OnUnreadable : std::uint8_t { Nak, Close };
  enum class OnStoreUnavailable : std::uint8_t { Nak, StopReading };

  std::size_t connections_max = 0;
  Milliseconds idle_timeout{0};   ///< 0: never.
  Milliseconds frame_timeout{0};  ///< 0: never.
  std::size_t frame_bytes_max = 0;
  std::size_t buffered_bytes_max = 0;
  std::size_t garbage_bytes_max = 0;
  std::size_t unanswered_max = 0;
  OnUnreadable on_unreadable = OnUnreadable::Nak;
  bool splits_batches = false;
  OnStoreUnavailable on_store_unavailable = OnStoreUnavailable::Nak;
};

struct SinkSettings : Endpoint {
  std::size_t connections = 1;
  Milliseconds connect_timeout{0};
  Milliseconds reply_timeout{0};
  Milliseconds idle_timeout{0};  ///< 0: never.
  std::size_t frame_bytes_max = 0;
  bool expects_ack = true;
  bool check_control_id = true;
  bool awaits_application = false;  ///< Where MSH-16 asks for an application acknowledgement.
  std::array<Outcome, 6> acks{};    ///< By hl7v2::AckCode.
};

/// Errors: Invalid, where certificates can't be read or the address is no address; a secret that
/// isn't there.
Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets);
Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::mllp
