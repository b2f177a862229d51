// What went wrong in a script, as an Error: Interpreter::take_failure and script_place.
#include <fmt/format.h>
#include <jsapi.h>

#include <js/ErrorReport.h>
#include <js/Exception.h>

#include "engine/core/limits.h"
#include "engine/script/interpreter.h"

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

}  // namespace

std::string script_place(JSContext* context) {
  JS::AutoFilename file;
  unsigned line = 0, column = 0;
  if (!JS::DescribeScriptedCaller(context, &file, &line, &column) || !file.get()) return {};
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
  return Error{limit ? ErrorKind::ScriptLimit : ErrorKind::Script, place_of(*report.report()),
               cut(report.toStringResult() ? report.toStringResult().c_str() : "unknown error")};
}

}  // namespace causeway::script
