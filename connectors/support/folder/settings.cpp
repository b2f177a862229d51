#include "connectors/support/folder/settings.h"

#include <array>

#include "connectors/support/folder/folder.h"

namespace causeway::connectors::folder {
namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;
constexpr int deepest = 32;
constexpr std::size_t patterns_max = 100;

constexpr std::array<std::pair<std::string_view, RecordKind>, 5> record_kinds{{
    {"whole", RecordKind::Whole},
    {"hl7v2", RecordKind::Hl7v2},
    {"line", RecordKind::Line},
    {"xml", RecordKind::XmlElement},
    {"csv", RecordKind::Csv},
}};

constexpr std::array<std::pair<std::string_view, ContentType>, 8> content_types{{
    {"binary", ContentType::Binary},
    {"hl7v2", ContentType::Hl7v2},
    {"text", ContentType::Text},
    {"json", ContentType::Json},
    {"xml", ContentType::Xml},
    {"dicom", ContentType::Dicom},
    {"x12", ContentType::X12},
    {"csv", ContentType::Csv},
}};

template <class Table>
auto value_of(const Table& table, std::string_view word) {
  for (const auto& [name, value] : table)
    if (name == word) return std::optional(value);
  return std::optional<typename Table::value_type::second_type>();
}

config::Fields csv_fields() {
  return {
      config::text("separator", "One character; \"\\t\" for a tabulator").defaults_to(","),
      config::text("quote", "One character; empty: none").defaults_to("\""),
      config::choice("header",
                     "The first record is one like the others, is left out, or is a header that "
                     "each message begins with",
                     {"none", "skip", "with_each"}),
  };
}

config::Fields selection_fields() {
  return {
      config::text_list("match",
                        "Patterns (*, ?, [a-z]) of the files to read: of their names, or, with a / "
                        "in it, of their paths in the folder. Left out: all. Names that begin with "
                        "a dot are matched only by a pattern that does"),
      config::text_list("exclude",
                        "Patterns of files that are not read. Left out: *.tmp, *.part, *.filepart"),
      config::integer("depth_max", "Folders in the folder: so many levels are read too")
          .between(0, deepest)
          .defaults_to(0),
      config::choice("order", "Which file is read first", {"name", "time", "size"}),
      config::duration_ms("stable_ms",
                          "A file is read once its size and time have stayed the same for so long",
                          2000),
      config::duration_ms("age_min_ms", "And once its time is so long ago", 0),
      config::duration_ms("age_max_ms", "Files whose time is longer ago are not read; 0: all are",
                          0),
  };
}

config::Fields reading_fields() {
  return {
      config::duration_ms("poll_interval_ms", "Time between two looks into the folder", 10'000)
          .between(100, 86'400'000),
      config::text("cron",
                   "Looks at these times instead: minute, hour, day of the month, month, day of "
                   "the week, in the machine's time zone. \"*/15 6-20 * * mon-fri\""),
      config::choice("records",
                     "What one message is: the whole file, each message of an HL7 v2 batch, each "
                     "line, each XML element of a name, each record of CSV",
                     {"whole", "hl7v2", "line", "xml", "csv"}),
      config::text("xml_element",
                   "With \"records\": \"xml\": the element's name, with a prefix or under any"),
      config::object("csv", "With \"records\": \"csv\"", csv_fields()),
      config::choice("content_type", "What a message is; auto: as \"records\" and its bytes say",
                     {"auto", "binary", "hl7v2", "text", "json", "xml", "csv", "dicom", "x12"}),
      config::size_bytes("record_bytes_max", "Longest message out of a file of several",
                         16 * mebibyte)
          .between(1024, 256 * mebibyte),
      config::size_bytes("file_bytes_max", "Largest file; a larger one is moved to failed_folder",
                         4096 * mebibyte)
          .between(1, std::int64_t{1024} * 1024 * mebibyte),
      config::choice("on_success",
                     "When all messages of a file are stored: move it to done_folder, delete it, "
                     "or leave it and remember that it was read",
                     {"move", "delete", "leave"}),
      config::text("done_folder", "In the folder, or absolute on the same file system")
          .defaults_to("done"),
      config::text("failed_folder",
                   "Where a file goes that can't be read, or not to its end, with the reason in "
                   "NAME.reason.txt; in the folder, or absolute on the same file system")
          .defaults_to("failed"),
  };
}

config::Fields batch_fields() {
  return {
      config::integer("messages_max", "It is complete with so many messages")
          .between(1, 100'000)
          .defaults_to(std::int64_t{1000}),
      config::size_bytes("bytes_max", "Or before the message that would make it longer than this",
                         16 * mebibyte)
          .between(1024, 1024 * mebibyte),
      config::duration_ms("age_max_ms", "Or when its first message has waited for so long", 60'000)
          .between(100, std::int64_t{7} * 86'400'000),
      config::choice("headers",
                     "FHS and BHS before the messages and BTS and FTS behind them, BHS and BTS "
                     "alone, or none",
                     {"file", "batch", "none"}),
  };
}

/// What an open batch is called must be the first message's alone.
Status read_batch(const config::Parsed& parsed, SinkSettings& settings) {
  if (!parsed.has("batch", config::FieldType::Object) || !parsed.given("batch")) return Done{};
  if (settings.on_existing != SinkSettings::OnExisting::Reject)
    return Error{ErrorKind::Invalid, "batch", "with \"on_existing\": \"reject\" alone"};
  if (!settings.name.is_unique())
    return Error{ErrorKind::Invalid, "name",
                 "a batch needs {message_id} in it: no other file may have its name"};
  const auto& batch = parsed.object("batch");
  const auto headers = batch.text("headers");
  auto& rules = settings.batch.emplace();
  rules.messages_max = static_cast<std::size_t>(batch.integer("messages_max"));
  rules.bytes_max = static_cast<std::size_t>(batch.integer("bytes_max"));
  rules.age_max = batch.duration("age_max_ms");
  rules.file_header = headers == "file";
  rules.batch_header = headers != "none";
  return Done{};
}

Status check_folder(const config::Parsed& parsed, std::string_view field) {
  auto path = parsed.text(field);
  std::string_view relative = path;
  if (relative.starts_with('/')) relative.remove_prefix(1);
  if (auto good = check_relative(relative); !good)
    return Error{ErrorKind::Invalid, std::string(field), "\"" + path + "\" is no path of a folder"};
  return Done{};
}

Result<char> character(const config::Parsed& csv, std::string_view field) {
  const auto text = csv.text(field);
  if (text == "\\t") return '\t';
  if (text.size() == 1 && text != "\n" && text != "\r") return text.front();
  if (text.empty() && field == "quote") return '\0';
  return Error{ErrorKind::Invalid, "csv." + std::string(field), "one character is needed"};
}

Status read_records(const config::Parsed& parsed, RecordRules& rules) {
  rules.kind = value_of(record_kinds, parsed.text("records")).value_or(RecordKind::Whole);
  rules.record_bytes_max = static_cast<std::size_t>(parsed.integer("record_bytes_max"));
  rules.xml_element = parsed.text("xml_element");
  if (rules.kind == RecordKind::XmlElement && rules.xml_element.empty())
    return Error{ErrorKind::Invalid, "xml_element", "\"records\": \"xml\" needs an element's name"};
  const auto& csv = parsed.object("csv");
  auto separator = character(csv, "separator");
  if (!separator) return separator.error();
  auto quote = character(csv, "quote");
  if (!quote) return quote.error();
  rules.separator = *separator;
  rules.quote = *quote;
  const auto header = csv.text("header");
  rules.header = header == "skip"        ? RecordRules::Header::Skip
                 : header == "with_each" ? RecordRules::Header::WithEach
                                         : RecordRules::Header::None;
  return Done{};
}

Status read_selection(const config::Parsed& parsed, SelectionRules& rules) {
  rules.match = parsed.text_list("match");
  rules.exclude = parsed.given("exclude")
                      ? parsed.text_list("exclude")
                      : std::vector<std::string>{"*.tmp", "*.part", "*.filepart"};
  if (rules.match.size() > patterns_max || rules.exclude.size() > patterns_max)
    return Error{ErrorKind::Limit, "match", "more than 100 patterns"};
  rules.depth_max = static_cast<int>(parsed.integer("depth_max"));
  const auto order = parsed.text("order");
  rules.order = order == "time"   ? SelectionRules::Order::Time
                : order == "size" ? SelectionRules::Order::Size
                                  : SelectionRules::Order::Name;
  rules.stable = parsed.duration("stable_ms");
  rules.age_min = parsed.duration("age_min_ms");
  rules.age_max = parsed.duration("age_max_ms");
  return Done{};
}

}  // namespace

config::Fields source_fields() {
  auto fields = selection_fields();
  for (auto& field : reading_fields()) fields.push_back(field);
  return fields;
}

config::Fields sink_fields(bool appends) {
  std::vector<std::string> on_existing{"reject", "replace"};
  if (appends) on_existing.push_back("append");
  config::Fields fields = {
      config::text("name",
                   "The file's name, with {message_id}, {part}, {date}, {time} (of arrival, UTC), "
                   "{type} (ADT_A01), {control_id}, {attribute:NAME} of the message, or a place of "
                   "HL7 v2 such as {PID-3.1}; a / makes folders")
          .defaults_to("{message_id}-{part}.hl7"),
      config::choice("on_existing",
                     appends ? "When there is a file of that name with other content: reject the "
                               "message, replace the file, or append to it"
                             : "When there is a file of that name with other content: reject the "
                               "message, or replace the file",
                     std::move(on_existing)),
      config::integer("connections", "Files written at once")
          .between(1, 16)
          .defaults_to(std::int64_t{1}),
  };
  if (appends) {
    fields.push_back(
        config::text("separator", "With append: written behind each message").defaults_to(""));
    fields.push_back(config::object(
        "batch",
        "HL7 v2 messages are put together: each file is a batch of many, written one behind the "
        "other under a hidden name, and given its own, by the first, when it is complete",
        batch_fields()));
  }
  return fields;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed) {
  SourceSettings settings;
  if (auto read = read_selection(parsed, settings.selection); !read) return read.error();
  if (auto read = read_records(parsed, settings.records); !read) return read.error();
  settings.times.interval = parsed.duration("poll_interval_ms");
  if (parsed.given("cron")) {
    auto cron = parse_cron(parsed.text("cron"));
    if (!cron) return cron.error();
    settings.times.cron = *cron;
  }
  settings.content_type = value_of(content_types, parsed.text("content_type"));
  settings.file_bytes_max = static_cast<std::uint64_t>(parsed.integer("file_bytes_max"));
  const auto on_success = parsed.text("on_success");
  settings.on_success = on_success == "delete"  ? SourceSettings::OnSuccess::Delete
                        : on_success == "leave" ? SourceSettings::OnSuccess::Leave
                                                : SourceSettings::OnSuccess::Move;
  for (auto field : {"done_folder", "failed_folder"})
    if (auto good = check_folder(parsed, field); !good) return good.error();
  settings.done_folder = parsed.text("done_folder");
  settings.failed_folder = parsed.text("failed_folder");
  return settings;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed) {
  auto name = NameTemplate::parse(parsed.text("name"));
  if (!name) return name.error();
  SinkSettings settings;
  settings.name = std::move(*name);
  const auto existing = parsed.text("on_existing");
  settings.on_existing = existing == "replace"  ? SinkSettings::OnExisting::Replace
                         : existing == "append" ? SinkSettings::OnExisting::Append
                                                : SinkSettings::OnExisting::Reject;
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  if (parsed.has("separator", config::FieldType::Text))
    settings.separator = parsed.text("separator");
  if (auto read = read_batch(parsed, settings); !read) return read.error();
  return settings;
}

}  // namespace causeway::connectors::folder
