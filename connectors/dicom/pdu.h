// Protocol data units of the DICOM upper layer: split and joined anywhere, and composed.
//
// Views into the bytes given or into the reader's buffer. Not thread-safe.
// Standard: DICOM PS3.8 section 9.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::connectors::dicom {

enum class PduType : std::uint8_t {
  AssociateRequest = 1,
  AssociateAccept = 2,
  AssociateReject = 3,
  Data = 4,
  ReleaseRequest = 5,
  ReleaseReply = 6,
  Abort = 7,
};

inline constexpr std::size_t pdu_header_bytes = 6;
/// Of all but data.
inline constexpr std::size_t association_pdu_bytes_max = 256 * 1024;

struct Pdu {
  PduType type = PduType::Abort;
  std::string_view body;
};

class PduReader {
 public:
  enum class Fault : std::uint8_t { None, UnknownType, TooLong };

  /// The longest body of a data PDU.
  explicit PduReader(std::size_t data_bytes_max) : data_bytes_max_(data_bytes_max) {}

  /// Takes from the front of `bytes` up to the end of the next PDU; nullopt when all was taken
  /// without one, or on a fault (then nothing more can be read). The body is good until the next
  /// call, and as long as `bytes` are.
  std::optional<Pdu> next(std::string_view& bytes);

  Fault fault() const { return fault_; }
  bool in_pdu() const { return !held_.empty() && !given_; }
  std::size_t held_bytes() const { return held_.capacity(); }

 private:
  std::optional<std::size_t> whole_size(std::string_view begin);

  std::size_t data_bytes_max_;
  std::string held_;    // of a PDU whose end has not come, or that was given last
  bool given_ = false;  // held_ was
  Fault fault_ = Fault::None;
};

/// One presentation data value: a fragment of a command or of a data set (PS3.8 annex E).
struct DataValue {
  std::uint8_t context = 0;
  bool is_command = false;
  bool is_last = false;
  std::string_view fragment;
};

/// Cuts the next one off a data PDU's body; nullopt: malformed.
std::optional<DataValue> next_data_value(std::string_view& body);

/// What stands before one fragment in a data PDU of its own.
std::string data_header(const DataValue& value);
inline constexpr std::size_t data_value_header_bytes = 6;

/// A whole command as data PDUs that a peer takes; 0: of any length.
std::string command_pdus(std::uint8_t context, std::string_view command, std::size_t bytes_max);
/// The same for a whole data set.
std::string data_set_pdus(std::uint8_t context, std::string_view data_set, std::size_t bytes_max);
/// Of one fragment, for a peer that takes data PDUs up to `bytes_max` (0: any). Even.
std::size_t fragment_bytes(std::size_t bytes_max);

/// A PDU of another type.
std::string make_pdu(PduType type, std::string_view body);

enum class AbortReason : std::uint8_t {
  NotSpecified = 0,
  UnrecognizedPdu = 1,
  UnexpectedPdu = 2,
  InvalidParameter = 6,
};
std::string make_abort(AbortReason reason);  ///< By the service provider.
std::string make_release_request();
std::string make_release_reply();

}  // namespace causeway::connectors::dicom
