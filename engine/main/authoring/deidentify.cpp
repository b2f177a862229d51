#include "engine/main/authoring/deidentify.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "engine/config/revision_hash.h"
#include "engine/formats/hl7v2/grammar/grammar.h"
#include "engine/formats/hl7v2/leaves.h"

namespace causeway {
namespace {

constexpr std::size_t found_elsewhere_bytes_min = 4;
constexpr const char* no_text = "A text that was here has been removed.";

enum class Kind : std::uint8_t { Kept, Shaped, Date, Text, Unknown };

/// A salted hash (FNV-1a, then splitmix64), from which as much can be drawn as is wanted.
class Draw {
 public:
  Draw(std::string_view salt, std::string_view value) {
    for (auto part : {salt, value})
      for (const char c : part) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  std::uint64_t next() {
    auto z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
  }
  char among(char first, int count) {
    return static_cast<char>(first + static_cast<char>(next() % static_cast<unsigned>(count)));
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325u;
};

bool is_date(std::string_view type) {
  return type == "DT" || type == "TS" || type == "DTM" || type == "DR";
}

/// By data type: which components say who it is (chapter 2.A); the names of HL7's own.
bool identifies(std::string_view type, int component) {
  const auto any = [&](std::initializer_list<int> list) {
    return std::find(list.begin(), list.end(), component) != list.end();
  };
  if (type == "XPN" || type == "PN") return any({1, 2, 3});
  if (type == "XCN" || type == "CN" || type == "CNN" || type == "PPN") return any({1, 2, 3, 4});
  if (type == "NDL") return component == 1;
  if (type == "XAD" || type == "AD") return any({1, 2, 3, 5, 8, 9});
  if (type == "XTN" || type == "TN") return !any({2, 3});
  if (type == "CX" || type == "CK" || type == "EI" || type == "DLN") return component == 1;
  return type == "EIP";
}

/// Plain texts that say who it is, by what the standard calls their field.
bool names_somebody(std::string_view title) {
  for (const std::string_view word : {"SSN", "Social Security", "Driver", "License", "Policy",
                                      "Account", "Birth Place", "Certificate", "Control ID"})
    if (title.find(word) != std::string_view::npos) return true;
  return false;
}

Kind kind_of(const hl7v2::SegmentDef& segment, const hl7v2::Leaf& leaf, std::string_view varies) {
  if (leaf.verbatim) return Kind::Kept;
  const auto number = static_cast<std::size_t>(leaf.field);
  if (number > segment.fields.size()) return Kind::Unknown;
  const auto& field = segment.fields[number - 1];
  const auto type = field.type_name == "varies" ? varies : field.type_name;
  if (type.empty()) return Kind::Unknown;
  if (type == "TX" || type == "FT") return Kind::Text;
  if (type == "ED") return leaf.component == 5 ? Kind::Text : Kind::Kept;
  if (is_date(type)) return Kind::Date;
  if (identifies(type, leaf.component)) return Kind::Shaped;
  const auto component = static_cast<std::size_t>(leaf.component);
  if (field.type && component <= field.type->components.size()) {
    const auto& inner = field.type->components[component - 1].type_name;
    if (is_date(inner)) return Kind::Date;
    if (identifies(inner, leaf.subcomponent)) return Kind::Shaped;
  }
  if (names_somebody(field.name)) return Kind::Shaped;
  // A result in words may say anything.
  return field.type_name == "varies" && type == "ST" ? Kind::Unknown : Kind::Kept;
}

bool in_a_word(std::string_view text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]));
}

}  // namespace

Deidentifier::Deidentifier(std::string salt) : salt_(std::move(salt)) {
  shift_ = std::chrono::days(30 + static_cast<int>(Draw(salt_, "days").next() % 300));
}

