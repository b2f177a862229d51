// One answer after another, out of the fragments in which they come: a command, and a data set
// where it says so. Loop's thread alone. Standard: DICOM PS3.8 annex E, PS3.7 section 9.3.
#pragma once

#include "connectors/dicom/command.h"
#include "connectors/dicom/pdu.h"

namespace causeway::connectors::dicom {

inline constexpr std::size_t answer_data_bytes_max = 1024 * 1024;

class ResponseReader {
 public:
  enum class Step : std::uint8_t { More, Whole, Breach };

  Step take(const DataValue& value);
  /// Of the last that was whole.
  const Command& response() const { return response_; }
  const std::string& data_set() const { return data_set_; }  ///< Empty: there is none.
  void reset();

 private:
  std::string command_;  // of which fragments have come
  Command response_;
  std::string data_set_;
  bool awaits_data_ = false;
};

}  // namespace causeway::connectors::dicom
