// write_json. Where a value may hold numbers that are to be written in another way than usual,
// JSON.stringify is given a replacer that puts marked strings for them, which are then taken apart.
#include <fmt/format.h>

#include <js/CallAndConstruct.h>
#include <js/JSON.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>
#include <js/Symbol.h>

#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/json_numbers.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// A string that begins with it stands for a number, or ('S') for a string that begins with it.
constexpr char16_t mark = 0xE000;
constexpr std::string_view mark_utf8 = "\xEE\x80\x80";

bool is_number(std::string_view text) {
  auto digits = [&] {
    auto count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  bool zero = text.starts_with('0');
  auto whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return text.empty();
}

/// The text that the holder notes for its number of this name; "": none that fits.
bool noted_text(JSContext* context, JS::HandleObject holder, JS::HandleValue name, double number,
                std::string& text) {
  text.clear();
  JS::RootedString symbol_name(context, JS_NewStringCopyZ(context, "causeway.numbers"));
  JS::RootedSymbol symbol(context, symbol_name ? JS::GetSymbolFor(context, symbol_name) : nullptr);
  if (!symbol) return false;
  JS::RootedId key(context, JS::PropertyKey::Symbol(symbol)), id(context);
  JS::RootedValue notes(context), noted(context);
  if (!JS_GetPropertyById(context, holder, key, &notes)) return false;
  if (!notes.isObject()) return true;
  JS::RootedObject names(context, &notes.toObject());
  if (!JS_ValueToId(context, name, &id) || !JS_GetPropertyById(context, names, id, &noted))
    return false;
  if (!noted.isString()) return true;
  JS::RootedString string(context, noted.toString());
  if (!to_bytes(context, string, Encoding::Utf8, text)) return false;
  if (!is_number(text) || !same_value(text, printed(number))) text.clear();
  return true;
}

bool give_marked(JSContext* context, std::string_view text, const JS::CallArgs& args) {
  auto* string = to_string(context, std::string(mark_utf8) + std::string(text), Encoding::Utf8);
  if (string) args.rval().setString(string);
  return string != nullptr;
}

/// A string: what an exact number's toJSON gave, or one of the script's own.
bool replace_string(JSContext* context, JS::HandleObject holder, const JS::CallArgs& args) {
  JS::RootedId id(context);
  JS::RootedValue held(context);
  if (!JS_ValueToId(context, args.get(0), &id) || !JS_GetPropertyById(context, holder, id, &held))
    return false;
  JS::RootedString string(context, args.get(1).toString());
  bool exact = exact_number_text(held) == string.get();
  auto* linear = JS_EnsureLinearString(context, string);
  if (!linear) return false;
  bool marked =
      JS::GetLinearStringLength(linear) > 0 && JS::GetLinearStringCharAt(linear, 0) == mark;
  if (!exact && !marked) return true;
  JS::RootedString before(
      context, to_string(context, exact ? "\xEE\x80\x80" : "\xEE\x80\x80S", Encoding::Utf8));
  if (before) string = JS_ConcatStrings(context, before, string);
  if (!before || !string) return false;
  args.rval().setString(string);
  return true;
}

bool replace(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  args.rval().set(args.get(1));
  if (!args.thisv().isObject()) return true;
  JS::RootedObject holder(context, &args.thisv().toObject());
  if (args.get(1).isString()) return replace_string(context, holder, args);
  if (!args.get(1).isNumber()) return true;
  std::string text;
  if (!noted_text(context, holder, args.get(0), args.get(1).toNumber(), text)) return false;
  return text.empty() || give_marked(context, text, args);
}

struct Writing {
  explicit Writing(std::size_t most) : bytes_max(most) {}
  std::string text;
  std::size_t bytes_max;
  char16_t high_surrogate = 0;
  bool too_much = false;
};

void append_utf8(std::string& text, std::uint32_t c) {
  auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xE0 | c >> 12);
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
    }
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

/// JSON.stringify writes lone surrogates as escapes: those that come are pairs.
bool write(const char16_t* characters, std::uint32_t length, void* writing_pointer) {
  auto& writing = *static_cast<Writing*>(writing_pointer);
  for (std::uint32_t i = 0; i < length; ++i) {
    std::uint32_t c = characters[i];
    if (c < 0x80) {
      writing.text += static_cast<char>(c);
    } else if (c >= 0xD800 && c < 0xDC00) {
      writing.high_surrogate = characters[i];
    } else if (c >= 0xDC00 && c < 0xE000) {
      append_utf8(writing.text,
                  0x10000 + ((writing.high_surrogate - 0xD800u) << 10) + (c - 0xDC00u));
    } else {
      append_utf8(writing.text, c);
    }
  }
  writing.too_much = writing.text.size() > writing.bytes_max;
  return !writing.too_much;
}

/// Takes the marked strings apart: numbers lose their quotes, other strings the mark.
std::string unmarked(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto quote = text.find('"');
    out += text.substr(0, quote);
    if (quote == std::string_view::npos) break;
    text.remove_prefix(quote + 1);
    std::size_t end = 0;
    while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    auto string = text.substr(0, end);
    text.remove_prefix(end + 1);
    bool marked = string.starts_with(mark_utf8) && !text.starts_with(':');
    if (marked) string.remove_prefix(mark_utf8.size());
    if (marked && string.starts_with('S')) {
      out.append("\"").append(string.substr(1)).append("\"");
    } else if (marked) {
      out += string;
    } else {
      out.append("\"").append(string).append("\"");
    }
  }
  return out;
}

}  // namespace

bool write_json(JSContext* context, CurrentRun& run, JS::HandleValue value, std::string& text) {
  bool is_function = value.isObject() && JS_ObjectIsFunction(&value.toObject());
  if (value.isUndefined() || value.isSymbol() || is_function)
    return fail(context, fmt::format("{} has no place in JSON", kind_of(value)));
  JS::RootedValue root(context, value), indent(context);
  JS::RootedObject replacer(context);
  if (run.unusual_numbers) {
    auto* function = JS_NewFunction(context, replace, 2, 0, "replacer");
    if (!function) return false;
    replacer = JS_GetFunctionObject(function);
  }
  Writing writing(run.limits.output_bytes);
  if (!JS_Stringify(context, &root, replacer, indent, write, &writing)) {
    if (writing.too_much) return charge(context, run, run.limits.output_bytes + 1);
    return false;
  }
  text = run.unusual_numbers ? unmarked(writing.text) : std::move(writing.text);
  return true;
}

}  // namespace causeway::script
