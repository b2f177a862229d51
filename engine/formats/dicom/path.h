// Places in a data set, as people write them.
//
//   PatientID    00100020    (0010,0020)                       the same element
//   ReferencedStudySequence[0].ReferencedSOPInstanceUID        in the first item of a sequence
//   ReferencedStudySequence.ReferencedSOPInstanceUID           in the first, or when searching in
//   any ReferencedStudySequence[1]                                 an item
//
// Items count from 0. Plain values; pure. Errors: Invalid, with the path and what is wrong.
#pragma once

#include <string>
#include <vector>

#include "engine/core/result.h"
#include "engine/formats/dicom/encoding.h"

namespace causeway::dicom {

inline constexpr std::size_t path_steps_max = 16;
inline constexpr int items_max = 100'000;

struct Path {
  struct Step {
    Tag tag = 0;
    int item = -1;  ///< -1: not given.
    bool operator==(const Step&) const = default;
  };
  std::vector<Step> steps;  ///< At least one.
  bool operator==(const Path&) const = default;
};

Result<Path> parse_path(std::string_view text);
/// By keywords where there are, else by numbers.
std::string to_string(const Path& path);

}  // namespace causeway::dicom
