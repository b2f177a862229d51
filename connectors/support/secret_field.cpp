#include "connectors/support/secret_field.h"

namespace causeway::connectors {

Result<std::string> secret_value(const config::Parsed& parsed, std::string_view field,
                                 const Secrets* secrets) {
  const auto reference = parsed.text(field);
  const auto name = config::secret_name(reference);
  if (!name) return std::string();
  if (secrets) return secrets->value(*name);
  return Error{ErrorKind::Unavailable, reference, "secrets can't be read here"};
}

}  // namespace causeway::connectors
