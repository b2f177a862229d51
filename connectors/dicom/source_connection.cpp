#include "connectors/dicom/source_connection.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/core/limits.h"
#include "engine/formats/dicom/encoding.h"

namespace causeway::connectors::dicom {
namespace {

constexpr auto handshake_timeout = std::chrono::seconds(10);
/// Read while nothing may be taken, so that a sender's end is noticed.
constexpr std::size_t unparsed_bytes_max = 64 * 1024;
/// Of one association on the way to the staging.
constexpr std::size_t staging_bytes_max = 2 * limits::staged_chunk_bytes;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

/// What scripts are told of a request; of what is stored, nothing.
SharedAttributes attributes_of(const Command& request) {
  const auto operation = operation_name(request.field);
  if (operation.empty()) return nullptr;
  Attributes all{{"operation", std::string(operation)}};
  if (request.kind != 0) all.push_back({"kind", std::to_string(request.kind)});
  return std::make_shared<const Attributes>(std::move(all));
}

}  // namespace

SourceConnection::SourceConnection(std::uint64_t id, EventLoop& loop, Socket socket,
                                   std::string peer, Host& host)
    : AcceptedConnection(id, std::move(peer)),
      host_(host),
      stream_(loop, std::move(socket), host.settings().tls, *this),
      sender_{this->peer(), {}},
      reader_(host.settings().pdu_bytes_max),
      last_active_(now()),
      begun_(last_active_) {}

SourceConnection::~SourceConnection() = default;

void SourceConnection::on_open() {
  is_open_ = true;
  last_active_ = begun_ = now();
  sender_.name = stream_.peer_name();
  update_reading();
}

void SourceConnection::on_bytes(std::string_view bytes) {
  last_active_ = now();
  if (unparsed_.empty()) {
    take_all(bytes);
    unparsed_ = bytes;
  } else {
    unparsed_ += bytes;
  }
  update_reading();
  close_if_done();
}

void SourceConnection::resume() {
  if (closed_ || taking_) return;
  const auto bytes = std::exchange(unparsed_, {});
  std::string_view rest = bytes;
  take_all(rest);
  unparsed_ = rest;
  update_reading();
  close_if_done();
}

bool SourceConnection::may_take() const {
  if (closed_ || awaits_answer_ || !last_reason_.empty()) return false;
  if (in_operation() || !association_) return staging_bytes_ < staging_bytes_max;
  // An answer that isn't taken holds up what would follow it.
  return !draining_ && !stream_.is_sending() && host_.may_offer();
}

void SourceConnection::take_all(std::string_view& bytes) {
  taking_ = true;
  while (!bytes.empty() && may_take()) {
    const auto pdu = reader_.next(bytes);
    if (!pdu) break;
    take(*pdu);
  }
  taking_ = false;
  if (closed_) return;
  if (reader_.fault() == PduReader::Fault::UnknownType)
    abort(AbortReason::UnrecognizedPdu, "garbage");
  else if (reader_.fault() == PduReader::Fault::TooLong)
    abort(AbortReason::InvalidParameter, "pdu_too_long");
}

void SourceConnection::take(const Pdu& pdu) {
  if (pdu.type == PduType::Abort) return close("aborted_by_peer");
  if (!association_) {
    if (pdu.type != PduType::AssociateRequest)
      return abort(AbortReason::UnexpectedPdu, "no_association");
    return associate(pdu.body);
  }
  if (pdu.type == PduType::Data) return take_data(pdu.body);
  if (pdu.type != PduType::ReleaseRequest || in_operation())
    return abort(AbortReason::UnexpectedPdu, "unexpected_pdu");
  last_reason_ = "released";
  send(make_release_reply());
}

void SourceConnection::associate(std::string_view body) {
  auto asked = read_associate_request(body);
  if (!asked) return abort(AbortReason::InvalidParameter, "association_unreadable");
  const auto& settings = host_.settings();
  if (const auto refusal = settings.rules.refusal(*asked)) {
    host_.rejected();
    last_reason_ = "association_rejected";
    return send(make_associate_reject(*refusal));
  }
  peer_pdu_bytes_max_ = asked->pdu_bytes_max;
  association_ =
      Association{asked->called_title, asked->calling_title, settings.rules.answers(*asked),
                  static_cast<std::uint32_t>(settings.pdu_bytes_max)};
  sender_.address = peer() + " " + asked->calling_title;
  send(make_associate_accept(*association_));
}

void SourceConnection::take_data(std::string_view body) {
  while (!body.empty() && !closed_) {
    const auto value = next_data_value(body);
    if (!value || awaits_answer_ || !find_context(value->context))
      return abort(AbortReason::InvalidParameter, "breach");
    if (value->is_command)
      take_command(*value);
    else
      take_fragment(*value);
  }
}

void SourceConnection::take_command(const DataValue& value) {
  if (object_ || (!command_.empty() && command_context_ != value.context) ||
      command_.size() + value.fragment.size() > command_bytes_max)
    return abort(AbortReason::UnexpectedPdu, "breach");
  if (command_.empty()) begun_ = now();
  command_ += value.fragment;
  command_context_ = value.context;
  if (!value.is_last) return;
  const auto command = read_command(std::exchange(command_, {}));
  if (!command) return abort(AbortReason::InvalidParameter, "command_unreadable");
  if (command->is_response()) return take_report_answer(*command);
  perform(value.context, *command);
}

void SourceConnection::take_report_answer(const Command& command) {
  const bool is_due =
      reports_open_ > 0 && command.field == (commands::report | commands::response_bit);
  if (!is_due || command.has_data_set)
    return abort(AbortReason::UnexpectedPdu, "command_unreadable");
  --reports_open_;
  host_.report_ended(command.status == statuses::success ? "accepted" : "refused");
}

void SourceConnection::perform(std::uint8_t context, const Command& command) {
  if (command.field == commands::cancel) return;  // there is nothing that takes longer
  if (command.has_data_set) return begin_object(context, command);
  const auto status = command.field == commands::echo    ? statuses::success
                      : command.field == commands::store ? statuses::cannot_understand
                                                         : statuses::unrecognized_operation;
  respond(context, response_to(command, status));
}

void SourceConnection::begin_object(std::uint8_t context, const Command& command) {
  const bool is_stored = command.field == commands::store;
  object_ = std::make_shared<ObjectReceiver>(
      ObjectReceiver::About{context, command, find_context(context)->transfer_syntaxes.front(),
                            association_->calling_title},
      is_stored ? host_.staging() : nullptr);
  object_->refusal = refusal_of(context, command);
}

std::optional<std::uint16_t> SourceConnection::refusal_of(std::uint8_t context,
                                                          const Command& command) const {
  const auto& agreed = find_context(context)->sop_class;
  const auto service = service_of(agreed);
  if (service ? !has_operation(*service, command.field) : command.field != commands::store)
    return statuses::unrecognized_operation;
  if (service ? command.sop_class != agreed : !causeway::dicom::is_uid(command.sop_class))
    return statuses::sop_class_not_supported;
  if (command.field != commands::find && !causeway::dicom::is_uid(command.sop_instance))
    return statuses::invalid_instance;
  return std::nullopt;
}

void SourceConnection::take_fragment(const DataValue& value) {
  if (!object_ || object_->context() != value.context)
    return abort(AbortReason::UnexpectedPdu, "breach");
  object_->add(value.fragment);
  if (object_->size() > host_.settings().object_bytes_max)
    return abort(AbortReason::NotSpecified, "object_too_long");
  if (object_->request().field != commands::store && !object_->refusal &&
      object_->size() > limits::inline_body_bytes)
    object_->refusal = statuses::resource_limitation;
  while (auto piece = object_->piece_to_stage(value.is_last)) {
    staging_bytes_ += piece->size();
    host_.stage(*this, object_->staged(), std::move(*piece));
  }
  if (value.is_last) end_object();
}

void SourceConnection::end_object() {
  if (object_->refusal) {
    const auto object = std::exchange(object_, nullptr);
    return respond(object->context(), response_to(object->request(), *object->refusal));
  }
  awaits_answer_ = true;
  if (object_->staged())
    host_.offer_staged(*this, object_);
  else
    host_.offer(*this, make_bytes(object_->take_bytes()), attributes_of(object_->request()));
}

void SourceConnection::staged(std::size_t bytes) {
  CHECK(bytes <= staging_bytes_);
  staging_bytes_ -= bytes;
  resume();
}

void SourceConnection::answer(const Reply& reply) {
  if (closed_) {
    if (reply.message) host_.reply_sent(reply.message, ReplyState::Lost);
    return;
  }
  CHECK(awaits_answer_ && object_);
  const auto& request = object_->request();
  Asked asked{request, object_->context(), object_->transfer_syntax()};
  // What is stored is answered by a few bytes; to write others takes a while.
  if (request.field != commands::store)
    return host_.make_answer(*this, std::move(asked), reply, peer_pdu_bytes_max_);
  send_answer(answer_pdus(asked, reply.bytes ? *reply.bytes : std::string(), peer_pdu_bytes_max_),
              reply.message);
}

void SourceConnection::send_answer(AnswerPdus answer, MessageId message) {
  if (closed_) return;
  object_.reset();
  awaits_answer_ = false;
  last_active_ = now();
  leaving_ = message;
  if (answer.reports) ++reports_open_;
  send(std::move(answer.bytes));
  resume();
}

const PresentationContext* SourceConnection::find_context(std::uint8_t id) const {
  const auto& all = association_->contexts;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& context) {
    return context.id == id && context.answer == PresentationContext::Answer::Accepted;
  });
  return found == all.end() ? nullptr : &*found;
}

