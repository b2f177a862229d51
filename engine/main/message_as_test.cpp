#include "engine/main/message_as_test.h"

#include <cstdio>

#include "engine/api/json_text.h"
#include "engine/api/time_text.h"
#include "engine/config/library.h"
#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/authoring/channel_selection.h"
#include "engine/main/authoring/channel_tests.h"
#include "engine/main/authoring/deidentify.h"
#include "engine/main/authoring/test_case.h"
#include "engine/main/authoring/test_report.h"
#include "engine/main/authoring/write_file.h"
#include "engine/main/channel_files.h"
#include "engine/main/local_access.h"
#include "engine/main/message_lookup.h"
#include "engine/script/coverage.h"
#include "engine/script/script_instance.h"

namespace causeway {
namespace {

namespace fs = std::filesystem;

int failed(const Error& error) {
  std::fprintf(stderr, "causeway messages: %s\n", error.str().c_str());
  return 1;
}

/// What the message's last run was told, so that the test is told as much.
class Told {
 public:
  Told(const config::Value& message, Deidentifier& without) {
    const auto& runs = list_of(message, "runs");
    if (runs.empty()) return;
    for (const auto& input : list_of(runs.back(), "inputs")) {
      if (!input.find("bytes")) continue;
      auto answer = config::parse_json(text_of(input, "bytes"), "input");
      if (!answer) continue;  // a test can be told of JSON alone
      const auto stage = text_of(input, "stage");
      if (!stage.empty())
        answers_.emplace(stage, without.json(*answer));
      else
        keep_state(text_of(input, "name"), *answer, without);
    }
  }

  std::string case_json(SystemTime received_at) const {
    api::JsonText json;
    auto at = api::iso_time(received_at);
    json.begin_object().member("received_at", at.replace(at.find('.'), std::string::npos, "Z"));
    add(json, "state", state_);
    add(json, "counters", counters_);
    return json.end_object().take();
  }

  /// Empty: it was told nothing from outside.
  std::string enrich_json() const {
    if (answers_.empty()) return {};
    api::JsonText json;
    json.begin_object();
    for (const auto& [stage, answer] : answers_)
      json.key(stage).begin_object().key("answer").raw(answer).end_object();
    return json.end_object().take();
  }

 private:
  void keep_state(std::string_view name, const config::Value& value, Deidentifier& without) {
    if (name.starts_with(script::counter_prefix))
      counters_.emplace(name.substr(script::counter_prefix.size()), config::canonical_json(value));
    else if (name.starts_with(script::value_prefix))
      state_.emplace(name.substr(script::value_prefix.size()), without.json(value));
  }

  static void add(api::JsonText& json, const char* name,
                  const std::map<std::string, std::string>& values) {
    if (values.empty()) return;
    json.key(name).begin_object();
    for (const auto& [key, value] : values) json.key(key).raw(value);
    json.end_object();
  }

  std::map<std::string, std::string> answers_, state_, counters_;
};

/// In files, line feeds end segments.
std::string as_file(std::string text) {
  for (std::size_t at = 0; (at = text.find('\r', at)) != std::string::npos; ++at)
    if (at + 1 < text.size() && text[at + 1] == '\n')
      text.erase(at, 1);
    else
      text[at] = '\n';
  return text;
}

Result<std::string> content_of(MessageLookup& lookup, MessageId id) {
  std::string content;
  auto read = lookup.body(id, [&](std::string_view piece) {
    content += piece;
    return content.size() <= test_file_bytes_max;
  });
  if (!read) return read.error();
  if (content.size() > test_file_bytes_max)
    return Error{ErrorKind::Limit, to_string(id), "is too large for a test"};
  return content;
}

Status write_case(MessageLookup& lookup, MessageId id, const fs::path& folder,
                  Deidentifier& without) {
  auto json = lookup.show(id);
  if (!json) return json.error();
  auto message = config::parse_json(*json, "message");
  if (!message) return message.error();
  if (text_of(*message, "content_type") != to_string(ContentType::Hl7v2))
    return Error{ErrorKind::Invalid, to_string(id),
                 "only HL7 v2 can be taken without its patient: write the test by hand"};
  auto content = content_of(lookup, id);
  if (!content) return content.error();
  auto input = without.hl7v2(make_bytes(std::move(*content)));
  if (!input) return input.error();
  const auto received = api::parse_time(text_of(*message, "received_at"));
  if (!received) return received.error();
  const Told told(*message, without);
  if (auto made = write_file(folder / "input.hl7", as_file(*input)); !made) return made;
  const auto at = std::chrono::floor<std::chrono::seconds>(without.time(*received));
  if (auto made = write_file(folder / "case.json", told.case_json(at) + "\n"); !made) return made;
  const auto answers = told.enrich_json();
  return answers.empty() ? Status(Done{}) : write_file(folder / "enrich.json", answers + "\n");
}

}  // namespace

int export_as_test(const Arguments& arguments) {
  const auto& given = arguments.words()[1];
  const auto name = arguments.value("as-test");
  const fs::path channel = arguments.value("into", ".");
  auto id = parse_message_id(given);
  if (!id) return failed({ErrorKind::Invalid, given, "is no number of a message"});
  if (name.empty() || name.find('/') != std::string::npos || name.starts_with('.'))
    return failed({ErrorKind::Invalid, name, "is no name for a test's folder"});
  config::Problems problems;
  const auto selection = select_channels(channel, problems);
  if (selection.paths.size() != 1)
    return failed({ErrorKind::Invalid, channel.string(), "is not one channel's folder (--into)"});
  const auto folder = selection.root / selection.paths.front() / "tests" / name;
  std::error_code ignored;
  if (fs::exists(folder, ignored))
    return failed({ErrorKind::Conflict, folder.string(), "there is a test of this name"});
  auto lookup = MessageLookup::open(arguments);
  if (!lookup) return failed(lookup.error());
  script::enable_coverage();  // reports have it
  Deidentifier without(random_token());
  if (auto written = write_case(**lookup, *id, folder, without); !written)
    return failed(written.error());

  TestOptions options;
  options.filter = selection.paths.front() + "/" + name;
  const auto library =
      config::read_library(mappings_folder(arguments.value("mappings"), selection.root), problems);
  options.library = &library;
  options.update = true;
  (void)test_channel(selection.root, selection.paths.front(), options);
  options.update = false;
  const auto report = test_channel(selection.root, selection.paths.front(), options);
  std::fputs(report_text(report).c_str(), stdout);
  std::printf("made: %s\nlook at it before you share it", folder.c_str());
  for (const auto& place : without.unknown()) std::printf(", at %s above all", place.c_str());
  std::printf("\n");
  return report.good() && !report.cases.empty() ? 0 : 1;
}

}  // namespace causeway
