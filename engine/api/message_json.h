// Messages, their lineage and open work as JSON: what the API answers, and the commands print. With
// `Content::Shown`, all that a sender, a script or a destination wrote is in it: what reading is a
// permission of its own, and audited. Pure functions but for names.
#pragma once

#include <string>
#include <vector>

#include "engine/api/names.h"
#include "engine/config/fields.h"
#include "engine/store/queries/message_search.h"
#include "engine/store/queries/message_view.h"

namespace causeway::api {

enum class Content : std::uint8_t { Shown, Hidden };

std::string found_json(Names& names, const store::FoundMessage& found);
std::string message_json(Names& names, const store::MessageView& view, Content content);
std::string attention_json(Names& names, const AttentionRow& row, Content content);

/// What they have, for OpenAPI.
config::Fields found_fields();
config::Fields message_fields(Content content);
config::Fields attention_fields(Content content);

/// message_flags in words.
std::vector<std::string> flag_words(std::uint16_t flags);

}  // namespace causeway::api
