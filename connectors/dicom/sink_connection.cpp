#include "connectors/dicom/sink_connection.h"

#include <algorithm>

#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::dicom {
namespace {

/// Kinds of objects that are proposed for an association: the last few that were sent.
constexpr std::size_t kinds_max = 32;
/// Queued and not yet taken by the kernel, before more of a staged body is read.
constexpr std::uint64_t queued_bytes_max = 512 * 1024;
/// Longest PDU that an archive may answer with.
constexpr std::uint32_t answer_bytes_max = 64 * 1024;
constexpr Milliseconds release_timeout{2000};

std::uint8_t context_id(std::size_t place) {
  return static_cast<std::uint8_t>(2 * place + 1);
}

bool is_pending(std::uint16_t status) {
  return status == statuses::pending || status == statuses::pending_without_some_keys;
}

Attempt delivered(std::string response) {
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.reason.kind = ErrorKind::None;
  attempt.response = std::move(response);
  return attempt;
}

}  // namespace

SinkConnection::SinkConnection(EventLoop& loop, const SinkSettings& settings, Host& host)
    : loop_(loop),
      settings_(settings),
      host_(host),
      reader_(answer_bytes_max),
      deadline_(loop, [this] { on_deadline(); }) {}

SinkConnection::~SinkConnection() = default;

void SinkConnection::send(Job job) {
  CHECK(!job_);
  job_ = std::move(job);
  const auto known = std::find(kinds_.begin(), kinds_.end(), job_->kind);
  if (known == kinds_.end()) {
    if (kinds_.size() == kinds_max) kinds_.pop_back();
    kinds_.push_front(job_->kind);
  }
  if (phase_ == Phase::Releasing) return;  // goes on when that is over
  if (phase_ == Phase::Open && stream_->is_quiet()) {
    reused_ = true;
    if (context_for(job_->kind) != 0) return transmit();
    return release();
  }
  disconnect("closed_by_peer");
  connect();
}

void SinkConnection::connect() {
  reused_ = false;
  phase_ = Phase::Connecting;
  deadline_.set(settings_.connect_timeout);
  dial_ = std::make_unique<Dial>(
      loop_, Dial::Target{settings_.host, settings_.port, settings_.connect_timeout},
      [this](Result<Socket> socket) {
        if (!socket) return not_connected(socket.error());
        Stream::Owner& owner = *this;
        old_stream_.reset();
        stream_ = std::make_unique<Stream>(loop_, std::move(*socket), settings_.tls, owner);
        reader_ = PduReader(answer_bytes_max);
        heard_ = false;
        stream_->open();
      });
}

void SinkConnection::on_open() {
  phase_ = Phase::Associating;
  Association association{settings_.called_title, settings_.calling_title, {}, answer_bytes_max};
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    association.contexts.push_back(
        {context_id(i), kinds_[i].sop_class, {kinds_[i].transfer_syntax}});
  for (const auto& kind : kinds_)
    if (kind.as_provider) association.provided_classes.push_back(kind.sop_class);
  contexts_ = association.contexts;
  const auto bytes = make_bytes(make_associate_request(association));
  stream_->read_on(true);
  stream_->queue(*bytes, bytes);
  if (!stream_->flush()) on_failure(stream_->failure());
}

void SinkConnection::on_bytes(std::string_view bytes) {
  heard_ = true;
  while (phase_ != Phase::Closed && phase_ != Phase::Connecting) {
    const auto pdu = reader_.next(bytes);
    if (!pdu) break;
    more_came_ = !bytes.empty();
    take(*pdu);
  }
  if (reader_.fault() != PduReader::Fault::None && stream_) breach("what it sent is no DICOM");
}

