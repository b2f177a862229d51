// What `causeway hl7 show` is asked for, and its answer as JSON. Pure.
#pragma once

#include <set>
#include <string>

#include "engine/main/hl7/input.h"

namespace causeway {

struct ShowSettings {
  bool brief = false, full = false;
  std::string version;                          ///< Empty: as MSH-12 says.
  const encoding::CharacterSet* set = nullptr;  ///< Null: as MSH-18 says.
  std::set<std::string> segments;               ///< Empty: all.
  std::size_t number = 0;                       ///< 0: all.
};

/// One line.
std::string message_json(const hl7v2::Message& message, const ShowSettings& settings,
                         const std::string& file, std::size_t number);

}  // namespace causeway
