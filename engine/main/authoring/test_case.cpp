#include "engine/main/authoring/test_case.h"

#include <charconv>
#include <system_error>

#include "engine/config/revision_hash.h"
#include "engine/config/text_file.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/main/authoring/enrich_answers.h"
#include "engine/script/script_instance.h"

namespace causeway {

namespace fs = std::filesystem;

namespace {

constexpr const char* received_at_default = "2024-01-01T00:00:00Z";

struct Ending {
  std::string_view text;
  ContentType type;
};
/// The first of a type is the one that is written.
constexpr Ending endings[] = {
    {".hl7", ContentType::Hl7v2},  {".json", ContentType::Json}, {".xml", ContentType::Xml},
    {".x12", ContentType::X12},    {".edi", ContentType::X12},   {".dcm", ContentType::Dicom},
    {".bin", ContentType::Binary}, {".txt", ContentType::Text},  {".csv", ContentType::Text},
};

/// "2024-01-01T00:00:00Z", with or without a fraction of a second.
std::optional<SystemTime> read_time(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, end = 0;
  double second = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &year, &month, &day, &hour, &minute,
                  &second, &end) != 6 ||
      static_cast<std::size_t>(end) != text.size())
    return std::nullopt;
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || !(second >= 0) ||
      second >= 60)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::duration_cast<SystemTime::duration>(std::chrono::duration<double>(second));
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed))
    if (!entry->path().filename().string().starts_with('.') && entries.size() < tests_max)
      entries.push_back(entry->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

class CaseReader {
 public:
  CaseReader(const fs::path& folder, config::Problems& problems)
      : folder_(folder), problems_(problems) {
    test_.name = folder.filename().string();
    test_.folder = folder;
    test_.received_at = *read_time(received_at_default);
  }

  std::optional<TestCase> read() {
    bool has_input = false;
    for (const auto& path : entries_of(folder_)) {
      const auto stem = path.stem().string();
      if (path.filename() == "case.json")
        read_declaration(path);
      else if (path.filename() == "expected")
        read_expected(path);
      else if (path.filename() == "after")
        read_after(path);
      else if (path.filename() == "answers")
        read_answers(path);
      else if (path.filename() == "enrich.json")
        read_enrich(path);
      else if (stem == "input" && !has_input)
        has_input = true, read_file(path, test_.input);
      else if (stem == "reply" && !test_.reply)
        read_file(path, test_.reply.emplace());
      else
        report(path, stem == "input" || stem == "reply"
                         ? "there is another " + stem + " in this test"
                         : "not a file of a test: input, reply, case.json, enrich.json, expected/, "
                           "after/, answers/");
    }
    if (!has_input) report(folder_, "there is no input file (input.hl7, input.json, …)");
    return good_ ? std::optional(std::move(test_)) : std::nullopt;
  }

 private:
  void report(const fs::path& file, std::string text) {
    good_ = false;
    problems_.file = file.string();
    problems_.add_file(std::move(text));
  }

  void read_file(const fs::path& path, TestFile& file) {
    auto text = config::read_text_file(path, test_file_bytes_max);
    if (!text) return report(path, text.error().text);
    file.name = path.lexically_relative(folder_).generic_string();
    file.type = content_type_of(path);
    file.bytes = std::move(*text);
    if (file.type == ContentType::Hl7v2)
      std::replace(file.bytes.begin(), file.bytes.end(), '\n', '\r');
  }

  /// "lab.hl7" or, if there are several, "lab.1.hl7"; sorted by number.
  void read_expected(const fs::path& folder) {
    std::map<std::string, std::map<std::size_t, TestFile>> numbered;
    for (const auto& path : entries_of(folder)) {
      const auto stem = path.stem();
      const auto extension = stem.extension().string();
      const auto number = extension.empty() ? std::nullopt : number_of(extension.substr(1));
      const auto destination = number ? stem.stem().string() : stem.string();
      read_file(path, numbered[destination][number.value_or(1)]);
    }
    for (auto& [destination, files] : numbered)
      for (auto& [number, file] : files) test_.expected[destination].push_back(std::move(file));
  }

  void read_after(const fs::path& folder) {
    for (const auto& path : entries_of(folder)) {
      const auto number = number_of(path.stem().string());
      if (!number || *number == 0)
        report(path, "a file here is called by its stage's number: 1.hl7 for the first");
      else
        read_file(path, test_.after[*number]);
    }
  }

  void read_answers(const fs::path& folder) {
    for (const auto& path : entries_of(folder))
      read_file(path, test_.answers[path.stem().string()]);
  }

  void read_enrich(const fs::path& path) {
    const auto before = problems_.list.size();
    problems_.file = path.string();
    const auto text = config::read_text_file(path, config::json_bytes_max);
    if (!text) return report(path, text.error().text);
    if (const auto root = config::parse_json(*text, problems_))
      test_.enrich = read_enrich_answers(*root, problems_);
    if (problems_.list.size() != before) good_ = false;
  }

  void read_declaration(const fs::path& path) {
    problems_.file = path.string();
    const auto before = problems_.list.size();
    const auto text = config::read_text_file(path, config::json_bytes_max);
    if (!text) return report(path, text.error().text);
    const auto root = config::parse_json(*text, problems_);
    if (root) take(config::read(test_case_fields(), *root, problems_));
    if (problems_.list.size() != before) good_ = false;
  }

  void take(const config::Parsed& parsed) {
    test_.error = parsed.text("error");
    take_state(parsed, "state", script::value_prefix, test_.state);
    take_state(parsed, "counters", script::counter_prefix, test_.state);
    take_state(parsed, "state_after", script::value_prefix, test_.state_after);
    take_state(parsed, "counters_after", script::counter_prefix, test_.state_after);
    take_outcomes(parsed, "outcomes", test_.outcomes);
    take_outcomes(parsed, "outcomes_after", test_.outcomes_after);
    test_.mask = parsed.text_list("mask");
    for (std::size_t i = 0; i < test_.mask.size(); ++i)
      if (!test_.mask[i].starts_with('/') && !hl7v2::parse_path(test_.mask[i]))
        problems_.add((*parsed.raw("mask").list())[i], config::pointer_to("/mask", i),
                      "neither an HL7 path (\"MSH-7\") nor a JSON pointer (\"/id\")");
    if (parsed.given("attributes"))
      test_.attributes = std::make_shared<const Attributes>(
          attributes_of(parsed.raw("attributes"), "/attributes"));
    if (parsed.given("expected_attributes")) take_expected(parsed.raw("expected_attributes"));
    const auto time = read_time(parsed.text("received_at"));
    if (time)
      test_.received_at = *time;
    else
      problems_.add(parsed.raw("received_at"), "/received_at",
                    "expected a time such as \"2024-01-01T00:00:00Z\"");
  }

  void take_state(const config::Parsed& parsed, const std::string& field, std::string_view prefix,
                  std::map<std::string, std::string>& into) {
    if (!parsed.given(field)) return;
    const auto& value = parsed.raw(field);
    if (!value.object())
      return problems_.add(value, "/" + field, "expected an object: names and what they have");
    for (const auto& [name, each] : *value.object()) {
      const bool counts = each.integer() && *each.integer() >= 0;
      if (prefix == script::counter_prefix && !counts)
        problems_.add(each, config::pointer_to("/" + field, name), "expected a whole number");
      into[std::string(prefix) + name] = each.is_null() ? "" : config::canonical_json(each);
    }
  }

  Attributes attributes_of(const config::Value& value, const std::string& pointer) {
    Attributes attributes;
    const auto* members = value.object();
    if (!members) {
      problems_.add(value, pointer, "expected an object of strings");
      return attributes;
    }
    for (const auto& [name, member] : *members) {
      if (const auto* text = member.string())
        attributes.push_back({name, *text});
      else
        problems_.add(member, pointer + "/" + name, "expected a string");
    }
    return attributes;
  }

  void take_expected(const config::Value& value) {
    if (!value.object())
      return problems_.add(value, "/expected_attributes", "expected an object by destination");
    for (const auto& [destination, member] : *value.object())
      test_.expected_attributes[destination] =
          attributes_of(member, "/expected_attributes/" + destination);
  }

  void take_outcomes(const config::Parsed& parsed, const std::string& field,
                     std::map<std::string, std::string>& into) {
    if (!parsed.given(field)) return;
    const auto& value = parsed.raw(field);
    if (!value.object())
      return problems_.add(value, "/" + field, "expected an object: destinations and outcomes");
    for (const auto& [name, each] : *value.object()) {
      const auto known = each.string() ? outcome_called(*each.string()) : std::nullopt;
      if (!known)
        problems_.add(each, config::pointer_to("/" + field, name),
                      "expected \"delivered\", \"deferred\", \"ambiguous\" or \"rejected\"");
      if (known) into[name] = *each.string();
    }
  }

  const fs::path& folder_;
  config::Problems& problems_;
  TestCase test_;
  bool good_ = true;
};

}  // namespace

