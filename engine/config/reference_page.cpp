#include "engine/config/channel_fields.h"
#include "engine/config/reference.h"

namespace causeway::config {

namespace {

/// A '|' would end the table's cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string bounds(const Field& field) {
  if (!field.low() || !field.high()) return "";
  if (*field.high() == INT64_MAX) return ", from " + std::to_string(*field.low());
  return ", " + std::to_string(*field.low()) + " to " + std::to_string(*field.high());
}

std::string type_of(const Field& field) {
  switch (field.type()) {
    case FieldType::Text:
      return field.is_secret() ? "`\"secret:NAME\"`" : "text";
    case FieldType::Integer:
      return "integer" + bounds(field);
    case FieldType::Boolean:
      return "true or false";
    case FieldType::Choice: {
      std::string out;
      for (const auto& choice : field.choices()) out += (out.empty() ? "`" : ", `") + choice + "`";
      return out;
    }
    case FieldType::TextList:
      return "list of texts";
    case FieldType::Object:
      return "object";
    case FieldType::ObjectList:
      return "list of objects";
    case FieldType::Any:
      return "see below";
  }
  return "";
}

std::string default_of(const Field& field) {
  if (field.is_required()) return "required";
  const auto& value = field.default_value();
  if (value.boolean()) return *value.boolean() ? "`true`" : "`false`";
  if (value.integer()) return "`" + std::to_string(*value.integer()) + "`";
  if (value.string()) return "`" + *value.string() + "`";
  return "none";
}

void add_rows(const Fields& fields, const std::string& prefix, std::string& page) {
  for (const auto& field : fields) {
    page += "| `" + prefix + field.name() + "` | " + cell(type_of(field)) + " | " +
            cell(default_of(field)) + " | " + cell(field.doc()) + " |\n";
    if (field.members()) add_rows(*field.members(), prefix + field.name() + ".", page);
  }
}

}  // namespace

std::string reference_page(const Fields& fields, std::string_view title) {
  std::string page = "# " + std::string(title) +
                     "\n\n| Key | Value | Default | Meaning |\n| --- | --- | --- | --- |\n";
  add_rows(fields, "", page);
  return page;
}

namespace {

constexpr const char* made_by =
    "\n<!-- Made from the declarations: causeway check --docs schemas/config -->\n";

constexpr const char* stages_text =
    "\nA script's default export is the stage's function, called with `(msg, ctx)`; what these are "
    "stands in `mappings/lib/causeway.d.ts`.\n";

constexpr const char* enrich_text =
    "\nWhat its script returns is the request; nothing: nothing is asked, and the answer is "
    "null.\n\n"
    "| | Request | Answer |\n| --- | --- | --- |\n"
    "| `table` | what is looked up in the first column | the row by the columns' names, or null |\n"
    "| `http` | `{path, query, body}`, all optional: the path (a text, or a list of segments) goes "
    "behind the URL, query is an object, body a text or what JSON is made of | `{status, type, "
    "body}`, the body as JSON has it if the type says so, else a text |\n"
    "| `sql` | a list: what stands for `$1`, `$2`, … in the statement | a list of rows, by the "
    "columns' names, all values as texts |\n\n"
    "Later stages read it as `ctx.enriched(\"NAME\")`. Answers are recorded with the run. An HTTP "
    "status of 200 to 299, 404 or 410 is an answer; 429 and 500 or more are tried again, any other "
    "fails. "
    "Redirects are not followed. SQL runs read-only.\n";

constexpr const char* responses_text =
    "\nA response script's default export is called with `(answer, ctx)` for each answer that "
    "comes: "
    "`answer` is HL7 v2, JSON, XML or text, by its looks; `ctx.sent` is what was sent, "
    "`ctx.outcome` what the connector sees in the answer. It returns `\"delivered\"`, "
    "`\"rejected\"`, `\"deferred\"` (it is sent again), or `{outcome, reason}`; nothing leaves it "
    "as it is. "
    "`ctx.reply` gives what the sender is answered, where `reply` names this destination. What it "
    "says is kept with the attempt. It may run for 2 s; one that fails counts as rejected.\n";

std::string section(const Fields& fields, std::string_view title) {
  return "\n#" + reference_page(fields, title);
}

ReferenceFile connector_page(const EndKind& kind) {
  auto text = "# The connector `" + kind.name + "`\n\n" + kind.summary + ".\n";
  if (kind.source) text += section(*kind.source, "As a source");
  if (kind.destination)
    text += section(*kind.destination, "As a destination") +
            "\nBesides these, every destination has the policies of [channel.md](channel.md).\n";
  return {"reference/connector_" + kind.name + ".md", text + made_by};
}

ReferenceFile channel_page() {
  std::string text = reference_page(channel_fields(), "`channel.json`");
  text +=
      "\nComments (`//` and `/* */`) are allowed. Texts and integers may be given as "
      "`\"env:NAME\"`, "
      "which the installation's environment file says; secrets only as `\"secret:NAME\"` "
      "(`causeway secret set NAME`).\n";
  text += section(source_fields(), "`source`, before the fields of its connector");
  text += section(destination_fields(), "Each of `destinations`, before those of its connector");
  text += responses_text;
  text += section(hop_fields(), "A destination of type `channel`: a hop");
  return {"reference/channel.md", text + made_by};
}

}  // namespace

std::vector<ReferenceFile> reference_pages(const std::vector<EndKind>& kinds) {
  std::vector<ReferenceFile> files{channel_page()};
  std::string list = "# What a channel can say\n\n- [channel.json](channel.md)\n";
  files.push_back({"reference/stages.md", reference_page(stage_fields(), "Each of `stages`") +
                                              stages_text +
                                              section(enrich_fields(), "A stage of type `enrich`") +
                                              enrich_text + made_by});
  list += "- [stages](stages.md)\n";
  for (const auto& kind : kinds) {
    files.push_back(connector_page(kind));
    list +=
        "- [connector `" + kind.name + "`](connector_" + kind.name + ".md): " + kind.summary + "\n";
  }
  files.push_back({"reference/README.md", list + made_by});
  return files;
}

}  // namespace causeway::config
