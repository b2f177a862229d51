// ctx.parseCsv and ctx.csv: delimited and fixed-width text to rows, and back. See
// engine/formats/delimited/delimited.h.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/formats/delimited/delimited.h"
#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

using Fields = std::vector<std::string>;

/// What the second argument says of the text.
struct Layout {
  delimited::Format format;
  bool header = true;  ///< The first line has the columns' names.
  Fields columns;      ///< Given; empty: from the header, or none.
};

/// One call: its arguments, and the values in them. Strings are of the run's encoding.
class Call {
 public:
  Call(JSContext* context, const JS::CallArgs& args, CurrentRun& run, std::string_view use)
      : context_(context), args_(args), run_(run), use_(use) {}

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("ctx.{}: {}", use_, text));
  }

  /// A string, number or truth value; "" for what is not there.
  bool text(JS::HandleValue value, std::string& out) {
    out.clear();
    if (value.isNullOrUndefined()) return true;
    JS::RootedString string(context_, exact_number_text(value));
    if (!string && !value.isString() && !value.isNumber() && !value.isBoolean())
      return fail(fmt::format("a field is a string, not {}", kind_of(value)));
    if (!string) string = JS::ToString(context_, value);
    return string && to_bytes(context_, string, run_.encoding, out);
  }

  bool list(JS::HandleValue value, std::string_view what, Fields& out) {
    bool is_array = false;
    if (!JS::IsArrayObject(context_, value, &is_array)) return false;
    if (!is_array) return fail(fmt::format("{} is a list", what));
    JS::RootedObject array(context_, &value.toObject());
    std::uint32_t length = 0;
    if (!JS::GetArrayLength(context_, array, &length)) return false;
    if (length > delimited::fields_max) return fail(fmt::format("{} is too long", what));
    JS::RootedValue item(context_);
    for (std::uint32_t i = 0; i < length; ++i)
      if (!JS_GetElement(context_, array, i, &item) || !text(item, out.emplace_back()))
        return false;
    return true;
  }

  bool layout(Layout& out) {
    if (args_.get(1).isUndefined()) return true;
    if (!args_.get(1).isObject()) return fail("options are an object");
    JS::RootedObject options(context_, &args_.get(1).toObject());
    return character(options, "separator", out.format.separator) &&
           character(options, "quote", out.format.quote) && columns(options, out) &&
           widths(options, out) && header(options, out) && checked(out);
  }

 private:
  bool option(JS::HandleObject options, const char* name, JS::MutableHandleValue value) {
    return JS_GetProperty(context_, options, name, value);
  }

  /// One byte; "" for none.
  bool character(JS::HandleObject options, const char* name, char& out) {
    JS::RootedValue value(context_);
    std::string given;
    if (!option(options, name, &value)) return false;
    if (value.isUndefined()) return true;
    if (!text(value, given)) return false;
    if (given.size() > 1) return fail(fmt::format("{} is one ASCII character", name));
    out = given.empty() ? '\0' : given[0];
    return true;
  }

  bool columns(JS::HandleObject options, Layout& out) {
    JS::RootedValue value(context_);
    if (!option(options, "columns", &value) || value.isUndefined())
      return !JS_IsExceptionPending(context_);
    out.header = false;
    return list(value, "columns", out.columns);
  }

  bool widths(JS::HandleObject options, Layout& out) {
    JS::RootedValue value(context_);
    Fields given;
    if (!option(options, "widths", &value) || value.isUndefined())
      return !JS_IsExceptionPending(context_);
    if (!list(value, "widths", given)) return false;
    for (const auto& width : given) {
      const auto number = std::strtoul(width.c_str(), nullptr, 10);
      if (number == 0 || number > widest) return fail("a width is a number from 1");
      out.format.widths.push_back(number);
    }
    return true;
  }

  bool header(JS::HandleObject options, Layout& out) {
    JS::RootedValue value(context_);
    if (!option(options, "header", &value)) return false;
    if (!value.isUndefined()) out.header = JS::ToBoolean(value);
    return true;
  }

  bool checked(const Layout& out) {
    auto status = delimited::check(out.format);
    return status || fail(status.error().text);
  }

  static constexpr unsigned long widest = 1'000'000;

  JSContext* context_;
  const JS::CallArgs& args_;
  CurrentRun& run_;
  std::string_view use_;
};

/// A row as a list, or as an object where the columns have names.
JSObject* make_row(JSContext* context, const CurrentRun& run, const Fields& fields,
                   const JS::RootedVector<jsid>& names) {
  const bool named = !names.empty();
  JS::RootedObject row(
      context, named ? JS_NewPlainObject(context) : JS::NewArrayObject(context, fields.size()));
  JS::RootedValue value(context);
  JS::RootedId key(context);
  for (std::size_t i = 0; row && i < fields.size(); ++i) {
    auto* text = to_string(context, fields[i], run.encoding);
    if (!text) return nullptr;
    value.setString(text);
    if (named)
      key = names[i];
    else if (!JS_IndexToId(context, static_cast<std::uint32_t>(i), &key))
      return nullptr;
    if (!JS_DefinePropertyById(context, row, key, value, JSPROP_ENUMERATE)) return nullptr;
  }
  return row;
}

