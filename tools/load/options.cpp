#include "tools/load/options.h"

#include <cstdio>
#include <cstdlib>

namespace load {
namespace {

[[noreturn]] void explain(const std::string& problem, const std::string& summary,
                          const std::vector<Option>& known) {
  if (!problem.empty()) std::fprintf(stderr, "%s\n", problem.c_str());
  std::fprintf(stderr, "%s\n", summary.c_str());
  for (const auto& option : known)
    std::fprintf(
        stderr, "  --%-22s %s%s\n", option.name.c_str(), option.doc.c_str(),
        option.value.empty() || option.value == "flag" ? "" : (" (" + option.value + ")").c_str());
  std::exit(2);
}

}  // namespace

Options::Options(int argc, char** argv, const std::string& summary, std::vector<Option> known) {
  for (const auto& option : known)
    values_[option.name] = option.value == "flag" ? "no" : option.value;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.rfind("--", 0) != 0) {
      arguments_.push_back(argument);
      continue;
    }
    std::string name = argument.substr(2);
    const Option* found = nullptr;
    for (const auto& option : known)
      if (option.name == name) found = &option;
    if (!found) explain("unknown option " + argument, summary, known);
    if (found->value == "flag") {
      values_[name] = "yes";
    } else if (++i < argc) {
      values_[name] = argv[i];
    } else {
      explain(argument + " needs a value", summary, known);
    }
  }
}

std::int64_t Options::integer(const std::string& name) const {
  return static_cast<std::int64_t>(number(name));
}

double Options::number(const std::string& name) const {
  const auto& value = text(name);
  char* end = nullptr;
  double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != '\0') {
    std::fprintf(stderr, "--%s: \"%s\" is no number\n", name.c_str(), value.c_str());
    std::exit(2);
  }
  return number;
}

}  // namespace load
