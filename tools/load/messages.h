// The messages that the generator sends: a pure function of (run, patient, sequence), so that any
// of them can be made again to be compared byte by byte. Thread-safe.
//
// MSH-10 is "<MRN>-<sequence>", PID-3.1 the MRN: three digits of the run and seven of the patient.
// Sequences count from 1 for each patient. ADT^A01, ADT^A08 and ORU^R01 take turns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace load {

struct MessageKey {
  int run = 0;
  std::uint32_t patient = 0;
  std::uint64_t sequence = 0;
};

std::string mrn_of(MessageKey key);
std::string control_id_of(MessageKey key);
/// False if it isn't one of ours.
bool parse_control_id(std::string_view text, MessageKey& key);

/// Exactly `bytes` long, unless its fixed part (about 900) is longer already.
std::string make_message(MessageKey key, std::size_t bytes);

/// A 64-bit hash that is quick to compute here and simple to compute elsewhere: for each 8 bytes
/// (little-endian, the last padded with zeros): h = (h ^ word) * 0x100000001B3, then
/// h ^= h >> 29; it begins with the length.
std::uint64_t hash_of(std::string_view bytes);

}  // namespace load
