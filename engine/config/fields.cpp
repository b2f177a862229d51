#include "engine/config/fields.h"

namespace causeway::config {

namespace {

constexpr std::int64_t duration_ms_max = std::int64_t{30} * 24 * 3600 * 1000;

}  // namespace

Field Field::required() && {
  required_ = true;
  default_ = Value();
  return std::move(*this);
}

Field Field::between(std::int64_t low, std::int64_t high) && {
  low_ = low;
  high_ = high;
  return std::move(*this);
}

Field Field::one_of(std::vector<std::string> choices) && {
  choices_ = std::move(choices);
  return std::move(*this);
}

Field Field::defaults_to(std::string text) && {
  default_ = Value(std::move(text), {});
  return std::move(*this);
}

Field Field::defaults_to(const char* text) && {
  return std::move(*this).defaults_to(std::string(text));
}

Field Field::defaults_to(int number) && {
  return std::move(*this).defaults_to(std::int64_t{number});
}

Field Field::defaults_to(std::int64_t number) && {
  default_ = Value(number, {});
  return std::move(*this);
}

Field Field::defaults_to(bool flag) && {
  default_ = Value(flag, {});
  return std::move(*this);
}

Field Field::of(Fields members) && {
  members_ = std::make_shared<const Fields>(std::move(members));
  return std::move(*this);
}

Field Field::secret() && {
  secret_ = true;
  return std::move(*this);
}

Field text(std::string name, std::string doc) {
  return {std::move(name), FieldType::Text, std::move(doc)};
}

Field integer(std::string name, std::string doc) {
  return {std::move(name), FieldType::Integer, std::move(doc)};
}

Field boolean(std::string name, std::string doc, bool default_value) {
  return Field(std::move(name), FieldType::Boolean, std::move(doc)).defaults_to(default_value);
}

Field choice(std::string name, std::string doc, std::vector<std::string> choices) {
  std::string first = choices.at(0);
  return Field(std::move(name), FieldType::Choice, std::move(doc))
      .one_of(std::move(choices))
      .defaults_to(std::move(first));
}

Field text_list(std::string name, std::string doc) {
  return {std::move(name), FieldType::TextList, std::move(doc)};
}

Field object(std::string name, std::string doc, Fields members) {
  return Field(std::move(name), FieldType::Object, std::move(doc)).of(std::move(members));
}

Field object_list(std::string name, std::string doc, Fields members) {
  return Field(std::move(name), FieldType::ObjectList, std::move(doc)).of(std::move(members));
}

Field any(std::string name, std::string doc) {
  return {std::move(name), FieldType::Any, std::move(doc)};
}

Field duration_ms(std::string name, std::string doc, std::int64_t default_ms) {
  return integer(std::move(name), std::move(doc))
      .between(0, duration_ms_max)
      .defaults_to(default_ms);
}

Field size_bytes(std::string name, std::string doc, std::int64_t default_bytes) {
  return integer(std::move(name), std::move(doc)).between(0, INT64_MAX).defaults_to(default_bytes);
}

}  // namespace causeway::config
