// A message without its patient: names, numbers, dates, addresses, phones and free texts replaced,
// the same by the same, so that what is made of it can be tested. Numbers keep their shape, dates
// their distance from each other.
//
// What a value is, the grammar of HL7 v2 says by its field's data type. What no grammar describes
// (Z segments) keeps all but values that are replaced elsewhere: a person looks at that, as
// `unknown` says. Used by one thread.
#pragma once

#include <map>
#include <set>
#include <string>

#include "engine/config/value.h"
#include "engine/core/body.h"
#include "engine/core/clock.h"
#include "engine/core/result.h"

namespace causeway {

class Deidentifier {
 public:
  /// What replaces what depends on the salt: without it nobody can try which value it was.
  explicit Deidentifier(std::string salt);

  /// Invalid: it is no HL7 v2.
  Result<std::string> hl7v2(const Bytes& bytes);
  /// Every text and number in it, but for names of members; to be called after `hl7v2`.
  std::string json(const config::Value& value);
  SystemTime time(SystemTime at) const;

  /// Segments, and fields, whose meaning isn't known: "ZPI", "OBX-5".
  const std::set<std::string>& unknown() const { return unknown_; }

 private:
  std::string shaped(std::string_view value);
  std::string shifted(std::string_view value) const;
  std::string elsewhere(std::string text) const;

  const std::string salt_;
  std::map<std::string, std::string, std::less<>> replaced_;
  std::set<std::string> unknown_;
  std::chrono::days shift_{};
};

}  // namespace causeway