void SourceConnection::respond(std::uint8_t context, const Command& response) {
  send(command_pdus(context, write_command(response), peer_pdu_bytes_max_));
}

void SourceConnection::send(std::string bytes) {
  if (closed_) return;
  const auto owned = make_bytes(std::move(bytes));
  stream_.queue(*owned, owned);
  leaving_end_ = stream_.queued();
  if (!stream_.flush()) return close("send_failed");
  settle_sent();
  close_if_done();
}

void SourceConnection::abort(AbortReason reason, std::string_view word) {
  if (closed_) return;
  const auto bytes = make_bytes(make_abort(reason));
  stream_.queue(*bytes, bytes);
  stream_.flush();
  close(word);
}

void SourceConnection::settle_sent() {
  if (leaving_ && leaving_end_ <= stream_.handed())
    host_.reply_sent(std::exchange(leaving_, {}), ReplyState::Sent);
}

void SourceConnection::on_progress() {
  last_active_ = now();
  settle_sent();
  resume();
}

void SourceConnection::on_peer_end() {
  peer_ended_ = true;
  close_if_done();
}

void SourceConnection::on_failure(const Stream::Failure& failure) {
  close(failure.in_handshake ? "handshake_failed" : "connection_lost");
}

void SourceConnection::drain() {
  draining_ = true;
  update_reading();
  close_if_done();
}

