// The text of schemas/dicom/*.tsv, which the program carries. Immutable.
#pragma once

#include <string_view>

namespace causeway::dicom {

std::string_view attributes_file();   ///< tag, keyword, VR; by tag
std::string_view sop_classes_file();  ///< UID, name

}  // namespace causeway::dicom
