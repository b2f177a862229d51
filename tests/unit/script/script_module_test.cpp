// Compiling and linking modules.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

std::string error_of(ScriptSources sources) {
  auto module = ScriptModule::compile(std::move(sources));
  return module ? "compiled" : module.error().str();
}

}  // namespace

TEST_CASE("modules import each other and the library") {
  auto module = ScriptModule::compile(
      sources_of("import {a} from './sub/a.js'; import {l} from 'names/l.js';"
                 "export default () => a + l;",
                 {{"sub/a.js", "import {b} from '../b.js'; export const a = 'a' + b;"},
                  {"b.js", "export const b = 'b';"}},
                 {{"names/l.js", "import {m} from './m.js'; export const l = 'l' + m;"},
                  {"names/m.js", "export const m = 'm'"}}));
  REQUIRE(module);
  ScriptInstance instance(*module);
  ScriptInput input{.content = {ContentType::Text, make_bytes("")},
                    .received_at = {},
                    .message = {1},
                    .revision = "",
                    .destinations = {}};
  auto result = instance.run(input);
  REQUIRE(result.output);
  CHECK(*result.output->contents.at(0).bytes == "ablm");
}

TEST_CASE("modules may import each other in a circle") {
  CHECK(error_of(sources_of(
            "import {f} from './u.js'; export const x = 1; export default () => f()",
            {{"u.js", "import {x} from './t.js'; export const f = () => x"}})) == "compiled");
}

TEST_CASE("what doesn't compile or link is said with its place") {
  CHECK(contains(error_of(sources_of("export default () => {\n  let 5;\n}")), "t.js:2:"));
  CHECK(contains(error_of(sources_of("import './gone.js'; export default () => 1")), "gone.js"));
  CHECK(contains(error_of(sources_of("import 'b.js'; export default () => 1", {{"b.js", ""}})),
                 "./name.js"));
  CHECK(contains(error_of(sources_of("import '../../etc/passwd'; export default () => 1")),
                 "no file"));
  CHECK(contains(
      error_of(sources_of("import {x} from './b.js'; export default () => 1", {{"b.js", ""}})),
      "t.js:1:"));
  CHECK(contains(error_of(sources_of("import './b.js'; export default () => 1", {{"b.js", "\n("}})),
                 "b.js:2:"));
  CHECK(contains(error_of(sources_of("export const x = 1")), "default export"));
  CHECK(contains(error_of(sources_of("export default 5")), "default export"));
  CHECK(contains(error_of(sources_of("\nthrow new Error('at load'); export default () => 1")),
                 "t.js:2:"));
  CHECK(contains(error_of(sources_of("await new Promise(() => {}); export default () => 1")),
                 "promise"));
  CHECK(contains(error_of({"gone.js", std::make_shared<const SourceFiles>(), nullptr}), "gone.js"));
  CHECK(contains(error_of(sources_of("import './big.js'; export default () => 1",
                                     {{"big.js", std::string(9000000, ' ')}})),
                 "bytes"));
}

TEST_CASE("the message is not there while modules are loaded") {
  CHECK(contains(error_of(sources_of("console.log('x'); export default () => 1")), "loaded"));
}
