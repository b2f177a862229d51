// Groups and segments of HL7 v2 messages as scripts see them.
#include <catch2/catch.hpp>

#include "tests/unit/script/run_script.h"

namespace causeway::script {
namespace {

using testing::body;
using testing::Runner;

const std::string head = "MSH|^~\\&|A||||||ORU^R01^ORU_R01|1|P|2.5.1\r";
const std::string results =
    head + "PID|1\rOBR|1|||G\rOBX|1||g||7\rNTE|1\rOBR|2|||N\rOBX|1||n||140\rOBX|2||k||4\r";

std::string after(const std::string& script, const std::string& message = results) {
  return Runner(body(script)).text(message);
}

bool contains(const std::string& text, const std::string& part) {
  INFO(text << " / " << part);
  return text.find(part) != std::string::npos;
}

TEST_CASE("a script reads and writes by paths through groups") {
  CHECK(after("return msg.get('ORDER_OBSERVATION[2]/OBX[2]-5.1')") == "4");
  CHECK(after("return msg.all('ORDER_OBSERVATION[*]/OBX[*]-5').join()") == "7,140,4");
  CHECK(after("return msg.all('OBX[*]-3').join() + msg.all('ZZZ[*]-1').length") == "g,n,k0");
  CHECK(contains(after("msg.set('ORDER_OBSERVATION[2]/OBX-5', 141)"), "OBX|1||n||141\r"));
  CHECK(contains(after("msg.set('ORDER_OBSERVATION[3]/OBX-5', 1)"), "no such segment"));
}

TEST_CASE("groups are walked through, each with its own segments") {
  CHECK(after("return msg.groups('ORDER_OBSERVATION').map(g => g.get('OBR-4') + g.count('OBX') + "
              "g.segments('OBX').map(x => x.get('5'))).join('; ')") == "G17; N2140,4");
  CHECK(after("const g = msg.groups('ORDER_OBSERVATION')[1];"
              "return g.name() + g.index() + g.groups('OBSERVATION').length + g.get('OBX[2]-3') +"
              "g.get('OBSERVATION[2]/OBX-3') + g.raw('OBX[9]-1') + g.repetitions('OBX-5') +"
              "g.segment('OBX', 2) + g.segment('NTE') + g.segments().length") ==
        "ORDER_OBSERVATION52kk1OBX|2||k||4undefined3");
  CHECK(after("return String(msg.groups('NONE').length)") == "0");
  CHECK(after("return msg.groups('ORDER_OBSERVATION')[0].toString()") ==
        "OBR|1|||G\rOBX|1||g||7\rNTE|1\r");
  CHECK(contains(after("for (const g of msg.groups('ORDER_OBSERVATION')) {"
                       "g.set('OBX-5', 'a^b'); g.setRaw('OBR-4', 'a^b') }"),
                 "OBR|2|||a^b\rOBX|1||n||a\\S\\b\rOBX|2||k||4"));
}

TEST_CASE("segments and groups are put in, taken out and copied") {
  CHECK(after("for (const g of msg.groups('ORDER_OBSERVATION')) g.remove('OBX')") ==
        head + "PID|1\rOBR|1|||G\rNTE|1\rOBR|2|||N\rOBX|2||k||4\r");
  CHECK(after("msg.groups('ORDER_OBSERVATION')[0].remove()") ==
        head + "PID|1\rOBR|2|||N\rOBX|1||n||140\rOBX|2||k||4\r");
  CHECK(after("for (const s of msg.segments('OBX')) s.remove()") ==
        head + "PID|1\rOBR|1|||G\rNTE|1\rOBR|2|||N\r");
  CHECK(contains(after("msg.groups('ORDER_OBSERVATION')[0].append('NTE|2')"), "NTE|1\rNTE|2\rOBR"));
  CHECK(contains(after("const g = msg.groups('ORDER_OBSERVATION')[0]; g.append('NTE|2');"
                       "g.append(msg.segments('PID')[0]); msg.insert(1, 'ZZZ|' + g.count('NTE'))"),
                 "|2.5.1\rZZZ|2\rPID|1\rOBR|1|||G\rOBX|1||g||7\rNTE|1\rNTE|2\rPID|1\rOBR|2"));
  CHECK(contains(after("msg.append(msg.groups('ORDER_OBSERVATION')[0]);"
                       "const all = msg.groups('ORDER_OBSERVATION'); all[2].set('OBR-1', 3);"
                       "all[1].append(all[0].segments('NTE')[0])"),
                 "OBX|2||k||4\rNTE|1\rOBR|3|||G\rOBX|1||g||7\rNTE|1\r"));
}

TEST_CASE("what a script holds follows what it puts in and takes out") {
  CHECK(after("const [a, b] = msg.groups('ORDER_OBSERVATION'), k = msg.segments('OBX')[2];"
              "msg.insert(1, 'ZAA|1'); msg.remove('PID'); a.remove('NTE');"
              "return b.get('OBX-3') + k.get('3') + k.index() + a.toString() + b.index()") ==
        "nk6OBR|1|||G\rOBX|1||g||7\r4");
  CHECK(after("const parts = msg.groups('ORDER_OBSERVATION').map((_, i) => { const m = msg.copy();"
              "m.groups('ORDER_OBSERVATION').forEach((g, j) => i !== j && g.remove()); return m });"
              "return parts") == head + "PID|1\rOBR|1|||G\rOBX|1||g||7\rNTE|1\r / " + head +
                                     "PID|1\rOBR|2|||N\rOBX|1||n||140\rOBX|2||k||4\r");
  CHECK(contains(after("const s = msg.segments('NTE')[0]; s.remove(); s.get('1')"),
                 "segment.get: the segment has been removed"));
  CHECK(contains(after("const g = msg.groups('ORDER_OBSERVATION')[1]; g.remove(); g.get('OBX-1')"),
                 "group.get: the group has been removed"));
  CHECK(contains(after("const g = msg.groups('PATIENT')[0]; g.remove('PID'); msg.append(g)"),
                 "msg.append: the group has been removed"));
}

TEST_CASE("a copy into a message with other delimiters is written in them") {
  CHECK(contains(after("const other = msg.copy(); other.append(msg.groups('PATIENT')[0]);"
                       "return other"),
                 "OBX|2||k||4\rPID|1\r"));
}

TEST_CASE("mistakes with groups are told with their place") {
  CHECK(contains(after("\n msg.groups()"), "t.js:2"));
  CHECK(contains(after("msg.groups('PATIENT')[0].set('OBX-5', 1)"),
                 "group.set: OBX-5: the group has no such segment"));
  CHECK(contains(after("msg.groups('PATIENT')[0].set('PID[*]-5', 1)"), "wildcard"));
  CHECK(contains(after("msg.groups('PATIENT')[0].remove('ZZZ')"), "no segment ZZZ number 1"));
  CHECK(contains(after("msg.append(5)"), "a segment's text, a segment or a group, not a number"));
  CHECK(contains(after("msg.insert(0, 'ZZZ|1')"), "nothing can stand before it"));
  CHECK(contains(after("msg.insert(99, msg.segments('PID')[0])"), "msg.insert: "));
  CHECK(
      contains(after("msg.groups('PATIENT')[0].get.call(msg, 'PID-1')"), "not called on a group"));
}

}  // namespace
}  // namespace causeway::script
