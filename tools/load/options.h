// Command lines of the load programs: "--name value" and "--flag".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace load {

struct Option {
  std::string name;
  std::string value;  ///< What it is if not given; "flag" makes one that takes no value.
  std::string doc;
};

class Options {
 public:
  /// Prints what there is and exits with 2 where the command line names something else.
  Options(int argc, char** argv, const std::string& summary, std::vector<Option> known);

  const std::string& text(const std::string& name) const { return values_.at(name); }
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  bool flag(const std::string& name) const { return values_.at(name) == "yes"; }
  const std::vector<std::string>& arguments() const { return arguments_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> arguments_;
};

}  // namespace load
