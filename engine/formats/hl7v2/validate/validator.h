// One validation at work. Internal to validation. One use, one thread.
#pragma once

#include <optional>

#include "engine/formats/hl7v2/validate/spot.h"
#include "engine/formats/hl7v2/validate/validate.h"

namespace causeway::hl7v2 {

/// Collects findings at the levels that are asked for.
class Findings {
 public:
  Findings(const Levels& levels, ValidationReport& report) : levels_(levels), report_(report) {}
  bool wanted(RuleClass rule_class) const { return levels_[rule_class] != Level::Off; }
  void add(const MessageView& view, const Spot& spot, RuleClass rule_class, std::string rule,
           std::string text, std::string value = {}, std::optional<Level> at_most = {});

 private:
  const Levels& levels_;
  ValidationReport& report_;
};

class Validator {
 public:
  Validator(const MessageView& view, const Grammar& grammar, const Profile* profile,
            Findings& findings)
      : view_(view), grammar_(grammar), profile_(profile), findings_(findings) {}
  void run();

 private:
  void check_missing();
  void check_nodes();
  void check_group(const Spot& group);
  void check_standing(const Spot& segment);
  void check_segment(const Spot& segment, const SegmentDef& def);
  void check_field(const Spot& segment, const SegmentDef& def, const ElementDef& field,
                   std::string_view text, int number);
  void check_repetition(const Spot& spot, const SegmentDef& segment, const ElementDef& field);
  void check_value(const Spot& spot, const ElementDef& element, const DataTypeDef* type,
                   std::string_view type_name);
  void check_components(const Spot& spot, const DataTypeDef& type);
  void check_component(const Spot& spot, const ElementDef& component);
  void check_primitive(const Spot& spot, const ElementDef& element, std::string_view type_name);
  void check_length(const Spot& spot, const ElementDef& element);
  void check_table(const Spot& spot, const ElementDef& element, const std::string& value);
  bool check_usage(const Spot& spot, const ElementDef& element, bool present, const char* what);
  const DataTypeDef* varying_type(const Spot& spot, const SegmentDef& segment,
                                  std::string_view& type_name) const;

  const MessageView& view_;
  const Grammar& grammar_;
  const Profile* profile_;
  Findings& findings_;
};

}  // namespace causeway::hl7v2
