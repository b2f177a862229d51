#include "engine/api/json_text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace causeway::api {
namespace {

/// Bytes that follow the first of a character; 9: it can't be a first one.
std::size_t following(unsigned char first) {
  if (first < 0x80) return 0;
  if (first < 0xC2) return 9;
  if (first < 0xE0) return 1;
  if (first < 0xF0) return 2;
  return first < 0xF5 ? 3 : 9;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char each : bytes) {
    const auto c = static_cast<unsigned char>(each);
    if (c < 0x80) {
      out += each;
    } else {
      out += static_cast<char>(0xC0 | c >> 6);
      out += static_cast<char>(0x80 | (c & 0x3F));
    }
  }
  return out;
}

rapidjson::SizeType length(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto more = following(first);
    if (more > 3 || i + more >= bytes.size()) return false;
    for (std::size_t k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0) != 0x80) return false;
    const auto second = more > 0 ? static_cast<unsigned char>(bytes[i + 1]) : 0;
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool outside = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
    if (overlong || outside) return false;
    i += more;
  }
  return true;
}

struct JsonText::State {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonText::JsonText() : state_(std::make_unique<State>()) {}
JsonText::~JsonText() = default;
JsonText::JsonText(JsonText&&) noexcept = default;

JsonText& JsonText::begin_object() {
  state_->writer.StartObject();
  return *this;
}

JsonText& JsonText::end_object() {
  state_->writer.EndObject();
  return *this;
}

JsonText& JsonText::begin_list() {
  state_->writer.StartArray();
  return *this;
}

JsonText& JsonText::end_list() {
  state_->writer.EndArray();
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  state_->writer.Key(name.data(), length(name));
  return *this;
}

JsonText& JsonText::value(std::string_view text) {
  if (is_utf8(text)) {
    state_->writer.String(text.data() ? text.data() : "", length(text));
  } else {
    const auto read = from_latin1(text);
    state_->writer.String(read.data(), length(read));
  }
  return *this;
}

JsonText& JsonText::value(SystemTime at) {
  return value(iso_time(at));
}

JsonText& JsonText::null() {
  state_->writer.Null();
  return *this;
}

JsonText& JsonText::raw(std::string_view json) {
  state_->writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  return *this;
}

JsonText& JsonText::boolean(bool flag) {
  state_->writer.Bool(flag);
  return *this;
}

JsonText& JsonText::integer(std::int64_t number) {
  state_->writer.Int64(number);
  return *this;
}

std::string JsonText::take() {
  return {state_->buffer.GetString(), state_->buffer.GetSize()};
}

}  // namespace causeway::api
