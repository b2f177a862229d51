// causeway hl7 show: messages as trees of their structure, with what their places and codes mean.
#include <cstdio>
#include <map>

#include <fmt/format.h>

#include "engine/formats/hl7v2/grammar/message_structure.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/explained_places.h"
#include "engine/main/hl7/show_json.h"
#include "engine/main/hl7/value_text.h"
#include "engine/main/terminal.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway hl7 show [OPTIONS] FILE ...\n"
    "  Prints each HL7 v2 message of the files (\"-\": standard input) as a tree: the groups and\n"
    "  segments of its message structure, each value with its path, as scripts and `hl7 get` take\n"
    "  it, the field's name and what a code of a standard table means.\n"
    "  --brief           groups and segments alone\n"
    "  --segments A,B    only segments of these names\n"
    "  --number N        only the Nth message of each file\n"
    "  --full            long values too, which are cut at 200 characters else\n"
    "  --version V       explain by this version; without it, by what MSH-12 says\n"
    "  --charset SET     what the bytes are in; without it, what MSH-18 says\n"
    "  --json            one JSON object a message\n"
    "  Colours are for terminals, unless NO_COLOR is set.\n";

constexpr std::size_t value_shown_max = 200;
constexpr std::size_t name_column_max = 44;

std::string_view word_of(hl7v2::Standing standing, std::string_view segment) {
  if (standing == hl7v2::Standing::Unknown && segment.starts_with('Z')) return "the site's own";
  constexpr std::string_view words[] = {"", "surplus", "out of place", "not in this structure"};
  return words[static_cast<std::size_t>(standing)];
}

/// Cut at a whole character of UTF-8.
std::string cut(std::string text) {
  if (text.size() <= value_shown_max) return text;
  auto end = value_shown_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + fmt::format("… ({} bytes)", text.size());
}

class Tree {
 public:
  Tree(const hl7v2::Message& message, const ShowSettings& settings, const Terminal& terminal)
      : message_(message),
        settings_(settings),
        terminal_(terminal),
        structure_(read_structure(message, settings.version)),
        text_(message, settings.set) {}

  std::string draw(const std::string& name, std::size_t number) {
    out_ = terminal_.paint(Paint::Title, fmt::format("{}, message {}: ", name, number)) +
           summary() + "\n";
    if (structure_.tree)
      draw_group(0, 0);
    else
      for (std::size_t i = 0; i < message_.segment_count(); ++i) draw_segment(i, 1, {});
    draw_missing();
    return std::move(out_);
  }

 private:
  std::string summary() const {
    auto text = structure_.tree ? std::string(structure_.chosen.structure->name) : "no structure";
    if (structure_.chosen.best_fit) text += " (best fit)";
    text += fmt::format(" of version {}", structure_.grammar->version());
    if (!structure_.version_known) text += " (assumed)";
    return text + fmt::format(", {} segments", message_.segment_count());
  }

  void draw_group(std::uint32_t group, std::size_t depth) {
    const auto& nodes = structure_.tree->nodes();
    for (auto i = group + 1; i < nodes[group].end; i = nodes[i].end) {
      const auto& node = nodes[i];
      if (node.segment != hl7v2::no_segment) {
        draw_segment(node.segment, depth + 1, word_of(node.standing, structure_.tree->name(node)));
        continue;
      }
      if (settings_.segments.empty()) {
        auto name = std::string(structure_.tree->name(node));
        if (node.number > 1) name += fmt::format("[{}]", node.number);
        line(depth + 1, terminal_.paint(Paint::Title, name));
      }
      draw_group(i, settings_.segments.empty() ? depth + 1 : depth);
    }
  }

  void line(std::size_t depth, std::string_view text) {
    out_.append(2 * depth, ' ').append(text).push_back('\n');
  }

  void draw_segment(std::size_t index, std::size_t depth, std::string_view standing) {
    const auto name = message_.segment_name(index);
    const int number = ++numbers_[name];
    if (!settings_.segments.empty() && !settings_.segments.contains(std::string(name))) return;
    const hl7v2::SegmentWords words(*structure_.grammar, message_, index);
    auto title = terminal_.paint(
        Paint::Name, text_.shown(name) + (number > 1 ? fmt::format("[{}]", number) : ""));
    if (!words.title().empty()) title += "  " + std::string(words.title());
    if (!standing.empty())
      title += "  " + terminal_.paint(Paint::Bad, fmt::format("({})", standing));
    line(depth, title);
    if (!settings_.brief) draw_places(explained_places(message_, index, number, words), depth + 1);
  }

