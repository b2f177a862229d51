// A delivery as a mail: what its content and attributes say, over what is configured. Pure.
// Errors: Invalid (no such JSON, an address that is none), Limit, NotPermitted (a recipient that
// the configuration doesn't allow). Texts name the place, and no content but a refused recipient.
#pragma once

#include "connectors/email/fields.h"
#include "engine/core/work.h"

namespace causeway::connectors::email {

Result<Mail> compose(const SinkSettings& settings, const StoredDelivery& delivery,
                     std::string content);

/// The same for each try of a delivery.
MailIdentity identity_of(const WorkRef& work);

}  // namespace causeway::connectors::email
