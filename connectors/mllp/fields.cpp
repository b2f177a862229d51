#include "connectors/mllp/fields.h"

namespace causeway::connectors::mllp {
namespace {

constexpr std::int64_t frame_bytes_default = 16 * 1024 * 1024;
constexpr std::int64_t frame_bytes_highest = 256 * 1024 * 1024;

config::Field frame_bytes_max(std::string doc) {
  return config::size_bytes("frame_bytes_max", std::move(doc), frame_bytes_default)
      .between(1024, frame_bytes_highest);
}

config::Field ack_field(const char* code, const char* meaning, std::vector<std::string> choices) {
  return config::choice(code, meaning, std::move(choices));
}

config::Fields ack_fields() {
  const std::vector<std::string> accepted{"delivered", "rejected", "deferred"};
  const std::vector<std::string> error{"rejected", "deferred", "delivered"};
  const std::vector<std::string> reject{"deferred", "rejected", "delivered"};
  return {ack_field("AA", "Application accept", accepted),
          ack_field("AE", "Application error: the message is at fault", error),
          ack_field("AR", "Application reject: often a passing trouble of the receiver", reject),
          ack_field("CA", "Commit accept", accepted),
          ack_field("CE", "Commit error", error),
          ack_field("CR", "Commit reject", reject)};
}

Outcome outcome_of(const std::string& word) {
  if (word == "delivered") return Outcome::Delivered;
  return word == "rejected" ? Outcome::Rejected : Outcome::Deferred;
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = {
      config::text("host", "IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all")
          .defaults_to(std::string("127.0.0.1")),
      config::integer("port", "TCP port to listen on; 0 takes any free one")
          .between(0, 65535)
          .required(),
      tls_server_field(),
      config::integer("connections_max", "Open connections; further ones are closed at once")
          .between(1, 10'000)
          .defaults_to(std::int64_t{1000}),
      config::duration_ms("idle_timeout_ms",
                          "Close a connection after so long without a byte; 0: never", 600'000),
      config::duration_ms("frame_timeout_ms",
                          "Close a connection whose message isn't whole after so long; 0: never",
                          300'000),
      frame_bytes_max("Longest message; a longer one closes the connection"),
      config::size_bytes("buffered_bytes_max",
                         "Bytes of unfinished messages held for all connections together; the "
                         "connection that passes it is closed",
                         std::int64_t{256} * 1024 * 1024)
          .between(1024, std::int64_t{16} * 1024 * 1024 * 1024),
      config::size_bytes("garbage_bytes_max",
                         "Bytes between two messages that are passed over; more close the "
                         "connection",
                         4096),
      config::integer("unanswered_max",
                      "Messages of one connection taken in before their replies are out")
          .between(1, 1000)
          .defaults_to(std::int64_t{64}),
      config::choice("on_unreadable",
                     "After a message without a readable MSH, which is stored all the same: answer "
                     "AE when the reply policy says so, or close the connection",
                     {"nak", "close"}),
      config::choice("batches",
                     "A frame that holds several messages, or a batch (FHS, BHS): keep it whole, "
                     "or take it apart into its messages, each stored and run by itself and all "
                     "answered by one batch of acknowledgements",
                     {"whole", "split"}),
      config::choice("on_store_unavailable",
                     "When a message can't be stored: refuse it (AR, CR), or close the connection "
                     "without an answer, for senders that take a refusal for final",
                     {"nak", "stop_reading"}),
  };
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = {
      config::text("host", "Name or address of the receiver").required(),
      config::integer("port", "TCP port of the receiver").between(1, 65535).required(),
      tls_client_field(),
      config::integer("connections",
                      "Connections held open, each with one message in flight; the order of "
                      "lanes is kept with any number")
          .between(1, 64)
          .defaults_to(std::int64_t{1}),
      config::duration_ms("connect_timeout_ms", "For look-up, connection and TLS together", 10'000)
          .between(1, 600'000),
      config::duration_ms("reply_timeout_ms",
                          "From the message's last byte to its reply; also for the receiver to "
                          "take any bytes at all",
                          30'000)
          .between(1, 86'400'000),
      config::duration_ms("idle_timeout_ms",
                          "Close a connection unused for so long; 0: never. Keep it below the "
                          "receiver's own, so that no message meets a closing connection",
                          300'000),
      frame_bytes_max("Longest message to send, and longest reply to read"),
      config::choice("ack",
                     "Whether the receiver answers; none: it is delivered once the operating "
                     "system has taken all its bytes",
                     {"expected", "none"}),
      config::boolean("check_control_id", "Demand our MSH-10 in the reply's MSA-2", true),
      config::choice("accepted_by",
                     "In enhanced mode, the acknowledgement that decides: the receiver's commit "
                     "(CA), or, where MSH-16 asks for it, the application's (AA, AE, AR) after it",
                     {"commit", "application"}),
      config::object("acks", "What each MSA-1 means", ack_fields()),
  };
  return fields;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SourceSettings settings;
  if (auto read = read_listening_endpoint(parsed, secrets, settings); !read) return read.error();
  auto size = [&](const char* name) { return static_cast<std::size_t>(parsed.integer(name)); };
  settings.connections_max = size("connections_max");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.frame_timeout = parsed.duration("frame_timeout_ms");
  settings.frame_bytes_max = size("frame_bytes_max");
  settings.buffered_bytes_max = size("buffered_bytes_max");
  settings.garbage_bytes_max = size("garbage_bytes_max");
  settings.unanswered_max = size("unanswered_max");
  if (parsed.text("on_unreadable") == "close")
    settings.on_unreadable = SourceSettings::OnUnreadable::Close;
  settings.splits_batches = parsed.text("batches") == "split";
  if (parsed.text("on_store_unavailable") == "stop_reading")
    settings.on_store_unavailable = SourceSettings::OnStoreUnavailable::StopReading;
  return settings;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SinkSettings settings;
  if (auto read = read_peer_endpoint(parsed, secrets, settings); !read) return read.error();
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.reply_timeout = parsed.duration("reply_timeout_ms");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.frame_bytes_max = static_cast<std::size_t>(parsed.integer("frame_bytes_max"));
  settings.expects_ack = parsed.text("ack") == "expected";
  settings.check_control_id = parsed.boolean("check_control_id");
  settings.awaits_application = parsed.text("accepted_by") == "application";
  const auto& acks = parsed.object("acks");
  for (auto code : {hl7v2::AckCode::AA, hl7v2::AckCode::AE, hl7v2::AckCode::AR, hl7v2::AckCode::CA,
                    hl7v2::AckCode::CE, hl7v2::AckCode::CR})
    settings.acks[static_cast<std::size_t>(code)] = outcome_of(acks.text(hl7v2::to_string(code)));
  return settings;
}

}  // namespace causeway::connectors::mllp
