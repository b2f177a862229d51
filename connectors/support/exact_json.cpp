#include "connectors/support/exact_json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <unordered_set>

#include "engine/formats/encoding/converter.h"

namespace causeway::connectors {
namespace {

constexpr unsigned parse_flags = rapidjson::kParseValidateEncodingFlag |
                                 rapidjson::kParseIterativeFlag |
                                 rapidjson::kParseNumbersAsStringsFlag;

/// Puts values together as the reader meets them.
class Builder {
 public:
  bool Null() { return add(Json{}); }
  bool Bool(bool flag) { return add({Json::Kind::Boolean, flag ? "true" : "false", {}, {}}); }
  bool RawNumber(const char* text, unsigned size, bool) {
    return add({Json::Kind::Number, std::string(text, size), {}, {}});
  }
  // Numbers come as texts; the reader wants these nevertheless.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  bool String(const char* text, unsigned size, bool) {
    std::string value(text, size);
    // An escaped low surrogate without a high one before it gets past the reader.
    if (!encoding::is_utf8(value))
      return fail({ErrorKind::Invalid, "", "a text has half a character"});
    return add({Json::Kind::Text, std::move(value), {}, {}});
  }
  bool Key(const char* text, unsigned size, bool) {
    auto& open = open_.back();
    open.key.assign(text, size);
    if (!encoding::is_utf8(open.key))
      return fail({ErrorKind::Invalid, "", "a name has half a character"});
    if (!open.names.insert(open.key).second)
      return fail({ErrorKind::Invalid, "", "a name stands twice in one object"});
    return true;
  }
  bool StartObject() { return begin(Json::Kind::Object); }
  bool EndObject(unsigned) { return end(); }
  bool StartArray() { return begin(Json::Kind::List); }
  bool EndArray(unsigned) { return end(); }

  Json take() { return std::move(root_); }
  const std::optional<Error>& failed() const { return failed_; }

 private:
  struct Open {
    Json value;
    std::string key;
    std::unordered_set<std::string> names;
  };

  bool begin(Json::Kind kind) {
    if (open_.size() >= json_depth_max) return fail({ErrorKind::Limit, "", "JSON is too deep"});
    open_.push_back({{kind, {}, {}, {}}, {}, {}});
    return true;
  }
  bool end() {
    auto value = std::move(open_.back().value);
    open_.pop_back();
    return add(std::move(value));
  }
  bool add(Json value) {
    if (++values_ > json_values_max)
      return fail({ErrorKind::Limit, "", "JSON has more than 200,000 values"});
    if (open_.empty())
      root_ = std::move(value);
    else if (open_.back().value.kind == Json::Kind::List)
      open_.back().value.items.push_back(std::move(value));
    else
      open_.back().value.members.emplace_back(std::move(open_.back().key), std::move(value));
    return true;
  }
  bool fail(Error error) {
    failed_ = std::move(error);
    return false;
  }

  Json root_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
  std::optional<Error> failed_;
};

void append_members(std::string& out, const Json& value) {
  out += '{';
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    if (i > 0) out += ',';
    append_json_text(out, value.members[i].first);
    out += ':';
    append_json(out, value.members[i].second);
  }
  out += '}';
}

}  // namespace

const Json* Json::find(std::string_view name) const {
  for (const auto& [key, value] : members)
    if (key == name) return &value;
  return nullptr;
}

Result<Json> parse_json(std::string_view text) {
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  Builder builder;
  if (reader.Parse<parse_flags>(stream, builder)) return builder.take();
  const auto place = "byte " + std::to_string(reader.GetErrorOffset());
  if (builder.failed()) return Error{builder.failed()->kind, place, builder.failed()->text};
  return Error{ErrorKind::Invalid, place,
               std::string("no JSON: ") + rapidjson::GetParseError_En(reader.GetParseErrorCode())};
}

void append_json(std::string& out, const Json& value) {
  switch (value.kind) {
    case Json::Kind::Null:
      out += "null";
      return;
    case Json::Kind::Boolean:
    case Json::Kind::Number:
      out += value.text;
      return;
    case Json::Kind::Text:
      append_json_text(out, value.text);
      return;
    case Json::Kind::List:
      out += '[';
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i > 0) out += ',';
        append_json(out, value.items[i]);
      }
      out += ']';
      return;
    case Json::Kind::Object:
      append_members(out, value);
  }
}

void append_json_text(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  out += '"';
}

}  // namespace causeway::connectors
