// What the API reads off a request by itself: its target, cookies and parameters, a JSON body, and
// the lines of signed audit heads. It is refused, or read as text that is well-formed.
#include <cstdint>
#include <cstdlib>

#include "engine/api/credentials.h"
#include "engine/api/json_text.h"
#include "engine/api/parameters.h"
#include "engine/security/audit_chain.h"

namespace {

using namespace causeway;

void require(bool condition) {
  if (!condition) std::abort();
}

const config::Fields& fields() {
  static const config::Fields all = {
      config::text("text", "A text"),
      config::integer("limit", "A number").between(1, 1000),
      config::boolean("flag", "A flag", false),
      config::text_list("list", "Texts"),
      config::choice("choice", "One of", {"a", "b"}),
      config::object_list("grants", "Objects", {config::text("role", "A role").required()})};
  return all;
}

void try_target(std::string_view text) {
  const auto target = api::parse_target(text);
  if (!target) return;
  for (const auto& segment : target->segments) require(api::is_utf8(segment));
  const auto with = api::with_parameter(text.substr(0, text.find('#')), "after", "a/ä?&=");
  const auto again = api::parse_target(with);
  if (again) require(again->query.back().second == "a/ä?&=");
  if (again) require(again->segments == target->segments);
  config::Problems problems;
  const auto read = api::read_texts(fields(), target->query, "query", problems);
  if (problems.empty()) require(read.integer("limit") >= 0 && read.integer("limit") <= 1000);
}

void try_body(std::string_view text) {
  config::Problems problems;
  const auto read = api::read_body(fields(), text, problems);
  if (!problems.empty()) return;
  require(api::is_utf8(read.text("text")) && read.text("text").find('\0') == std::string::npos);
  for (const auto& grant : read.object_list("grants")) require(grant.given("role"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto line = text.substr(0, text.find('\n'));
  const auto rest = text.substr(std::min(line.size() + 1, text.size()));
  try_target(line);
  try_body(rest);
  api::HttpRequest request;
  request.headers["cookie"] = std::string(line);
  const auto value = api::cookie(request, api::session_cookie);
  require(value.find(';') == std::string_view::npos);
  if (const auto head = security::parse_head(line))
    require(security::head_line(*head).size() >= 64 && !security::is_signed(*head));
  api::JsonText json;
  json.begin_object().member("text", text).end_object();
  require(config::parse_json(json.take(), "f").ok());
  return 0;
}
