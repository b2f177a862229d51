// causeway hl7 get: values by path, as a table.
#include <cstdio>

#include <fmt/format.h>

#include "engine/api/json_text.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/input.h"
#include "engine/main/hl7/rows.h"
#include "engine/main/hl7/value_text.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway hl7 get [OPTIONS] FILE PATH ...\n"
    "  Prints the values at these paths, a line for each HL7 v2 message of the file (\"-\": "
    "standard\n"
    "  input), columns apart by tabs. [*] stands for every one, and gives a line for each:\n"
    "    PID-3.1           the first component of the first repetition\n"
    "    PID-3[*]          every repetition, as it stands\n"
    "    OBX[*]-3.1 OBX[*]-5               code and value of each OBX\n"
    "    ORDER_OBSERVATION[2]/OBX[1]-5     the first OBX of the second order\n"
    "    ORDER_OBSERVATION[*]/OBR-4.1 ORDER_OBSERVATION[*]/OBX[*]-5\n"
    "                      each OBX with its order's code\n"
    "  --raw           as it stands, escape sequences and all\n"
    "  --header        begin with a line that has the paths\n"
    "  --place         begin each line with the message's number\n"
    "  --charset SET   what the bytes are in; without it, what MSH-18 says\n"
    "  --json          one JSON object a line\n"
    "  Exits with 1 if there was no value at all.\n";

struct Settings {
  std::vector<hl7v2::Path> paths;
  std::vector<std::string> texts;  // of the paths, as given
  bool raw = false, place = false, json = false;
};

/// One message's rows; counts the values that aren't empty.
class Rows {
 public:
  Rows(const hl7v2::Message& message, const encoding::CharacterSet* set, const Settings& settings)
      : message_(message), settings_(settings), text_(message, set) {}

  std::string print(const std::vector<Row>& rows, std::size_t number) {
    std::string out;
    for (const auto& row : rows) out += settings_.json ? json(row, number) : line(row, number);
    return out;
  }
  std::size_t values() const { return values_; }

 private:
  std::string value(const std::optional<hl7v2::Path>& path) {
    auto found = !path           ? std::string()
                 : settings_.raw ? std::string(message_.raw(*path))
                                 : message_.get(*path);
    if (!found.empty()) ++values_;
    return found;
  }

  std::string line(const Row& row, std::size_t number) {
    std::string out = settings_.place ? fmt::format("{}", number) : "";
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0 || settings_.place) out += '\t';
      out += text_.shown(value(row[i]));
    }
    return out + "\n";
  }

  std::string json(const Row& row, std::size_t number) {
    api::JsonText json;
    json.begin_object().member("message", number).key("values").begin_list();
    for (std::size_t i = 0; i < row.size(); ++i) {
      json.begin_object().member("path", row[i] ? to_string(*row[i]) : settings_.texts[i]);
      json.member("value", text_.utf8(value(row[i]))).end_object();
    }
    return json.end_list().end_object().take() + "\n";
  }

  const hl7v2::Message& message_;
  const Settings& settings_;
  ValueText text_;
  std::size_t values_ = 0;
};

Result<Settings> settings_of(const Arguments& arguments) {
  Settings settings;
  settings.raw = arguments.has("raw");
  settings.place = arguments.has("place");
  settings.json = arguments.has("json");
  const auto& words = arguments.words();
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto path = hl7v2::parse_path(words[i]);
    if (!path) return std::move(path).error();
    settings.paths.push_back(std::move(*path));
    settings.texts.push_back(words[i]);
  }
  if (auto checked = check_paths(settings.paths); !checked) return std::move(checked).error();
  return settings;
}

void print_header(const Settings& settings) {
  std::string out = settings.place ? "message" : "";
  for (const auto& text : settings.texts) out += (out.empty() ? "" : "\t") + text;
  std::printf("%s\n", out.c_str());
}

int print_values(const Hl7Input& input, const Settings& settings) {
  std::size_t values = 0;
  bool good = true;
  for (const auto* item : input.messages()) {
    const auto message = input.parse(*item);
    const auto rows = message ? rows_of(*message, settings.paths) : message.error();
    if (!rows) {
      print_problem(fmt::format("{}, message {}", input.name, item->number), rows.error());
      good = false;
      continue;
    }
    Rows printing(*message, input.set, settings);
    const auto text = printing.print(*rows, item->number);
    std::fwrite(text.data(), 1, text.size(), stdout);
    values += printing.values();
  }
  if (!good) return 2;
  return values > 0 ? 0 : 1;
}

}  // namespace

int hl7_get(const Words& words) {
  const auto fail = [](const Error& error, bool with_usage) {
    std::fprintf(stderr, "causeway hl7: %s\n", error.str().c_str());
    if (with_usage) std::fputs(usage, stderr);
    return 2;
  };
  const auto arguments =
      Arguments::parse(words, {{"charset"}, {"raw", "header", "place", "json", "help"}});
  if (!arguments) return fail(arguments.error(), true);
  if (arguments->has("help") || arguments->words().size() < 2) {
    std::fputs(usage, stderr);
    return 2;
  }
  const auto settings = settings_of(*arguments);
  if (!settings) return fail(settings.error(), false);
  const auto set = named_set(arguments->value("charset"));
  if (!set) return fail(set.error(), false);
  const auto input = read_input(arguments->words()[0], *set);
  if (!input) {
    print_problem(arguments->words()[0], input.error());
    return 2;
  }
  if (arguments->has("header") && !settings->json) print_header(*settings);
  return print_values(*input, *settings);
}

}  // namespace causeway
