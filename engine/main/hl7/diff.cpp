// causeway hl7 diff: where the messages of two files differ.
#include <cstdio>

#include <fmt/format.h>

#include "engine/api/json_text.h"
#include "engine/formats/hl7v2/difference.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/formats/hl7v2/grammar/segment_words.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/input.h"
#include "engine/main/hl7/value_text.h"
#include "engine/main/terminal.h"

namespace causeway {
namespace {

using hl7v2::Difference;

constexpr const char* usage =
    "usage: causeway hl7 diff [OPTIONS] A B\n"
    "  Compares the HL7 v2 messages of two files, the first with the first and so on, value by\n"
    "  value: other delimiters, character sets, segment ends or escape sequences for the same "
    "text\n"
    "  are no difference. \"-\" is standard input.\n"
    "  --ignore PATH   leave out a segment, field or component: MSH-7, PID-3.4, ZPI; may be "
    "repeated\n"
    "  --raw           compare values as they stand, in their bytes\n"
    "  --json          one JSON object a difference\n"
    "  Exits with 0 if there is no difference, 1 if there is one, 2 if a file can't be read.\n";

struct Settings {
  hl7v2::DifferenceOptions options;
  bool json = false;
};

/// Two messages of the same place in their files.
class Pair {
 public:
  Pair(const hl7v2::Message& before, const encoding::CharacterSet* set_before,
       const hl7v2::Message& after, const encoding::CharacterSet* set_after)
      : before_(before),
        after_(after),
        text_before_(before, set_before),
        text_after_(after, set_after),
        grammar_(*read_structure(before).grammar) {}

  std::vector<Difference> compare(hl7v2::DifferenceOptions options) {
    if (!options.raw) {
      options.to_text_before = [this](std::string value) { return text_before_.utf8(value); };
      options.to_text_after = [this](std::string value) { return text_after_.utf8(value); };
    }
    return differences(before_, after_, options);
  }

  std::string in_words(const Difference& difference, const Terminal& terminal) {
    const bool added = difference.kind == Difference::Kind::SegmentAdded;
    auto place = to_string(added ? difference.after : difference.before);
    if (difference.kind == Difference::Kind::Value && difference.before != difference.after)
      place += " -> " + to_string(difference.after);
    auto out = "  " + terminal.paint(Paint::Place, place) + "  " + name_of(difference) + "\n";
    const auto line = [&](char sign, Paint paint, const std::string& text) {
      if (!text.empty())
        out += "    " + terminal.paint(paint, fmt::format("{} {}", sign, text)) + "\n";
    };
    line('-', Paint::Bad, text_before_.shown_utf8(difference.text_before));
    line('+', Paint::Good, text_after_.shown_utf8(difference.text_after));
    return out;
  }

  std::string in_json(const Difference& difference, std::size_t number) const {
    constexpr std::string_view kinds[] = {"value", "segment removed", "segment added"};
    const auto kind = difference.kind;
    api::JsonText json;
    json.begin_object().member("message", number);
    json.member("kind", kinds[static_cast<std::size_t>(kind)]);
    if (kind != Difference::Kind::SegmentAdded)
      json.member("path", to_string(difference.before)).member("before", difference.text_before);
    if (kind != Difference::Kind::SegmentRemoved)
      json.member("path_after", to_string(difference.after)).member("after", difference.text_after);
    return json.member("name", name_of(difference)).end_object().take() + "\n";
  }

 private:
  std::string name_of(const Difference& difference) const {
    const bool added = difference.kind == Difference::Kind::SegmentAdded;
    const hl7v2::SegmentWords words(grammar_, added ? after_ : before_,
                                    added ? difference.segment_after : difference.segment_before);
    return words.name_of(added ? difference.after : difference.before);
  }

  const hl7v2::Message& before_;
  const hl7v2::Message& after_;
  ValueText text_before_, text_after_;
  const hl7v2::Grammar& grammar_;
};

/// Exit code.
int compare(const Hl7Input& before, const Hl7Input& after, const Settings& settings) {
  const Terminal terminal(stdout);
  const auto ours = before.messages(), theirs = after.messages();
  int code = 0;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const auto a = before.parse(*ours[i]), b = after.parse(*theirs[i]);
    if (!a || !b) {
      print_problem(fmt::format("{}, message {}", (a ? after : before).name, i + 1),
                    (a ? b : a).error());
      return 2;
    }
    Pair pair(*a, before.set, *b, after.set);
    const auto found = pair.compare(settings.options);
    if (found.empty()) continue;
    code = 1;
    std::string out;
    if (!settings.json) out = terminal.paint(Paint::Title, fmt::format("message {}", i + 1)) + "\n";
    for (const auto& difference : found)
      out += settings.json ? pair.in_json(difference, i + 1) : pair.in_words(difference, terminal);
    std::fwrite(out.data(), 1, out.size(), stdout);
  }
  if (ours.size() == theirs.size()) return code;
  std::fprintf(stderr, "causeway hl7: %s has %zu messages, %s has %zu\n", before.name.c_str(),
               ours.size(), after.name.c_str(), theirs.size());
  return 1;
}

Result<Settings> settings_of(const Arguments& arguments) {
  Settings settings;
  settings.json = arguments.has("json");
  settings.options.raw = arguments.has("raw");
  for (const auto& text : arguments.values("ignore")) {
    auto path = hl7v2::parse_path(text);
    if (!path) return std::move(path).error();
    settings.options.ignored.push_back(std::move(*path));
  }
  return settings;
}

}  // namespace

int hl7_diff(const Words& words) {
  const auto arguments = Arguments::parse(words, {{"ignore"}, {"raw", "json", "help"}});
  const bool asked = arguments && !arguments->has("help") && arguments->words().size() == 2;
  const auto settings = asked ? settings_of(*arguments) : Result<Settings>(Settings{});
  if (!asked || !settings) {
    if (!arguments || !settings)
      std::fprintf(stderr, "causeway hl7: %s\n",
                   (arguments ? settings.error() : arguments.error()).str().c_str());
    if (!asked) std::fputs(usage, stderr);
    return 2;
  }
  const auto before = read_input(arguments->words()[0], nullptr);
  const auto after = read_input(arguments->words()[1], nullptr);
  if (!before) print_problem(arguments->words()[0], before.error());
  if (!after) print_problem(arguments->words()[1], after.error());
  return before && after ? compare(*before, *after, *settings) : 2;
}

}  // namespace causeway
