// The words of an acknowledgement: codes, texts and ERR segments, in the sender's character set and
// delimiters. Internal to this folder. Pure.
// Standard: HL7 v2.x chapter 2.14.5 (ERR), table 0357; ERR-1 from 2.2, ERR-2 and ERR-3 from 2.5.
#pragma once

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/delimiters.h"

namespace causeway::hl7v2 {

/// The code that the answer as a whole has: as asked for, or that of the first finding.
std::string condition_code(const AckRequest& request);

class AckTexts {
 public:
  /// `set` may be null: then the texts are kept to ASCII.
  AckTexts(const Delimiters& delimiters, const encoding::CharacterSet* set)
      : delimiters_(delimiters), set_(set) {}

  /// Our texts are UTF-8: cut between characters, without control characters, in the sender's set
  /// ("?" for what that has no place for), escaped.
  std::string field(std::string_view text, std::size_t bytes_max) const;
  /// "101^Required field missing^HL70357"
  std::string condition(std::string_view code, char separator) const;
  void append_errors(const AckRequest& request, int version, std::string& out) const;

 private:
  std::string location(const Location& location) const;
  void append_error(std::string_view place, std::string_view code, char severity,
                    std::string_view text, std::string& out) const;
  void append_code_and_location(const std::vector<Finding>& findings, std::string& out) const;

  const Delimiters& delimiters_;
  const encoding::CharacterSet* set_;
};

}  // namespace causeway::hl7v2
