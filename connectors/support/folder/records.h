// What one message of a file is: the file, a line, a message of an HL7 v2 batch, an XML element, a
// CSV record. A RecordReader cuts a file's bytes into them as they stream in.
//
// Not thread-safe. Errors: Invalid and Limit, with a place ("line N").
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/body.h"
#include "engine/core/result.h"

namespace causeway::connectors::folder {

enum class RecordKind : std::uint8_t { Whole, Hl7v2, Line, XmlElement, Csv };

struct RecordRules {
  RecordKind kind = RecordKind::Whole;
  std::size_t record_bytes_max = 16 * 1024 * 1024;
  std::string xml_element;
  char separator = ',';
  char quote = '"';
  enum class Header : std::uint8_t { None, Skip, WithEach };
  Header header = Header::None;  ///< What the first CSV record is, and becomes.
};

class RecordReader {
 public:
  /// The view holds during the call. An error ends the reading.
  using OnRecord = std::function<Status(std::string_view record)>;

  virtual ~RecordReader() = default;
  virtual Status push(std::string_view bytes, const OnRecord& on_record) = 0;
  virtual Status finish(const OnRecord& on_record) = 0;
  /// After `finish`: what is wrong with the file though its records are good (a trailer that counts
  /// others). Empty: nothing.
  virtual std::string problem() const { return {}; }
};

/// For every kind but Whole.
std::unique_ptr<RecordReader> make_record_reader(const RecordRules& rules);

/// What a record is, by its first bytes: HL7 v2, XML, JSON, or `otherwise`.
ContentType content_type_of(std::string_view record, ContentType otherwise);

}  // namespace causeway::connectors::folder
