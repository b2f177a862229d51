#include "connectors/support/folder/records.h"

#include "engine/core/check.h"
#include "engine/formats/delimited/record_splitter.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/xml/element_splitter.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

class LineReader : public RecordReader {
 public:
  explicit LineReader(const delimited::RecordSplitter::Rules& rules) : splitter_(rules) {}
  Status push(std::string_view bytes, const OnRecord& on_record) override {
    return splitter_.push(bytes, on_record);
  }
  Status finish(const OnRecord& on_record) override { return splitter_.finish(on_record); }

 private:
  delimited::RecordSplitter splitter_;
};

/// Lines of CSV, with what their header becomes.
class CsvReader final : public LineReader {
 public:
  explicit CsvReader(const RecordRules& rules)
      : LineReader({rules.separator, rules.quote, rules.record_bytes_max}), rules_(rules) {}

  Status push(std::string_view bytes, const OnRecord& on_record) override {
    return LineReader::push(bytes, with_header(on_record));
  }
  Status finish(const OnRecord& on_record) override {
    return LineReader::finish(with_header(on_record));
  }

 private:
  using Header = RecordRules::Header;

  OnRecord with_header(const OnRecord& on_record) {
    return [this, &on_record](std::string_view record) -> Status {
      if (rules_.header == Header::None) return on_record(record);
      if (std::exchange(first_, false)) {
        header_ = rules_.header == Header::WithEach ? std::string(record) + "\r\n" : "";
        return Done{};
      }
      if (header_.empty()) return on_record(record);
      return on_record(header_ + std::string(record) + "\r\n");
    };
  }

  const RecordRules rules_;
  std::string header_;
  bool first_ = true;
};

class Hl7v2Reader final : public RecordReader {
 public:
  explicit Hl7v2Reader(std::size_t message_bytes_max) : reader_(message_bytes_max) {}

  Status push(std::string_view bytes, const OnRecord& on_record) override {
    const auto on_item = messages_to(on_record);
    for (; mark_ < byte_order_mark.size() && !bytes.empty(); bytes.remove_prefix(1)) {
      if (bytes.front() != byte_order_mark[mark_]) {
        if (auto pushed = reader_.push(byte_order_mark.substr(0, mark_), on_item); !pushed)
          return pushed;
        mark_ = byte_order_mark.size();
        break;
      }
      ++mark_;
    }
    return reader_.push(bytes, on_item);
  }
  Status finish(const OnRecord& on_record) override {
    return reader_.finish(messages_to(on_record));
  }
  std::string problem() const override { return problem_; }

 private:
  hl7v2::BatchReader::OnItem messages_to(const OnRecord& on_record) {
    return [this, &on_record](const hl7v2::BatchItem& item) -> Status {
      note(item);
      return item.kind == hl7v2::BatchItem::Kind::Message ? on_record(item.text) : Done{};
    };
  }

  void note(const hl7v2::BatchItem& item) {
    if (!problem_.empty()) return;
    if (item.kind == hl7v2::BatchItem::Kind::Unreadable)
      problem_ = "lines before the first message that are no HL7 v2";
    if (item.problem == hl7v2::BatchProblem::None) return;
    problem_ = std::string(to_string(item.kind)) + ": " + std::string(to_string(item.problem));
    if (item.declared)
      problem_ +=
          " (" + std::to_string(*item.declared) + ", and not " + std::to_string(item.counted) + ")";
  }

  hl7v2::BatchReader reader_;
  std::size_t mark_ = 0;  // bytes of a byte-order mark that have come
  std::string problem_;
};

class XmlReader final : public RecordReader {
 public:
  explicit XmlReader(const RecordRules& rules)
      : name_(rules.xml_element), splitter_(rules.xml_element, rules.record_bytes_max) {}

  Status push(std::string_view bytes, const OnRecord& on_record) override {
    return splitter_.push(bytes, counted(on_record));
  }
  Status finish(const OnRecord& on_record) override { return splitter_.finish(counted(on_record)); }
  std::string problem() const override {
    return found_ ? "" : "no element \"" + name_ + "\" in it";
  }

 private:
  OnRecord counted(const OnRecord& on_record) {
    return [this, &on_record](std::string_view element) {
      found_ = true;
      return on_record(element);
    };
  }

  const std::string name_;
  xml::ElementSplitter splitter_;
  bool found_ = false;
};

}  // namespace

std::unique_ptr<RecordReader> make_record_reader(const RecordRules& rules) {
  CHECK(rules.kind != RecordKind::Whole);
  switch (rules.kind) {
    case RecordKind::Hl7v2:
      return std::make_unique<Hl7v2Reader>(rules.record_bytes_max);
    case RecordKind::XmlElement:
      return std::make_unique<XmlReader>(rules);
    case RecordKind::Csv:
      return std::make_unique<CsvReader>(rules);
    default:
      return std::make_unique<LineReader>(
          delimited::RecordSplitter::Rules{0, 0, rules.record_bytes_max});
  }
}

ContentType content_type_of(std::string_view record, ContentType otherwise) {
  const auto begin = record.find_first_not_of(" \t\r\n\v");
  if (begin == std::string_view::npos) return otherwise;
  record.remove_prefix(begin);
  if (record.starts_with(byte_order_mark)) record.remove_prefix(byte_order_mark.size());
  for (auto name : {"MSH", "FHS", "BHS"})
    if (record.starts_with(name)) return ContentType::Hl7v2;
  if (record.starts_with('<')) return ContentType::Xml;
  if (record.starts_with('{') || record.starts_with('[')) return ContentType::Json;
  return otherwise;
}

}  // namespace causeway::connectors::folder
