#include "tests/contract/store_contract.h"

namespace causeway::testing {
namespace {

SystemTime some_time() {
  return SystemTime(std::chrono::microseconds(1'700'000'000'123'456));
}

}  // namespace

std::future<Result<Receipt>> accept_later(OpenStore& store, Arrival arrival) {
  auto promise = std::make_shared<std::promise<Result<Receipt>>>();
  store.journal().accept(std::move(arrival), [promise](Result<Receipt> receipt) {
    promise->set_value(std::move(receipt));
  });
  return promise->get_future();
}

Result<Receipt> accept(OpenStore& store, Arrival arrival) {
  return await(store, accept_later(store, std::move(arrival)));
}

Result<std::vector<Receipt>> record(OpenStore& store, Passage passage) {
  auto promise = std::make_shared<std::promise<Result<std::vector<Receipt>>>>();
  store.journal().record(std::move(passage), [promise](Result<std::vector<Receipt>> receipts) {
    promise->set_value(std::move(receipts));
  });
  return await(store, promise->get_future());
}

Status settle(OpenStore& store, Settlement settlement) {
  auto promise = std::make_shared<std::promise<Status>>();
  store.journal().settle(std::move(settlement),
                         [promise](Status status) { promise->set_value(std::move(status)); });
  return await(store, promise->get_future());
}

Arrival arrival(ChannelId channel, std::string body) {
  Arrival it;
  it.channel = channel;
  it.received_at = some_time();
  it.draft.sender = {"192.0.2.7:51022", "lab"};
  it.draft.content_type = ContentType::Hl7v2;
  it.draft.body = Body(make_bytes(std::move(body)));
  it.control_id = "MSG-1";
  it.type = "ADT^A01";
  return it;
}

Passage passage(MessageId message, ChannelId channel) {
  Passage it;
  it.message = message;
  it.channel = channel;
  it.deployment = DeploymentId{3};
  it.at = some_time();
  return it;
}

DeliveryRecord delivery(DestinationId destination, std::string body) {
  DeliveryRecord it;
  it.destination = destination;
  it.content_type = ContentType::Text;
  it.body = Body(make_bytes(std::move(body)));
  return it;
}

AttemptRecord attempt(WorkRef work, WorkEvent event, bool terminal) {
  AttemptRecord it;
  it.work = work;
  it.event = event;
  it.terminal = terminal;
  it.at = some_time();
  return it;
}

AttentionRow attention_row(WorkQueue queue, WorkRef work, AttentionState state) {
  AttentionRow it;
  it.queue = queue;
  it.work = work;
  it.state = state;
  it.outcome = Outcome::Rejected;
  it.kind = ErrorKind::Refused;
  it.suspect = true;
  it.attempts = 7;
  it.flags = message_flags::possible_duplicate;
  it.since = some_time();
  it.due = some_time() + std::chrono::seconds(5);
  it.reason = "AE: unknown patient";
  return it;
}

Page whole_page(std::size_t rows) {
  return {MessageId{0}, MessageId{INT64_MAX}, rows};
}

}  // namespace causeway::testing
