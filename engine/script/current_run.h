// The state of the run that scripts' calls act on. Internal to this folder; names nothing of the
// JavaScript engine. Used by one thread.
#pragma once

#include <deque>

#include "engine/core/limits.h"
#include "engine/formats/dicom/data_set.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/formats/xml/document.h"
#include "engine/script/script_instance.h"

namespace causeway::script {

class CodeTables;

/// How bytes and strings of this run correspond. One character per byte keeps bytes of any
/// character set as they are.
enum class Encoding : std::uint8_t { BytePerCharacter, Utf8 };

/// What a script logged, bounded.
class StepLog {
 public:
  void line(std::string_view text);
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool cut_ = false;
};

inline constexpr std::size_t xml_documents_max = 1000;   ///< That one run may parse.
inline constexpr std::size_t xml_nodes_max = 1'000'000;  ///< That it may ask for.

inline constexpr std::size_t segments_asked_max = 1'000'000;  ///< Likewise; so for groups.

inline constexpr std::size_t removed_place = static_cast<std::size_t>(-1);

/// What a segment object stands for.
struct SegmentPlace {
  std::size_t message = 0;
  std::size_t place = 0;  ///< `removed_place`: it is gone.
};

struct PartOfMessage {
  std::size_t message = 0;
  hl7v2::SegmentRange range;  ///< Empty: it is gone.
};

/// What a group object stands for.
struct GroupOfMessage : PartOfMessage {
  std::string name;
};

/// What an XML object of a script stands for.
struct XmlNode {
  std::size_t document = 0;
  xml::Node node;
};

/// What a DICOM object of a script stands for.
struct DicomPlace {
  std::size_t data_set = 0;
  dicom::ItemNumber item = dicom::whole_data_set;
};

struct CurrentRun {
  CurrentRun(const ScriptInput& run_input, const ScriptLimits& run_limits)
      : input(run_input), limits(run_limits) {}

  /// Parses the content and decides on the encoding.
  Status begin();
  /// Takes note of bytes handed over; false: past the limit.
  bool charge(std::size_t bytes);
  /// A segment has been put into a message, or taken out: what scripts hold follows. What is put in
  /// at the end of `into` belongs to it, and to what it is in.
  void segment_inserted(std::size_t message, std::size_t place, const hl7v2::SegmentRange* into);
  void segment_removed(std::size_t message, std::size_t place);

  const ScriptInput& input;
  const ScriptLimits& limits;
  const CodeTables* tables = nullptr;
  /// The message, if it is HL7 v2, and the copies made of it; none is removed.
  std::deque<hl7v2::Message> messages;
  std::vector<SegmentPlace> segments;
  std::vector<GroupOfMessage> groups;
  std::deque<ScriptContent> contents;  ///< Made by ctx.json and the like.
  std::deque<xml::Document> xml_documents;
  std::vector<XmlNode> xml_nodes;
  std::deque<dicom::DataSet> data_sets;  ///< The message, if it is DICOM, and copies of it.
  std::vector<DicomPlace> dicom_places;
  bool unusual_numbers = false;  ///< The JSON has numbers to be written as they came.
  Encoding encoding = Encoding::BytePerCharacter;
  ScriptOutput output;
  std::string drop_reason;
  StepLog log;
  std::uint32_t uuids = 0;
  std::optional<std::size_t> sent_message;  ///< What was sent, once it is asked for, if HL7 v2.
  std::size_t charged_bytes = 0;
};

/// True for valid UTF-8 (RFC 3629: no surrogates, nothing past U+10FFFF, shortest form).
bool is_utf8(std::string_view bytes);

}  // namespace causeway::script
