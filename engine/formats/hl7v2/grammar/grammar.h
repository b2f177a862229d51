// The grammar of one version of HL7 v2, 2.1 to 2.8.2: message structures with their groups,
// segments, fields, data types and tables. The data is part of the program (schemas/hl7v2); a
// version is read when it is first asked for, once, in about two milliseconds.
//
// Immutable; thread-safe. What it returns lives as long as the program.
// Standard: HL7 v2.x chapter 2 (structures, usage, length), 2.A (data types), 2.C (tables).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/formats/hl7v2/grammar/definitions.h"

namespace causeway::hl7v2 {

class Grammar {
 public:
  /// Of the version, or of the nearest that there is: "2.3.2" is read by 2.3.1, "2.9" by 2.8.2.
  /// Null if that is no version 2 at all ("3.0", "").
  static const Grammar* find(std::string_view version);
  static const std::vector<std::string_view>& versions();

  /// From the text of a grammar file (tools/hl7v2_grammar.py says how it reads), which outlives the
  /// result. Invalid: the line where it can't be read.
  static Result<std::shared_ptr<const Grammar>> parse(std::string_view text);

  std::string_view version() const { return version_; }
  const SegmentDef* segment(std::string_view name) const;
  const DataTypeDef* data_type(std::string_view name) const;
  const TableDef* table(std::string_view id) const;
  const StructureDef* structure(std::string_view name) const;

  /// The structure that a message of this type has, "ADT^A04^ADT_A01" in parts: by the third, else
  /// by type and event. Null: there is none.
  const StructureDef* structure_of(std::string_view type, std::string_view event,
                                   std::string_view structure) const;

  const std::map<std::string_view, SegmentDef>& segments() const { return segments_; }
  const std::map<std::string_view, DataTypeDef>& data_types() const { return data_types_; }
  const std::map<std::string_view, StructureDef>& structures() const { return structures_; }

 private:
  friend class GrammarReader;
  Grammar() = default;

  std::string_view version_;
  std::map<std::string_view, SegmentDef> segments_;
  std::map<std::string_view, DataTypeDef> data_types_;
  std::map<std::string_view, TableDef> tables_;
  std::map<std::string_view, StructureDef> structures_;
  std::map<std::string_view, std::string_view> events_;  // "ADT^A04" to structure
};

/// What a code of a standard table means, in any version: ("0001", "F") is "Female". Empty: not
/// known.
std::string_view code_meaning(std::string_view table, std::string_view code);

}  // namespace causeway::hl7v2
