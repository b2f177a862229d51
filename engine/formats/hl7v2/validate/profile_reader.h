// From the XML of a profile to a Profile. Internal to validation. One use, one thread.
#pragma once

#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/xml/element_reader.h"

namespace causeway::hl7v2 {

/// Messages, segments and data types: ConformanceProfile.
class ProfileReader {
 public:
  explicit ProfileReader(Profile& profile) : profile_(profile) {}
  Status read(const XmlElement& root);

 private:
  std::string_view keep(std::string_view text);
  void read_data_types(const XmlElement& list);
  void read_segments(const XmlElement& list);
  Status read_messages(const XmlElement& list);
  ElementDef read_element(const XmlElement& xml);
  bool read_node(const XmlElement& xml, NodeDef& node, int depth);
  void read_varying(const XmlElement& segment, std::vector<VaryingType>& all);
  void read_own_rules(const XmlElement& owner, const char* part, RuleContext& rules);
  void connect();

  Profile& profile_;
};

/// Rules and value sets: ConformanceContext, ValueSetLibrary, ValueSetBindingsContext.
class RuleReader {
 public:
  explicit RuleReader(Profile& profile) : profile_(profile) {}
  Status read(const XmlElement& root);

 private:
  using Reader = Status (RuleReader::*)(const XmlElement&, RuleContext&);
  Status read_contexts(const XmlElement& list, Reader reader);
  Status read_predicate(const XmlElement& xml, RuleContext& rules);
  Status read_statement(const XmlElement& xml, RuleContext& rules);
  Status read_binding(const XmlElement& xml, RuleContext& rules);
  Result<Condition> read_condition(const XmlElement& xml, const std::string& rule);
  Status read_value_sets(const XmlElement& root);
  Status read_value_set(const XmlElement& xml);

  Profile& profile_;
};

Usage usage_of(std::string_view word);

}  // namespace causeway::hl7v2
