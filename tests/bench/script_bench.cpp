// What a run of a script costs, in processor time of its thread: used by `tools/bench --scripts`.
// Every run parses the message, calls the script and writes what it gives.
//
// Usage: script_bench     Prints one JSON object: microseconds a run, by what the script does.
#include <cstdio>
#include <cstdlib>
#include <ctime>

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

double processor_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

struct Measured {
  ScriptRole role = ScriptRole::Transform;
  ContentType type = ContentType::Hl7v2;
  std::string bytes = message_of(1500);
  std::uint32_t verify_one_in = 0;
};

void measure(const char* what, const std::string& text, const Measured& of = {}) {
  ScriptLimits limits;
  limits.verify_one_in = of.verify_one_in;
  Runner script(sources_of(text, {{"tables/sex.csv", "code,fhir\nM,male\nF,female\n"}}), limits);
  if (!script.instance) std::abort();
  auto bytes = make_bytes(of.bytes);
  ScriptInput input{.role = of.role,
                    .content = {of.type, bytes},
                    .received_at = {},
                    .message = {1},
                    .revision = "r",
                    .destinations = script.destinations};
  constexpr int rounds = 20000;
  std::size_t good = 0;
  for (int i = 0; i < 2000; ++i) good += script.instance->run(input).output.ok();
  auto begin = processor_us();
  for (int i = 0; i < rounds; ++i) good += script.instance->run(input).output.ok();
  auto took = processor_us() - begin;
  if (good != rounds + 2000) std::abort();
  static bool first = true;
  std::printf("%s\"%s\": %.2f", first ? "{" : ", ", what, took / rounds);
  first = false;
}

}  // namespace

int main() {
  measure("return msg", body("return msg"));
  measure("a filter", body("return msg.get('PID-8') === 'M'"), {.role = ScriptRole::Filter});
  measure("a route", body("return msg.get('MSH-9.1') === 'ADT' ? 'lab' : 'archive'"),
          {.role = ScriptRole::Route});
  auto edit = body(
      "msg.set('MSH-5', 'RIS'); msg.set('PID-5.2', 'JANE'); msg.append('ZPI|1|x'); return msg;");
  measure("two fields, one segment", edit);
  measure("two fields, one segment, verified as by default", edit,
          {.verify_one_in = ScriptLimits{}.verify_one_in});
  measure("ten reads",
          body("let n = 0; for (let i = 0; i < 10; i++) n += msg.get('PID-3.1').length;"
               "return msg;"));
  measure("PID to a FHIR patient", body(R"(
      return ctx.json({resourceType: "Patient", id: ctx.uuid(),
        identifier: [{system: "urn:mrn", value: msg.get("PID-3.1")}],
        name: [{family: msg.get("PID-5.1"), given: [msg.get("PID-5.2"), msg.get("PID-5.3")]}],
        birthDate: msg.get("PID-7").replace(/(....)(..)(..)/, "$1-$2-$3"),
        gender: ctx.table("sex").lookup(msg.get("PID-8")) }))"));
  measure(
      "JSON, one value set", body("msg.name[0].family = 'X'"),
      {.type = ContentType::Json,
       .bytes = R"({"resourceType":"Patient","id":"7","active":true,"name":[{"family":"DOE",)"
                R"("given":["JOHN","Q"]}],"birthDate":"1970-01-01","multipleBirthInteger":2})"});
  measure("XML, one read, one value set", body("msg.set('/a/b', msg.get('/a/c'))"),
          {.type = ContentType::Xml, .bytes = "<a><b>1</b><c>2</c><d e=\"3\"/></a>"});
  std::printf("}\n");
}
