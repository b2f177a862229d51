#include "engine/main/authoring/enrich_answers.h"

#include "engine/config/fields.h"
#include "engine/config/revision_hash.h"
#include "engine/pipeline/enrich/enrich_stage.h"

namespace causeway {
namespace {

const config::Fields& answer_fields() {
  static const config::Fields fields = {
      config::any("request", "What is asked; any request without it"),
      config::any("answer", "What is answered"),
      config::boolean("error", "The look-up fails", false),
  };
  return fields;
}

void read_answer(const std::string& stage, const config::Value& value, const std::string& pointer,
                 config::Problems& problems, std::vector<RecordedInput>& into) {
  const auto parsed = config::read(answer_fields(), value, problems, pointer);
  if (!value.object()) return;
  const bool fails = parsed.boolean("error");
  if (fails == parsed.given("answer"))
    problems.add(value, pointer, "either \"answer\" or \"error\": true");
  RecordedInput input{stage, pipeline::any_request, nullptr};
  if (parsed.given("request")) input.name = config::canonical_json(parsed.raw("request"));
  if (!fails) input.bytes = make_bytes(config::canonical_json(parsed.raw("answer")));
  into.push_back(std::move(input));
}

}  // namespace

std::vector<RecordedInput> read_enrich_answers(const config::Value& root,
                                               config::Problems& problems) {
  std::vector<RecordedInput> answers;
  if (!root.object()) {
    problems.add(root, "", "expected an object: the names of stages and what they are told");
    return answers;
  }
  for (const auto& [stage, value] : *root.object()) {
    const auto pointer = config::pointer_to("", stage);
    if (const auto* list = value.list())
      for (std::size_t i = 0; i < list->size(); ++i)
        read_answer(stage, (*list)[i], config::pointer_to(pointer, i), problems, answers);
    else
      read_answer(stage, value, pointer, problems, answers);
  }
  return answers;
}

}  // namespace causeway
