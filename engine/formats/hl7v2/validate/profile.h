// A conformance profile: what a site or a programme allows of a message beyond the standard.
// Made by reading profile files; immutable, thread-safe.
//
// Standard: HL7 v2.x chapter 2.B (conformance); the XML is that of NIST's IGAMT and its validation
// tools: Profile, Constraints, ValueSets, ValueSetBindings.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/grammar/definitions.h"
#include "engine/formats/hl7v2/validate/pattern.h"
#include "engine/formats/hl7v2/validate/spot.h"

namespace causeway::hl7v2 {

inline constexpr std::size_t profile_file_bytes_max = 32 * 1024 * 1024;

/// What a rule says of values; evaluated where it is declared for.
struct Condition {
  enum class Kind : std::uint8_t {
    Presence,
    PlainText,
    Format,
    StringList,
    PathValue,
    SetId,
    And,
    Or,
    Xor,
    Not,
    Imply,
    NotJudged,  ///< Code of another program, or nothing that this engine knows.
  };
  enum class IfAbsent : std::uint8_t { Inconclusive, Pass, Fail };
  Kind kind = Kind::NotJudged;
  Steps path, other;
  std::vector<std::string> texts;
  std::shared_ptr<const Pattern> pattern;
  std::string comparison;  ///< Of PathValue: "EQ", "NE", "LT", "LE", "GT", "GE".
  bool ignore_case = false;
  bool at_least_once = false;  ///< One value that fits is enough.
  IfAbsent if_absent = IfAbsent::Inconclusive;
  std::vector<Condition> parts;
};

struct Predicate {
  std::string id;
  Steps target;
  Usage when_true = Usage::Optional, when_false = Usage::Optional;
  Condition condition;
};

struct Statement {
  std::string id;
  std::string text;
  bool should = false;  ///< SHOULD: at most a warning.
  Condition condition;
};

struct ValueSet {
  struct Code {
    std::string value, system;
    bool excluded = false;
  };
  std::string id;
  std::multimap<std::string, Code> codes;
  std::vector<std::shared_ptr<const Pattern>> patterns;
  bool open = false;
};

struct Binding {
  Steps target;
  std::vector<std::pair<Steps, Steps>> locations;  ///< Code, and its system (none: not looked at).
  bool with_system = false;
  std::vector<std::string> sets;
  bool suggested = false;
};

struct Constant {
  Steps target;
  std::string value;
};

/// All that is declared for one data type, segment, group or message.
struct RuleContext {
  std::vector<Predicate> predicates;
  std::vector<Statement> statements;
  std::vector<Binding> bindings;
  std::vector<Constant> constants;
};

struct ProfileMessage {
  std::string_view type, event, id;
  StructureDef structure;
};

/// The type of a field whose type another field tells: OBX-5 by OBX-2.
struct VaryingType {
  int position = 0;
  Steps by, second;
  std::map<std::pair<std::string, std::string>, const DataTypeDef*> cases;
};

class Profile {
 public:
  /// One PROFILE.xml (or the folder that it is in), with the other files of the profile beside it:
  /// those whose root is ConformanceContext, ValueSetLibrary or ValueSetBindingsContext. Invalid:
  /// not well-formed, with a DTD, or no profile; Limit; NotFound.
  static Result<std::shared_ptr<const Profile>> load(const std::filesystem::path& path);
  /// From the texts of those files, in any order.
  static Result<std::shared_ptr<const Profile>> parse(const std::vector<std::string>& texts);

  std::string_view name() const { return name_; }
  std::string_view version() const { return version_; }  ///< "2.5.1"; may be empty.
  const std::vector<ProfileMessage>& messages() const { return messages_; }
  /// The one for a message's type and event; null: there is none.
  const ProfileMessage* message_for(std::string_view type, std::string_view event) const;

  const RuleContext* for_data_type(std::string_view id) const;
  const RuleContext* for_segment(std::string_view id) const;
  const RuleContext* for_group(std::string_view id) const;  ///< Or for a message.
  const ValueSet* value_set(std::string_view id) const;     ///< Null: not to be judged.
  const VaryingType* varying_type(const SegmentDef& segment, int position) const;
  const std::map<std::string_view, SegmentDef>& segments() const { return segments_; }
  const std::map<std::string_view, DataTypeDef>& data_types() const { return data_types_; }
  const std::vector<std::string>& not_judged() const { return not_judged_; }

 private:
  friend class ProfileReader;
  friend class RuleReader;
  Profile() = default;
  using Contexts = std::map<std::string, RuleContext, std::less<>>;

  std::deque<std::string> texts_;  // what the definitions' views lead into
  std::string_view name_, version_;
  std::vector<ProfileMessage> messages_;
  std::map<std::string_view, SegmentDef> segments_;
  std::map<std::string_view, DataTypeDef> data_types_;
  std::map<std::string_view, std::vector<VaryingType>> varying_;
  Contexts data_type_rules_, segment_rules_, group_rules_;
  std::map<std::string, ValueSet, std::less<>> value_sets_;
  std::set<std::string, std::less<>> not_validated_;
  std::vector<std::string> not_judged_;
};

}  // namespace causeway::hl7v2
