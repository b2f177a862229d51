// Any text as a script: its words lie within it, in order, and the lint that reads them ends.
#include <cstdint>
#include <cstdlib>

#include "engine/config/lint.h"
#include "engine/config/script_text.h"

namespace {

using namespace causeway::config;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const char* last = text.data();
  for (const auto& word : words_of_script(text)) {
    require(word.text.data() >= last);
    last = word.text.data() + word.text.size();
    require(last <= text.data() + text.size());
    require(word.place.line >= 1 && word.place.column >= 1);
  }
  ChannelConfig channel;
  channel.scripts["a.js"] = text;
  channel.destinations.emplace_back().name = "lab";
  channel.stages.emplace_back().script.file = "a.js";
  Problems problems;
  lint_scripts(channel, "adt", problems);
  require(problems.list.size() <= Problems::kept_max);
  return 0;
}