void SinkConnection::take(const Pdu& pdu) {
  if (phase_ == Phase::Releasing) {
    if (pdu.type != PduType::ReleaseReply && pdu.type != PduType::Abort) return;
    disconnect("released");
    if (job_) connect();
    return;
  }
  if (pdu.type == PduType::Abort) {
    if (phase_ == Phase::Associating)
      return not_connected({ErrorKind::Refused, place(), "it aborted the association"});
    if (job_) return lost(ErrorKind::Unavailable, "the archive aborted the association");
    return disconnect("aborted_by_peer");
  }
  if (phase_ == Phase::Associating) {
    if (pdu.type == PduType::AssociateAccept) return associated(pdu.body);
    if (pdu.type != PduType::AssociateReject) return breach("an answer that is none");
    return not_connected({ErrorKind::Refused, place(), read_associate_reject(pdu.body).text});
  }
  if (pdu.type == PduType::Data && job_) return read_reply(pdu.body);
  breach("a PDU that nobody asked for");
}

void SinkConnection::associated(std::string_view body) {
  const auto accepted = read_associate_accept(body);
  if (!accepted) return breach("its acceptance can't be read");
  for (auto& context : contexts_) {
    const auto answer =
        std::find_if(accepted->contexts.begin(), accepted->contexts.end(),
                     [&](const auto& answered) { return answered.id == context.id; });
    context.answer =
        answer == accepted->contexts.end() ? PresentationContext::Answer::NoReason : answer->answer;
  }
  peer_pdu_bytes_max_ = accepted->pdu_bytes_max;
  phase_ = Phase::Open;
  host_.opened();
  if (job_) transmit();
}

std::uint8_t SinkConnection::context_for(const ObjectKind& kind) const {
  for (const auto& context : contexts_)
    if (context.answer == PresentationContext::Answer::Accepted &&
        context.sop_class == kind.sop_class &&
        context.transfer_syntaxes.front() == kind.transfer_syntax)
      return context.id;
  return 0;
}

void SinkConnection::transmit() {
  Attempt attempt;
  const auto context = context_for(job_->kind);
  if (context == 0) {
    attempt.outcome = Outcome::Rejected;
    attempt.reason = {ErrorKind::Refused, place(),
                      "it doesn't take SOP class " + job_->kind.sop_class + " in transfer syntax " +
                          job_->kind.transfer_syntax};
    return finish(std::move(attempt));
  }
  if (!host_.may_send()) {
    attempt.reason = {ErrorKind::Stopped, place(), "not sent: the engine's lease may be over"};
    return finish(std::move(attempt));
  }
  ++sending_;
  auto command = job_->command;
  command.message_id = ++message_id_;
  responses_.reset();
  matches_.reset();
  const auto bytes = make_bytes(command_pdus(context, write_command(command), peer_pdu_bytes_max_));
  begin_ = handed_at_check_ = stream_->queued();
  all_queued_ = reading_ = false;
  offset_ = job_->data_set_begin;
  stream_->queue(*bytes, bytes);
  deadline_.set(settings_.reply_timeout);
  const auto& body = job_->delivery.body;
  if (!body.is_staged()) queue_data(body.bytes(), body.view().substr(offset_), true);
  flush();
}

void SinkConnection::queue_data(Bytes owner, std::string_view bytes, bool is_last) {
  const auto context = context_for(job_->kind);
  const auto most = fragment_bytes(peer_pdu_bytes_max_);
  offset_ += bytes.size();
  all_queued_ = is_last;
  do {
    const auto fragment = bytes.substr(0, most);
    bytes.remove_prefix(fragment.size());
    const auto header =
        make_bytes(data_header({context, false, is_last && bytes.empty(), fragment}));
    stream_->queue(*header, header);
    stream_->queue(fragment, owner);
  } while (!bytes.empty());
}

void SinkConnection::flush() {
  if (!stream_->flush()) return on_failure(stream_->failure());
  if (!job_ || all_queued_ || reading_) return;
  if (stream_->queued() - stream_->handed() >= queued_bytes_max) return;
  reading_ = true;
  host_.read(*this, offset_);
}

void SinkConnection::more(std::uint64_t sending, Result<std::string> bytes) {
  if (sending != sending_ || !job_ || phase_ != Phase::Open || !reading_) return;
  reading_ = false;
  if (!bytes) return lost(bytes.error().kind, bytes.error().text);
  const auto owner = make_bytes(std::move(*bytes));
  const bool is_last = offset_ + owner->size() >= job_->delivery.body.size();
  queue_data(owner, *owner, is_last);
  flush();
}

