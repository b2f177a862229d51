// ctx.table(name), and the table that it gives.
#include <fmt/format.h>

#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/code_tables.h"
#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// One call of a table's method: its arguments, and what it gives.
class TableCall {
 public:
  TableCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : context_(context), args_(args), method_(method) {}

  bool has_table() {
    std::size_t index = 0;
    run_ = Interpreter::of(context_).run();
    if (!is_handle(args_.thisv(), HandleKind::Table)) return fail("it is not called on a table");
    if (!run_) return fail("there is no message while modules are loaded");
    if (!handle_index(context_, args_.thisv(), index)) return false;
    table_ = &run_->tables->at(index);
    return true;
  }

  const CodeTable& table() const { return *table_; }

  /// A code is a text; numbers stand for their digits.
  bool key(std::string& out) {
    JS::RootedString string(context_);
    if (args_.get(0).isString())
      string = args_.get(0).toString();
    else if (args_.get(0).isInt32())
      string = JS::ToString(context_, args_.get(0));
    else
      return fail(fmt::format("give a code, as a string, not {}", kind_of(args_.get(0))));
    return string && to_bytes(context_, string, Encoding::Utf8, out);
  }

  /// The column named by the second argument; the one after the keys if there is none.
  bool column(std::size_t& out) {
    out = 1;
    std::string name;
    if (args_.get(1).isUndefined())
      return table_->columns().size() > 1 || fail("the table has a column of keys alone");
    if (!args_.get(1).isString()) return fail("give a column's name, as a string");
    JS::RootedString string(context_, args_.get(1).toString());
    if (!to_bytes(context_, string, Encoding::Utf8, name)) return false;
    auto found = table_->column(name);
    if (!found)
      return fail(fmt::format("there is no column \"{}\"; the table has: {}", name,
                              fmt::join(table_->columns(), ", ")));
    out = *found;
    return true;
  }

  bool give(std::string_view text) {
    auto* string = to_string(context_, text, Encoding::Utf8);
    if (string) args_.rval().setString(string);
    return string != nullptr;
  }
  bool give(const JS::Value& value) {
    args_.rval().set(value);
    return true;
  }

  bool give_row(std::size_t row) {
    JS::RootedObject object(context_, JS_NewPlainObject(context_));
    JS::RootedString text(context_);
    if (!object) return false;
    for (std::size_t i = 0; i < table_->columns().size(); ++i) {
      text = to_string(context_, table_->cell(row, i), Encoding::Utf8);
      if (!text || !JS_DefineProperty(context_, object, table_->columns()[i].c_str(), text,
                                      JSPROP_ENUMERATE))
        return false;
    }
    return give(JS::ObjectValue(*object));
  }

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("table.{}: {}", method_, text));
  }

 private:
  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view method_;
  CurrentRun* run_ = nullptr;
  const CodeTable* table_ = nullptr;
};

bool get(TableCall& call) {
  std::string key;
  std::size_t column = 0;
  if (!call.key(key) || !call.column(column)) return false;
  auto row = call.table().find(key);
  if (!row)
    return call.fail(fmt::format("there is no code \"{}\"; lookup gives undefined for such", key));
  return call.give(call.table().cell(*row, column));
}

bool lookup(TableCall& call) {
  std::string key;
  std::size_t column = 0;
  if (!call.key(key) || !call.column(column)) return false;
  auto row = call.table().find(key);
  return row ? call.give(call.table().cell(*row, column)) : call.give(JS::UndefinedValue());
}

bool has(TableCall& call) {
  std::string key;
  return call.key(key) && call.give(JS::BooleanValue(call.table().find(key).has_value()));
}

bool row(TableCall& call) {
  std::string key;
  if (!call.key(key)) return false;
  auto found = call.table().find(key);
  return found ? call.give_row(*found) : call.give(JS::UndefinedValue());
}

bool reverse(TableCall& call) {
  std::string value;
  std::size_t column = 0;
  if (!call.key(value) || !call.column(column)) return false;
  auto rows = call.table().find_value(column, value);
  if (rows.size() > 1) return call.fail(fmt::format("several codes have the value \"{}\"", value));
  return rows.empty() ? call.give(JS::UndefinedValue()) : call.give(call.table().cell(rows[0], 0));
}

template <bool (*method)(TableCall&), const char* name>
bool native(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  TableCall call(context, args, name);
  return call.has_table() && method(call);
}

constexpr char name_of_get[] = "get", name_of_lookup[] = "lookup", name_of_has[] = "has",
               name_of_row[] = "row", name_of_reverse[] = "reverse";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<get, name_of_get>), 2, JSPROP_ENUMERATE),
    JS_FN("lookup", (native<lookup, name_of_lookup>), 2, JSPROP_ENUMERATE),
    JS_FN("has", (native<has, name_of_has>), 1, JSPROP_ENUMERATE),
    JS_FN("row", (native<row, name_of_row>), 1, JSPROP_ENUMERATE),
    JS_FN("reverse", (native<reverse, name_of_reverse>), 2, JSPROP_ENUMERATE),
    JS_FS_END};

bool table(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.table: there is no message while modules are loaded");
  if (!args.get(0).isString()) return fail(context, "ctx.table: give the table's name");
  JS::RootedString string(context, args[0].toString());
  std::string name;
  if (!to_bytes(context, string, Encoding::Utf8, name)) return false;
  auto index = run->tables->find(name);
  if (!index)
    return fail(context, fmt::format("ctx.table: there is no table \"{}\" (tables/{}.csv in the "
                                     "channel's folder, or {}.csv in the library); there are: {}",
                                     name, name, name, fmt::join(run->tables->names(), ", ")));
  auto* object = make_handle(context, HandleKind::Table, *index);
  if (!object) return false;
  args.rval().setObject(*object);
  return true;
}

}  // namespace

const JSFunctionSpec table_makers[] = {JS_FN("table", table, 1, JSPROP_ENUMERATE), JS_FS_END};

bool define_table(JSContext* context) {
  return define_handle(context, HandleKind::Table, methods);
}

}  // namespace causeway::script
