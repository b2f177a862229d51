// What a DICOM source and sink can be told, and what was read of it. Plain values.
#pragma once

#include "connectors/dicom/rules.h"
#include "connectors/dicom/status.h"
#include "connectors/support/endpoint.h"
#include "engine/config/fields.h"

namespace causeway::connectors::dicom {

const config::Fields& source_fields();
const config::Fields& sink_fields();

struct SourceSettings : Endpoint {
  Rules rules;
  std::size_t connections_max = 0;
  std::size_t pdu_bytes_max = 0;
  Milliseconds associate_timeout{0};
  Milliseconds idle_timeout{0};    ///< 0: never.
  Milliseconds object_timeout{0};  ///< 0: never.
  std::uint64_t object_bytes_max = 0;
};

struct SinkSettings : Endpoint {
  enum class Model : std::uint8_t { StudyRoot, PatientRoot, Worklist };
  std::string called_title, calling_title;
  std::size_t connections = 1;
  Milliseconds connect_timeout{0};
  Milliseconds reply_timeout{0};
  Milliseconds idle_timeout{0};  ///< 0: never.
  StatusOutcomes statuses;
  std::string operation;  ///< Empty: that of the message, or to store.
  Model model = Model::StudyRoot;
  std::string move_destination;
};

/// Errors: Invalid, where certificates can't be read, or a title or an address is none; a secret
/// that isn't there.
Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets);
Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets);

}  // namespace causeway::connectors::dicom