void SinkConnection::on_progress() {
  if (!job_ || phase_ != Phase::Open) return;
  if (has_sent_all()) return deadline_.set(settings_.reply_timeout);
  flush();
}

void SinkConnection::read_reply(std::string_view body) {
  while (!body.empty()) {
    const auto value = next_data_value(body);
    const auto step = value && job_ ? responses_.take(*value) : ResponseReader::Step::Breach;
    if (step == ResponseReader::Step::Breach) return breach("an answer that is none");
    if (step == ResponseReader::Step::More) continue;
    const auto& response = responses_.response();
    if (response.field != (job_->command.field | commands::response_bit) ||
        response.message_id != message_id_)
      return breach("its answer is for another operation");
    if (!is_pending(response.status)) {
      if (!body.empty()) return breach("more than an answer");
      return judge(response);
    }
    if (job_->is_query()) take_match();
    deadline_.set(settings_.reply_timeout);
  }
}

/// Where there is no room for more matches, the archive is told to stop.
void SinkConnection::take_match() {
  if (!matches_.is_complete()) return;
  if (matches_.add(responses_.data_set(), job_->kind.transfer_syntax)) return;
  Command cancel;
  cancel.field = commands::cancel;
  cancel.message_id = message_id_;
  const auto bytes =
      make_bytes(command_pdus(context_for(job_->kind), write_command(cancel), peer_pdu_bytes_max_));
  stream_->queue(*bytes, bytes);
  flush();
}

std::string SinkConnection::response_text(const Command& response) const {
  if (job_->is_query() && response.status == statuses::success) return matches_.json();
  if (job_->command.field == commands::move && settings_.statuses.is_good(response.status))
    return moved_in_json(response);
  return write_status_line({response.status, response.comment}).substr(0, limits::response_bytes);
}

void SinkConnection::judge(const Command& response) {
  const auto line = write_status_line({response.status, response.comment});
  const bool too_early = !has_sent_all();
  auto attempt = delivered(response_text(response));
  attempt.outcome = settings_.statuses.of(response.status);
  if (response.status == statuses::duplicate_instance &&
      (job_->delivery.flags & message_flags::possible_duplicate) != 0)
    attempt.outcome = Outcome::Delivered;
  if (attempt.outcome == Outcome::Delivered && too_early)
    return breach("accepted before it was sent whole");
  if (attempt.outcome != Outcome::Delivered)
    attempt.reason = {ErrorKind::Refused, place(),
                      line + ": " + std::string(meaning_of(response.status))};
  if (job_->is_query() && !matches_.is_complete()) {
    attempt.outcome = Outcome::Rejected;
    attempt.response = matches_.json();
    attempt.reason = {ErrorKind::Limit, place(),
                      "a match that can't be read, or more than the response has room for: the "
                      "list is not complete"};
  } else if (response.failed > 0 && attempt.outcome == Outcome::Delivered) {
    attempt.outcome = Outcome::Rejected;
    attempt.reason = {ErrorKind::Refused, place(),
                      std::to_string(response.failed) + " objects could not be moved"};
  }
  if (too_early || more_came_) disconnect(too_early ? "refused_early" : "breach");
  finish(std::move(attempt));
}

void SinkConnection::on_peer_end() {
  if (phase_ == Phase::Releasing) {
    disconnect("released");
    if (job_) connect();
    return;
  }
  if (phase_ == Phase::Associating)
    return not_connected({ErrorKind::Unavailable, place(), "it closed the connection"});
  if (job_)
    return lost(ErrorKind::Unavailable, "the archive closed the connection without an answer");
  disconnect("closed_by_peer");
}

void SinkConnection::on_failure(const Stream::Failure& failure) {
  if (phase_ == Phase::Releasing || (job_ && reused_ && has_sent_nothing())) {
    disconnect("closed_by_peer");
    if (job_) connect();
    return;
  }
  if (!job_) return disconnect("connection_lost");
  if (has_sent_nothing() || (failure.in_handshake && !heard_))
    return not_connected(Error{ErrorKind::Unavailable, place(), failure.text});
  lost(ErrorKind::Unavailable, "connection lost: " + failure.text);
}

