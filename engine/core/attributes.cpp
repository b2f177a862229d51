#include "engine/core/attributes.h"

#include <algorithm>

namespace causeway {

const std::string* find_attribute(const Attributes& attributes, std::string_view name) {
  const auto found = std::find_if(attributes.rbegin(), attributes.rend(),
                                  [&](const auto& attribute) { return attribute.name == name; });
  return found == attributes.rend() ? nullptr : &found->value;
}

const std::string* find_attribute(const SharedAttributes& attributes, std::string_view name) {
  return attributes ? find_attribute(*attributes, name) : nullptr;
}

bool fits(const Attributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : attributes) bytes += name.size() + value.size();
  return attributes.size() <= limits::attributes_max && bytes <= limits::attributes_bytes;
}

SharedAttributes merged(const SharedAttributes& before, const Attributes& changes) {
  if (changes.empty()) return before;
  auto all = before ? *before : Attributes();
  for (const auto& change : changes) {
    const auto there = std::find_if(all.begin(), all.end(),
                                    [&](const auto& one) { return one.name == change.name; });
    if (there == all.end())
      all.push_back(change);
    else
      there->value = change.value;
  }
  return std::make_shared<const Attributes>(std::move(all));
}

}  // namespace causeway
