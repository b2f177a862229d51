// Command sets of the message exchange (DIMSE): what is asked for, and how it ended.
//
// Plain values, pure functions. Errors: Invalid, Limit. Standard: DICOM PS3.7 sections 6.3, 9.3 and
// annexes C and E.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::connectors::dicom {

inline constexpr std::size_t command_bytes_max = 64 * 1024;

namespace commands {
inline constexpr std::uint16_t store = 0x0001;
inline constexpr std::uint16_t find = 0x0020;
inline constexpr std::uint16_t move = 0x0021;
inline constexpr std::uint16_t echo = 0x0030;
inline constexpr std::uint16_t report = 0x0100;  ///< N-EVENT-REPORT
inline constexpr std::uint16_t set = 0x0120;
inline constexpr std::uint16_t action = 0x0130;
inline constexpr std::uint16_t create = 0x0140;
inline constexpr std::uint16_t cancel = 0x0FFF;
inline constexpr std::uint16_t response_bit = 0x8000;
}  // namespace commands

namespace statuses {
inline constexpr std::uint16_t success = 0x0000;
inline constexpr std::uint16_t processing_failure = 0x0110;
inline constexpr std::uint16_t duplicate_instance = 0x0111;
inline constexpr std::uint16_t sop_class_not_supported = 0x0122;
inline constexpr std::uint16_t not_authorized = 0x0124;
inline constexpr std::uint16_t invalid_instance = 0x0117;
inline constexpr std::uint16_t unrecognized_operation = 0x0211;
inline constexpr std::uint16_t out_of_resources = 0xA700;
inline constexpr std::uint16_t cannot_understand = 0xC000;
inline constexpr std::uint16_t invalid_attribute = 0x0106;
inline constexpr std::uint16_t resource_limitation = 0x0213;
inline constexpr std::uint16_t unable_to_process = 0xC001;
inline constexpr std::uint16_t cancelled = 0xFE00;
inline constexpr std::uint16_t pending = 0xFF00;
inline constexpr std::uint16_t pending_without_some_keys = 0xFF01;
}  // namespace statuses

struct Command {
  std::uint16_t field = 0;       ///< One of `commands`; with `response_bit` in answers.
  std::uint16_t message_id = 0;  ///< In answers: of what is answered.
  bool has_data_set = false;
  std::string sop_class, sop_instance;
  std::uint16_t status = 0;  ///< In answers.
  std::string comment;       ///< In answers.
  std::uint16_t kind = 0;    ///< Of an action, or an event that is reported.
  std::string destination;   ///< Of a C-MOVE: the title of who gets the objects.
  /// In answers to a C-MOVE: sub-operations.
  std::uint16_t completed = 0, failed = 0, warnings = 0;

  bool is_response() const { return (field & commands::response_bit) != 0; }
};

Result<Command> read_command(std::string_view bytes);
std::string write_command(const Command& command);

/// An answer without a data set.
Command response_to(const Command& request, std::uint16_t status);

}  // namespace causeway::connectors::dicom
