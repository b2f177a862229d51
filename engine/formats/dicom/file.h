// The head of a DICOM file: preamble, "DICM" and the meta group, before its data set.
//
// Pure; thread-safe. Errors: Invalid, Limit; place: the tag. Standard: DICOM PS3.10 section 7.
#pragma once

#include <string>

#include "engine/formats/dicom/elements.h"

namespace causeway::dicom {

/// Of the preamble and the meta group together.
inline constexpr std::size_t file_head_bytes_max = 64 * 1024;

struct FileHead {
  std::string sop_class;           ///< (0002,0002)
  std::string sop_instance;        ///< (0002,0003)
  std::string transfer_syntax;     ///< (0002,0010)
  std::string source_title;        ///< (0002,0016): the application entity that sent it.
  std::size_t data_set_begin = 0;  ///< In the file.
};

/// True: a preamble and "DICM" begin it.
bool is_file(std::string_view bytes);

/// From the file's first bytes: at least its first `file_head_bytes_max`, or all. SOP class and
/// instance may be missing there; the transfer syntax may not.
Result<FileHead> read_file_head(std::string_view bytes);

/// What stands before a data set; `data_set_begin` is not used. An empty title is left out.
std::string make_file_head(const FileHead& head);

/// What implementations of this engine say of themselves (PS3.7 annex D.3.3.2).
inline constexpr std::string_view implementation_uid =
    "2.25.164427376263679165090887812016717810050";
inline constexpr std::string_view implementation_version = "CAUSEWAY_1";

/// Takes the padding off: blanks, and the NUL of UIDs.
std::string_view unpadded(std::string_view value);

}  // namespace causeway::dicom