  void draw_places(const std::vector<ExplainedPlace>& places, std::size_t depth) {
    std::size_t path_width = 0, name_width = 0;
    for (const auto& place : places) {
      path_width = std::max(path_width, place.path.size() + indent_of(place));
      name_width = std::max(name_width, std::min(place.words.name.size(), name_column_max));
    }
    for (const auto& place : places) {
      const auto gap = std::string(path_width - place.path.size() - indent_of(place), ' ');
      auto text = std::string(indent_of(place), ' ') + terminal_.paint(Paint::Place, place.path) +
                  gap + "  " + fmt::format("{:<{}}", place.words.name, name_width);
      if (place.value) {
        auto value = text_.shown(*place.value);
        text += "  " + (settings_.full ? value : cut(std::move(value)));
        if (!place.meaning.empty())
          text += terminal_.paint(Paint::Good, fmt::format("  = {}", place.meaning));
      }
      while (text.ends_with(' ')) text.pop_back();
      line(depth, text);
    }
  }

  static std::size_t indent_of(const ExplainedPlace& place) {
    return 2 * static_cast<std::size_t>(place.level);
  }

  void draw_missing() {
    if (!structure_.tree || !settings_.segments.empty()) return;
    for (const auto& missing : structure_.tree->missing()) {
      const auto group = structure_.tree->path_of(missing.group);
      line(1, terminal_.paint(Paint::Bad, fmt::format("{} is missing{}", missing.def->name,
                                                      group.empty() ? "" : " in " + group)));
    }
  }

  const hl7v2::Message& message_;
  const ShowSettings& settings_;
  const Terminal& terminal_;
  const hl7v2::MessageStructure structure_;
  ValueText text_;
  std::map<std::string_view, int> numbers_;
  std::string out_;
};

Result<ShowSettings> settings_of(const Arguments& arguments) {
  ShowSettings settings;
  settings.brief = arguments.has("brief");
  settings.full = arguments.has("full");
  settings.version = arguments.value("version");
  if (!settings.version.empty() && !hl7v2::Grammar::find(settings.version))
    return Error{ErrorKind::Invalid, "--version", "it is no version of HL7 v2"};
  const auto set = named_set(arguments.value("charset"));
  if (!set) return set.error();
  settings.set = *set;
  auto names = arguments.value("segments");
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    if (end > 0) settings.segments.insert(names.substr(0, end));
    names.erase(0, end + 1);
  }
  const auto number = arguments.number("number", 0);
  if (!number) return number.error();
  settings.number = static_cast<std::size_t>(std::max(*number, 0LL));
  return settings;
}

/// False: a message, or the file, couldn't be read.
bool show_file(const std::string& name, const ShowSettings& settings, bool json,
               const Terminal& terminal) {
  const auto input = read_input(name, settings.set);
  if (!input) {
    print_problem(name, input.error());
    return false;
  }
  bool good = true;
  for (const auto* item : input->messages()) {
    if (settings.number != 0 && item->number != settings.number) continue;
    const auto message = input->parse(*item);
    if (!message) {
      print_problem(fmt::format("{}, message {}", name, item->number), message.error());
      good = false;
      continue;
    }
    auto own = settings;
    own.set = input->set;
    const auto text = json ? message_json(*message, own, name, item->number)
                           : Tree(*message, own, terminal).draw(name, item->number);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return good;
}

}  // namespace

int hl7_show(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"segments", "number", "version", "charset"}, {"brief", "full", "json", "help"}});
  const bool asked = arguments && !arguments->has("help") && !arguments->words().empty();
  auto settings = asked ? settings_of(*arguments) : Result<ShowSettings>(ShowSettings{});
  if (!asked || !settings) {
    if (!arguments || !settings)
      std::fprintf(stderr, "causeway hl7: %s\n",
                   (arguments ? settings.error() : arguments.error()).str().c_str());
    std::fputs(usage, stderr);
    return 2;
  }
  const Terminal terminal(stdout);
  bool good = true;
  for (const auto& name : arguments->words())
    good = show_file(name, *settings, arguments->has("json"), terminal) && good;
  return good ? 0 : 1;
}

}  // namespace causeway