bool SinkConnection::has_sent_nothing() const {
  return phase_ != Phase::Open || stream_->handed() <= begin_;
}

bool SinkConnection::has_sent_all() const {
  return phase_ == Phase::Open && all_queued_ && !stream_->is_sending();
}

/// Of a try that got no answer.
void SinkConnection::lost(ErrorKind kind, std::string text) {
  Attempt attempt;
  attempt.outcome = has_sent_all() && !job_->is_query() ? Outcome::Ambiguous : Outcome::Deferred;
  attempt.reason = {kind, place(), std::move(text)};
  disconnect("no_reply");
  finish(std::move(attempt));
}

void SinkConnection::not_connected(Error error) {
  disconnect("not_connected");
  if (!job_) return;
  Attempt attempt;
  attempt.outcome = Outcome::Deferred;
  attempt.reason = std::move(error);
  attempt.destination_down = true;
  finish(std::move(attempt));
}

/// Whatever the archive did with the object, it can't be understood.
void SinkConnection::breach(std::string text) {
  if (!job_) return disconnect("breach");
  if (phase_ != Phase::Open) return not_connected({ErrorKind::Invalid, place(), std::move(text)});
  Attempt attempt;
  attempt.outcome = job_->is_query() ? Outcome::Rejected : Outcome::Ambiguous;
  attempt.reason = {ErrorKind::Invalid, place(), std::move(text)};
  disconnect("breach");
  finish(std::move(attempt));
}

void SinkConnection::finish(Attempt attempt) {
  auto job = std::move(*job_);
  job_.reset();
  if (phase_ == Phase::Open && settings_.idle_timeout.count() > 0)
    deadline_.set(settings_.idle_timeout);
  host_.finished(std::move(job), std::move(attempt));
}

/// The association ends in good order; the archive has a moment to say so.
void SinkConnection::release() {
  phase_ = Phase::Releasing;
  host_.closed("released");
  const auto bytes = make_bytes(make_release_request());
  stream_->queue(*bytes, bytes);
  deadline_.set(release_timeout);
  if (!stream_->flush()) on_failure(stream_->failure());
}

void SinkConnection::disconnect(std::string_view reason) {
  dial_.reset();
  const auto phase = std::exchange(phase_, Phase::Closed);
  contexts_.clear();
  if (!stream_) return;
  if (phase == Phase::Open || phase == Phase::Associating) {
    const auto bytes = make_bytes(make_abort(AbortReason::NotSpecified));
    if (!stream_->is_sending()) {
      stream_->queue(*bytes, bytes);
      stream_->flush();
    }
  }
  stream_->close();
  old_stream_ = std::move(stream_);
  if (phase == Phase::Open) host_.closed(reason);
}

void SinkConnection::give_up_unsent() {
  if (!job_) return phase_ == Phase::Open ? release() : disconnect("stopped");
  if (!has_sent_nothing()) return;
  lost(ErrorKind::Stopped, "stopped before it was sent");
}

void SinkConnection::give_up() {
  if (job_) lost(ErrorKind::Stopped, "stopped while its answer was awaited");
  disconnect("stopped");
}

void SinkConnection::on_deadline() {
  if (phase_ == Phase::Releasing) {
    disconnect("released");
    if (job_) connect();
    return;
  }
  if (!job_) {
    if (phase_ == Phase::Open && settings_.idle_timeout.count() > 0) release();
    return;
  }
  if (phase_ != Phase::Open)
    return not_connected(Error{ErrorKind::TimedOut, place(), "no association in time"});
  if (const auto handed = stream_->handed(); !has_sent_all() && handed != handed_at_check_) {
    handed_at_check_ = handed;  // slow, but it goes on
    return deadline_.set(settings_.reply_timeout);
  }
  lost(ErrorKind::TimedOut, "no answer in time");
}

std::string SinkConnection::place() const {
  return host_and_port(settings_.host, settings_.port);
}

}  // namespace causeway::connectors::dicom
