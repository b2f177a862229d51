#include "engine/formats/hl7v2/grammar/segment_words.h"

namespace causeway::hl7v2 {
namespace {

const ElementDef* nth(const std::vector<ElementDef>& elements, int n) {
  const auto index = static_cast<std::size_t>(n) - 1;
  return n > 0 && index < elements.size() ? &elements[index] : nullptr;
}

const ElementDef* nth_component(const DataTypeDef* type, int n) {
  return type ? nth(type->components, n) : nullptr;
}

PlaceWords words_of(const ElementDef* element) {
  if (!element) return {};
  return {element->name, element->type_name, element->table};
}

}  // namespace

SegmentWords::SegmentWords(const Grammar& grammar, const Message& message, std::size_t segment)
    : def_(grammar.segment(message.segment_name(segment))) {
  if (!def_ || (def_->name != "OBX" && def_->name != "MFE")) return;
  Path declared;
  declared.field = def_->name == "OBX" ? 2 : 5;
  varying_field_ = def_->name == "OBX" ? 5 : 4;
  varying_type_ = grammar.data_type(message.raw_in(segment, declared).value_or(""));
}

const ElementDef* SegmentWords::field_def(int field) const {
  return def_ ? nth(def_->fields, field) : nullptr;
}

const DataTypeDef* SegmentWords::type_of(int field) const {
  const auto* def = field_def(field);
  if (!def) return nullptr;
  return !def->type && field == varying_field_ ? varying_type_ : def->type;
}

PlaceWords SegmentWords::field(int field) const {
  auto words = words_of(field_def(field));
  if (const auto* type = type_of(field); type && words.type == "varies") words.type = type->name;
  return words;
}

PlaceWords SegmentWords::component(int field, int component) const {
  auto words = words_of(nth_component(type_of(field), component));
  if (const auto* def = field_def(field); def && component == 1 && words.table.empty())
    words.table = def->table;
  return words;
}

PlaceWords SegmentWords::subcomponent(int field, int component, int subcomponent) const {
  const auto* around = nth_component(type_of(field), component);
  return words_of(nth_component(around ? around->type : nullptr, subcomponent));
}

std::string SegmentWords::name_of(const Path& path) const {
  if (path.field == 0) return std::string(title());
  std::string name(field(path.field).name);
  const auto add = [&](std::string_view part) {
    if (!part.empty()) name.append(name.empty() ? "" : ", ").append(part);
  };
  if (path.component > 0) add(component(path.field, path.component).name);
  if (path.subcomponent > 0) add(subcomponent(path.field, path.component, path.subcomponent).name);
  return name;
}

}  // namespace causeway::hl7v2
