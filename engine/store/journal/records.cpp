#include "engine/store/journal/records.h"

#include "engine/core/limits.h"
#include "engine/store/journal/packing.h"

namespace causeway::store {
namespace {

Error damaged(const char* what) {
  return {ErrorKind::Damaged, "", std::string("stored ") + what + " cannot be read"};
}

// Bits of a packed delivery.
constexpr std::uint64_t same_bit = 1;
constexpr std::uint64_t armed_bit = 2;
constexpr std::uint64_t staged_bit = 4;
constexpr std::uint64_t same_keys_bit = 8;  // as the delivery before
constexpr std::uint64_t attributes_bit = 16;

// Bits of what a packed message has besides.
constexpr std::uint64_t has_origin = 1;
constexpr std::uint64_t has_attributes = 2;

void pack_links(Packer& packer, const std::vector<Link>& links) {
  packer.number(links.size());
  for (const auto& link : links)
    packer.number(static_cast<std::uint64_t>(link.parent.value))
        .number(static_cast<std::uint64_t>(link.kind));
}

std::vector<Link> unpack_links(Unpacker& unpacker) {
  std::vector<Link> links(unpacker.count());
  for (auto& link : links) {
    link.parent.value = static_cast<std::int64_t>(unpacker.number());
    link.kind = static_cast<LinkKind>(unpacker.number());
  }
  return links;
}

void pack(Packer& packer, const Attributes& attributes) {
  packer.number(attributes.size());
  for (const auto& [name, value] : attributes) packer.text(name).text(value);
}

SharedAttributes attributes_from(Unpacker& unpacker) {
  Attributes attributes(unpacker.count());
  for (auto& [name, value] : attributes) {
    name = unpacker.text();
    value = unpacker.text();
  }
  return std::make_shared<const Attributes>(std::move(attributes));
}

}  // namespace

std::string pack_message(const Arrival& arrival) {
  const auto& draft = arrival.draft;
  Packer packer;
  packer.number(static_cast<std::uint64_t>(draft.content_type))
      .text(arrival.control_id)
      .text(arrival.type)
      .text(draft.sender.address)
      .text(draft.sender.name)
      .number(draft.batch_place)
      .number(draft.hops);
  pack_links(packer, draft.links);
  packer.number((draft.origin ? has_origin : 0) | (draft.attributes ? has_attributes : 0));
  if (draft.origin) packer.text(draft.origin->source).number(draft.origin->position);
  if (draft.attributes) pack(packer, *draft.attributes);
  return packer.rest(draft.body.view()).take();
}

Status unpack_message(std::string_view packed, Arrival& arrival) {
  Unpacker unpacker(packed);
  auto& draft = arrival.draft;
  draft.content_type = static_cast<ContentType>(unpacker.number());
  arrival.control_id = unpacker.text();
  arrival.type = unpacker.text();
  draft.sender.address = unpacker.text();
  draft.sender.name = unpacker.text();
  draft.batch_place = static_cast<std::uint32_t>(unpacker.number());
  draft.hops = static_cast<std::uint8_t>(unpacker.number());
  draft.links = unpack_links(unpacker);
  const auto bits = unpacker.number();
  if ((bits & has_origin) != 0) {
    draft.origin.emplace();
    draft.origin->source = unpacker.text();
    draft.origin->position = unpacker.number();
  }
  if ((bits & has_attributes) != 0) draft.attributes = attributes_from(unpacker);
  if (!unpacker.ok()) return damaged("message");
  if (!draft.body.is_staged()) draft.body = Body(make_bytes(std::string(unpacker.rest())));
  return Done{};
}

Result<std::string_view> packed_body(std::string_view packed) {
  Unpacker unpacker(packed);
  unpacker.number();
  for (int texts = 0; texts < 4; ++texts) unpacker.text();
  for (int numbers = 0; numbers < 2; ++numbers) unpacker.number();
  unpack_links(unpacker);
  const auto bits = unpacker.number();
  if ((bits & has_origin) != 0) {
    unpacker.text();
    unpacker.number();
  }
  if ((bits & has_attributes) != 0)
    for (auto texts = 2 * unpacker.count(); texts > 0; --texts) unpacker.text();
  if (!unpacker.ok()) return damaged("message");
  return unpacker.rest();
}

std::string pack_steps(const std::vector<Step>& steps, const std::vector<RecordedInput>& inputs) {
  Packer packer;
  packer.number(steps.size());
  for (const auto& step : steps) {
    packer.text(step.stage)
        .text(std::string_view(step.log).substr(0, limits::step_log_bytes))
        .number(static_cast<std::uint64_t>(step.took.count()))
        .number(step.error ? 1 : 0);
    if (!step.error) continue;
    packer.number(static_cast<std::uint64_t>(step.error->kind))
        .text(std::string_view(step.error->place).substr(0, limits::error_text_bytes))
        .text(std::string_view(step.error->text).substr(0, limits::error_text_bytes));
  }
  for (const auto& input : inputs) {
    packer.text(input.stage).text(input.name).number(input.bytes ? 1 : 0);
    if (input.bytes) packer.text(*input.bytes);
  }
  return packer.take();
}

Result<StoredSteps> unpack_steps(std::string_view packed) {
  Unpacker unpacker(packed);
  const auto count = unpacker.count();
  StoredSteps stored;
  for (std::size_t i = 0; i < count && unpacker.ok(); ++i) {
    Step step;
    step.stage = unpacker.text();
    step.log = unpacker.text();
    step.took = std::chrono::microseconds(static_cast<std::int64_t>(unpacker.number()));
    if (unpacker.number() != 0) {
      step.error.emplace();
      step.error->kind = static_cast<ErrorKind>(unpacker.number());
      step.error->place = unpacker.text();
      step.error->text = unpacker.text();
    }
    stored.steps.push_back(std::move(step));
  }
  while (unpacker.ok() && !unpacker.at_end()) {
    RecordedInput input;
    input.stage = unpacker.text();
    input.name = unpacker.text();
    if (unpacker.number() != 0) input.bytes = make_bytes(std::string(unpacker.text()));
    stored.inputs.push_back(std::move(input));
  }
  if (!unpacker.ok()) return damaged("steps");
  return stored;
}

std::string pack_state(const StateChange& change) {
  return Packer().text(change.name).rest(change.value).take();
}

Result<StateChange> unpack_state(std::string_view packed) {
  Unpacker unpacker(packed);
  StateChange change;
  change.name = unpacker.text();
  if (!unpacker.ok()) return damaged("state");
  change.value = unpacker.rest();
  return change;
}

std::string pack_deliveries(const std::vector<DeliveryRecord>& deliveries) {
  Packer packer;
  const DeliveryRecord* before = nullptr;
  for (const auto& delivery : deliveries) {
    const bool staged = !delivery.same_as_input && delivery.body.is_staged();
    const bool same_keys = before && before->order_keys == delivery.order_keys;
    before = &delivery;
    packer
        .number((delivery.same_as_input ? same_bit : 0) | (delivery.armed ? armed_bit : 0) |
                (staged ? staged_bit : 0) | (same_keys ? same_keys_bit : 0) |
                (delivery.attributes ? attributes_bit : 0))
        .number(static_cast<std::uint64_t>(delivery.content_type))
        .number(delivery.flags)
        .number(delivery.body.size());
    if (staged) packer.number(static_cast<std::uint64_t>(delivery.body.staged().value));
    if (same_keys) continue;
    packer.number(delivery.order_keys.size());
    for (auto key : delivery.order_keys) packer.number(key);
  }
  return packer.take();
}

Result<std::vector<PackedDelivery>> unpack_deliveries(std::string_view packed) {
  Unpacker unpacker(packed);
  std::vector<PackedDelivery> deliveries;
  while (!unpacker.at_end()) {
    PackedDelivery delivery;
    const auto bits = unpacker.number();
    delivery.same_as_input = (bits & same_bit) != 0;
    delivery.armed = (bits & armed_bit) != 0;
    delivery.has_attributes = (bits & attributes_bit) != 0;
    delivery.content_type = static_cast<ContentType>(unpacker.number());
    delivery.flags = static_cast<std::uint16_t>(unpacker.number());
    delivery.body_bytes = unpacker.number();
    if ((bits & staged_bit) != 0)
      delivery.staged.value = static_cast<std::int64_t>(unpacker.number());
    if ((bits & same_keys_bit) != 0) {
      if (deliveries.empty()) return damaged("deliveries");
      delivery.order_keys = deliveries.back().order_keys;
    } else {
      delivery.order_keys.resize(unpacker.count());
      for (auto& key : delivery.order_keys) key = unpacker.number();
    }
    // Few deliveries could else claim a large memory.
    if (delivery.order_keys.size() > limits::order_keys_max) return damaged("deliveries");
    deliveries.push_back(std::move(delivery));
  }
  if (!unpacker.ok()) return damaged("deliveries");
  return deliveries;
}

std::string pack_outputs(const std::vector<DeliveryRecord>& deliveries) {
  Packer packer;
  for (const auto& delivery : deliveries) {
    if (delivery.attributes) {
      Packer attributes;
      pack(attributes, *delivery.attributes);
      packer.text(attributes.take());
    }
    if (!delivery.same_as_input && !delivery.body.is_staged()) packer.text(delivery.body.view());
  }
  return packer.take();
}

Result<std::vector<std::string_view>> unpack_outputs(std::string_view packed) {
  Unpacker unpacker(packed);
  std::vector<std::string_view> outputs;
  while (!unpacker.at_end()) outputs.push_back(unpacker.text());
  if (!unpacker.ok()) return damaged("outputs");
  return outputs;
}

Result<SharedAttributes> unpack_attributes(std::string_view packed) {
  Unpacker unpacker(packed);
  auto attributes = attributes_from(unpacker);
  if (!unpacker.ok()) return damaged("attributes");
  return attributes;
}

std::string pack_attempt(const AttemptRecord& attempt) {
  if (attempt.response.empty() && attempt.text.empty()) return {};
  return Packer()
      .text(std::string_view(attempt.response).substr(0, limits::response_bytes))
      .text(std::string_view(attempt.text).substr(0, limits::error_text_bytes))
      .take();
}

Status unpack_attempt(std::string_view packed, AttemptRecord& attempt) {
  Unpacker unpacker(packed);
  attempt.response = unpacker.text();
  attempt.text = unpacker.text();
  if (!unpacker.ok()) return damaged("attempt");
  return Done{};
}

}  // namespace causeway::store
