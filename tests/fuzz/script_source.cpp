// Arbitrary text as a script: it compiles or says where it doesn't, and is run on a message within
// tight limits. Nothing crashes, and whatever happens, the next script works.
#include <cstdint>
#include <cstdlib>

#include "engine/script/script_instance.h"

using namespace causeway;
using namespace causeway::script;

namespace {

ScriptLimits tight() {
  ScriptLimits limits;
  limits.run_time = Milliseconds(30);
  limits.heap_bytes = 8 * 1024 * 1024;
  limits.native_bytes = 16 * 1024 * 1024;
  limits.output_bytes = 256 * 1024;
  limits.verify_one_in = 2;
  return limits;
}

void require(bool condition) {
  if (!condition) std::abort();
}

/// Both runs of a script must end with a result, or an error that names its file.
void run_twice(const std::shared_ptr<const ScriptModule>& module) {
  static const std::vector<std::string> destinations{"lab", "archive"};
  static const Bytes message =
      make_bytes("MSH|^~\\&|A|B|C|D|20240102||ADT^A01|1|P|2.5\rPID|1||7^^^M||DOE^JOHN\r");
  ScriptInstance instance(module);
  for (int i = 0; i < 2; ++i) {
    auto run = instance.run({.content = {ContentType::Hl7v2, message},
                             .received_at = {},
                             .message = MessageId{1},
                             .revision = "r",
                             .destinations = destinations});
    require(run.output || !run.output.error().place.empty());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  auto files = std::make_shared<const SourceFiles>(SourceFiles{{"t.js", std::move(text)}});
  auto module = ScriptModule::compile({"t.js", std::move(files), nullptr}, tight());
  if (module)
    run_twice(*module);
  else
    require(!module.error().place.empty() && !module.error().text.empty());
  return 0;
}
