// What goes into the columns that aren't plain numbers: written with Packer, read back with limits.
// Numbers of enumerations are stored, so these forms only ever grow at the end. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/work.h"

namespace causeway::store {

// message.sealed: header, then the inline body.
std::string pack_message(const Arrival& arrival);
/// Fills in what the header holds, and the body unless `staged`.
Status unpack_message(std::string_view packed, Arrival& arrival);
/// The inline body within the packed bytes: the dictionary for outputs.
Result<std::string_view> packed_body(std::string_view packed);

// passage.steps: what each stage did, and what the run was told.
struct StoredSteps {
  std::vector<Step> steps;
  std::vector<RecordedInput> inputs;
};
std::string pack_steps(const std::vector<Step>& steps,
                       const std::vector<RecordedInput>& inputs = {});
Result<StoredSteps> unpack_steps(std::string_view packed);

// script_state.sealed
std::string pack_state(const StateChange& change);
Result<StateChange> unpack_state(std::string_view packed);

// passage.deliveries: in the clear, numbers alone. Destinations have a column of their own.
std::string pack_deliveries(const std::vector<DeliveryRecord>& deliveries);
struct PackedDelivery {
  ContentType content_type = ContentType::Binary;
  std::uint16_t flags = 0;
  bool same_as_input = false;
  bool armed = false;
  bool has_attributes = false;
  std::uint64_t body_bytes = 0;
  BodyId staged;
  OrderKeys order_keys;
  /// True: its bytes are among the passage's outputs.
  bool has_output() const { return !same_as_input && !staged; }
};
Result<std::vector<PackedDelivery>> unpack_deliveries(std::string_view packed);

// passage.outputs: of each delivery in their order its attributes, if it has_attributes, and its
// bytes, if it has_output.
std::string pack_outputs(const std::vector<DeliveryRecord>& deliveries);
Result<std::vector<std::string_view>> unpack_outputs(std::string_view packed);
Result<SharedAttributes> unpack_attributes(std::string_view packed);

// settlement.content
std::string pack_attempt(const AttemptRecord& attempt);
Status unpack_attempt(std::string_view packed, AttemptRecord& attempt);

}  // namespace causeway::store
