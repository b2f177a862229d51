#include "engine/main/compare/message_comparison.h"

#include <cctype>
#include <set>

#include "engine/core/lane_state.h"
#include "engine/main/authoring/difference.h"
#include "engine/pipeline/content.h"
#include "engine/pipeline/pipeline.h"

namespace causeway {
namespace {

/// The same for both: what ctx.uuid() gives is no difference.
constexpr const char* revision = "compare";

/// State as the recorded run found it; what it didn't ask for isn't there.
class RecordedState final : public StateReader {
 public:
  explicit RecordedState(const std::vector<RecordedInput>& recorded) : recorded_(recorded) {}
  Result<std::optional<std::string>> read(std::string_view name) override {
    for (const auto& input : recorded_)
      if (input.stage.empty() && input.name == name && input.bytes)
        return std::optional(*input.bytes);
    return std::optional<std::string>();
  }

 private:
  const std::vector<RecordedInput>& recorded_;
};

Result<std::unique_ptr<Transformation>> make_pipeline_of(const config::ChannelConfig& channel,
                                                         const char* whose, BodyStaging& bodies) {
  auto settings = pipeline::pipeline_settings(channel);
  settings.staging = &bodies;
  settings.revision = revision;
  settings.lookups.asks = false;
  auto factory = pipeline::make_pipeline(std::move(settings));
  if (!factory) return Error{factory.error().kind, whose, factory.error().str()};
  return (*factory)->make();
}

/// "OBX[2]-5" is OBX-5: which of them is no difference of kind.
std::string without_numbers(std::string_view place) {
  std::string out;
  bool inside = false;
  for (const char c : place) {
    if (c == '[') inside = true;
    if (!inside) out += c;
    if (c == ']') inside = false;
  }
  if (out.starts_with("line ")) return "a line";
  // Numbers of lists in JSON pointers: "/entry/3/id".
  std::string pointer;
  for (std::size_t i = 0; i < out.size(); ++i) {
    pointer += out[i];
    if (out[0] != '/' || out[i] != '/' || i + 1 == out.size() || !std::isdigit(out[i + 1]))
      continue;
    while (i + 1 < out.size() && std::isdigit(static_cast<unsigned char>(out[i + 1]))) ++i;
    pointer += '*';
  }
  return pointer;
}

std::string_view word_of(Difference::Kind kind) {
  switch (kind) {
    case Difference::Kind::Changed:
      return " changed";
    case Difference::Kind::Missing:
      return " goes missing";
    case Difference::Kind::Unexpected:
      return " is new";
  }
  return "";
}

const Error* error_of(const RunResult& result) {
  for (const auto& step : result.steps)
    if (step.error) return &*step.error;
  return nullptr;
}

/// Of a failure what doesn't differ from message to message: its place, and what kind it is.
std::string failure_of(const RunResult& result) {
  const auto* error = error_of(result);
  return error ? error->str() : "without a reason";
}

std::string count(std::size_t messages) {
  return std::to_string(messages) + (messages == 1 ? " message" : " messages");
}

using ByDestination = std::map<std::string, std::vector<const RunOutput*>>;

ByDestination by_destination(const RunResult& result) {
  ByDestination outputs;
  for (const auto& output : result.outputs) outputs[output.destination].push_back(&output);
  return outputs;
}

bool same_bytes(const RunOutput& a, const RunOutput& b) {
  return !a.body.is_staged() && !b.body.is_staged() && a.body.view() == b.body.view() &&
         a.content_type == b.content_type;
}

}  // namespace

Result<std::unique_ptr<MessageComparison>> MessageComparison::make(
    const config::ChannelConfig& deployed, const config::ChannelConfig& draft, ReadBody read_body) {
  std::unique_ptr<MessageComparison> made(new MessageComparison(std::move(read_body)));
  auto before = make_pipeline_of(deployed, "deployed", made->bodies_);
  if (!before) return before.error();
  auto after = make_pipeline_of(draft, "draft", made->bodies_);
  if (!after) return after.error();
  made->deployed_ = std::move(*before);
  made->draft_ = std::move(*after);
  return made;
}

RunResult MessageComparison::run(Transformation& pipeline, const StoredMessage& message,
                                 const std::vector<RecordedInput>& recorded) {
  RecordedState state(recorded);
  return pipeline.run({.message = message, .state = &state, .recorded = &recorded});
}

std::vector<Change> MessageComparison::compare(const StoredMessage& message,
                                               const std::vector<RecordedInput>& recorded) {
  bodies_.forget_made();
  const auto before = run(*deployed_, message, recorded), after = run(*draft_, message, recorded);
  std::vector<Change> changes;
  const bool failed = before.state == RunState::Failed, fails = after.state == RunState::Failed;
  if (fails && (!failed || failure_of(before) != failure_of(after)))
    changes.push_back({Change::Kind::Failure, "", "fails: " + failure_of(after), "", ""});
  if (failed && !fails)
    changes.push_back({Change::Kind::Failure, "", "fails no more: " + failure_of(before), "", ""});
  if (failed || fails) return changes;
  if (before.state != after.state)
    changes.push_back({Change::Kind::Outcome, "",
                       after.state == RunState::Filtered ? "is filtered" : "is filtered no more",
                       "", ""});
  const auto text = [](const Bytes& bytes) { return bytes ? *bytes : std::string(); };
  if (text(before.reply) != text(after.reply))
    changes.push_back({Change::Kind::Reply, "", "the sender is answered otherwise",
                       text(before.reply), text(after.reply)});
  if (before.state == after.state) compare_outputs(before, after, changes);
  return changes;
}

std::string MessageComparison::content_of(const RunOutput& output) {
  auto bytes = pipeline::read_content(output.body, &bodies_);
  return bytes ? **bytes : std::string();
}

void MessageComparison::compare_outputs(const RunResult& before, const RunResult& after,
                                        std::vector<Change>& changes) {
  const auto left = by_destination(before), right = by_destination(after);
  std::set<std::string> names;
  for (const auto& [name, outputs] : left) names.insert(name);
  for (const auto& [name, outputs] : right) names.insert(name);
  static const std::vector<const RunOutput*> none;
  for (const auto& name : names) {
    const auto& old_ones = left.contains(name) ? left.at(name) : none;
    const auto& new_ones = right.contains(name) ? right.at(name) : none;
    if (old_ones.size() != new_ones.size())
      changes.push_back({Change::Kind::Count, name,
                         "gets " + count(new_ones.size()) + " and not " + count(old_ones.size()),
                         "", ""});
    for (std::size_t i = 0; i < std::min(old_ones.size(), new_ones.size()); ++i) {
      if (same_bytes(*old_ones[i], *new_ones[i])) continue;
      for (const auto& difference : differences(content_of(*old_ones[i]), content_of(*new_ones[i]),
                                                new_ones[i]->content_type, {}))
        changes.push_back(
            {Change::Kind::Field, name,
             without_numbers(difference.place) + std::string(word_of(difference.kind)),
             difference.expected, difference.actual});
    }
  }
}

}  // namespace causeway
