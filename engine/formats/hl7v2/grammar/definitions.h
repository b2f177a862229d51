// What messages, segments, fields and data types are declared to be: by a version of the standard,
// or by a conformance profile. Plain values, immutable once made; views and pointers lead into the
// Grammar (or profile) that they came from, which outlives them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace causeway::hl7v2 {

/// Standard: chapter 2.5.3.4 "Optionality", and 2.B.7.5 "Usage" for profiles.
enum class Usage : std::uint8_t {
  Required,      ///< R
  MayBeEmpty,    ///< RE: required, but may be empty
  Optional,      ///< O
  Conditional,   ///< C
  Backward,      ///< B: for older versions only
  Withdrawn,     ///< W
  NotSupported,  ///< X: must not be there
};

inline constexpr std::uint32_t no_limit = 0;

struct DataTypeDef;
struct SegmentDef;

/// A field of a segment, or a component of a data type.
struct ElementDef {
  std::string_view name;              ///< "Patient Identifier List"
  std::string_view type_name;         ///< "CX"; empty where withdrawn; "varies"
  std::string_view table;             ///< "0001"; empty: none
  const DataTypeDef* type = nullptr;  ///< Null: varies, or unknown to the grammar.
  Usage usage = Usage::Optional;
  std::uint32_t min = 0;
  std::uint32_t max = 1;  ///< Repetitions; `no_limit`.
  std::uint32_t min_length = 0;
  std::uint32_t max_length = no_limit;  ///< Characters.
};

struct DataTypeDef {
  std::string_view id;    ///< "CX", or a profile's flavour of it: "CX_NDBS".
  std::string_view name;  ///< "CX"
  std::string_view title;
  std::vector<ElementDef> components;  ///< None: a primitive.
};

struct SegmentDef {
  std::string_view id;    ///< "OBX", or a profile's flavour of it.
  std::string_view name;  ///< "OBX"
  std::string_view title;
  std::vector<ElementDef> fields;
};

/// A segment or a group, where a message structure has it.
struct NodeDef {
  std::string_view name;                ///< "PID", "ORDER_OBSERVATION"; of a choice: "CHOICE".
  std::string_view id;                  ///< Of a profile's group.
  const SegmentDef* segment = nullptr;  ///< Null: a group, or a segment without definition.
  std::vector<NodeDef> children;        ///< Of a group.
  Usage usage = Usage::Optional;
  std::uint32_t min = 1;
  std::uint32_t max = 1;
  bool choice = false;  ///< One of the children; it is no level of its own in paths and XML.
  bool is_group() const { return !children.empty(); }
};

struct StructureDef {
  std::string_view name;  ///< "ADT_A01"
  NodeDef root;           ///< Its children are the message's.
};

/// Table 0xxx of the standard.
struct TableDef {
  std::string_view id;  ///< "0001"
  std::string_view name;
  std::vector<std::string_view> codes;  ///< Sorted. Empty: defined by the site.
};

}  // namespace causeway::hl7v2
