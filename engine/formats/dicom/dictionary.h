// The data dictionary: tags, keywords and value representations, and the names of storage SOP
// classes, from schemas/dicom. Immutable once read, at first use; thread-safe; no errors.
// Standard: DICOM PS3.6.
#pragma once

#include <optional>

#include "engine/formats/dicom/encoding.h"

namespace causeway::dicom {

/// nullopt: neither in the dictionary nor a group length.
std::optional<Vr> vr_of(Tag tag);
std::optional<Tag> tag_named(std::string_view keyword);
std::string_view keyword_of(Tag tag);  ///< "PatientName"; empty: it has none.

/// A tag as it is written: "PatientName", "00100010", "(0010,0010)" or "0010,0010".
std::optional<Tag> read_tag_text(std::string_view text);

/// "CTImageStorage"; the UID itself where it is not known.
std::string_view sop_class_name(std::string_view uid);

}  // namespace causeway::dicom
