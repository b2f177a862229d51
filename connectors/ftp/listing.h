// What servers say of files: lines of MLSD and MLST, and of the older LIST as Unix servers write
// it. Pure. What isn't a file or a folder, or has a name that could lead elsewhere, is left out.
// Standard: RFC 3659 section 7; for LIST there is none, it is `ls -l`.
#pragma once

#include <optional>
#include <string_view>

#include "connectors/support/folder/folder.h"

namespace causeway::connectors::ftp {

/// "type=file;size=5;modify=20260301120000; name"; the path is the name alone.
std::optional<folder::FileInfo> parse_facts(std::string_view line);

/// "-rw-r--r--   1 user group   5 Mar 01 12:00 name". Its time is too coarse to be told.
std::optional<folder::FileInfo> parse_list_line(std::string_view line);

/// "20260301120000.25" as nanoseconds since 1970; UTC.
std::optional<std::int64_t> parse_time(std::string_view text);

}  // namespace causeway::connectors::ftp
