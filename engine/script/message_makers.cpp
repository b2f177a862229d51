// ctx.newMessage and ctx.parseMessage: HL7 v2 messages besides the one that came.
#include <fmt/format.h>

#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// What a message takes besides its bytes.
constexpr std::size_t message_bytes = 512;
constexpr std::string_view usual_version = "2.5.1";
/// Of MSH-10, which may be no longer before 2.7.
constexpr std::size_t control_id_length = 20;

/// "2024-01-02T03:04:05.678Z" as "20240102030405+0000".
std::string hl7_time(SystemTime time) {
  std::string text;
  for (char c : iso_time(time).substr(0, 19))
    if (c >= '0' && c <= '9') text += c;
  return text + "+0000";
}

std::string control_id_of(CurrentRun& run) {
  std::string text;
  for (char c : next_uuid(run))
    if (c != '-') text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text.substr(0, control_id_length);
}

/// What MSH begins with unless the script says otherwise: it follows from the run alone.
struct Header {
  explicit Header(CurrentRun& run) : time(hl7_time(run.input.received_at)) {
    if (run.messages.empty() || run.input.content.type != ContentType::Hl7v2) return;
    version = run.messages.front().raw({.segment = "MSH", .field = 12, .component = 1});
    if (version.empty()) version = usual_version;
    processing_id = run.messages.front().raw({.segment = "MSH", .field = 11, .component = 1});
    if (processing_id.empty()) processing_id = "P";
  }

  std::string delimiters = "|^~\\&", version = std::string(usual_version), control_id, time,
              processing_id = "P";
};

/// How the bytes of what this run writes are to be read. MSH-18 came with 2.3.
std::string character_set_of(const CurrentRun& run, std::string_view version) {
  if (version.starts_with("2.1") || version.starts_with("2.2")) return {};
  if (run.input.content.type == ContentType::Hl7v2)
    return std::string(run.messages.front().raw({.segment = "MSH", .field = 18}));
  return run.encoding == Encoding::Utf8 ? "UNICODE UTF-8" : "";
}

class NewMessageCall {
 public:
  NewMessageCall(JSContext* context, const JS::CallArgs& args, CurrentRun& run)
      : context_(context), args_(args), run_(run), header_(run) {}

  bool make() {
    std::string type;
    if (!args_.get(0).isString()) return fail("give the type, such as \"ADT^A01^ADT_A01\"");
    if (!text(args_[0], type) || !take_header()) return false;
    if (type.empty()) return fail("give the type, such as \"ADT^A01^ADT_A01\"");
    if (header_.delimiters.size() < 2)
      return fail("delimiters are the field separator and those of MSH-2: \"|^~\\\\&\"");
    if (header_.control_id.empty()) header_.control_id = control_id_of(run_);
    const auto delimiters = given_delimiters();
    std::replace(type.begin(), type.end(), '^', delimiters.component);
    auto message = hl7v2::make_message({.type = type,
                                        .version = header_.version,
                                        .control_id = header_.control_id,
                                        .timestamp = header_.time,
                                        .processing_id = header_.processing_id,
                                        .character_set = character_set_of(run_, header_.version),
                                        .delimiters = delimiters});
    return message ? give(std::move(*message)) : fail(message.error().str());
  }

  bool parse() {
    std::string bytes;
    if (!args_.get(0).isString()) return fail("give a string");
    if (!text(args_[0], bytes)) return false;
    auto message = hl7v2::Message::parse(make_bytes(std::move(bytes)));
    return message ? give(std::move(*message)) : fail(message.error().str());
  }

  const char* name = "newMessage";

 private:
  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("ctx.{}: {}", name, text));
  }

  bool text(JS::HandleValue value, std::string& out) {
    JS::RootedString string(context_, value.toString());
    return to_bytes(context_, string, run_.encoding, out);
  }

  bool give(hl7v2::Message message) {
    if (!charge(context_, run_,
                message_bytes + message.bytes()->size() +
                    message_segment_bytes * message.segment_count()))
      return false;
    message.use_groups(hl7v2::structure_groups());
    run_.messages.push_back(std::move(message));
    auto* object = make_handle(context_, HandleKind::Message, run_.messages.size() - 1);
    if (object) args_.rval().setObject(*object);
    return object != nullptr;
  }

  /// The second argument.
  bool take_header() {
    if (args_.get(1).isUndefined()) return true;
    if (!args_.get(1).isObject()) return fail("the second argument is an object");
    JS::RootedObject given(context_, &args_[1].toObject());
    JS::Rooted<JS::IdVector> keys(context_, JS::IdVector(context_));
    JS::RootedId key(context_);
    if (!JS_Enumerate(context_, given, &keys)) return false;
    for (std::size_t i = 0; i < keys.length(); ++i) {
      key = keys[i];
      if (!take_part(given, key)) return false;
    }
    return true;
  }

  bool take_part(JS::HandleObject given, JS::HandleId key) {
    const std::pair<std::string_view, std::string*> known[] = {
        {"version", &header_.version},
        {"controlId", &header_.control_id},
        {"time", &header_.time},
        {"processingId", &header_.processing_id},
        {"delimiters", &header_.delimiters}};
    JS::RootedValue value(context_);
    std::string of;
    if (!JS_IdToValue(context_, key, &value)) return false;
    JS::RootedString key_text(context_, JS::ToString(context_, value));
    if (!key_text || !to_bytes(context_, key_text, Encoding::Utf8, of)) return false;
    for (const auto& [part, out] : known) {
      if (part != of) continue;
      if (!JS_GetPropertyById(context_, given, key, &value)) return false;
      return value.isString() ? text(value, *out) : fail(fmt::format("{} is a string", part));
    }
    return fail(
        fmt::format("there is no \"{}\": version, controlId, time, processingId, delimiters", of));
  }

  hl7v2::Delimiters given_delimiters() const {
    hl7v2::Delimiters delimiters;
    char* const places[] = {&delimiters.field,  &delimiters.component,    &delimiters.repetition,
                            &delimiters.escape, &delimiters.subcomponent, &delimiters.truncation};
    for (std::size_t i = 0; i < std::size(places); ++i)
      *places[i] = i < header_.delimiters.size() ? header_.delimiters[i] : hl7v2::no_delimiter;
    return delimiters;
  }

  JSContext* context_;
  const JS::CallArgs& args_;
  CurrentRun& run_;
  Header header_;
};

bool new_message(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.newMessage");
  return run && NewMessageCall(context, args, *run).make();
}

bool parse_message(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.parseMessage");
  if (!run) return false;
  NewMessageCall call(context, args, *run);
  call.name = "parseMessage";
  return call.parse();
}

}  // namespace

const JSFunctionSpec message_makers[] = {JS_FN("newMessage", new_message, 2, JSPROP_ENUMERATE),
                                         JS_FN("parseMessage", parse_message, 1, JSPROP_ENUMERATE),
                                         JS_FS_END};

}  // namespace causeway::script
