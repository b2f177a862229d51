// What differs between two sets of files, line by line, as "unified" differences that people and
// `patch` read. Pure.
#pragma once

#include <map>
#include <string>

namespace causeway {

struct Named {
  std::string name;  ///< "revision 3"
  const std::map<std::string, std::string>& files;
};

/// Empty: nothing.
std::string differences(const Named& before, const Named& after);

}  // namespace causeway
