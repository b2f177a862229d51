// Validator: fields of a segment, and what is in them.
#include "engine/formats/hl7v2/scan.h"
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validator.h"
#include "engine/formats/hl7v2/validate/value_format.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::string_view null_value = "\"\"";

/// Fields after the last that the segment has, which are looked at.
constexpr int surplus_fields_max = 200;

std::string title_of(const ElementDef& element, const char* what) {
  return std::string("this ") + what +
         (element.name.empty() ? "" : " (" + std::string(element.name) + ")");
}

/// Characters of UTF-8; of anything else, bytes that could not be inside a character of it.
std::size_t length_of(std::string_view value) {
  return static_cast<std::size_t>(std::count_if(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// Tables of the standard whose codes are all there are. Tables of IS and CWE fields are
/// suggestions, to be extended by sites.
bool has_closed_table(std::string_view type_name) {
  return type_name == "ID";
}

}  // namespace

void Validator::check_segment(const Spot& segment, const SegmentDef& def) {
  const char separator = view_.delimiters().field;
  auto rest = segment.text;
  int number = declares_delimiters(segment.text) ? 1 : 0;
  rest.remove_prefix(std::min(rest.size(), rest.find(separator)));
  const auto count = static_cast<int>(def.fields.size());
  while (number < count || (!rest.empty() && number < count + surplus_fields_max)) {
    std::string_view text;
    if (!rest.empty()) {
      rest.remove_prefix(1);
      text = rest.substr(0, rest.find(separator));
      rest.remove_prefix(text.size());
    }
    ++number;
    Spot spot = segment;
    spot.field = number;
    spot.repetition = 1;
    if (number <= count)
      check_field(segment, def, def.fields[static_cast<std::size_t>(number) - 1], text, number);
    else if (!is_empty(text, view_.delimiters()))
      findings_.add(view_, spot, RuleClass::Usage, "field-unknown", "the segment has no such field",
                    std::string(text), Level::Warn);
  }
}

/// False: it is not to be looked at any further.
bool Validator::check_usage(const Spot& spot, const ElementDef& element, bool present,
                            const char* what) {
  const auto rule = [&](const char* end) { return std::string(what) + end; };
  if (element.usage == Usage::Required && !present)
    findings_.add(view_, spot, RuleClass::Usage, rule("-missing"),
                  title_of(element, what) + " is required, and missing");
  if (element.usage == Usage::NotSupported && present)
    findings_.add(view_, spot, RuleClass::Usage, rule("-not-supported"),
                  title_of(element, what) + " must not be valued", std::string(spot.text));
  if (element.usage == Usage::Withdrawn && present)
    findings_.add(view_, spot, RuleClass::Usage, rule("-withdrawn"),
                  title_of(element, what) + " has been withdrawn from this version",
                  std::string(spot.text), Level::Warn);
  return present && element.usage != Usage::NotSupported && element.usage != Usage::Withdrawn;
}

void Validator::check_field(const Spot& segment, const SegmentDef& def, const ElementDef& field,
                            std::string_view text, int number) {
  Spot spot = segment;
  spot.depth = Depth::Field;
  spot.field = number;
  spot.repetition = 1;
  spot.text = text;
  const bool declares = declares_delimiters(segment.text) && number <= 2;
  const bool present = declares || !is_empty(text, view_.delimiters());
  if (!check_usage(spot, field, present, "field") || declares) return;
  std::uint32_t repetitions = 0, valued = 0;
  for (std::string_view rest = text;; ++spot.repetition) {
    const auto end = std::min(rest.find(view_.delimiters().repetition), rest.size());
    spot.text = rest.substr(0, end);
    ++repetitions;
    if (!is_empty(spot.text, view_.delimiters())) {
      ++valued;
      check_repetition(spot, def, field);
    }
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (field.max != no_limit && repetitions > field.max)
    findings_.add(view_, spot, RuleClass::Cardinality, "field-too-many",
                  title_of(field, "field") + " may be there " + std::to_string(field.max) +
                      (field.max == 1 ? " time" : " times") + ", and is there " +
                      std::to_string(repetitions) + " times");
  if (field.min > 1 && valued < field.min)
    findings_.add(view_, spot, RuleClass::Cardinality, "field-too-few",
                  title_of(field, "field") + " must be there " + std::to_string(field.min) +
                      " times, and is there " + std::to_string(valued) + " times");
}

/// OBX-5 is of the type that OBX-2 says. Null: it can't be told.
const DataTypeDef* Validator::varying_type(const Spot& spot, const SegmentDef& segment,
                                           std::string_view& type_name) const {
  Spot whole = view_.segment(spot.node);
  if (profile_) {
    const auto* varying = profile_->varying_type(segment, spot.field);
    if (!varying) return nullptr;
    const auto by = view_.find(whole, varying->by);
    if (by.empty()) return nullptr;
    std::string second;
    if (const auto more = view_.find(whole, varying->second);
        !varying->second.empty() && !more.empty())
      second = view_.value(more.front().text);
    auto found = varying->cases.find({std::string(by.front().text), second});
    if (found == varying->cases.end())
      found = varying->cases.find({std::string(by.front().text), ""});
    if (found == varying->cases.end()) return nullptr;
    type_name = found->second->name;
    return found->second;
  }
  const bool observation = segment.name == "OBX" && spot.field == 5;
  const bool master_file = segment.name == "MFE" && spot.field == 4;
  if (!observation && !master_file) return nullptr;
  const auto declared = field_of(whole.text, view_.delimiters().field, observation ? 2 : 5);
  type_name = declared.value_or(std::string_view());
  return grammar_.data_type(type_name);
}

void Validator::check_repetition(const Spot& spot, const SegmentDef& segment,
                                 const ElementDef& field) {
  if (spot.text == null_value) return;
  auto type_name = field.type_name;
  const auto* type = field.type;
  if (!type && (type_name == "varies" || profile_)) {
    std::string_view varying;
    if (const auto* found = varying_type(spot, segment, varying)) type = found;
    if (!type && varying.empty()) return;
    if (!varying.empty()) type_name = varying;
  } else if (type && profile_ && type->name.starts_with("var")) {
    std::string_view varying;
    type = varying_type(spot, segment, varying);
    if (!type) return;
    type_name = varying;
  }
  check_value(spot, field, type, type_name);
}

void Validator::check_value(const Spot& spot, const ElementDef& element, const DataTypeDef* type,
                            std::string_view type_name) {
  check_length(spot, element);
  if (spot.text == null_value) return;
  if (type && !type->components.empty() && spot.depth != Depth::Subcomponent)
    check_components(spot, *type);
  else
    check_primitive(spot, element, type && profile_ ? type->name : type_name);
}

void Validator::check_components(const Spot& spot, const DataTypeDef& type) {
  const bool field = spot.depth == Depth::Field;
  const char delimiter = field ? view_.delimiters().component : view_.delimiters().subcomponent;
  Spot inner = spot;
  inner.depth = field ? Depth::Component : Depth::Subcomponent;
  std::string_view rest = spot.text;
  bool more = true;
  const auto count = static_cast<int>(type.components.size());
  for (int number = 1; number <= count || (more && number < count + surplus_fields_max); ++number) {
    inner.text = {};
    if (more) {
      const auto end = std::min(rest.find(delimiter), rest.size());
      inner.text = rest.substr(0, end);
      more = end < rest.size();
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    (field ? inner.component : inner.subcomponent) = number;
    if (number <= count)
      check_component(inner, type.components[static_cast<std::size_t>(number) - 1]);
    else if (!is_empty(inner.text, view_.delimiters()))
      findings_.add(view_, inner, RuleClass::Usage, "component-unknown",
                    "the data type " + std::string(type.name) + " has no such component",
                    std::string(inner.text), Level::Warn);
  }
}

void Validator::check_component(const Spot& spot, const ElementDef& component) {
  const bool present = !is_empty(spot.text, view_.delimiters());
  if (!check_usage(spot, component, present, "component")) return;
  check_value(spot, component, component.type, component.type_name);
}

void Validator::check_primitive(const Spot& spot, const ElementDef& element,
                                std::string_view type_name) {
  const auto& delimiters = view_.delimiters();
  const bool any = type_name.empty() || type_name == "varies" || type_name.starts_with("var");
  const char inner = spot.depth == Depth::Field ? delimiters.component : delimiters.subcomponent;
  const auto divided = inner == no_delimiter ? std::string_view::npos : spot.text.find(inner);
  if (!any && divided != std::string_view::npos && type_name != "FT" && type_name != "TX" &&
      !is_empty(spot.text.substr(divided), delimiters))
    findings_.add(view_, spot, RuleClass::Type, "type-primitive",
                  "a value of type " + std::string(type_name) + " has no components",
                  std::string(spot.text), Level::Warn);
  const auto value = view_.value(spot.text.substr(0, divided));
  if (!value.empty() && !has_format(type_name, value))
    findings_.add(view_, spot, RuleClass::Type, "type-" + std::string(type_name),
                  title_of(element, spot.depth == Depth::Field ? "field" : "component") +
                      " has not the format of its type " + std::string(type_name),
                  value);
  if (!profile_ && has_closed_table(type_name)) check_table(spot, element, value);
}

void Validator::check_length(const Spot& spot, const ElementDef& element) {
  if (element.max_length == no_limit && element.min_length == 0) return;
  if (!findings_.wanted(RuleClass::Length)) return;
  if (spot.text.size() <= element.max_length && spot.text.size() >= element.min_length &&
      element.min_length <= 1)
    return;
  const auto length = length_of(view_.value(spot.text));
  if (element.max_length != no_limit && length > element.max_length)
    findings_.add(view_, spot, RuleClass::Length, "too-long",
                  std::to_string(length) + " characters, and at most " +
                      std::to_string(element.max_length) + " are allowed",
                  std::string(spot.text));
  if (length < element.min_length)
    findings_.add(view_, spot, RuleClass::Length, "too-short",
                  std::to_string(length) + " characters, and at least " +
                      std::to_string(element.min_length) + " are needed",
                  std::string(spot.text));
}

void Validator::check_table(const Spot& spot, const ElementDef& element, const std::string& value) {
  if (!findings_.wanted(RuleClass::Table)) return;
  const auto* table = grammar_.table(element.table);
  if (!table || table->codes.empty() || value.empty()) return;
  if (std::binary_search(table->codes.begin(), table->codes.end(), value)) return;
  findings_.add(
      view_, spot, RuleClass::Table, "code-unknown",
      "not a code of table " + std::string(table->id) + " (" + std::string(table->name) + ")",
      value);
}

}  // namespace causeway::hl7v2
