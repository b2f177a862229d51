#include "connectors/dicom/echo.h"

#include <future>

#include "connectors/support/dial.h"
#include "connectors/support/stream.h"
#include "engine/core/check.h"
#include "engine/formats/dicom/encoding.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::uint32_t answer_bytes_max = 64 * 1024;
constexpr std::uint8_t context = 1;

/// Of the loop's thread.
class Echo final : private Stream::Owner {
 public:
  Echo(EventLoop& loop, const SinkSettings& settings)
      : loop_(loop), settings_(settings), reader_(answer_bytes_max) {}

  std::future<Probe> start() {
    dial_ = std::make_unique<Dial>(
        loop_, Dial::Target{settings_.host, settings_.port, settings_.connect_timeout},
        [this](Result<Socket> socket) {
          if (!socket) return finish({false, socket.error().str()});
          Stream::Owner& owner = *this;
          stream_ = std::make_unique<Stream>(loop_, std::move(*socket), settings_.tls, owner);
          stream_->open();
        });
    return result_.get_future();
  }

 private:
  void on_open() override {
    Association association{settings_.called_title, settings_.calling_title, {}, answer_bytes_max};
    association.contexts.push_back({context,
                                    std::string(verification_class),
                                    {std::string(causeway::dicom::uids::implicit_little_endian)}});
    stream_->read_on(true);
    send(make_associate_request(association));
  }

  void on_bytes(std::string_view bytes) override {
    while (!finished_) {
      const auto pdu = reader_.next(bytes);
      if (!pdu) break;
      take(*pdu);
    }
    if (reader_.fault() != PduReader::Fault::None) fail("what it sent is no DICOM");
  }

  void take(const Pdu& pdu) {
    if (pdu.type == PduType::AssociateReject) return fail(read_associate_reject(pdu.body).text);
    if (pdu.type == PduType::AssociateAccept && !associated_) return associated(pdu.body);
    if (pdu.type == PduType::Data && associated_) return answered(pdu.body);
    fail(pdu.type == PduType::Abort ? "it aborted the association" : "an answer that is none");
  }

  void associated(std::string_view body) {
    const auto accepted = read_associate_accept(body);
    if (!accepted || accepted->contexts.empty()) return fail("its acceptance can't be read");
    associated_ = true;
    if (accepted->contexts.front().answer != PresentationContext::Answer::Accepted)
      return finish({true, title() + " accepts associations; it doesn't answer a C-ECHO"});
    Command command;
    command.field = commands::echo;
    command.message_id = 1;
    command.sop_class = verification_class;
    send(command_pdus(context, write_command(command), accepted->pdu_bytes_max));
  }

  void answered(std::string_view body) {
    while (!body.empty()) {
      const auto value = next_data_value(body);
      if (!value || !value->is_command || command_.size() > command_bytes_max)
        return fail("an answer that is none");
      command_ += value->fragment;
      if (!value->is_last) continue;
      const auto response = read_command(command_);
      if (!response || response->status != statuses::success)
        return fail("it answered the C-ECHO with a failure");
      send(make_release_request());
      return finish({true, title() + " answered a C-ECHO"});
    }
  }

  void on_progress() override {}
  void on_peer_end() override { fail("it closed the connection"); }
  void on_failure(const Stream::Failure& failure) override { fail(failure.text); }

  void send(std::string text) {
    const auto bytes = make_bytes(std::move(text));
    stream_->queue(*bytes, bytes);
    if (!stream_->flush()) fail(stream_->failure().text);
  }
  std::string title() const {
    return settings_.called_title + " at " + host_and_port(settings_.host, settings_.port);
  }
  void fail(std::string_view text) { finish({false, title() + ": " + std::string(text)}); }
  void finish(Probe probe) {
    if (!std::exchange(finished_, true)) result_.set_value(std::move(probe));
  }

  EventLoop& loop_;
  const SinkSettings& settings_;
  PduReader reader_;
  std::unique_ptr<Dial> dial_;
  std::unique_ptr<Stream> stream_;
  std::string command_;
  std::promise<Probe> result_;
  bool associated_ = false;
  bool finished_ = false;
};

}  // namespace

Probe echo(EventLoop& loop, const SinkSettings& settings) {
  CHECK(!loop.on_loop_thread());
  auto asking = std::make_unique<Echo>(loop, settings);
  std::future<Probe> result;
  loop.run_and_wait([&] { result = asking->start(); });
  Probe probe{false, settings.called_title + " at " + host_and_port(settings.host, settings.port) +
                         ": no answer in time"};
  if (result.wait_for(settings.connect_timeout + Milliseconds(100)) == std::future_status::ready)
    probe = result.get();
  loop.run_and_wait([&] { asking.reset(); });
  return probe;
}

}  // namespace causeway::connectors::dicom