std::string Deidentifier::shaped(std::string_view value) {
  if (const auto known = replaced_.find(value); known != replaced_.end()) return known->second;
  Draw draw(salt_, value);
  std::string shape;
  for (const char c : value) {
    if (c >= '0' && c <= '9')
      shape += draw.among(shape.empty() ? '1' : '0', shape.empty() ? 9 : 10);
    else if (c >= 'A' && c <= 'Z')
      shape += draw.among('A', 26);
    else if (static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z'))
      shape += draw.among('a', 26);
    else
      shape += c;
  }
  return replaced_.emplace(std::string(value), shape).first->second;
}

/// The day is moved; what stands behind it (a time of day) stays. Years and months alone stay.
std::string Deidentifier::shifted(std::string_view value) const {
  int date = 0;
  const auto read =
      std::from_chars(value.data(), value.data() + std::min<std::size_t>(8, value.size()), date);
  if (value.size() < 8 || read.ec != std::errc() || read.ptr != value.data() + 8)
    return std::string(value);
  const std::chrono::year_month_day day(std::chrono::year(date / 10000),
                                        std::chrono::month(static_cast<unsigned>(date / 100 % 100)),
                                        std::chrono::day(static_cast<unsigned>(date % 100)));
  if (!day.ok()) return std::string(value);
  const std::chrono::year_month_day moved(std::chrono::sys_days(day) - shift_);
  return fmt::format("{:04}{:02}{:02}{}", static_cast<int>(moved.year()),
                     static_cast<unsigned>(moved.month()), static_cast<unsigned>(moved.day()),
                     value.substr(8));
}

SystemTime Deidentifier::time(SystemTime at) const {
  return at - shift_;
}

/// What is replaced in one place is replaced as a word of its own in every other, too.
std::string Deidentifier::elsewhere(std::string text) const {
  for (const auto& [value, with] : replaced_) {
    if (value.size() < found_elsewhere_bytes_min) continue;
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value, at)) {
      const bool whole =
          !in_a_word(text, at + value.size()) && (at == 0 || !in_a_word(text, at - 1));
      if (whole) text.replace(at, value.size(), with);
      at += whole ? with.size() : 1;
    }
  }
  return text;
}

Result<std::string> Deidentifier::hl7v2(const Bytes& bytes) {
  auto message = hl7v2::Message::parse(bytes);
  if (!message) return message.error();
  const auto version = message->get(*hl7v2::parse_path("MSH-12.1"));
  const auto* grammar = hl7v2::Grammar::find(version);
  if (!grammar) grammar = hl7v2::Grammar::find("2.5.1");
  struct Change {
    std::size_t segment;
    hl7v2::Path path;
    std::string value;
  };
  std::vector<Change> changes;
  for (std::size_t i = 0; i < message->segment_count(); ++i) {
    const std::string name(message->segment_name(i));
    const auto* definition = grammar->segment(name);
    if (!definition) unknown_.insert(name);
    std::string varies;
    for (const auto& leaf : hl7v2::leaves_of(*message, i)) {
      const auto value = hl7v2::decoded(leaf, message->delimiters());
      if (name == "OBX" && leaf.field == 2) varies = value;
      const auto kind = definition ? kind_of(*definition, leaf, varies) : Kind::Kept;
      if (kind == Kind::Unknown) unknown_.insert(name + "-" + std::to_string(leaf.field));
      const auto path = hl7v2::path_of(leaf, name, 1);
      if (kind == Kind::Shaped && value != "\"\"") changes.push_back({i, path, shaped(value)});
      if (kind == Kind::Date) changes.push_back({i, path, shifted(value)});
      if (kind == Kind::Text) changes.push_back({i, path, no_text});
    }
  }
  for (const auto& change : changes)
    if (auto set = message->set_in(change.segment, change.path, change.value); !set)
      return set.error();
  // The delimiters in MSH-1 and MSH-2 are no words.
  const auto made = message->bytes();
  const auto head = std::min<std::size_t>(made->find("MSH") + 8, made->size());
  return made->substr(0, head) + elsewhere(made->substr(head));
}

std::string Deidentifier::json(const config::Value& value) {
  using config::Value;
  const std::function<Value(const Value&)> without = [&](const Value& each) -> Value {
    if (const auto* text = each.string()) {
      auto moved = shifted(*text);
      return {moved == *text ? shaped(*text) : moved, each.place()};
    }
    if (const auto* number = each.integer()) {
      const auto shape = shaped(std::to_string(*number));
      std::int64_t with = 0;
      std::from_chars(shape.data(), shape.data() + shape.size(), with);
      return {with, each.place()};
    }
    if (const auto* members = each.object()) {
      Value::Object object;
      for (const auto& [name, member] : *members) object.emplace_back(name, without(member));
      return {std::move(object), each.place()};
    }
    if (const auto* items = each.list()) {
      Value::List list;
      for (const auto& item : *items) list.push_back(without(item));
      return {std::move(list), each.place()};
    }
    return each;
  };
  return config::canonical_json(without(value));
}

}  // namespace causeway
