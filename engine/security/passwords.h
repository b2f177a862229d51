// Passwords: what is accepted as one (NIST SP 800-63B: length, not composition), how it is kept
// (Argon2id, RFC 9106, in its encoded form, so that the costs can be raised later), and one-time
// ones. Thread-safe; hashing takes tens of milliseconds and `memory_kib`, two at a time at most.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::security {

inline constexpr std::size_t password_bytes_min = 12;
inline constexpr std::size_t password_bytes_max = 256;
inline constexpr std::uint32_t password_memory_kib = 19 * 1024;  // OWASP's for two passes
inline constexpr std::uint32_t password_passes = 2;

/// Invalid, with what is wrong; the password is not in the text.
Status check_password_policy(std::string_view password, std::string_view user_name);

std::string hash_password(std::string_view password);
/// An empty or broken hash takes as long, and matches nothing.
bool password_matches(std::string_view password, const std::string& hash);

/// 20 characters that are read and typed without mistakes: 100 bits.
std::string one_time_password();

/// 256 random bits, as hexadecimal digits.
std::string random_secret();

}  // namespace causeway::security
