#include "engine/main/authoring/case_run.h"

#include "engine/config/revision_hash.h"
#include "engine/main/authoring/case_answers.h"
#include "engine/main/authoring/difference.h"
#include "engine/main/authoring/write_file.h"
#include "engine/pipeline/content.h"

namespace causeway {

namespace fs = std::filesystem;

namespace {

TestFile file_of(ContentType type, const Body& body, BodyStaging* staging) {
  auto bytes = pipeline::read_content(body, staging);
  return {"", type, bytes ? **bytes : bytes.error().str()};
}

/// A lane's state as a test gives it.
class GivenState final : public StateReader {
 public:
  explicit GivenState(const std::map<std::string, std::string>& values) : values_(values) {}
  Result<std::optional<std::string>> read(std::string_view name) override {
    const auto found = values_.find(std::string(name));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  const std::map<std::string, std::string>& values_;
};

StoredMessage message_of(const TestCase& test, bool ordered, BodyStaging* staging) {
  StoredMessage message;
  message.id = MessageId{1};
  if (ordered) message.arrival.order_keys = {1};
  message.arrival.received_at = test.received_at;
  message.arrival.draft.content_type = test.input.type;
  message.arrival.draft.attributes = test.attributes;
  auto body = pipeline::make_content(make_bytes(test.input.bytes), staging);
  message.arrival.draft.body = body ? *body : Body(make_bytes(test.input.bytes));
  return message;
}

/// What the first `count` stages hand on, by running them alone.
std::optional<TestFile> after_stage(std::size_t count, const RunInput& input,
                                    pipeline::PipelineSettings settings) {
  if (count > settings.stages.size()) return std::nullopt;
  settings.stages.resize(count);
  auto* staging = settings.staging;
  const auto factory = pipeline::make_pipeline(std::move(settings));
  if (!factory) return std::nullopt;
  const auto transformation = (*factory)->make();
  if (!transformation) return std::nullopt;
  const auto result = (*transformation)->run(input);
  if (result.outputs.empty()) return std::nullopt;
  return file_of(result.outputs.front().content_type, result.outputs.front().body, staging);
}

class Verdicts {
 public:
  Verdicts(const TestCase& test, const CaseOutcome& outcome) : test_(test), outcome_(outcome) {}

  std::vector<std::string> all(const std::vector<std::string>& destinations) {
    if (outcome_.error || !test_.error.empty()) {
      judge_error();
      return std::move(failures_);
    }
    for (const auto& [destination, files] : test_.expected)
      if (std::find(destinations.begin(), destinations.end(), destination) == destinations.end())
        add(files.front().name + ": the channel has no destination \"" + destination + "\"" +
            config::did_you_mean(destination, destinations));
    for (const auto& destination : destinations) judge(destination);
    for (const auto& [number, expected] : test_.after) {
      const auto found = outcome_.after.find(number);
      if (found == outcome_.after.end())
        add(expected.name + ": no stage of that number hands anything on");
      else
        compare("after stage " + std::to_string(number), expected, found->second);
    }
    judge_reply();
    judge_state();
    for (const auto& [name, expected] : test_.expected_attributes) judge_attributes(name, expected);
    judge_answers();
    return std::move(failures_);
  }

 private:
  void add(std::string text) { failures_.push_back(std::move(text)); }

  void judge_error() {
    const auto text = outcome_.error ? outcome_.error->str() : "";
    if (test_.error.empty())
      add("it fails: " + text);
    else if (!outcome_.error)
      add("it was to fail with \"" + test_.error + "\", and doesn't");
    else if (text.find(test_.error) == std::string::npos)
      add("it was to fail with \"" + test_.error + "\", and fails with: " + text);
  }

  void judge(const std::string& destination) {
    static const std::vector<TestFile> none;
    const auto left = test_.expected.find(destination);
    const auto right = outcome_.outputs.find(destination);
    const auto& expected = left == test_.expected.end() ? none : left->second;
    const auto& actual = right == outcome_.outputs.end() ? none : right->second;
    for (std::size_t i = 0; i < std::min(expected.size(), actual.size()); ++i)
      compare(expected.size() > 1 ? destination + "." + std::to_string(i + 1) : destination,
              expected[i], actual[i]);
    if (expected.size() > actual.size())
      add(destination + ": gets " + count(actual.size()) + "; expected is " +
          expected[actual.size()].name);
    if (actual.size() > expected.size())
      add(destination + ": gets " + count(actual.size()) + ", and expected/ has " +
          count(expected.size()) + " for it (--update writes what comes out)");
  }

  static std::string count(std::size_t messages) {
    return messages == 0 ? "nothing"
                         : std::to_string(messages) + (messages == 1 ? " message" : " messages");
  }

  void judge_reply() {
    if (test_.reply && !outcome_.reply)
      add("reply: the script gives none; expected is " + test_.reply->name);
    else if (outcome_.reply && !test_.reply)
      add("reply: the script gives one, and there is no reply file (--update writes it)");
    else if (outcome_.reply)
      compare("reply", *test_.reply, *outcome_.reply);
  }

