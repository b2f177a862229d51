// read: from a declaration and a value to Parsed and problems.
#include "engine/config/fields.h"

namespace causeway::config {

namespace {

constexpr std::size_t list_items_max = 1000;

/// Of what kind a value is, to be said beside what was expected. Never the value itself: a password
/// may have been put there by mistake.
std::string_view kind_of(const Value& value) {
  if (value.string()) return "a text";
  if (value.integer()) return "an integer";
  if (value.real()) return "a number with a fraction";
  if (value.boolean()) return "true or false";
  if (value.list()) return "a list";
  return value.object() ? "an object" : "null";
}

}  // namespace

class FieldReader {
 public:
  enum class References { Resolved, None };

  FieldReader(Problems& problems, const EnvironmentValues* environment, References references)
      : problems_(problems), environment_(environment), references_(references) {}

  Parsed object(const Fields& fields, const Value& value, const std::string& pointer) {
    Parsed parsed;
    if (value.object()) {
      report_unknown_keys(fields, value, pointer);
    } else {
      expect(false, value, pointer, "expected an object");
    }
    for (const auto& field : fields) parsed.entries_[field.name()] = entry(field, value, pointer);
    return parsed;
  }

 private:
  void report_unknown_keys(const Fields& fields, const Value& value, const std::string& pointer) {
    std::vector<std::string> names;
    for (const auto& field : fields) names.push_back(field.name());
    for (const auto& [key, member] : *value.object())
      if (std::find(names.begin(), names.end(), key) == names.end())
        problems_.add(member, pointer_to(pointer, key),
                      "unknown key " + in_quotes(key) + did_you_mean(key, names));
  }

  Parsed::Entry entry(const Field& field, const Value& parent, const std::string& pointer) {
    const Value* given = parent.find(field.name());
    if (!given) {
      if (field.is_required() && parent.object())
        problems_.add(parent, pointer, "\"" + field.name() + "\" is missing: " + field.doc());
      return absent(field);
    }
    Parsed::Entry found = absent(field);
    found.given = true;
    const auto place = pointer_to(pointer, field.name());
    reference_.clear();
    if (field.type() == FieldType::Object)
      found.members = std::make_shared<Parsed>(object(*field.members(), *given, place));
    else if (field.type() == FieldType::ObjectList)
      found.items = std::make_shared<std::vector<Parsed>>(items(field, *given, place));
    else if (const auto* value = resolved(field, *given, place);
             value && fits(field, *value, place))
      found.value = *value;
    return found;
  }

  std::vector<Parsed> items(const Field& field, const Value& value, const std::string& pointer) {
    std::vector<Parsed> found;
    const auto* list = value.list();
    if (!expect(list, value, pointer, "expected a list of objects") ||
        !fits_count(*list, value, pointer))
      return found;
    for (std::size_t i = 0; i < list->size(); ++i)
      found.push_back(object(*field.members(), (*list)[i], pointer_to(pointer, i)));
    return found;
  }

  bool fits_count(const Value::List& list, const Value& value, const std::string& pointer) {
    if (list.size() <= list_items_max) return true;
    problems_.add(value, pointer, "more than " + std::to_string(list_items_max) + " items");
    return false;
  }

  /// Default values all the way down; what an absent object requires is not missed.
  static Parsed::Entry absent(const Field& field) {
    Parsed::Entry found{field.type(), field.default_value(), false, nullptr, nullptr};
    if (field.type() == FieldType::ObjectList)
      found.items = std::make_shared<std::vector<Parsed>>();
    if (field.type() == FieldType::Object) {
      Parsed members;
      for (const auto& member : *field.members()) members.entries_[member.name()] = absent(member);
      found.members = std::make_shared<Parsed>(std::move(members));
    }
    return found;
  }

  /// What stands in the environment for "env:NAME"; everything else as it is. nullptr: reported, or
  /// there is no environment to look into.
  const Value* resolved(const Field& field, const Value& value, const std::string& pointer) {
    const bool may_refer = field.type() == FieldType::Text || field.type() == FieldType::Integer;
    if (references_ == References::None || !may_refer || field.is_secret() || !value.string() ||
        !value.string()->starts_with("env:"))
      return &value;
    const auto name = environment_name(value);
    if (!name) {
      problems_.add(value, pointer, "after \"env:\" comes a name of letters, digits, _, - and .");
      return nullptr;
    }
    if (!environment_) return nullptr;
    if (const auto found = environment_->find(*name); found != environment_->end())
      return in_place_of(field, value, found->second);
    problems_.add(value, pointer, "the environment has no " + in_quotes(*name) + suggestion(*name));
    return nullptr;
  }

