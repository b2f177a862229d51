#include "engine/main/arguments.h"

#include <algorithm>
#include <charconv>

namespace causeway {
namespace {

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error unknown(std::string_view name, const ArgumentRules& rules) {
  std::string text = "unknown; known are";
  for (const auto* list : {&rules.values, &rules.flags})
    for (auto known : *list) text += " --" + std::string(known);
  return {ErrorKind::Invalid, "--" + std::string(name), text};
}

}  // namespace

Result<Arguments> Arguments::parse(const std::vector<std::string>& words,
                                   const ArgumentRules& rules) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (!word.starts_with("--")) {
      arguments.words_.push_back(words[i]);
      continue;
    }
    word.remove_prefix(2);
    auto equals = word.find('=');
    auto name = word.substr(0, equals);
    if (contains(rules.flags, name) && equals == std::string_view::npos) {
      arguments.values_.emplace(name, "");
      continue;
    }
    if (!contains(rules.values, name)) return unknown(name, rules);
    if (equals != std::string_view::npos) {
      arguments.values_.emplace(name, word.substr(equals + 1));
    } else if (i + 1 < words.size()) {
      arguments.values_.emplace(name, words[++i]);
    } else {
      return Error{ErrorKind::Invalid, "--" + std::string(name), "takes a value"};
    }
  }
  return arguments;
}

std::string Arguments::value(std::string_view name, std::string_view otherwise) const {
  auto at = values_.find(name);
  return at == values_.end() ? std::string(otherwise) : at->second;
}

std::vector<std::string> Arguments::values(std::string_view name) const {
  std::vector<std::string> all;
  auto [begin, end] = values_.equal_range(name);
  for (auto at = begin; at != end; ++at) all.push_back(at->second);
  return all;
}

Result<long long> Arguments::number(std::string_view name, long long otherwise) const {
  auto at = values_.find(name);
  if (at == values_.end()) return otherwise;
  long long number = 0;
  const auto& text = at->second;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return Error{ErrorKind::Invalid, "--" + std::string(name), "takes a number"};
  return number;
}

}  // namespace causeway
