// What the places of one segment are called, and of what type and table they are.
//
// Plain; views into the Grammar. Thread-safe once made. Standard: HL7 v2.x chapter 2.A (types), 2.C
// (tables); OBX-5 and MFE-4 are of the type that another field of the segment names.
#pragma once

#include <string>
#include <string_view>

#include "engine/formats/hl7v2/grammar/grammar.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {

/// All empty where the grammar doesn't know the place.
struct PlaceWords {
  std::string_view name;   ///< "Patient Identifier List"
  std::string_view type;   ///< "CX"
  std::string_view table;  ///< "0001"; of a coded field also at its first component.
};

class SegmentWords {
 public:
  SegmentWords(const Grammar& grammar, const Message& message, std::size_t segment);

  std::string_view title() const { return def_ ? def_->title : std::string_view(); }
  PlaceWords field(int field) const;
  PlaceWords component(int field, int component) const;
  PlaceWords subcomponent(int field, int component, int subcomponent) const;
  /// Of a path's deepest level, with those above: "Patient Name, Family Name". Empty: not known.
  std::string name_of(const Path& path) const;

 private:
  const ElementDef* field_def(int field) const;
  const DataTypeDef* type_of(int field) const;

  const SegmentDef* def_;
  const DataTypeDef* varying_type_ = nullptr;  // of the field whose type another one names
  int varying_field_ = 0;
};

}  // namespace causeway::hl7v2
