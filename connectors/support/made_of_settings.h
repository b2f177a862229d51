// How a Kind makes its ends where an end is made of the settings that its fields are read into.
#pragma once

#include "connectors/support/connector.h"

namespace causeway::connectors {

/// End is Source or Sink, Made the class that is one; errors are those of `settings_of`.
template <class End, class Made, auto settings_of>
Result<std::unique_ptr<End>> made_of_settings(const config::Parsed& parsed, const Name& name,
                                              const Environment& environment) {
  auto settings = settings_of(parsed, environment.secrets);
  if (!settings) return settings.error();
  return std::unique_ptr<End>(std::make_unique<Made>(std::move(*settings), name, environment));
}

}  // namespace causeway::connectors
