#include "connectors/dicom/fields.h"

#include "engine/formats/dicom/encoding.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::int64_t gibibyte = std::int64_t{1024} * 1024 * 1024;
constexpr std::int64_t day_ms = 86'400'000;

config::Field status_field(const char* name, const char* meaning,
                           std::vector<std::string> choices) {
  return config::choice(name, meaning, std::move(choices));
}

config::Fields status_fields() {
  const std::vector<std::string> passing{"deferred", "rejected", "delivered"};
  const std::vector<std::string> final{"rejected", "deferred", "delivered"};
  return {status_field("A7xx", "Refused: out of resources", passing),
          status_field("0110", "Processing failure", final),
          status_field("0124", "Refused: not authorized", final),
          status_field("0111",
                       "Duplicate SOP instance; delivered in any case if it may have been sent "
                       "before",
                       final),
          status_field("others", "All other failures", final)};
}

config::Fields service_fields() {
  return {config::boolean("storage", "Objects that are stored (C-STORE)", true),
          config::boolean("worklist", "Queries of the modality worklist (C-FIND)", false),
          config::boolean("queries", "Queries for patients and studies (C-FIND)", false),
          config::boolean("procedure_steps", "Performed procedure steps (MPPS: N-CREATE and N-SET)",
                          false),
          config::boolean("commitment", "Requests for storage commitment (N-ACTION)", false)};
}

Outcome outcome_named(const std::string& word) {
  if (word == "delivered") return Outcome::Delivered;
  return word == "rejected" ? Outcome::Rejected : Outcome::Deferred;
}

Status check_titles(const std::vector<std::string>& titles, const char* field) {
  for (const auto& title : titles)
    if (!is_title(title))
      return Error{ErrorKind::Invalid, field,
                   "an AE title has 1 to 16 printable characters, and no backslash"};
  return Done{};
}

Status check_uids(const std::vector<std::string>& uids, const char* field) {
  for (const auto& uid : uids)
    if (!causeway::dicom::is_uid(uid))
      return Error{ErrorKind::Invalid, field, "\"" + uid + "\" is no UID"};
  return Done{};
}

Result<Rules> read_rules(const config::Parsed& parsed) {
  Rules rules;
  rules.called_titles = parsed.text_list("called_titles");
  rules.calling_titles = parsed.text_list("calling_titles");
  rules.sop_classes = parsed.text_list("sop_classes");
  rules.transfer_syntaxes = parsed.text_list("transfer_syntaxes");
  const auto& serves = parsed.object("serves");
  rules.services = {serves.boolean("storage"), serves.boolean("worklist"),
                    serves.boolean("queries"), serves.boolean("procedure_steps"),
                    serves.boolean("commitment")};
  for (const auto& checked : {check_titles(rules.called_titles, "called_titles"),
                              check_titles(rules.calling_titles, "calling_titles"),
                              check_uids(rules.sop_classes, "sop_classes"),
                              check_uids(rules.transfer_syntaxes, "transfer_syntaxes")})
    if (!checked) return checked.error();
  for (const auto& text : parsed.text_list("peers")) {
    auto range = AddressRange::read(text);
    if (!range) return range.error();
    rules.peers.push_back(std::move(*range));
  }
  return rules;
}

}  // namespace

