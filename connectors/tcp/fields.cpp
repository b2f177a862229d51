#include "connectors/tcp/fields.h"

namespace causeway::connectors::tcp {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

config::Field frame_bytes_max(std::string doc) {
  return config::size_bytes("frame_bytes_max", std::move(doc), 16 * mebibyte)
      .between(1, 256 * mebibyte);
}

config::Field framing_field() {
  return config::object(
      "framing", "Where a message begins and ends",
      {config::choice("by",
                      "The bytes that end it (and begin it), a length before it, or silence after "
                      "it; by silence, the end of the connection ends it too",
                      {"delimiter", "length", "silence"}),
       config::text("start", "By delimiter: bytes before it, such as \"\\\\x02\""),
       config::text("end", "By delimiter: bytes after it").defaults_to("\\n"),
       config::integer("length_bytes", "By length: bytes of the length: 1, 2, 4 or 8")
           .between(1, 8)
           .defaults_to(4),
       config::choice("byte_order", "By length: the order of its bytes", {"big", "little"}),
       config::boolean("length_counts_itself", "By length: it covers its own bytes too", false),
       config::duration_ms("silence_ms", "By silence: how long", 200).between(1, 60'000)});
}

Result<std::string> text_in(const config::Parsed& parsed, const char* field) {
  auto text = unescaped(parsed.text(field));
  if (!text) return Error{ErrorKind::Invalid, field, text.error().text};
  return text;
}

Result<Framing> read_framing(const config::Parsed& parsed) {
  Framing framing;
  const auto by = parsed.text("by");
  if (by == "length") framing.kind = Framing::Kind::Length;
  if (by == "silence") framing.kind = Framing::Kind::Silence;
  auto start = text_in(parsed, "start"), end = text_in(parsed, "end");
  if (!start) return start.error();
  if (!end) return end.error();
  if (end->empty()) return Error{ErrorKind::Invalid, "framing.end", "it is empty"};
  framing.start = std::move(*start);
  framing.end = std::move(*end);
  framing.length_bytes = static_cast<std::size_t>(parsed.integer("length_bytes"));
  const auto width = framing.length_bytes;
  if (width != 1 && width != 2 && width != 4 && width != 8)
    return Error{ErrorKind::Invalid, "framing.length_bytes", "it is 1, 2, 4 or 8"};
  framing.little_endian = parsed.text("byte_order") == "little";
  framing.counts_itself = parsed.boolean("length_counts_itself");
  framing.silence = parsed.duration("silence_ms");
  return framing;
}

ContentType content_of(const std::string& word) {
  for (auto type : {ContentType::Text, ContentType::Hl7v2, ContentType::Json, ContentType::Xml,
                    ContentType::X12, ContentType::Csv})
    if (to_string(type) == word) return type;
  return ContentType::Binary;
}

Status read_meanings(const config::Parsed& parsed, SinkSettings& settings) {
  struct Named {
    const char* field;
    Outcome outcome;
  };
  for (const auto& [field, outcome] : {Named{"delivered", Outcome::Delivered},
                                       {"rejected", Outcome::Rejected},
                                       {"deferred", Outcome::Deferred}})
    for (const auto& written : parsed.text_list(field)) {
      auto prefix = unescaped(written);
      if (!prefix) return Error{ErrorKind::Invalid, field, prefix.error().text};
      settings.meanings.push_back({std::move(*prefix), outcome});
    }
  // Where it is said what an acceptance looks like, anything else is none.
  if (!parsed.text_list("delivered").empty()) settings.otherwise = Outcome::Ambiguous;
  return Done{};
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = {
      config::text("host", "IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all")
          .defaults_to("127.0.0.1"),
      config::integer("port", "TCP port to listen on; 0 takes any free one")
          .between(0, 65535)
          .required(),
      tls_server_field(),
      framing_field(),
      config::choice("content", "What messages are",
                     {"binary", "text", "hl7v2", "json", "xml", "x12", "csv"}),
      config::text("accepted",
                   "What a sender is told of an accepted message, in a frame, such as \"\\\\x06\"; "
                   "without it nothing. A reply by a script or a destination goes before"),
      config::text("refused", "What a sender is told otherwise"),
      config::integer("connections_max", "Open connections; further ones are closed at once")
          .between(1, 10'000)
          .defaults_to(1000),
      config::duration_ms("idle_timeout_ms",
                          "Close a connection after so long without a byte; 0: never", 600'000),
      config::duration_ms("frame_timeout_ms",
                          "Close a connection whose message isn't whole after so long; 0: never",
                          300'000),
      frame_bytes_max("Longest message; a longer one closes the connection"),
      config::size_bytes("buffered_bytes_max",
                         "Bytes of unfinished messages held for all connections together; the "
                         "connection that passes it is closed",
                         256 * mebibyte)
          .between(1024, 16 * 1024 * mebibyte),
      config::integer("unanswered_max",
                      "Messages of one connection taken in before they have been decided on")
          .between(1, 1000)
          .defaults_to(64),
  };
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = {
      config::text("host", "Name or address of the receiver").required(),
      config::integer("port", "TCP port of the receiver").between(1, 65535).required(),
      tls_client_field(),
      framing_field(),
      config::choice("reply",
                     "Whether the receiver answers, in frames of the same kind; none: a message is "
                     "delivered once the operating system has taken all its bytes",
                     {"none", "expected"}),
      config::object(
          "replies",
          "What replies mean, by the bytes they begin with, such as \"\\\\x06\"; without "
          "it any reply is an acceptance",
          {config::text_list("delivered", "Accepted; if given, any other is ambiguous"),
           config::text_list("rejected", "Refused for good"),
           config::text_list("deferred", "Not now")}),
      config::integer("connections",
                      "Connections held open, each with one message in flight; the order of lanes "
                      "is kept with any number")
          .between(1, 64)
          .defaults_to(1),
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
  };
  return fields;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SourceSettings settings;
  if (auto read = read_listening_endpoint(parsed, secrets, settings); !read) return read.error();
  auto framing = read_framing(parsed.object("framing"));
  if (!framing) return framing.error();
  settings.framing = std::move(*framing);
  auto accepted = text_in(parsed, "accepted"), refused = text_in(parsed, "refused");
  if (!accepted) return accepted.error();
  if (!refused) return refused.error();
  settings.accepted = std::move(*accepted);
  settings.refused = std::move(*refused);
  settings.content = content_of(parsed.text("content"));
  auto size = [&](const char* name) { return static_cast<std::size_t>(parsed.integer(name)); };
  settings.connections_max = size("connections_max");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.frame_timeout = parsed.duration("frame_timeout_ms");
  settings.frame_bytes_max = size("frame_bytes_max");
  settings.buffered_bytes_max = size("buffered_bytes_max");
  settings.unanswered_max = size("unanswered_max");
  return settings;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SinkSettings settings;
  if (auto read = read_peer_endpoint(parsed, secrets, settings); !read) return read.error();
  auto framing = read_framing(parsed.object("framing"));
  if (!framing) return framing.error();
  settings.framing = std::move(*framing);
  settings.expects_reply = parsed.text("reply") == "expected";
  if (auto read = read_meanings(parsed.object("replies"), settings); !read) return read.error();
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.reply_timeout = parsed.duration("reply_timeout_ms");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.frame_bytes_max = static_cast<std::size_t>(parsed.integer("frame_bytes_max"));
  return settings;
}

}  // namespace causeway::connectors::tcp