void SourceConnection::close_if_done() {
  if (closed_ || taking_ || stream_.is_sending()) return;
  if (!last_reason_.empty()) return close(last_reason_);
  if (awaits_answer_) return;
  if (draining_ && !in_operation() && reports_open_ == 0)
    return abort(AbortReason::NotSpecified, "stopped");
  if (peer_ended_ && unparsed_.empty())
    return close(in_operation() || reader_.in_pdu() ? "object_cut" : "peer_closed");
}

void SourceConnection::close(std::string_view reason) {
  if (std::exchange(closed_, true)) return;
  const std::string word(reason);  // it may be last_reason_
  settle_sent();
  stream_.close();
  if (leaving_) host_.reply_sent(leaving_, ReplyState::Lost);
  for (; reports_open_ > 0; --reports_open_) host_.report_ended("unanswered");
  host_.closed(*this, word);
}

void SourceConnection::update_reading() {
  if (closed_ || !is_open_) return;
  const bool full = unparsed_.size() >= unparsed_bytes_max || !last_reason_.empty();
  const bool in_flow = in_operation() && !awaits_answer_;
  stream_.read_on(in_flow ? unparsed_.empty() && may_take() : !full);
}

void SourceConnection::close_if_overdue(SteadyTime time) {
  const auto& settings = host_.settings();
  const auto is_over = [&](SteadyTime since, Milliseconds limit) {
    return limit.count() > 0 && time - since > limit;
  };
  if (!is_open_) {
    if (time - last_active_ > handshake_timeout) close("handshake_timeout");
    return;
  }
  if (!association_ && is_over(begun_, settings.associate_timeout))
    return abort(AbortReason::NotSpecified, "associate_timeout");
  // Silence is the peer's where it is free to send and owed nothing, or doesn't take its answers.
  const bool silent = may_take() || stream_.is_sending();
  if (silent && is_over(last_active_, settings.idle_timeout))
    return abort(AbortReason::NotSpecified, "idle");
  if (may_take() && in_operation() && is_over(begun_, settings.object_timeout))
    abort(AbortReason::NotSpecified, "object_timeout");
}

}  // namespace causeway::connectors::dicom