const config::Fields& test_case_fields() {
  static const config::Fields fields = {
      config::text("description", "What is tested, for people"),
      config::text("received_at", "When the message comes in: ctx.now")
          .defaults_to(received_at_default),
      config::text_list("mask",
                        "What isn't compared: HL7 paths (\"MSH-7\") and JSON pointers (\"/id\")"),
      config::any("attributes",
                  "What the protocol says of the message: ctx.message.attributes, as an object of "
                  "strings"),
      config::any("expected_attributes",
                  "By destination, or \"reply\": attributes that what comes out has to have"),
      config::text("error", "The message is to fail, with an error that has this text in it"),
      config::any("state", "What ctx.state gives: values by name; none without it"),
      config::any("counters", "The last numbers that ctx.counter has given, by name"),
      config::any("state_after", "What the lane's values then are, by name; null: none"),
      config::any("counters_after", "The last numbers given then, by name"),
      config::any(
          "outcomes",
          "What connectors see in answers/, by destination: delivered, deferred, ambiguous or "
          "rejected; without it as MSA-1 says, or delivered"),
      config::any("outcomes_after", "What response scripts make of that, by destination"),
  };
  return fields;
}

std::optional<Outcome> outcome_called(std::string_view word) {
  for (auto outcome :
       {Outcome::Delivered, Outcome::Deferred, Outcome::Ambiguous, Outcome::Rejected})
    if (to_string(outcome) == word) return outcome;
  return std::nullopt;
}

std::vector<TestCase> read_test_cases(const fs::path& channel_folder, config::Problems& problems) {
  std::vector<TestCase> cases;
  for (const auto& folder : entries_of(channel_folder / "tests")) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) continue;
    if (auto test = CaseReader(folder, problems).read()) cases.push_back(std::move(*test));
  }
  return cases;
}

ContentType content_type_of(const fs::path& file) {
  const auto extension = file.extension().string();
  for (const auto& ending : endings)
    if (ending.text == extension) return ending.type;
  return ContentType::Text;
}

std::string_view ending_of(ContentType type) {
  for (const auto& ending : endings)
    if (ending.type == type) return ending.text;
  return ".txt";
}

}  // namespace causeway
