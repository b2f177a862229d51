// XML as a tree of elements: for profiles and for HL7's v2 XML. Bounded in depth and number. A
// document type declaration is refused, so there are no entities but XML's own five, and nothing is
// ever opened. Expat is confined to element_reader.cpp. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace causeway::hl7v2 {

struct XmlElement {
  std::string name;  ///< Without prefix. Empty: a piece of text.
  std::string text;  ///< Of a piece of text.
  std::vector<std::pair<std::string, std::string>> attributes;  ///< Names without prefix.
  std::vector<XmlElement> children;  ///< White space between elements is left
                                     ///< out, but not where v2 XML's <escape> is.

  bool is_text() const { return name.empty(); }
  /// Empty if there is none.
  std::string_view attribute(std::string_view attribute_name) const;
  bool has(std::string_view attribute_name) const;
  const XmlElement* child(std::string_view child_name) const;  ///< The first; null: none.
  std::string content() const;                                 ///< All text directly in it.
};

inline constexpr int xml_depth_max = 100;
inline constexpr std::size_t xml_elements_max = 2'000'000;

/// Errors: Invalid (not well-formed, or with a DTD), Limit; both with "line 3" as the place.
Result<XmlElement> read_elements(std::string_view document);

}  // namespace causeway::hl7v2