  std::string suggestion(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& [known, value] : *environment_) names.push_back(known);
    return did_you_mean(name, names);
  }

  /// A problem with the environment's value is shown where the channel refers to it. A number will
  /// do for a text: variables have no types.
  const Value* in_place_of(const Field& field, const Value& reference, const Value& found) {
    reference_ = *reference.string();
    if (!found.integer())
      substituted_ = Value(*found.string(), reference.place());
    else if (field.type() == FieldType::Text)
      substituted_ = Value(std::to_string(*found.integer()), reference.place());
    else
      substituted_ = Value(*found.integer(), reference.place());
    return &substituted_;
  }

  bool fits(const Field& field, const Value& value, const std::string& pointer) {
    switch (field.type()) {
      case FieldType::Text:
        return fits_text(field, value, pointer);
      case FieldType::Integer:
        return fits_integer(field, value, pointer);
      case FieldType::Boolean:
        return expect(value.boolean(), value, pointer, "expected true or false");
      case FieldType::Choice:
        return fits_choice(field, value, pointer);
      case FieldType::TextList:
        return fits_text_list(value, pointer);
      case FieldType::Object:
      case FieldType::ObjectList:
      case FieldType::Any:
        break;
    }
    return true;
  }

  // A secret field's value is never repeated: it may be a password that was put there by mistake.
  bool fits_text(const Field& field, const Value& value, const std::string& pointer) {
    const auto* text = value.string();
    if (field.is_secret())
      return expect(
          text && secret_name(*text), value, pointer,
          "expected \"secret:NAME\", the name of a secret kept outside the channel (causeway "
          "secret set NAME)");
    if (!expect(text, value, pointer, "expected a text")) return false;
    if (references_ == References::None || !text->starts_with("secret:")) return true;
    problems_.add(value, pointer, "no secret can be given here" + origin());
    return false;
  }

  bool fits_integer(const Field& field, const Value& value, const std::string& pointer) {
    const auto* number = value.integer();
    if (!expect(number, value, pointer, "expected an integer")) return false;
    const auto low = field.low().value_or(INT64_MIN);
    const auto high = field.high().value_or(INT64_MAX);
    if (*number >= low && *number <= high) return true;
    problems_.add(value, pointer,
                  std::to_string(*number) + " is not between " + std::to_string(low) + " and " +
                      std::to_string(high) + origin());
    return false;
  }

  bool fits_choice(const Field& field, const Value& value, const std::string& pointer) {
    const auto* text = value.string();
    const auto& choices = field.choices();
    std::string expected;
    for (const auto& word : choices) expected += (expected.empty() ? "" : ", ") + word;
    if (!expect(text, value, pointer, "expected one of: " + expected)) return false;
    if (std::find(choices.begin(), choices.end(), *text) != choices.end()) return true;
    problems_.add(value, pointer,
                  in_quotes(*text) + " is no choice" + did_you_mean(*text, choices));
    return false;
  }

  bool fits_text_list(const Value& value, const std::string& pointer) {
    const auto* list = value.list();
    if (!expect(list, value, pointer, "expected a list of texts")) return false;
    if (!fits_count(*list, value, pointer)) return false;
    bool good = true;
    for (std::size_t i = 0; i < list->size(); ++i)
      good &= expect((*list)[i].string(), (*list)[i], pointer_to(pointer, i), "expected a text");
    return good;
  }

  bool expect(bool good, const Value& value, const std::string& pointer, std::string_view text) {
    if (!good)
      problems_.add(value, pointer,
                    std::string(text) + ", found " + std::string(kind_of(value)) + origin());
    return good;
  }

  /// Where the value came from, if it doesn't stand in the file itself.
  std::string origin() const { return reference_.empty() ? "" : " (from " + reference_ + ")"; }

  Problems& problems_;
  const EnvironmentValues* environment_;
  const References references_;
  std::string reference_;  // "env:NAME", while the value it stands for is looked at
  Value substituted_;
};

Parsed read(const Fields& fields, const Value& value, Problems& problems, std::string pointer,
            const EnvironmentValues* environment) {
  return FieldReader(problems, environment, FieldReader::References::Resolved)
      .object(fields, value, pointer);
}

Parsed read_plain(const Fields& fields, const Value& value, Problems& problems,
                  std::string pointer) {
  return FieldReader(problems, nullptr, FieldReader::References::None)
      .object(fields, value, pointer);
}

}  // namespace causeway::config
