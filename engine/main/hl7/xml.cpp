// causeway hl7 xml and schema: messages in HL7's v2 XML, and its schemas.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "engine/formats/hl7v2/xml/v2_xml.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/input.h"

namespace causeway {
namespace {

constexpr const char* xml_usage =
    "usage: causeway hl7 xml [--back] FILE ...\n"
    "  Prints each message of the files (\"-\": standard input) in HL7's v2 XML, which needs "
    "UTF-8.\n"
    "  --back   the files are v2 XML: prints the messages that they hold\n";

constexpr const char* schema_usage =
    "usage: causeway hl7 schema --version V FOLDER\n"
    "  Writes the XML schemas of v2 XML for a version: one for each message structure, and those "
    "of\n"
    "  segments, fields and data types that they include.\n";

bool print(const std::string& name, const Result<std::string>& text) {
  if (text) {
    std::fwrite(text->data(), 1, text->size(), stdout);
    return true;
  }
  std::fprintf(stderr, "causeway hl7: %s: %s\n", name.c_str(), text.error().str().c_str());
  return false;
}

bool print_messages(const std::string& name, const std::string& text) {
  const auto input = input_from(name, text, nullptr);
  if (!input) return print(name, input.error());
  bool good = true;
  for (const auto* item : input->messages()) {
    const auto message = input->parse(*item);
    good = print(name, message ? hl7v2::to_xml(*message) : message.error()) && good;
  }
  return good;
}

}  // namespace

int hl7_xml(const Words& words) {
  auto arguments = Arguments::parse(words, {{}, {"back", "help"}});
  if (!arguments || arguments->has("help") || arguments->words().empty()) {
    if (!arguments) std::fprintf(stderr, "causeway hl7: %s\n", arguments.error().str().c_str());
    std::fputs(xml_usage, stderr);
    return 2;
  }
  bool good = true;
  for (const auto& name : arguments->words()) {
    const auto text = read_whole(name);
    if (!text) {
      print_problem(name, text.error());
      good = false;
    } else if (arguments->has("back")) {
      good = print(name, hl7v2::from_xml(*text)) && good;
    } else {
      good = print_messages(name, *text) && good;
    }
  }
  return good ? 0 : 1;
}

int hl7_schema(const Words& words) {
  auto arguments = Arguments::parse(words, {{"version"}, {"help"}});
  const auto* grammar = arguments ? hl7v2::Grammar::find(arguments->value("version")) : nullptr;
  if (!arguments || arguments->has("help") || !grammar || arguments->words().size() != 1) {
    if (!arguments) std::fprintf(stderr, "causeway hl7: %s\n", arguments.error().str().c_str());
    std::fputs(schema_usage, stderr);
    return 2;
  }
  const std::filesystem::path folder = arguments->words()[0];
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (const auto& file : hl7v2::xml_schemas(*grammar)) {
    std::ofstream out(folder / file.name, std::ios::binary);
    if (out << file.text) continue;
    std::fprintf(stderr, "causeway hl7: %s can't be written\n", (folder / file.name).c_str());
    return 1;
  }
  return 0;
}

}  // namespace causeway
