#include "engine/script/realm.h"

#include <fmt/format.h>
#include <jsapi.h>

#include <js/CallAndConstruct.h>
#include <js/CompilationAndEvaluation.h>
#include <js/GlobalObject.h>
#include <js/Modules.h>
#include <js/Promise.h>
#include <js/PropertyAndElement.h>
#include <js/RealmOptions.h>
#include <js/SourceText.h>

#include "engine/script/handles.h"
#include "engine/script/json.h"
#include "engine/script/module_graph.h"
#include "engine/script/objects.h"
#include "engine/script/prelude.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

constexpr JSClass global_class{"global",
                               JSCLASS_GLOBAL_FLAGS_WITH_SLOTS(realm_slots),
                               &JS::DefaultGlobalClassOps,
                               nullptr,
                               nullptr,
                               nullptr};

JSObject* make_global(JSContext* context) {
  JS::RealmOptions options;
  options.creationOptions()
      .setNewCompartmentAndZone()
      .setSharedMemoryAndAtomicsEnabled(false)
      .setWeakRefsEnabled(JS::WeakRefSpecifier::Disabled)
      .setStreamsEnabled(false)
      .setToSourceEnabled(false);
  return JS_NewGlobalObject(context, &global_class, nullptr, JS::FireOnNewGlobalHook, options);
}

bool run_prelude(JSContext* context) {
  JS::CompileOptions options(context);
  options.setFileAndLine(prelude_name.data(), 1);
  JS::SourceText<mozilla::Utf8Unit> source;
  JS::RootedValue ignored(context);
  return source.init(context, prelude.data(), prelude.size(), JS::SourceOwnership::Borrowed) &&
         JS::Evaluate(context, options, source, &ignored);
}

/// Waits for a promise by running its jobs; `value` becomes what it settles to.
bool settle(Interpreter& interpreter, JS::MutableHandleValue value) {
  auto* context = interpreter.context();
  if (!interpreter.run_jobs()) return false;
  if (!value.isObject()) return true;
  JS::RootedObject promise(context, &value.toObject());
  if (!JS::IsPromiseObject(promise)) return true;
  auto state = JS::GetPromiseState(promise);
  if (state == JS::PromiseState::Pending)
    return fail(context, "it waits for a promise that nothing will settle");
  value.set(JS::GetPromiseResult(promise));
  if (state == JS::PromiseState::Fulfilled) return true;
  JS_SetPendingException(context, value);
  return false;
}

}  // namespace

struct Realm::Roots {
  explicit Roots(JSContext* context)
      : global(context), function(context), context_object(context) {}
  JS::PersistentRootedObject global;
  JS::PersistentRootedValue function;
  JS::PersistentRootedObject context_object;
};

/// The steps of making a realm, each leaving an exception pending if it fails.
class Realm::Loading {
 public:
  explicit Loading(Realm& realm) : realm_(realm), context_(realm.interpreter_.context()) {}

  bool define() {
    auto& roots = *realm_.roots_;
    roots.context_object = make_context_object(context_);
    return roots.context_object && define_message(context_) && define_segment(context_) &&
           define_group(context_) && define_content(context_) && define_table(context_) &&
           define_xml(context_) && define_data_set(context_) && define_exact_numbers(context_) &&
           run_prelude(context_);
  }

  bool load(const ScriptModule& module) {
    ModuleGraph graph(context_, module);
    graph.enter();
    bool loaded = load_modules(graph, module);
    graph.leave();
    return loaded;
  }

 private:
  bool load_modules(ModuleGraph& graph, const ScriptModule& module) {
    JS::RootedObject entry(context_, graph.find_or_compile(module.entry()));
    JS::RootedValue evaluated(context_);
    if (!entry || !JS::ModuleInstantiate(context_, entry) ||
        !JS::ModuleEvaluate(context_, entry, &evaluated) ||
        !settle(realm_.interpreter_, &evaluated))
      return false;
    JS::RootedObject exports(context_, JS::GetModuleNamespace(context_, entry));
    if (!exports || !JS_GetProperty(context_, exports, "default", &realm_.roots_->function))
      return false;
    const auto& function = realm_.roots_->function.get();
    return (function.isObject() && JS::IsCallable(&function.toObject())) ||
           fail(context_, module.entry() + ": its default export must be a function (msg, ctx)");
  }

  Realm& realm_;
  JSContext* context_;
};

Realm::Realm(Interpreter& interpreter)
    : interpreter_(interpreter), roots_(std::make_unique<Roots>(interpreter.context())) {}

Realm::~Realm() = default;

Error Realm::failure(const std::string& place) {
  auto error = interpreter_.take_failure();
  if (error.place.empty()) error.place = place;
  return error;
}

Result<std::unique_ptr<Realm>> Realm::make_bare(Interpreter& interpreter) {
  static const ScriptLimits limits;
  std::unique_ptr<Realm> realm(new Realm(interpreter));
  auto* context = interpreter.context();
  ModuleGraph::install(context);
  Interpreter::Guard guard(interpreter, limits, nullptr);
  realm->roots_->global = make_global(context);
  if (!realm->roots_->global) return interpreter.take_failure();
  JSAutoRealm in(context, realm->roots_->global);
  if (!Loading(*realm).define() || !interpreter.had_its_memory() || interpreter.stopped())
    return interpreter.take_failure();
  return realm;
}

Result<std::unique_ptr<Realm>> Realm::load(Interpreter& interpreter,
                                           std::shared_ptr<const ScriptModule> module,
                                           std::unique_ptr<Realm> bare) {
  auto realm = bare ? Result<std::unique_ptr<Realm>>(std::move(bare)) : make_bare(interpreter);
  if (!realm) return realm;
  Interpreter::Guard guard(interpreter, module->limits(), nullptr);
  JSAutoRealm in(interpreter.context(), (*realm)->roots_->global);
  if (!Loading(**realm).load(*module) || !interpreter.had_its_memory() || interpreter.stopped())
    return (*realm)->failure(module->entry());
  return realm;
}

Status Realm::check(const ScriptModule& module) {
  Interpreter::Guard guard(interpreter_, module.limits(), nullptr);
  JSAutoRealm in(interpreter_.context(), roots_->global);
  const bool good =
      Loading(*this).load(module) && interpreter_.had_its_memory() && !interpreter_.stopped();
  roots_->function = JS::UndefinedValue();
  if (!good) return failure(module.entry());
  return Done{};
}

Result<ScriptOutput> Realm::call(CurrentRun& run) {
  ++calls_;
  auto* context = interpreter_.context();
  Interpreter::Guard guard(interpreter_, run.limits, &run);
  JSAutoRealm in(context, roots_->global);
  JS::RootedValueArray<2> args(context);
  if (!make_input(context, run, args[0])) {
    auto error = interpreter_.take_failure();
    if (error.kind == ErrorKind::Script) error.kind = ErrorKind::Invalid;
    return error;
  }
  args[1].setObject(*roots_->context_object);
  set_input(context, args[0]);
  JS::RootedValue returned(context);
  bool good = JS::Call(context, JS::UndefinedHandleValue, roots_->function, args, &returned) &&
              settle(interpreter_, &returned) && take_returned(context, run, returned);
  set_input(context, JS::UndefinedHandleValue);
  if (!interpreter_.had_its_memory() || !good || interpreter_.stopped())
    return interpreter_.take_failure();
  return std::move(run.output);
}

}  // namespace causeway::script
