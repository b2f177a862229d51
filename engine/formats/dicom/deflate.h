// Deflated data sets (RFC 1951, without a head). Pure; thread-safe. Errors: Invalid, Limit.
// Standard: DICOM PS3.5 annex A.5.
#pragma once

#include <string>

#include "engine/core/result.h"

namespace causeway::dicom {

/// Up to `bytes_max`, past which it is a Limit; where `may_be_cut`, what there is up to then or up
/// to where the bytes end.
Result<std::string> inflate(std::string_view bytes, std::size_t bytes_max, bool may_be_cut);
std::string deflate(std::string_view bytes);  ///< Padded to an even length.

}  // namespace causeway::dicom
