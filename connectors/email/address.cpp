#include "connectors/email/address.h"

#include "engine/formats/encoding/converter.h"

namespace causeway::connectors::email {
namespace {

constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t name_bytes_max = 500;

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Parts of letters and `others`, with single dots between them.
bool is_dotted(std::string_view text, std::string_view others) {
  if (text.empty() || text.front() == '.' || text.back() == '.') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && text[i - 1] == '.') return false;
    if (text[i] != '.' && !is_alphanumeric(text[i]) && others.find(text[i]) == others.npos)
      return false;
  }
  return true;
}

bool is_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == text.npos || text.size() > address_bytes_max || at > local_bytes_max) return false;
  const auto domain = text.substr(at + 1);
  return is_dotted(text.substr(0, at), "!#$%&'*+-/=?^_`{|}~") && is_dotted(domain, "-") &&
         domain.front() != '-' && domain.back() != '-';
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

}  // namespace

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

Result<Address> parse_address(std::string_view text) {
  const Error bad{ErrorKind::Invalid, "", "not an address of mail"};
  if (has_control(text) || text.size() > address_bytes_max + name_bytes_max ||
      !encoding::is_utf8(text))
    return bad;
  text = trimmed(text);
  Address made;
  auto address = text;
  if (text.ends_with('>')) {
    const auto open = text.rfind('<');
    if (open == text.npos) return bad;
    address = text.substr(open + 1, text.size() - open - 2);
    auto name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    made.name = name;
  }
  if (!is_address(address)) return bad;
  made.address = address;
  return made;
}

bool is_among(std::string_view address, const std::vector<std::string>& allowed) {
  const auto wanted = lower(address);
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& each) {
    const auto rule = lower(each);
    return rule.starts_with('@') ? wanted.ends_with(rule) : wanted == rule;
  });
}

}  // namespace causeway::connectors::email
