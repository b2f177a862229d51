// A command's arguments: "--name value", "--flag", and words. A name that a command doesn't know is
// an error that lists those it knows. Plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace causeway {

struct ArgumentRules {
  std::vector<std::string_view> values;  ///< Names that take a value: "data".
  std::vector<std::string_view> flags;   ///< Names that don't: "json".
};

class Arguments {
 public:
  static Result<Arguments> parse(const std::vector<std::string>& words, const ArgumentRules& rules);

  bool has(std::string_view name) const { return values_.contains(name); }
  std::string value(std::string_view name, std::string_view otherwise = {}) const;
  /// All values of a name given several times.
  std::vector<std::string> values(std::string_view name) const;
  Result<long long> number(std::string_view name, long long otherwise) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::multimap<std::string, std::string, std::less<>> values_;
  std::vector<std::string> words_;
};

}  // namespace causeway
