// What a delivery asks of its destination: to store an object, or to answer a query, to move
// objects, to take a procedure step or a report of a commitment.
//
// Pure; thread-safe. Errors: Invalid: it can't be sent. Standard: DICOM PS3.7 sections 9.1
// and 10.1.
#pragma once

#include "connectors/dicom/command.h"
#include "connectors/dicom/fields.h"
#include "engine/core/sink.h"

namespace causeway::connectors::dicom {

/// What an object is, as presentation contexts are proposed for it.
struct ObjectKind {
  std::string sop_class, transfer_syntax;
  bool as_provider = false;  ///< We are the one who serves: reports are sent by it.
  bool operator==(const ObjectKind&) const = default;
};

/// One delivery on its way through the sink.
struct Job {
  StoredDelivery delivery;
  Sink::OnOutcome on_outcome;
  ObjectKind kind;
  Command command;  ///< The request, but for its number.
  std::size_t data_set_begin = 0;

  bool is_stored() const { return command.field == commands::store; }
  /// Asking again does no harm: nothing is changed by it.
  bool is_query() const { return command.field == commands::find; }
};

/// Whether the whole body has to be at hand to tell; of what is stored, its head is enough.
bool needs_whole_body(const StoredDelivery& delivery, const SinkSettings& settings);

/// Fills in what is asked, from the first bytes of the body. A body in JSON becomes a file.
Status read_request(std::string_view begin, const SinkSettings& settings, Job& job);

}  // namespace causeway::connectors::dicom
