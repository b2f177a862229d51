// Field declarations: what a connector or stage can be told, declared once. From one declaration
// come parsing with defaults, lint (every problem at once, with place and nearest valid key), JSON
// Schema, and reference pages.
//
//   const config::Fields& source_fields() {
//     static const config::Fields fields = {
//         config::integer("port", "TCP port to listen on").between(1, 65535).required(),
//         config::duration_ms("idle_timeout_ms", "Close after so long without a byte", 600'000),
//     };
//     return fields;
//   }
//   auto parsed = config::read(source_fields(), value, problems);   // reports into problems
//   auto port = parsed.integer("port");
//
// Text and integer fields may be given as "env:NAME", taken from the installation's environment;
// fields declared secret only as "secret:NAME", which stays a name here.
//
// Declarations are immutable and may be shared by threads; Problems and Parsed are plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/environment.h"
#include "engine/config/problems.h"
#include "engine/config/value.h"
#include "engine/core/ids.h"

namespace causeway::config {

enum class FieldType : std::uint8_t {
  Text,
  Integer,
  Boolean,
  Choice,
  TextList,
  Object,
  ObjectList,
  Any
};

class Fields;

class Field {
 public:
  Field(std::string name, FieldType type, std::string doc)
      : name_(std::move(name)), type_(type), doc_(std::move(doc)) {}

  Field required() &&;                                    ///< No default; must be given.
  Field between(std::int64_t low, std::int64_t high) &&;  ///< For Integer.
  Field one_of(std::vector<std::string> choices) &&;      ///< For Choice.
  Field defaults_to(std::string text) &&;
  Field defaults_to(const char* text) &&;  // or it would be taken for a bool
  Field defaults_to(std::int64_t number) &&;
  Field defaults_to(int number) &&;
  Field defaults_to(bool flag) &&;
  Field of(Fields members) &&;  ///< For Object and ObjectList: their own fields.
  Field secret() &&;            ///< Only "secret:NAME" is allowed; never printed.

  const std::string& name() const { return name_; }
  FieldType type() const { return type_; }
  const std::string& doc() const { return doc_; }
  bool is_required() const { return required_; }
  bool is_secret() const { return secret_; }
  std::optional<std::int64_t> low() const { return low_; }
  std::optional<std::int64_t> high() const { return high_; }
  const std::vector<std::string>& choices() const { return choices_; }
  const Value& default_value() const { return default_; }
  const Fields* members() const { return members_.get(); }

 private:
  std::string name_;
  FieldType type_;
  std::string doc_;
  bool required_ = false;
  bool secret_ = false;
  std::optional<std::int64_t> low_, high_;
  std::vector<std::string> choices_;
  Value default_;
  std::shared_ptr<const Fields> members_;
};

class Fields : public std::vector<Field> {
 public:
  using std::vector<Field>::vector;
};

Field text(std::string name, std::string doc);
Field integer(std::string name, std::string doc);
Field boolean(std::string name, std::string doc, bool default_value);
Field choice(std::string name, std::string doc,
             std::vector<std::string> choices);  ///< Default: the first.
Field text_list(std::string name, std::string doc);
Field object(std::string name, std::string doc, Fields members);
Field object_list(std::string name, std::string doc, Fields members);
Field any(std::string name, std::string doc);  ///< Checked by whoever asks for its `raw`.
Field duration_ms(std::string name, std::string doc, std::int64_t default_ms);  ///< 0 … 30 days.
Field size_bytes(std::string name, std::string doc, std::int64_t default_bytes);

/// What was read, independent of its declaration: every declared field has a value (given, or its
/// default). Asking for a field that is not declared, or by the wrong type, is a bug of ours and
/// aborts.
class Parsed {
 public:
  /// Of a text, choice or secret ("secret:NAME"); empty if not given and without default.
  std::string text(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool boolean(std::string_view name) const;
  Milliseconds duration(std::string_view name) const;
  std::vector<std::string> text_list(std::string_view name) const;
  const Parsed& object(std::string_view name) const;
  const std::vector<Parsed>& object_list(std::string_view name) const;
  bool given(std::string_view name) const;
  /// Whether such a field is declared, for who looks at settings of any kind.
  bool has(std::string_view name, FieldType type) const;
  const Value& raw(std::string_view name) const;

 private:
  friend class FieldReader;
  struct Entry {
    FieldType type = FieldType::Any;
    Value value;  ///< With what "env:NAME" stands for in its place.
    bool given = false;
    std::shared_ptr<const Parsed> members;
    std::shared_ptr<const std::vector<Parsed>> items;
  };
  const Entry& entry(std::string_view name) const;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// Reads an object by its declaration. All problems are added; the result is usable only if none
/// was. Without `environment`, for linting alone, every "env:NAME" is taken for good and reads as
/// if it were not given.
Parsed read(const Fields& fields, const Value& value, Problems& problems, std::string pointer = "",
            const EnvironmentValues* environment = nullptr);

/// The same for what comes over a wire instead of from a channel's files: "env:" and "secret:" mean
/// nothing, a text is a text.
Parsed read_plain(const Fields& fields, const Value& value, Problems& problems,
                  std::string pointer = "");

/// JSON Schema (2020-12) of an object with these fields, as JSON text.
std::string json_schema(const Fields& fields, std::string_view title);
/// The same without a head, for use inside of another document, and for what `read_plain` reads.
std::string plain_schema(const Fields& fields);
std::string plain_schema(const Field& field);
/// A reference page in Markdown: one table row per field.
std::string reference_page(const Fields& fields, std::string_view title);

}  // namespace causeway::config