  void judge_state() {
    for (const auto& [name, expected] : test_.state_after) {
      const auto found = outcome_.state.find(name);
      const auto actual = canonical(found == outcome_.state.end() ? "" : found->second);
      const auto told = [](const std::string& value) { return value.empty() ? "none" : value; };
      if (actual != expected) add(name + ": expected " + told(expected) + ", got " + told(actual));
    }
  }

  void judge_answers() {
    for (const auto& [name, file] : test_.answers)
      if (!outcome_.settled.contains(name))
        add(file.name + ": no message with a response script goes there");
    for (const auto& [name, expected] : test_.outcomes_after) {
      const auto found = outcome_.settled.find(name);
      const auto actual = found == outcome_.settled.end() ? "no answer" : found->second;
      if (actual != expected)
        add("the answer of " + name + ": expected " + expected + ", got " + actual);
    }
  }

  /// As the test's own values are read.
  static std::string canonical(const std::string& json) {
    const auto value = config::parse_json(json, "state");
    return value ? config::canonical_json(*value) : json;
  }

  void judge_attributes(const std::string& of, const Attributes& expected) {
    const auto found = outcome_.attributes.find(of);
    if (found == outcome_.attributes.end())
      return add("expected_attributes: nothing comes out for \"" + of + "\"");
    for (const auto& [name, value] : expected) {
      const auto* actual = find_attribute(found->second, name);
      if (!actual)
        add(of + ": has no attribute \"" + name + "\"; expected is \"" + value + "\"");
      else if (*actual != value)
        add(of + ": the attribute \"" + name + "\" is \"" + *actual + "\"; expected is \"" + value +
            "\"");
    }
  }

  void compare(const std::string& where, const TestFile& expected, const TestFile& actual) {
    for (const auto& difference :
         differences(expected.bytes, actual.bytes, expected.type, test_.mask))
      add(where + ": " + difference.str());
  }

  const TestCase& test_;
  const CaseOutcome& outcome_;
  std::vector<std::string> failures_;
};

/// Writes files of one test.
class Update {
 public:
  explicit Update(const TestCase& test) : test_(test) {}

  Result<std::vector<fs::path>> write(const CaseOutcome& outcome) {
    std::error_code ignored;
    fs::remove_all(test_.folder / "expected", ignored);
    for (const auto& [destination, files] : outcome.outputs)
      for (std::size_t i = 0; i < files.size(); ++i)
        write("expected/" + destination + (files.size() > 1 ? "." + std::to_string(i + 1) : "") +
                  ending(destination, files[i].type),
              files[i]);
    for (const auto& [number, file] : outcome.after) write(test_.after.at(number).name, file);
    if (outcome.reply)
      write(test_.reply ? test_.reply->name : "reply" + std::string(ending_of(outcome.reply->type)),
            *outcome.reply);
    else if (test_.reply)
      fs::remove(test_.folder / test_.reply->name, ignored);
    if (failure_) return *failure_;
    return std::move(written_);
  }

 private:
  /// As the file was called before, so that a .csv stays one.
  std::string ending(const std::string& destination, ContentType type) const {
    const auto before = test_.expected.find(destination);
    if (before == test_.expected.end()) return std::string(ending_of(type));
    return fs::path(before->second.front().name).extension().string();
  }

  void write(const std::string& name, const TestFile& file) {
    auto text = file.bytes;
    if (content_type_of(name) == ContentType::Hl7v2)
      std::replace(text.begin(), text.end(), '\r', '\n');
    const auto done = write_file(test_.folder / name, text);
    if (done)
      written_.push_back(test_.folder / name);
    else if (!failure_)
      failure_ = done.error();
  }

  const TestCase& test_;
  std::vector<fs::path> written_;
  std::optional<Error> failure_;
};

}  // namespace

CaseOutcome run_case(const TestCase& test, const TestedChannel& channel) {
  const auto& settings = channel.settings;
  const auto message = message_of(test, channel.config.order_by != "none", settings.staging);
  GivenState state(test.state);
  const RunInput input{.message = message, .state = &state, .recorded = &test.enrich};
  const auto result = channel.whole.run(input);
  CaseOutcome outcome;
  for (const auto& step : result.steps) {
    outcome.log += step.log;
    if (step.error) outcome.error = step.error;
  }
  outcome.state = test.state;
  for (const auto& change : result.changes) outcome.state[change.name] = change.value;
  if (outcome.error) return outcome;
  for (const auto& output : result.outputs) {
    outcome.outputs[output.destination].push_back(
        file_of(output.content_type, output.body, settings.staging));
    outcome.attributes.emplace(output.destination, output.attributes);
  }
  if (result.reply) outcome.attributes.emplace("reply", result.reply_attributes);
  if (result.reply) outcome.reply = reply_of(test, *result.reply);
  for (const auto& [number, expected] : test.after)
    if (auto after = after_stage(number, input, settings)) outcome.after.emplace(number, *after);
  take_answers(test, channel, message, result.outputs, outcome);
  return outcome;
}

std::vector<std::string> failures_of(const TestCase& test, const CaseOutcome& outcome,
                                     const std::vector<std::string>& destinations) {
  return Verdicts(test, outcome).all(destinations);
}

Result<std::vector<fs::path>> update_case(const TestCase& test, const CaseOutcome& outcome) {
  return Update(test).write(outcome);
}

}  // namespace causeway
