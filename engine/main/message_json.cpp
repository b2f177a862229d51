// The JSON half of message_text.h.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "engine/main/message_text.h"

namespace causeway {
namespace {

using Buffer = rapidjson::StringBuffer;
using Writer = rapidjson::Writer<Buffer>;

/// Bytes that are no UTF-8 are written as Latin-1 would read them: JSON has no bytes.
std::string as_utf8(std::string_view bytes) {
  std::size_t i = 0;
  auto continues = [&](std::size_t count) {
    for (std::size_t k = 1; k <= count; ++k)
      if (i + k >= bytes.size() || (static_cast<unsigned char>(bytes[i + k]) & 0xC0) != 0x80)
        return false;
    return true;
  };
  bool good = true;
  for (; i < bytes.size() && good; ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const std::size_t more = c < 0x80   ? 0
                             : c < 0xC2 ? 9
                             : c < 0xE0 ? 1
                             : c < 0xF0 ? 2
                             : c < 0xF5 ? 3
                                        : 9;
    good = more <= 3 && continues(more);
    i += good ? more : 0;
  }
  if (good) return std::string(bytes);
  std::string out;
  for (unsigned char c : bytes) {
    if (c < 0x80)
      out += static_cast<char>(c);
    else
      out.append(1, static_cast<char>(0xC0 | c >> 6))
          .append(1, static_cast<char>(0x80 | (c & 0x3F)));
  }
  return out;
}

}  // namespace

std::string json_string(std::string_view bytes) {
  Buffer buffer;
  Writer writer(buffer);
  const auto text = as_utf8(bytes);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return buffer.GetString();
}

namespace {

void put(Writer& writer, const char* key, std::string_view value) {
  writer.Key(key);
  auto text = as_utf8(value);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::string iso_time(SystemTime at) {
  auto text = time_text(at);
  text[text.find(' ')] = 'T';
  return text + 'Z';
}

void put(Writer& writer, const char* key, std::uint64_t value) {
  writer.Key(key);
  writer.Uint64(value);
}

void put_flags(Writer& writer, std::uint16_t flags) {
  writer.Key("flags");
  writer.StartArray();
  for (const auto& word : flag_words(flags))
    writer.String(word.data(), static_cast<rapidjson::SizeType>(word.size()));
  writer.EndArray();
}

void put_head(Writer& writer, const Installation& installation, const StoredMessage& message,
              std::uint64_t body_bytes) {
  const auto& arrival = message.arrival;
  put(writer, "id", to_string(message.id));
  put(writer, "received_at", iso_time(arrival.received_at));
  put(writer, "channel", installation.channel_path(arrival.channel));
  put(writer, "type", arrival.type);
  put(writer, "control_id", arrival.control_id);
  put(writer, "sender", arrival.draft.sender.address);
  put(writer, "peer", arrival.draft.sender.name);
  put(writer, "content_type", to_string(arrival.draft.content_type));
  put(writer, "bytes", body_bytes);
  put_flags(writer, arrival.flags);
}

void put_runs(Writer& writer, const Installation& installation, const store::MessageView& view) {
  writer.Key("runs");
  writer.StartArray();
  for (const auto& run : view.runs) {
    writer.StartObject();
    put(writer, "run", static_cast<std::uint64_t>(run.run.value));
    put(writer, "cause", to_string(run.cause));
    put(writer, "state", to_string(run.state));
    put(writer, "at", iso_time(run.at));
    put(writer, "deployment", static_cast<std::uint64_t>(run.deployment.value));
    writer.Key("steps");
    writer.StartArray();
    for (const auto& step : run.steps) {
      writer.StartObject();
      put(writer, "stage", step.stage);
      put(writer, "took_us", static_cast<std::uint64_t>(step.took.count()));
      put(writer, "log", step.log);
      if (step.error) put(writer, "error", step.error->str());
      writer.EndObject();
    }
    writer.EndArray();
    writer.Key("inputs");
    writer.StartArray();
    for (const auto& input : run.inputs) {
      writer.StartObject();
      put(writer, "stage", input.stage);
      put(writer, "name", input.name);
      if (input.bytes) put(writer, "bytes", *input.bytes);
      writer.EndObject();
    }
    writer.EndArray();
    writer.Key("deliveries");
    writer.StartArray();
    for (const auto& delivery : run.deliveries) {
      writer.StartObject();
      put(writer, "destination", installation.destination_name(delivery.destination));
      put(writer, "part", static_cast<std::uint64_t>(delivery.part));
      put(writer, "bytes", delivery.body_bytes);
      put_flags(writer, delivery.flags);
      writer.EndObject();
    }
    writer.EndArray();
    writer.EndObject();
  }
  writer.EndArray();
}

void put_history(Writer& writer, const Installation& installation, const store::MessageView& view) {
  writer.Key("attempts");
  writer.StartArray();
  for (const auto& attempt : view.attempts) {
    writer.StartObject();
    put(writer, "at", iso_time(attempt.at));
    put(writer, "run", static_cast<std::uint64_t>(attempt.work.run.value));
    put(writer, "destination", installation.destination_name(attempt.work.destination));
    put(writer, "part", static_cast<std::uint64_t>(attempt.work.part));
    put(writer, "event", to_string(attempt.event));
    put(writer, "attempt", attempt.attempt);
    if (attempt.event == WorkEvent::Settled) put(writer, "outcome", to_string(attempt.outcome));
    put(writer, "response", attempt.response);
    put(writer, "text", attempt.text);
    writer.EndObject();
  }
  writer.EndArray();
  writer.Key("replies");
  writer.StartArray();
  for (const auto& reply : view.replies) {
    writer.StartObject();
    put(writer, "at", iso_time(reply.at));
    put(writer, "state", to_string(reply.state));
    put(writer, "bytes", reply.bytes);
    writer.Key("timed_out");
    writer.Bool(reply.timed_out);
    writer.EndObject();
  }
  writer.EndArray();
  writer.Key("links");
  writer.StartArray();
  for (const auto& link : view.links) {
    writer.StartObject();
    put(writer, "kind", to_string(link.kind));
    put(writer, link.up ? "parent" : "child", to_string(link.other));
    writer.EndObject();
  }
  writer.EndArray();
  writer.Key("attention");
  writer.StartArray();
  for (const auto& row : view.attention) {
    writer.StartObject();
    put(writer, "destination", installation.destination_name(row.work.destination));
    put(writer, "part", static_cast<std::uint64_t>(row.work.part));
    put(writer, "state", to_string(row.state));
    put(writer, "outcome", to_string(row.outcome));
    put(writer, "attempts", row.attempts);
    put(writer, "since", iso_time(row.since));
    put(writer, "reason", row.reason);
    writer.Key("suspect");
    writer.Bool(row.suspect);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string found_json(const Installation& installation, const store::FoundMessage& found) {
  Buffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  put_head(writer, installation, found.message, found.body_bytes);
  put(writer, "state", found.state ? to_string(*found.state) : "waiting");
  writer.Key("attention");
  writer.Bool(found.needs_attention);
  writer.EndObject();
  return buffer.GetString();
}

std::string message_json(const Installation& installation, const store::MessageView& view) {
  Buffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  put_head(writer, installation, view.message, view.body_bytes);
  put(writer, "body", view.message.arrival.draft.body.view());
  if (view.content_error) put(writer, "content_error", view.content_error->str());
  put_runs(writer, installation, view);
  put_history(writer, installation, view);
  writer.EndObject();
  return buffer.GetString();
}

}  // namespace causeway
