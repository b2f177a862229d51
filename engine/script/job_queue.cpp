#include "engine/script/job_queue.h"

#include "engine/script/interpreter.h"

namespace causeway::script {

JSObject* JobQueue::getIncumbentGlobal(JSContext* context) {
  return JS::CurrentGlobalOrNull(context);
}

bool JobQueue::enqueuePromiseJob(JSContext* context, JS::HandleObject, JS::HandleObject job,
                                 JS::HandleObject, JS::HandleObject) {
  if (jobs_.append(job)) return true;
  JS_ReportOutOfMemory(context);
  return false;
}

void JobQueue::runJobs(JSContext* context) {
  auto& interpreter = Interpreter::of(context);
  JS::RootedValue ignored(context);
  while (!empty() && !interpreter.stopped()) {
    JS::RootedObject job(context, jobs_[next_++]);
    JSAutoRealm in(context, job);
    JS::RootedValue callee(context, JS::ObjectValue(*job));
    // A failing job has told its promise; only a stop ends the queue.
    if (!JS::Call(context, JS::UndefinedHandleValue, callee, JS::HandleValueArray::empty(),
                  &ignored))
      JS_ClearPendingException(context);
    if (next_ == jobs_.length()) clear();
  }
}

void JobQueue::clear() {
  jobs_.clear();
  next_ = 0;
}

js::UniquePtr<JS::JobQueue::SavedJobQueue> JobQueue::saveJobQueue(JSContext* context) {
  // Wanted by the debugger API alone, which is not used.
  JS_ReportErrorASCII(context, "no debugger");
  return nullptr;
}

}  // namespace causeway::script
