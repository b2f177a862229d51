#include "engine/script/script_runtime.h"

#include <fmt/format.h>

#include "engine/script/coverage.h"

namespace causeway::script {
namespace {

std::atomic<std::uint64_t> last_number{0};
thread_local ScriptRuntime* runtime_of_thread = nullptr;

bool same(const Bytes& a, const Bytes& b) {
  return a == b || (a && b && *a == *b);
}

bool same(const ScriptContent& a, const ScriptContent& b) {
  return a.type == b.type && same(a.bytes, b.bytes);
}

bool same(const ScriptSend& a, const ScriptSend& b) {
  return a.destination == b.destination && a.content.has_value() == b.content.has_value() &&
         (!a.content || same(*a.content, *b.content)) && a.attributes == b.attributes;
}

bool same(const StateChange& a, const StateChange& b) {
  return a.name == b.name && a.value == b.value;
}

template <class List>
bool all_same(const List& a, const List& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return same(x, y); });
}

bool same(const ScriptOutput& a, const ScriptOutput& b) {
  return a.dropped == b.dropped && all_same(a.contents, b.contents) && all_same(a.sends, b.sends) &&
         same(a.reply, b.reply) && all_same(a.changes, b.changes) && a.attributes == b.attributes &&
         a.reply_attributes == b.reply_attributes && a.outcome == b.outcome &&
         a.reason == b.reason && a.request == b.request;
}

bool same(const ScriptRun& a, const ScriptRun& b) {
  if (a.log != b.log || a.output.ok() != b.output.ok()) return false;
  return a.output ? same(*a.output, *b.output) : a.output.error().str() == b.output.error().str();
}

/// Limits of time and memory depend on the machine: they say nothing about the script's purity.
bool is_limit(const ScriptRun& run) {
  return !run.output && run.output.error().kind == ErrorKind::ScriptLimit;
}

}  // namespace

void ReleasedInstances::add(std::uint64_t number) {
  std::lock_guard lock(mutex_);
  numbers_.push_back(number);
  any_.store(true, std::memory_order_release);
}

std::vector<std::uint64_t> ReleasedInstances::take() {
  if (!any_.load(std::memory_order_acquire)) return {};
  std::lock_guard lock(mutex_);
  any_.store(false, std::memory_order_relaxed);
  return std::exchange(numbers_, {});
}

ScriptInstance::ScriptInstance(std::shared_ptr<const ScriptModule> module)
    : module_(std::move(module)), number_(++last_number) {}

ScriptInstance::~ScriptInstance() {
  if (home_) home_->add(number_);
}

ScriptRun ScriptInstance::run(const ScriptInput& input) {
  return ScriptRuntime::of_this_thread().run(*this, input);
}

ScriptRuntime& ScriptRuntime::of_this_thread() {
  thread_local ScriptRuntime runtime;
  return runtime;
}

ScriptRuntime* ScriptRuntime::existing() {
  return runtime_of_thread;
}

bool needs_spare_realm() {
  auto* runtime = ScriptRuntime::existing();
  return runtime && !runtime->has_spare();
}

void make_spare_realm() {
  if (auto* runtime = ScriptRuntime::existing()) runtime->make_spare();
}

ScriptRuntime::ScriptRuntime()
    : interpreter_(std::make_unique<Interpreter>()),
      released_(std::make_shared<ReleasedInstances>()) {
  runtime_of_thread = this;
}

ScriptRuntime::~ScriptRuntime() {
  runtime_of_thread = nullptr;
  checking_.reset();
  spare_.reset();
  realms_.clear();
}

void ScriptRuntime::make_spare() {
  if (spare_) return;
  auto made = Realm::make_bare(*interpreter_);
  if (made) spare_ = std::move(*made);
  if (interpreter_->spoiled())
    start_over();
  else
    interpreter_->settle_heap();
}

Result<std::unique_ptr<Realm>> ScriptRuntime::load(std::shared_ptr<const ScriptModule> module) {
  return Realm::load(*interpreter_, std::move(module), std::move(spare_));
}

Status ScriptRuntime::check(std::shared_ptr<const ScriptModule> module) {
  if (!checking_) {
    auto realm = Realm::make_bare(*interpreter_);
    if (!realm) {
      if (interpreter_->spoiled()) start_over();
      return std::move(realm).error();
    }
    checking_ = std::move(*realm);
    checked_ = 0;
  }
  auto status = checking_->check(*module);
  // What was only checked is not to count as never run.
  if (!status || ++checked_ == checks_per_realm || is_coverage_enabled()) checking_.reset();
  if (interpreter_->spoiled()) start_over();
  return status;
}

void ScriptRuntime::end_released() {
  for (auto number : released_->take()) realms_.erase(number);
}

void ScriptRuntime::start_over() {
  checking_.reset();
  spare_.reset();
  realms_.clear();
  interpreter_.reset();  // a thread can have one at a time
  interpreter_ = std::make_unique<Interpreter>();
}

Result<Realm*> ScriptRuntime::realm_of(ScriptInstance& instance) {
  if (instance.home_ != released_) {
    if (instance.home_) instance.home_->add(instance.number_);
    instance.home_ = released_;
  }
  auto found = realms_.find(instance.number_);
  if (found != realms_.end()) return found->second.get();
  auto realm = load(instance.module_);
  if (!realm) return std::move(realm).error();
  interpreter_->settle_heap();
  return realms_.emplace(instance.number_, std::move(*realm)).first->second.get();
}

ScriptRun ScriptRuntime::run_in(Realm& realm, const ScriptModule& module,
                                const ScriptInput& input) {
  CurrentRun current(input, module.limits());
  current.tables = &module.tables();
  auto begun = current.begin();
  if (!begun) return {std::move(begun).error(), {}};
  auto output = realm.call(current);
  if (output && output->dropped)
    current.log.line(current.drop_reason.empty() ? "dropped" : "dropped: " + current.drop_reason);
  if (!output && output.error().place.empty()) output.error().place = module.entry();
  return {std::move(output), current.log.take()};
}

Status ScriptRuntime::verify(const ScriptInstance& instance, const ScriptInput& input,
                             const ScriptRun& first) {
  auto fresh = load(instance.module_);
  if (!fresh) return std::move(fresh).error();
  auto second = run_in(**fresh, *instance.module_, input);
  if (is_limit(first) || is_limit(second) || same(first, second)) return Done{};
  return Error{ErrorKind::Script, instance.module_->entry(),
               "the same message gave another result in a fresh realm: the script keeps something "
               "from run to run (a variable outside of the function, or a /g expression's "
               "lastIndex)"};
}

ScriptRun ScriptRuntime::run(ScriptInstance& instance, const ScriptInput& input) {
  end_released();
  auto realm = realm_of(instance);
  if (!realm) {
    if (interpreter_->spoiled()) start_over();
    return {std::move(realm).error(), {}};
  }
  auto result = run_in(**realm, *instance.module_, input);
  auto every = instance.module_->limits().verify_one_in;
  bool due = every > 0 && ((*realm)->calls() == 2 || (*realm)->calls() % every == 0);
  // What a run that was cut short left behind in its modules is not to be seen by the next.
  bool end_realm = is_limit(result);
  if (due && !end_realm) {
    auto verified = verify(instance, input, result);
    if (!verified) {
      result.output = std::move(verified).error();
      end_realm = true;
    }
  }
  if (interpreter_->spoiled()) {
    start_over();
  } else if (end_realm) {
    realms_.erase(instance.number_);
    interpreter_->settle_heap();
  }
  return result;
}

}  // namespace causeway::script
