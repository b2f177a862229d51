// A test of a channel, as an analyst keeps it in the channel's folder tests/NAME/:
//
//   input.hl7         what comes in (the ending tells what it is: hl7, json, xml, csv, …)
//   expected/LAB.hl7  what the destination LAB gets; LAB.1.hl7, LAB.2.hl7 … if several
//   after/1.hl7       what the first stage hands on (optional, any stage)
//   reply.hl7         what the sender is answered by a script (optional)
//   answers/LAB.hl7   what LAB answers, for its response script; numbered likewise (optional)
//   enrich.json       what enrich stages are told (optional)
//   case.json         what can't be said by files (optional)
//
// Without a file in expected/ the message is to be filtered. In .hl7 files line feeds stand for
// segment ends. Plain values; reading them is thread-safe.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/fields.h"
#include "engine/core/attributes.h"
#include "engine/core/body.h"
#include "engine/core/clock.h"
#include "engine/core/outcome.h"
#include "engine/core/work.h"

namespace causeway {

inline constexpr std::size_t test_file_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t tests_max = 10'000;  ///< Of one channel.

struct TestFile {
  std::string name;  ///< "expected/lab.hl7", below the test's folder.
  ContentType type = ContentType::Text;
  std::string bytes;
};

struct TestCase {
  std::string name;
  std::filesystem::path folder;
  TestFile input;
  /// By destination, in order.
  std::map<std::string, std::vector<TestFile>> expected;
  std::map<std::size_t, TestFile> after;  ///< By the stage's number, from 1.
  std::optional<TestFile> reply;
  SystemTime received_at;
  std::vector<std::string> mask;  ///< HL7 paths and JSON pointers that are not compared.
  SharedAttributes attributes;    ///< Of the input.
  /// By destination, or "reply": what its first message has to have, among others.
  std::map<std::string, Attributes> expected_attributes;
  std::string error;  ///< What the failure's text has in it; empty: none is expected.
  /// State of the lane: what it is before, and what is expected of it afterwards. By the names
  /// under which it is kept.
  std::map<std::string, std::string> state, state_after;
  /// What enrich stages are told, as if it had been recorded.
  std::vector<RecordedInput> enrich;
  /// What destinations answer, by the stem of the file: "lab", "lab.2".
  std::map<std::string, TestFile> answers;
  /// Likewise: what connectors see in them (none given: by MSA-1, or delivered), and what is
  /// expected that they are settled as.
  std::map<std::string, std::string> outcomes, outcomes_after;
};

const config::Fields& test_case_fields();

/// "delivered", "deferred" …
std::optional<Outcome> outcome_called(std::string_view word);

/// The tests of a channel's folder, by name; what can't be read is a problem.
std::vector<TestCase> read_test_cases(const std::filesystem::path& channel_folder,
                                      config::Problems& problems);

/// By a file's ending: ".hl7". Text if it is none of those known.
ContentType content_type_of(const std::filesystem::path& file);
/// The other way round, with its dot.
std::string_view ending_of(ContentType type);

}  // namespace causeway
