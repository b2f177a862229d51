// causeway hl7: what can be done with HL7 v2 messages outside of an engine.
#include <cstdio>

#include "engine/main/hl7/commands.h"

namespace causeway {
namespace {

struct Part {
  const char* name;
  int (*run)(const Words&);
  const char* summary;
};

constexpr Part parts[] = {
    {"show", hl7_show, "messages as trees, their fields and codes explained"},
    {"get", hl7_get, "values by path, as a table"},
    {"diff", hl7_diff, "where the messages of two files differ, field by field"},
    {"convert", hl7_convert, "another character set, delimiters, line ends; XML both ways"},
    {"validate", hl7_validate, "check messages against the standard or a profile"},
    {"xml", hl7_xml, "messages as v2 XML, and back"},
    {"schema", hl7_schema, "write the XML schemas of v2 XML"},
};

}  // namespace

int command_hl7(const Words& words) {
  for (const auto& part : parts)
    if (!words.empty() && words[0] == part.name) return part.run({words.begin() + 1, words.end()});
  std::fprintf(stderr, "usage: causeway hl7 PART [ARGUMENTS]\n\n");
  for (const auto& part : parts) std::fprintf(stderr, "  %-10s %s\n", part.name, part.summary);
  std::fprintf(stderr,
               "\nFiles may hold one message, several, batches, or captured MLLP traffic; \"-\" is "
               "standard\ninput. Each part says what it takes: causeway hl7 PART --help\n");
  return 2;
}

}  // namespace causeway
