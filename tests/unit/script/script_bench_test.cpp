// What a run costs; not run by default: unit_script "[bench]".
#include <catch2/catch.hpp>

#include <cstdio>

#include "tests/unit/script/run_script.h"

using namespace causeway;
using namespace causeway::script;
using namespace causeway::script::testing;

namespace {

std::string message_of(std::size_t bytes) {
  std::string message = adt;
  for (int i = 1; message.size() < bytes; ++i)
    message += "OBX|" + std::to_string(i) + "|NM|2345-7^GLUCOSE^LN||95|mg/dL|70-99|N|||F\r";
  return message;
}

void measure(const char* what, const std::string& text, std::uint32_t verify_one_in) {
  ScriptLimits limits;
  limits.verify_one_in = verify_one_in;
  Runner script(text, limits);
  auto bytes = make_bytes(message_of(1500));
  ScriptInput input{.content = {ContentType::Hl7v2, bytes},
                    .received_at = {},
                    .message = {1},
                    .revision = "r",
                    .destinations = script.destinations};
  constexpr int rounds = 40000;
  std::size_t written = 0;
  for (int i = 0; i < 2000; ++i) written += script.instance->run(input).output.ok();
  auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i) written += script.instance->run(input).output.ok();
  std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  CHECK(written == rounds + 2000);
  std::printf("%-46s %6.2f us a run\n", what, took.count() / rounds);
}

}  // namespace

TEST_CASE("cost of a run", "[.][bench]") {
  measure("return msg", body("return msg"), 0);
  measure("return a string", body("return 'x'"), 0);
  auto edit = body(
      "msg.set('MSH-5', 'RIS'); msg.set('PID-5.2', 'JANE'); msg.append('ZPI|1|x'); return msg;");
  measure("two fields, one segment", edit, 0);
  measure("two fields, one segment, verified as by default", edit, ScriptLimits{}.verify_one_in);
  measure("ten reads",
          body("let n = 0; for (let i = 0; i < 10; i++) n += msg.get('PID-3.1').length;"
               "return msg;"),
          0);
}
