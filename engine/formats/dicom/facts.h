// What a channel needs to know of a DICOM file before anything is done with it: which it is, and
// the values that it is ordered and found by.
//
// From the file's first bytes, as many as are at hand: what lies behind them is not found. Pure;
// thread-safe; bounded as DataSet is. Errors: Invalid, Limit.
#pragma once

#include <string>
#include <vector>

#include "engine/core/body.h"
#include "engine/formats/dicom/path.h"

namespace causeway::dicom {

struct Facts {
  std::string type;         ///< Modality and SOP class: "CT^CTImageStorage".
  std::string control_id;   ///< SOP Instance UID.
  std::string sender;       ///< The AE title that it came from.
  std::string order_value;  ///< Empty: there is none.
  /// For each of the paths asked for, its values.
  std::vector<std::vector<std::string>> found;
};

/// `order_by` may be nullptr.
Result<Facts> read_facts(const Bytes& file, const Path* order_by, const std::vector<Path>& search,
                         std::size_t values_max);

}  // namespace causeway::dicom
