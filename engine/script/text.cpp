#include "engine/script/text.h"

#include <fmt/format.h>

#include <js/CharacterEncoding.h>
#include <js/Object.h>
#include <js/String.h>

namespace causeway::script {
namespace {

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) == 0; });
}

/// Latin-1 characters are their own bytes. Appends up to the first character that is none.
template <class Character>
std::size_t copy_bytes(const Character* characters, std::size_t length, std::string& bytes) {
  std::size_t i = 0;
  for (; i < length && characters[i] <= 0xFF; ++i)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(characters[i]));
  return i;
}

/// Returns the place of the first character that is no byte; npos: none.
std::size_t to_bytes_one_by_one(JSLinearString* text, std::string& bytes) {
  JS::AutoCheckCannotGC no_gc;
  auto length = JS::GetLinearStringLength(text);
  bytes.resize(length);
  auto done = JS::LinearStringHasLatin1Chars(text)
                  ? copy_bytes(JS::GetLatin1LinearStringChars(no_gc, text), length, bytes)
                  : copy_bytes(JS::GetTwoByteLinearStringChars(no_gc, text), length, bytes);
  return done == length ? std::string::npos : done;
}

}  // namespace

bool fail(JSContext* context, std::string_view text) {
  JS_ReportErrorUTF8(context, "%s", std::string(text).c_str());
  return false;
}

JSString* to_string(JSContext* context, std::string_view bytes, Encoding encoding) {
  if (encoding == Encoding::BytePerCharacter || is_ascii(bytes))
    return JS_NewStringCopyN(context, bytes.data(), bytes.size());
  if (is_utf8(bytes))
    return JS_NewStringCopyUTF8N(context, JS::UTF8Chars(bytes.data(), bytes.size()));
  fail(context, "the value has bytes that are not UTF-8, as the message declares (MSH-18)");
  return nullptr;
}

bool to_bytes(JSContext* context, JS::HandleString text, Encoding encoding, std::string& bytes) {
  auto* linear = JS_EnsureLinearString(context, text);
  if (!linear) return false;
  if (encoding == Encoding::Utf8) {
    bytes.resize(JS::GetDeflatedUTF8StringLength(linear));
    JS::DeflateStringToUTF8Buffer(linear, mozilla::Span(bytes.data(), bytes.size()));
    return true;
  }
  auto bad = to_bytes_one_by_one(linear, bytes);
  if (bad == std::string::npos) return true;
  auto character = static_cast<unsigned>(JS::GetLinearStringCharAt(linear, bad));
  return fail(context, fmt::format("character U+{:04X} has no place in this message: its bytes are "
                                   "not declared to be UTF-8 (MSH-18)",
                                   character));
}

std::string_view kind_of(JS::HandleValue value) {
  if (value.isUndefined()) return "undefined";
  if (value.isNull()) return "null";
  if (value.isBoolean()) return "a boolean";
  if (value.isNumber()) return "a number";
  if (value.isString()) return "a string";
  if (value.isObject()) return JS_ObjectIsFunction(&value.toObject()) ? "a function" : "an object";
  return "a value of another kind";
}

}  // namespace causeway::script