bool make_names(JSContext* context, const CurrentRun& run, const Fields& columns,
                JS::RootedVector<jsid>& names) {
  JS::RootedValue value(context);
  JS::RootedId key(context);
  for (const auto& column : columns) {
    auto* text = to_string(context, column, run.encoding);
    if (!text) return false;
    value.setString(text);
    if (!JS_ValueToId(context, value, &key) || !names.append(key)) return false;
  }
  return true;
}

bool parse(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.parseCsv: there is no message while modules are loaded");
  Call call(context, args, *run, "parseCsv");
  Layout layout;
  std::string text;
  if (!args.get(0).isString()) return call.fail("give a string");
  if (!call.layout(layout) || !call.text(args[0], text) || !charge(context, *run, text.size()))
    return false;
  auto records = delimited::read(text, layout.format);
  if (!records) return call.fail(records.error().str());
  std::size_t first = 0;
  if (layout.header && !records->empty()) {
    if (layout.columns.empty()) layout.columns = records->front().fields;
    first = 1;
  }
  JS::RootedVector<jsid> names(context);
  JS::RootedObject rows(context, JS::NewArrayObject(context, records->size() - first));
  JS::RootedObject row(context);
  if (!rows || !make_names(context, *run, layout.columns, names)) return false;
  for (std::size_t i = first; i < records->size(); ++i) {
    const auto& record = (*records)[i];
    if (!names.empty() && record.fields.size() != names.length())
      return call.fail(fmt::format("line {}: {} fields, where there are {} columns", record.line,
                                   record.fields.size(), names.length()));
    row = make_row(context, *run, record.fields, names);
    if (!row || !JS_DefineElement(context, rows, static_cast<std::uint32_t>(i - first), row,
                                  JSPROP_ENUMERATE))
      return false;
  }
  args.rval().setObject(*rows);
  return true;
}

/// Writes rows one after the other; the first object names the columns if nobody else does.
class Writing {
 public:
  Writing(JSContext* context, CurrentRun& run, Call& call, Layout layout)
      : context_(context), run_(run), call_(call), layout_(std::move(layout)) {}

  bool add(JS::HandleValue row, std::size_t number) {
    bool is_array = false;
    if (!row.isObject()) return call_.fail(fmt::format("row {} is no object or list", number));
    if (!JS::IsArrayObject(context_, row, &is_array)) return false;
    Fields fields;
    if (is_array) return call_.list(row, "a row", fields) && begin() && write(fields, number);
    JS::RootedObject object(context_, &row.toObject());
    if (layout_.columns.empty() && !take_columns(object)) return false;
    return begin() && cells(object, fields) && write(fields, number);
  }

  bool begin() {
    if (begun_) return true;
    begun_ = true;
    return !layout_.header || layout_.columns.empty() || write(layout_.columns, 0);
  }

  std::string text() { return std::move(text_); }

 private:
  bool take_columns(JS::HandleObject object) {
    JS::Rooted<JS::IdVector> keys(context_, JS::IdVector(context_));
    JS::RootedId key(context_);
    JS::RootedValue name(context_);
    if (!JS_Enumerate(context_, object, &keys)) return false;
    for (std::size_t i = 0; i < keys.length(); ++i) {
      key = keys[i];
      if (!JS_IdToValue(context_, key, &name) || !call_.text(name, layout_.columns.emplace_back()))
        return false;
    }
    return true;
  }

  bool cells(JS::HandleObject object, Fields& fields) {
    JS::RootedVector<jsid> names(context_);
    JS::RootedId key(context_);
    JS::RootedValue value(context_);
    if (!make_names(context_, run_, layout_.columns, names)) return false;
    for (std::size_t i = 0; i < names.length(); ++i) {
      key = names[i];
      if (!JS_GetPropertyById(context_, object, key, &value) ||
          !call_.text(value, fields.emplace_back()))
        return false;
    }
    return true;
  }

  bool write(const Fields& fields, std::size_t number) {
    const auto before = text_.size();
    auto status = delimited::write(fields, layout_.format, text_);
    if (!status) return call_.fail(fmt::format("row {}, {}", number, status.error().str()));
    return charge(context_, run_, text_.size() - before);
  }

  JSContext* context_;
  CurrentRun& run_;
  Call& call_;
  Layout layout_;
  bool begun_ = false;
  std::string text_;
};

bool write(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.csv: there is no message while modules are loaded");
  Call call(context, args, *run, "csv");
  Layout layout;
  bool is_array = false;
  if (!JS::IsArrayObject(context, args.get(0), &is_array)) return false;
  if (!is_array) return call.fail("give a list of rows");
  if (!call.layout(layout)) return false;
  JS::RootedObject rows(context, &args[0].toObject());
  JS::RootedValue row(context);
  std::uint32_t length = 0;
  if (!JS::GetArrayLength(context, rows, &length)) return false;
  Writing writing(context, *run, call, std::move(layout));
  for (std::uint32_t i = 0; i < length; ++i)
    if (!JS_GetElement(context, rows, i, &row) || !writing.add(row, i + 1)) return false;
  if (!writing.begin()) return false;
  run->contents.push_back({ContentType::Csv, make_bytes(writing.text())});
  auto* object = make_handle(context, HandleKind::Content, run->contents.size() - 1);
  if (object) args.rval().setObject(*object);
  return object != nullptr;
}

}  // namespace

const JSFunctionSpec delimited_makers[] = {JS_FN("csv", write, 2, JSPROP_ENUMERATE),
                                           JS_FN("parseCsv", parse, 2, JSPROP_ENUMERATE),
                                           JS_FS_END};

}  // namespace causeway::script
