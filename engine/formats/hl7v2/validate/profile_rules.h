// The rules of a profile on one message: predicates, statements, value sets and constants, each in
// the data type, segment, group or message that it is declared for. Internal to validation. One
// use, one thread.
#pragma once

#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validator.h"

namespace causeway::hl7v2 {

enum class Judgement : std::uint8_t { Pass, Fail, Inconclusive };

/// What a condition says of what is in `context`.
Judgement judge(const MessageView& view, const Spot& context, const Condition& condition);

class ProfileRules {
 public:
  ProfileRules(const MessageView& view, const Profile& profile, Findings& findings)
      : view_(view), profile_(profile), findings_(findings) {}
  void run();

 private:
  void in_segment(const Spot& segment, const SegmentDef& def);
  void in_value(const Spot& value, const DataTypeDef* type);
  void apply(const RuleContext& rules, const Spot& context);
  void apply_predicate(const Predicate& predicate, const Spot& context);
  void apply_usage(const Predicate& predicate, Usage usage, const Spot& parent, Step last);
  void apply_binding(const Binding& binding, const Spot& context);
  void check_code(const Binding& binding, const Spot& coded);
  bool allows(const Binding& binding, const std::string& code, const std::string& system,
              std::string& rule) const;

  const MessageView& view_;
  const Profile& profile_;
  Findings& findings_;
};

}  // namespace causeway::hl7v2
