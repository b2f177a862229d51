#include "engine/config/channel_fields.h"

#include "engine/core/check.h"

namespace causeway::config {

namespace {

constexpr std::int64_t queue_max_max = 1'000'000'000'000;

Field queue_max() {
  return integer("queue_max", "Waiting messages at which the source is held; 0: no limit")
      .between(0, queue_max_max)
      .defaults_to(0);
}

Fields reply_fields() {
  return {
      choice("when",
             "When the sender is answered: once stored, once processed, or with a destination's "
             "response",
             {"stored", "done", "destination"}),
      text("destination", "With \"when\": \"destination\": its name"),
      duration_ms("timeout_ms", "After so long the sender gets `on_timeout`", 30'000),
      choice("on_timeout", "What the sender gets then", {"AE", "AR", "AA"}),
  };
}

Fields character_set_fields() {
  return {
      text("from",
           "What arrives is read as this set, whatever MSH-18 says; left out: as MSH-18 says"),
      text("to", "The set that scripts and destinations get; MSH-18 names it").defaults_to("UTF-8"),
      choice("on_loss",
             "When bytes mean nothing in their set, or a character has no place in the other: keep "
             "them as \\X..\\ and say so in the step's log, or fail the run",
             {"keep", "fail"}),
  };
}

Fields retention_fields() {
  return {
      integer("content_days", "Days until bodies, responses and logs are destroyed")
          .between(1, 36'500)
          .defaults_to(30),
      integer("lineage_days", "Days until it is forgotten what happened to a message")
          .between(1, 36'500)
          .defaults_to(365),
  };
}

Fields retry_fields() {
  return {
      duration_ms("first_ms", "Wait before the second try; doubled at each further one", 1000),
      duration_ms("max_ms", "The longest wait", 60'000),
      integer("jitter_percent", "Up to so much is taken off a wait at random")
          .between(0, 100)
          .defaults_to(20),
  };
}

Fields give_up_fields() {
  return {
      integer("attempts", "Tries; 0: no limit").between(0, 1'000'000).defaults_to(0),
      integer("age_ms", "Time since the first failed try; 0: no limit")
          .between(0, std::int64_t{10} * 366 * 24 * 3600 * 1000)
          .defaults_to(0),
      choice("then", "What happens to the lane then", {"park_and_continue", "hold_lane"}),
  };
}

Fields validate_fields() {
  const auto level = [](const char* name, const char* doc) {
    return choice(name, doc, {"warn", "off", "reject"});
  };
  return {
      level("structure", "Segments and groups: missing, too many, out of order, unknown"),
      level("usage", "Fields and components that are missing, or must not be there"),
      level("repetition", "Fields that are repeated too often, or too seldom"),
      level("length", "Values that are too long or too short"),
      level("type", "Values that have not the format of their data type"),
      level("table", "Codes that are not in their table or value set"),
      level("conformance", "Statements of the profile"),
      text("profile", "A folder in the channel's folder, with a conformance profile in NIST's XML"),
      text("version", "The version of HL7 to check against; as MSH-12 says if not given"),
      choice("reject_with", "What the sender of a rejected message gets", {"AE", "AR"}),
  };
}

}  // namespace

const Fields& channel_fields() {
  static const Fields fields = {
      text("$schema", "For editors alone: the JSON Schema of this file"),
      any("source", "Where messages come from: \"type\" and the fields of that connector")
          .required(),
      text("order_by",
           "The unit of order: \"channel\", \"none\", or a path: of HL7 such as \"PID-3.1\", of "
           "DICOM "
           "such as \"PatientID\"")
          .defaults_to("channel"),
      text_list("search", "Paths, of HL7 or DICOM, that messages can be found by"),
      choice("duplicates", "What is done with a message that came before",
             {"mark", "off", "suppress"}),
      object("reply", "What the sender is told, and when", reply_fields()),
      object("validate",
             "How HL7 v2 messages are checked before the first stage. Only if it is given; a "
             "message that breaks a rule of level \"reject\" goes no further",
             validate_fields()),
      object("character_set",
             "Converts each HL7 v2 message before the first stage; what is stored as received "
             "stays as it came",
             character_set_fields()),
      any("stages", "The pipeline: a list of stages, each with a \"type\""),
      any("destinations", "By name: \"type\", the fields of that connector, and policies")
          .required(),
      queue_max(),
      object("retention", "How long messages are kept", retention_fields()),
  };
  return fields;
}

const Fields& stage_fields() {
  static const Fields fields = {
      choice("type",
             "What the script decides: filter (does the message go on), transform (what goes on), "
             "split (the parts that go on, each by itself), route (which destinations get it), "
             "enrich (what is looked up elsewhere, for the stages after it)",
             {"filter", "transform", "split", "route", "enrich"})
          .required(),
      text("file", "The script, by its path in the channel's folder").required(),
      integer("time_limit_ms", "A run that takes longer is ended and counts as an error")
          .between(1, 600'000)
          .defaults_to(2000),
      choice("on_error",
             "What happens to the lane when the script fails; a message without a readable "
             "header is parked in any case",
             {"hold_lane", "park_and_continue"}),
  };
  return fields;
}

const Fields& source_fields() {
  static const Fields fields = {
      text("type", "The connector").required(),
  };
  return fields;
}

const Fields& destination_fields() {
  static const Fields fields = {
      text("type", "The connector, or \"channel\"").required(),
      choice("on_ambiguous", "When it can't be known whether the message was accepted",
             {"hold_lane", "retry", "park_and_continue"}),
      choice("on_rejected", "When the destination refused the message",
             {"park_and_continue", "hold_lane"}),
      object("give_up_after", "When tries end", give_up_fields()),
      object("retry", "The time between tries", retry_fields()),
      integer("in_flight_max", "Messages being sent at once, at most")
          .between(1, 100'000)
          .defaults_to(64),
      queue_max(),
      boolean("paused", "Keep messages for it, but send none", false),
      text_list("sending_hours",
                "It is sent to in these hours alone, local time: \"mon-fri 07:00-19:00\"; left "
                "out: always"),
      text_list("maintenance",
                "It is not sent to in these times: \"2026-12-01 22:00 to 2026-12-02 04:00\", local "
                "time"),
      text("response",
           "A script that looks at its answers: what they mean, and what the sender is answered"),
  };
  return fields;
}

const Fields& hop_fields() {
  static const Fields fields = {
      text("channel", "The channel that gets the message, by its path").required(),
  };
  return fields;
}

Fields together(const Fields& first, const Fields& second) {
  Fields all = first;
  for (const auto& field : second) {
    const auto same = [&](const Field& other) { return other.name() == field.name(); };
    CHECK(std::none_of(first.begin(), first.end(), same));
    all.push_back(field);
  }
  return all;
}

}  // namespace causeway::config
