// What commands read off the engine's answers: members that are there, or nothing. Pure.
#pragma once

#include "engine/config/value.h"

namespace causeway {

std::string text_in(const config::Value& object, std::string_view name);
std::int64_t number_in(const config::Value& object, std::string_view name);
bool flag_in(const config::Value& object, std::string_view name);
const config::Value::List& items_in(const config::Value& object, std::string_view name);

}  // namespace causeway
