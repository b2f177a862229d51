// Enrich stages: what their scripts return, and ctx.enriched for those that come after.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <js/PropertySpec.h>

#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

bool enriched(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = run_of(context, "ctx.enriched");
  if (!run) return false;
  if (!args.get(0).isString()) return fail(context, "ctx.enriched: give the stage's name");
  JS::RootedString text(context, args[0].toString());
  std::string name;
  if (!to_bytes(context, text, Encoding::Utf8, name)) return false;
  std::vector<std::string_view> names;
  for (const auto& each : run->input.enriched) {
    names.push_back(each.name);
    if (each.name != name) continue;
    args.rval().setNull();
    if (!each.json) return true;
    JS::RootedValue value(context);
    if (!parse_json(context, *run, *each.json, &value)) return false;
    args.rval().set(value);
    return true;
  }
  return fail(context,
              fmt::format("ctx.enriched: no enrich stage before this one is called \"{}\"; "
                          "there are: {}",
                          name, fmt::join(names, ", ")));
}

}  // namespace

const JSFunctionSpec enriched_makers[] = {JS_FN("enriched", enriched, 1, JSPROP_ENUMERATE),
                                          JS_FS_END};

bool take_request(JSContext* context, CurrentRun& run, JS::HandleValue returned) {
  if (returned.isNullOrUndefined()) return true;
  std::string text;
  if (!write_json(context, run, returned, text)) return false;
  if (!charge(context, run, text.size())) return false;
  run.output.request = std::move(text);
  return true;
}

}  // namespace causeway::script
