#include "engine/main/grant_words.h"

#include "engine/api/json_text.h"
#include "engine/main/api_client.h"

namespace causeway {

Result<std::string> grants_json(const Arguments& arguments) {
  api::JsonText json;
  json.begin_list();
  for (const auto& word : arguments.values("grant")) {
    const auto at = word.find('@');
    if (at == 0 || at + 1 == word.size())
      return Error{ErrorKind::Invalid, word, "a grant is ROLE or ROLE@FOLDER"};
    json.begin_object().member("role", word.substr(0, at));
    json.member("scope", at == std::string::npos ? "" : word.substr(at + 1)).end_object();
  }
  return json.end_list().take();
}

std::string grants_text(const config::Value& object) {
  std::string text;
  for (const auto& grant : list_of(object, "grants")) {
    const auto scope = text_of(grant, "scope");
    text +=
        (text.empty() ? "" : ", ") + text_of(grant, "role") + (scope.empty() ? "" : "@" + scope);
  }
  return text.empty() ? "no grants" : text;
}

}  // namespace causeway
