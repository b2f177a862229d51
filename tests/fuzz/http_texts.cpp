// What else is read out of requests, tokens and forms: targets, paths, credentials, key sets.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/http/form_request.h"
#include "connectors/http/gzip.h"
#include "connectors/http/outcome.h"
#include "connectors/http/path_pattern.h"
#include "connectors/http/reply.h"
#include "connectors/http/sink_fields.h"
#include "connectors/http/target.h"
#include "connectors/http/template.h"
#include "connectors/http/token.h"
#include "connectors/support/base64.h"

namespace {

using namespace causeway;
using namespace causeway::connectors::http;

template <class T>
void ignore(const Result<T>&) {}

void check_target(std::string_view text) {
  const auto target = parse_target(text);
  if (!target) return;
  for (const auto& segment : target->segments)
    if (segment == ".." || segment == ".") std::abort();
  if (const auto pattern = PathPattern::parse("/a/{b}/{c*}")) pattern->match(target->segments);
}

void check_template(std::string_view text) {
  const Attributes attributes{{"a", std::string(text)}};
  const auto given = std::make_shared<const Attributes>(attributes);
  for (const auto* url : {"/x/{a}", "/x/{+a}"}) {
    const auto made = Template::parse(url, Template::Encoding::Url);
    const auto target = made->expand(given);
    if (target && target->find_first_of(" \r\n?#") != target->npos) std::abort();
    if (target && target->find("/../") != target->npos) std::abort();
  }
  if (const auto made = Template::parse(text, Template::Encoding::None))
    ignore(made->expand(given));
}

void check_form(std::string_view text) {
  const auto parts = parse_form("multipart/form-data; boundary=b", text);
  if (parts && parts->size() > form_parts_max) std::abort();
  ignore(parse_form(text, "--b\r\n\r\nx\r\n--b--"));
}

void check_token_texts(std::string_view text) {
  static const auto keys = TokenKeys::parse(
      "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"k\",\"x\":"
      "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}");
  TokenRules rules;
  rules.issuer = "i";
  if (keys && check_token(text, rules, **keys, SystemTime{})) std::abort();  // nobody has signed it
  ignore(TokenKeys::parse(text));
}

void check_gzip(std::string_view text) {
  Inflater inflater;
  std::string out;
  for (auto rest = text; !rest.empty() && out.size() < 4 * Inflater::step_bytes;)
    if (!inflater.step(rest, out)) break;
  Inflater again;
  std::string back;
  const auto packed = gzip(text);
  for (std::string_view rest = packed; !rest.empty();)
    if (!again.step(rest, back)) std::abort();
  if (back != text || !again.at_end()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_target(text);
  check_template(text);
  check_form(text);
  check_token_texts(text);
  check_gzip(text);
  ignore(PathPattern::parse(text));
  ignore(parse_url(text));
  take_apart(text);
  retry_after(text, SystemTime{});
  if (connectors::decode_base64(connectors::encode_base64(text)) != text) std::abort();
  if (connectors::decode_base64url(connectors::encode_base64url(text)) != text) std::abort();
  connectors::decode_base64(text);
  return 0;
}
