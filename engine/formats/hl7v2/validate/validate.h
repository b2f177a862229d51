// Checks a message against the standard of its version, or against a conformance profile.
//
// Pure: it depends on the message and the options alone. A message of any kind is checked; what
// can't be judged (no version, no structure that fits) is a finding. Work is linear in the message,
// and bounded by `findings_max`.
// Standard: HL7 v2.x chapter 2 (structure, usage, repetition, length), 2.A (types), 2.C (tables).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/grammar/structure_tree.h"
#include "engine/formats/hl7v2/validate/finding.h"

namespace causeway::hl7v2 {

class Profile;

inline constexpr std::size_t findings_max = 500;

/// One level for each rule class.
struct Levels {
  std::array<Level, 7> of{Level::Reject, Level::Reject, Level::Reject, Level::Warn,
                          Level::Reject, Level::Warn,   Level::Reject};
  Level& operator[](RuleClass rule_class) { return of[static_cast<std::size_t>(rule_class)]; }
  Level operator[](RuleClass rule_class) const { return of[static_cast<std::size_t>(rule_class)]; }
};

struct ValidationOptions {
  Levels levels;
  std::string version;                     ///< Empty: as MSH-12 says.
  std::shared_ptr<const Profile> profile;  ///< Null: the standard.
};

struct ValidationReport {
  std::string version;            ///< Of the grammar that was used; empty: none could be told.
  std::string structure;          ///< "ORU_R01"; empty: none.
  bool best_fit = false;          ///< MSH-9 named none that is known.
  std::vector<Finding> findings;  ///< In order of the message, as far as one rule goes.
  bool cut = false;               ///< There were more than `findings_max`.
  /// Rules of the profile that this engine can't judge, by id.
  std::vector<std::string> not_judged;
  bool rejects() const;
};

ValidationReport validate(const Message& message, const ValidationOptions& options);

}  // namespace causeway::hl7v2