const config::Fields& source_fields() {
  static const config::Fields fields = {
      config::text("host", "IPv4 or IPv6 address to listen on; 0.0.0.0 or :: for all")
          .defaults_to(std::string("127.0.0.1")),
      config::integer("port", "TCP port to listen on; 0 takes any free one")
          .between(0, 65535)
          .required(),
      tls_server_field(),
      config::text_list("called_titles", "AE titles that it answers to; none given: to any"),
      config::text_list("calling_titles", "AE titles that may send; none given: any"),
      config::text_list("peers",
                        "Addresses that may connect, or ranges such as 192.0.2.0/24; none given: "
                        "any"),
      config::object("serves", "What it serves. Queries and commitment are answered by the script",
                     service_fields()),
      config::text_list(
          "sop_classes",
          "UIDs of the SOP classes of objects that are accepted; none given: all that can be "
          "stored"),
      config::text_list("transfer_syntaxes",
                        "UIDs of the transfer syntaxes that are accepted; none given: all. Objects "
                        "are kept as they come"),
      config::integer("connections_max",
                      "Open associations; further connections are closed at once")
          .between(1, 1000)
          .defaults_to(std::int64_t{300}),
      config::size_bytes("pdu_bytes_max", "Longest PDU that senders may use", 128 * 1024)
          .between(4096, 1024 * 1024),
      config::duration_ms("associate_timeout_ms",
                          "Close a connection that hasn't asked for an association after so long",
                          30'000)
          .between(1, 600'000),
      config::duration_ms("idle_timeout_ms",
                          "Abort an association after so long without a byte; 0: never", 600'000),
      config::duration_ms("object_timeout_ms",
                          "Abort an association whose object isn't whole after so long; 0: never",
                          3'600'000),
      config::size_bytes("object_bytes_max",
                         "Largest object, as a file; a larger one aborts the association",
                         4 * gibibyte)
          .between(1024, 1024 * gibibyte),
  };
  return fields;
}

const config::Fields& sink_fields() {
  static const config::Fields fields = {
      config::text("host", "Name or address of the archive").required(),
      config::integer("port", "TCP port of the archive").between(1, 65535).required(),
      tls_client_field(),
      config::text("called_title", "AE title of the archive").required(),
      config::text("calling_title", "AE title that we go by").defaults_to(std::string("CAUSEWAY")),
      config::integer("connections",
                      "Associations held open, each with one object in flight; the order of lanes "
                      "is kept with any number")
          .between(1, 64)
          .defaults_to(std::int64_t{1}),
      config::duration_ms("connect_timeout_ms",
                          "For look-up, connection, TLS and association together", 15'000)
          .between(1, 600'000),
      config::duration_ms("reply_timeout_ms",
                          "From the object's last byte to its reply; also for the archive to take "
                          "any bytes at all",
                          60'000)
          .between(1, day_ms),
      config::duration_ms("idle_timeout_ms",
                          "Release an association unused for so long; 0: never. An archive that "
                          "serves one association at a time serves nobody else for so long",
                          3'000),
      config::choice("operation",
                     "What is asked of it. as_received: what was asked of us (\"find\" of a query "
                     "that came in), and to store where nothing was",
                     {"as_received", "store", "find", "move", "create", "set", "report"}),
      config::choice("model", "Which information model queries and moves are of",
                     {"study_root", "patient_root", "worklist"}),
      config::text("move_destination", "AE title that objects are moved to"),
      config::object("statuses", "What the archive's failures say of an object", status_fields()),
  };
  return fields;
}

Result<SourceSettings> source_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SourceSettings settings;
  if (auto read = read_listening_endpoint(parsed, secrets, settings); !read) return read.error();
  auto rules = read_rules(parsed);
  if (!rules) return rules.error();
  settings.rules = std::move(*rules);
  settings.connections_max = static_cast<std::size_t>(parsed.integer("connections_max"));
  settings.pdu_bytes_max = static_cast<std::size_t>(parsed.integer("pdu_bytes_max"));
  settings.associate_timeout = parsed.duration("associate_timeout_ms");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  settings.object_timeout = parsed.duration("object_timeout_ms");
  settings.object_bytes_max = static_cast<std::uint64_t>(parsed.integer("object_bytes_max"));
  return settings;
}

Result<SinkSettings> sink_settings(const config::Parsed& parsed, const Secrets* secrets) {
  SinkSettings settings;
  if (auto read = read_peer_endpoint(parsed, secrets, settings); !read) return read.error();
  settings.called_title = parsed.text("called_title");
  settings.calling_title = parsed.text("calling_title");
  for (const auto& checked : {check_titles({settings.called_title}, "called_title"),
                              check_titles({settings.calling_title}, "calling_title")})
    if (!checked) return checked.error();
  settings.connections = static_cast<std::size_t>(parsed.integer("connections"));
  settings.connect_timeout = parsed.duration("connect_timeout_ms");
  settings.reply_timeout = parsed.duration("reply_timeout_ms");
  settings.idle_timeout = parsed.duration("idle_timeout_ms");
  const auto operation = parsed.text("operation");
  if (operation != "as_received") settings.operation = operation;
  const auto model = parsed.text("model");
  settings.model = model == "patient_root" ? SinkSettings::Model::PatientRoot
                   : model == "worklist"   ? SinkSettings::Model::Worklist
                                           : SinkSettings::Model::StudyRoot;
  settings.move_destination = parsed.text("move_destination");
  if (operation == "move") {
    if (auto checked = check_titles({settings.move_destination}, "move_destination"); !checked)
      return checked.error();
    if (settings.model == SinkSettings::Model::Worklist)
      return Error{ErrorKind::Invalid, "model", "nothing can be moved out of a worklist"};
  }
  const auto& given = parsed.object("statuses");
  settings.statuses = {outcome_named(given.text("A7xx")), outcome_named(given.text("0110")),
                       outcome_named(given.text("0124")), outcome_named(given.text("0111")),
                       outcome_named(given.text("others"))};
  return settings;
}

}  // namespace causeway::connectors::dicom
