// What went wrong in a script, as an Error: Interpreter::take_failure and script_place.
#include <fmt/format.h>
#include <jsapi.h>

#include <js/ErrorReport.h>
#include <js/Exception.h>
#include <js/SavedFrameAPI.h>

#include "engine/core/limits.h"
#include "engine/script/interpreter.h"
#include "engine/script/prelude.h"

namespace causeway::script {
namespace {

std::string cut(std::string text) {
  if (text.size() <= limits::error_text_bytes) return text;
  auto end = limits::error_text_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

std::string place_of(const JSErrorReport& report) {
  if (!report.filename || report.lineno == 0) return {};
  // Errors of the parser come with their line of source and count columns from 0, others from 1.
  auto column = report.column + (report.linebuf() ? 1 : 0);
  return fmt::format("{}:{}:{}", report.filename, report.lineno, column);
}

bool is_prelude(const char* file) {
  return std::string_view(file) == prelude_name;
}

/// The first frame that is not the prelude's: who called what a mapping has no use of.
std::string place_of_caller(JSContext* context, JS::HandleObject stack) {
  JS::RootedObject frame(context, stack);
  while (frame) {
    JS::RootedString file(context);
    std::uint32_t line = 0, column = 0;
    if (JS::GetSavedFrameSource(context, nullptr, frame, &file) != JS::SavedFrameResult::Ok ||
        JS::GetSavedFrameLine(context, nullptr, frame, &line) != JS::SavedFrameResult::Ok ||
        JS::GetSavedFrameColumn(context, nullptr, frame, &column) != JS::SavedFrameResult::Ok)
      break;
    auto name = JS_EncodeStringToUTF8(context, file);
    if (!name) break;
    if (!is_prelude(name.get())) return fmt::format("{}:{}:{}", name.get(), line, column);
    JS::RootedObject parent(context);
    if (JS::GetSavedFrameParent(context, nullptr, frame, &parent) != JS::SavedFrameResult::Ok)
      break;
    frame = parent;
  }
  JS_ClearPendingException(context);
  return {};
}

}  // namespace

std::string script_place(JSContext* context) {
  JS::AutoFilename file;
  unsigned line = 0, column = 0;
  if (!JS::DescribeScriptedCaller(context, &file, &line, &column) || !file.get() ||
      is_prelude(file.get()))
    return {};
  return fmt::format("{}:{}:{}", file.get(), line, column + 1);
}

Error Interpreter::take_failure() {
  if (stop_) {
    JS_ClearPendingException(context_);
    return *stop_;
  }
  JS::ExceptionStack exception(context_);
  if (!JS_IsExceptionPending(context_) || !JS::StealPendingExceptionStack(context_, &exception))
    return Error{ErrorKind::Internal, "", "the interpreter failed without saying why"};
  // Without side effects: no getter or toString of the script is called any more.
  JS::ErrorReportBuilder report(context_);
  if (!report.init(context_, exception, JS::ErrorReportBuilder::NoSideEffects)) {
    JS_ClearPendingException(context_);
    return Error{ErrorKind::Script, "", "it threw something that can't be shown"};
  }
  // InternalError is the engine's own class for its limits ("too much recursion").
  bool limit = report.report()->exnType == JSEXN_INTERNALERR;
  const char* file = report.report()->filename;
  JS::RootedObject stack(context_, exception.stack());
  auto place =
      file && is_prelude(file) ? place_of_caller(context_, stack) : place_of(*report.report());
  return Error{limit ? ErrorKind::ScriptLimit : ErrorKind::Script, std::move(place),
               cut(report.toStringResult() ? report.toStringResult().c_str() : "unknown error")};
}

}  // namespace causeway::script
