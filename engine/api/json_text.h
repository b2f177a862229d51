// JSON text as the API writes it, one value after the other; commas and escapes are taken care of.
// Bytes that are no UTF-8 are written as Latin-1 would read them: JSON has no bytes. A member with
// nothing to say is left out by whoever writes. Used by one thread.
//
//   JsonText json;
//   json.begin_object().member("id", id).member("bytes", size).key("flags").begin_list();
//   for (const auto& flag : flags) json.value(flag);
//   return json.end_list().end_object().take();
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/api/time_text.h"

namespace causeway::api {

class JsonText {
 public:
  JsonText();
  ~JsonText();
  JsonText(JsonText&&) noexcept;

  JsonText& begin_object();
  JsonText& end_object();
  JsonText& begin_list();
  JsonText& end_list();
  JsonText& key(std::string_view name);

  JsonText& value(std::string_view text);
  JsonText& value(const char* text) { return value(std::string_view(text)); }
  JsonText& value(const std::string& text) { return value(std::string_view(text)); }
  JsonText& value(std::same_as<bool> auto flag) { return boolean(flag); }
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonText& value(T number) {
    return integer(static_cast<std::int64_t>(number));
  }
  JsonText& value(SystemTime at);  ///< "2026-11-24T17:20:03.123Z"
  JsonText& null();
  /// JSON text that is put in as it is; it is well-formed.
  JsonText& raw(std::string_view json);

  template <class T>
  JsonText& member(std::string_view name, const T& what) {
    key(name);
    return value(what);
  }

  std::string take();

 private:
  JsonText& boolean(bool flag);
  JsonText& integer(std::int64_t number);
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether it is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view bytes);

}  // namespace causeway::api
