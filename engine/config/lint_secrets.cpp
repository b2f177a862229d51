// Secrets written out: names_secret, looks_secret, lint_declaration, and what of an environment.
#include "engine/config/lint.h"
#include "engine/config/script_text.h"

namespace causeway::config {

namespace {

constexpr std::size_t authorization_bytes_min = 8;

constexpr const char* written_out =
    "a secret is written out here; keep it outside: causeway secret set NAME, and \"secret:NAME\" "
    "where a field takes one";

/// Letters alone, in lower case: "api_key", "apiKey" and "API-KEY" are one.
std::string plain(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') out += c;
  }
  return out;
}

/// "scheme://user:password@host", with a password that is not itself a reference.
bool is_url_with_password(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return false;
  const auto authority =
      text.substr(scheme + 3, text.find_first_of("/?# ", scheme + 3) - scheme - 3);
  const auto at = authority.rfind('@');
  const auto colon = authority.find(':');
  return at != std::string_view::npos && colon < at && at - colon > 1;
}

bool is_authorization(std::string_view text) {
  for (const std::string_view scheme : {"Basic ", "Bearer "})
    if (text.starts_with(scheme)) {
      text.remove_prefix(scheme.size());
      return text.size() >= authorization_bytes_min && text.find(' ') == std::string_view::npos &&
             text.find('$') == std::string_view::npos;
    }
  return false;
}

bool is_reference(std::string_view value) {
  return value.starts_with("secret:") || value.starts_with("env:");
}

/// Walks a declaration for texts that are secrets by their key or their looks. Fields declared
/// secret report themselves when they are read.
class DeclarationWalk {
 public:
  explicit DeclarationWalk(Problems& problems) : problems_(problems) {}

  void walk(const Value& value, const std::string& pointer, std::string_view key) {
    if (const auto* members = value.object()) {
      for (const auto& [name, member] : *members) walk(member, pointer_to(pointer, name), name);
    } else if (const auto* items = value.list()) {
      for (std::size_t i = 0; i < items->size(); ++i)
        walk((*items)[i], pointer_to(pointer, i), key);
    } else if (const auto* text = value.string(); text && !is_reference(*text)) {
      if (looks_secret(*text) || (names_secret(key) && !text->empty() && !reported(value)))
        problems_.add(value, pointer, written_out);
    }
  }

 private:
  bool reported(const Value& value) const {
    return std::any_of(problems_.list.begin(), problems_.list.end(), [&](const auto& problem) {
      return problem.place.line == value.place().line &&
             problem.place.column == value.place().column;
    });
  }

  Problems& problems_;
};

void collect_references(const Value& value, std::vector<std::string>& names) {
  if (const auto name = environment_name(value)) names.emplace_back(*name);
  if (const auto* members = value.object())
    for (const auto& [key, member] : *members) collect_references(member, names);
  if (const auto* items = value.list())
    for (const auto& item : *items) collect_references(item, names);
}

}  // namespace

bool names_secret(std::string_view name) {
  const auto letters = plain(name);
  for (const std::string_view word : {"password", "passwd", "passphrase", "clientsecret", "apikey",
                                      "privatekey", "accesstoken", "secretkey", "bearertoken"})
    if (letters.ends_with(word)) return true;
  return letters == "secret" || letters == "pwd";
}

bool looks_secret(std::string_view value) {
  return value.find("-----BEGIN ") != std::string_view::npos
             ? value.find("PRIVATE KEY-----") != std::string_view::npos
             : is_url_with_password(value) || is_authorization(value);
}

void lint_declaration(const ChannelConfig& channel, const std::filesystem::path& folder,
                      Problems& problems) {
  problems.file = (folder / "channel.json").string();
  Problems ignored;
  const auto root = parse_json(channel.text, ignored);
  if (root) DeclarationWalk(problems).walk(*root, "", "");
}

void lint_environment(const EnvironmentValues& environment,
                      const std::vector<ChannelConfig>& channels, Problems& problems) {
  std::vector<std::string> used;
  for (const auto& channel : channels) {
    Problems ignored;
    if (const auto root = parse_json(channel.text, ignored)) collect_references(*root, used);
  }
  for (const auto& [name, value] : environment) {
    const auto pointer = pointer_to("", name);
    const auto* text = value.string();
    if (text && (looks_secret(*text) || (names_secret(name) && !text->empty())))
      problems.add(value, pointer, written_out);
    else if (std::find(used.begin(), used.end(), name) == used.end())
      problems.warn(value.place(), pointer,
                    "no channel uses \"env:" + name + "\"" + did_you_mean(name, used));
  }
}

}  // namespace causeway::config
