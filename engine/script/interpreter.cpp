#include "engine/script/interpreter.h"

#include <ctime>

#include <cstdlib>

#include <fmt/format.h>
#include <jsapi.h>

#include <js/ContextOptions.h>
#include <js/GCAPI.h>
#include <js/Initialization.h>
#include <js/Interrupt.h>
#include <js/LocaleSensitive.h>
#include <js/MemoryCallbacks.h>
#include <js/Principals.h>
#include <js/PropertyAndElement.h>
#include <js/Stack.h>

#include "engine/core/check.h"
#include "engine/script/job_queue.h"

namespace causeway::script {
namespace {

/// Small, so that it stays in the processor's cache.
constexpr std::uint32_t nursery_bytes = 1024 * 1024;
/// A run as long as this is collected so often.
constexpr Milliseconds collect_every{50};
/// What is garbage and not yet collected counts too: large blocks are refused later than the limit.
constexpr std::size_t large_allocations_factor = 3;
/// Collecting begins when a zone has so much native memory.
constexpr std::uint32_t collect_at_native_mib = 16;
/// The wall clock's part in the time limit: for a run that gets no processor.
constexpr int wall_time_factor = 10;

/// The engine library, once per process, and the watchdog of all interpreters.
struct Library {
  Library() {
    setenv("TZ", "UTC", 1);  // the engine has no other way to be told its time zone
    CHECK(JS_Init());
  }
  ~Library() {
    if (interpreters.load() == 0) JS_ShutDown();
  }
  std::atomic<int> interpreters{0};
  Watchdog watchdog;
};

Library& library() {
  static Library instance;
  return instance;
}

bool refuse_code_from_strings(JSContext*, JS::RuntimeCode, JS::HandleString) {
  return false;
}

constexpr JSSecurityCallbacks security_callbacks{refuse_code_from_strings, nullptr};

std::chrono::nanoseconds processor_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Interpreter::Interpreter() {
  auto& shared = library();
  context_ = JS_NewContext(static_cast<std::uint32_t>(ScriptLimits{}.heap_bytes));
  CHECK(context_);
  ++shared.interpreters;
  JS_SetContextPrivate(context_, this);
  JS_SetNativeStackQuota(context_, stack_bytes_max);
  JS_SetGCParameter(context_, JSGC_MAX_NURSERY_BYTES, nursery_bytes);
  JS_SetGCParameter(context_, JSGC_MALLOC_THRESHOLD_BASE, collect_at_native_mib);
  // Before memory is said to be full, what is dead is collected, however often that takes.
  JS_SetGCParameter(context_, JSGC_MIN_LAST_DITCH_GC_PERIOD, 0);
  JS::ContextOptionsRef(context_).setAsmJS(false).setWasm(false);
  jobs_ = std::make_unique<JobQueue>(context_);
  JS::SetJobQueue(context_, jobs_.get());
  CHECK(JS::InitSelfHostedCode(context_));
  CHECK(JS_SetDefaultLocale(JS_GetRuntime(context_), "en-US"));
  JS_SetSecurityCallbacks(context_, &security_callbacks);
  CHECK(JS_AddInterruptCallback(context_, on_interrupt));
  JS::SetOutOfMemoryCallback(context_, on_out_of_memory, this);
  settle_heap();
  watched_.emplace(shared.watchdog, context_);
}

Interpreter::~Interpreter() {
  watched_.reset();
  JS::SetJobQueue(context_, nullptr);
  jobs_.reset();
  JS_DestroyContext(context_);
  --library().interpreters;
}

Interpreter& Interpreter::of(JSContext* context) {
  return *static_cast<Interpreter*>(JS_GetContextPrivate(context));
}

Interpreter::Guard::Guard(Interpreter& interpreter, const ScriptLimits& limits, CurrentRun* run)
    : interpreter_(interpreter),
      bounded_(interpreter.large_allocations_, large_allocations_factor * limits.native_bytes) {
  CHECK(!interpreter.limits_);
  interpreter.limits_ = &limits;
  interpreter.run_ = run;
  interpreter.run_number_ = interpreter.run_number_ % std::numeric_limits<std::int32_t>::max() + 1;
  interpreter.stop_.reset();
  interpreter.began_ = std::chrono::steady_clock::now();
  interpreter.processor_time_began_.reset();
  auto heap_limit = std::min<std::size_t>(interpreter.settled_bytes_ + limits.heap_bytes,
                                          std::numeric_limits<std::uint32_t>::max());
  if (interpreter.heap_limit_ != heap_limit) {
    JS_SetGCParameter(interpreter.context_, JSGC_MAX_BYTES, static_cast<std::uint32_t>(heap_limit));
    interpreter.heap_limit_ = heap_limit;
  }
  interpreter.watched_->begin();
}

Interpreter::Guard::~Guard() {
  interpreter_.watched_->end();
  if (!interpreter_.jobs_->empty()) interpreter_.jobs_->clear();
  interpreter_.limits_ = nullptr;
  interpreter_.run_ = nullptr;
}

bool Interpreter::stop(std::string text) {
  if (!stop_) stop_ = Error{ErrorKind::ScriptLimit, script_place(context_), std::move(text)};
  JS_ClearPendingException(context_);
  return false;
}

bool Interpreter::run_jobs() {
  if (!jobs_->empty()) jobs_->runJobs(context_);
  return !stopped();
}

void Interpreter::settle_heap() {
  JS::PrepareForFullGC(context_);
  JS::NonIncrementalGC(context_, JS::GCOptions::Normal, JS::GCReason::API);
  settled_bytes_ = JS_GetGCParameter(context_, JSGC_BYTES);
}

bool Interpreter::on_interrupt(JSContext* context) {
  auto& self = of(context);
  if (!self.limits_) return true;
  // What is called below may itself be interrupted.
  bool was_disabled = JS_DisableInterruptCallback(context);
  bool go_on = self.within_limits();
  JS_ResetInterruptCallback(context, was_disabled);
  return go_on;
}

void Interpreter::on_out_of_memory(JSContext* context, void* self_pointer) {
  auto& self = *static_cast<Interpreter*>(self_pointer);
  if (!self.limits_ || self.stop_) return;
  if (self.large_allocations_.refused()) {
    self.stop_for_native_memory();
    JS_RequestInterruptCallback(context);
    return;
  }
  self.spoiled_ = true;
  self.stop_ = Error{ErrorKind::ScriptLimit, script_place(context),
                     fmt::format("it needs more than {} MiB of objects",
                                 self.limits_->heap_bytes / (1024 * 1024))};
  // The script could catch what it sees of this; the interrupt it can't.
  JS_RequestInterruptCallback(context);
}

bool Interpreter::within_limits() {
  return !stop_ && within_time() && had_its_memory() && within_native_memory();
}

bool Interpreter::within_time() {
  auto used = processor_time();
  if (!processor_time_began_) processor_time_began_ = used;
  auto wall = std::chrono::steady_clock::now() - began_;
  if (used - *processor_time_began_ < limits_->run_time &&
      wall < limits_->run_time * wall_time_factor)
    return true;
  return stop(fmt::format("it ran for more than {} ms", limits_->run_time.count()));
}

std::optional<double> Interpreter::native_bytes() {
  JS::RootedObject info(context_, js::gc::NewMemoryInfoObject(context_));
  JS::RootedValue value(context_);
  if (!info || !JS_GetProperty(context_, info, "zone", &value) || !value.isObject())
    return std::nullopt;
  JS::RootedObject zone(context_, &value.toObject());
  if (!JS_GetProperty(context_, zone, "mallocBytes", &value) || !value.isNumber())
    return std::nullopt;
  return value.toNumber();
}

/// Frees what the running script has no use for, so that only memory in use is counted; and takes
/// count of what objects hang on to that are so new that they aren't counted yet.
void Interpreter::collect() {
  JS::PrepareZoneForGC(context_, js::GetContextZone(context_));
  JS::NonIncrementalGC(context_, JS::GCOptions::Normal, JS::GCReason::API);
  // Setting a parameter waits until what was found dead has been freed.
  JS_SetGCParameter(context_, JSGC_MAX_BYTES, static_cast<std::uint32_t>(heap_limit_));
  collected_ = std::chrono::steady_clock::now();
}

bool Interpreter::within_native_memory() {
  JS::AutoSaveExceptionState exception(context_);
  auto limit = static_cast<double>(limits_->native_bytes);
  if (std::chrono::steady_clock::now() - std::max(began_, collected_) > collect_every) collect();
  auto bytes = native_bytes();
  if (bytes && *bytes > limit) {
    collect();
    bytes = native_bytes();
  }
  if (bytes && *bytes <= limit) return true;
  exception.drop();
  return stop_for_native_memory();
}

bool Interpreter::stop_for_native_memory() {
  spoiled_ = true;
  return stop(fmt::format("it needs more than {} MiB of arrays, buffers and strings",
                          limits_->native_bytes / (1024 * 1024)));
}

}  // namespace causeway::script
