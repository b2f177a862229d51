// The declarations half of message_json.h.
#include "engine/api/message_json.h"

namespace causeway::api {
namespace {

using config::Fields;
using config::integer;
using config::object_list;
using config::text;

Fields with(Fields fields, Fields more) {
  for (auto& field : more) fields.push_back(std::move(field));
  return fields;
}

Fields shown_only(Content content, Fields fields) {
  return content == Content::Shown ? fields : Fields{};
}

Fields head_fields() {
  return {text("id", "The message's number, 13 characters").required(),
          text("received_at", "UTC").required(),
          text("channel", "The channel's path").required(),
          text("type", "As MSH-9 says"),
          text("control_id", "As MSH-10 says"),
          text("sender", "The address that it came from"),
          text("peer", "The sender's name, if it proved it"),
          text("content_type", "hl7v2, json, xml, …"),
          integer("bytes", "Of the body"),
          config::text_list("flags", "duplicate, replay, …")};
}

Fields run_fields(Content content) {
  return {
      integer("run", "From 1"),
      text("cause", "arrival, replay, recovery, …"),
      text("state", "How it ended: passed, filtered, failed, …"),
      text("at", "UTC"),
      integer("deployment", "What it ran through"),
      object_list("steps", "What each stage did",
                  with({text("stage", "Its name"), integer("took_us", "Microseconds"),
                        text("error_kind", "The class of its failure")},
                       shown_only(content, {text("log", "What the script wrote"),
                                            text("error", "What failed")}))),
      object_list("inputs", "What it was told from outside",
                  with({text("stage", "Which asked; empty: state of its lane")},
                       shown_only(content, {text("name", "Of what"),
                                            text("bytes", "Not given: there was none")}))),
      object_list("deliveries", "Its outputs",
                  {text("destination", "Its name"),
                   integer("part", "Which of several to it, from 0"), integer("bytes", "To send"),
                   config::boolean("as_received", "The body as it came", false),
                   config::text_list("flags", "possible duplicate"),
                   text("edited_as", "The message whose content a person sent in its place")})};
}

Fields attempt_fields(Content content) {
  return with({text("at", "UTC"), integer("run", "Of which run"),
               text("destination", "Its name, or \"run\""),
               integer("part", "Which of several to it, from 0"), text("event", "What happened"),
               integer("attempt", "From 1"), text("outcome", "delivered, deferred, …"),
               text("kind", "The class of the failure")},
              shown_only(content, {text("response", "What the destination answered"),
                                   text("text", "Why, in words")}));
}

}  // namespace

Fields attention_fields(Content content) {
  return with(
      {text("message", "Its number"), integer("run", "Of which run"),
       text("destination", "Its name, or \"run\""),
       integer("part", "Which of several to it, from 0"),
       text("state", "waiting, trying, held, behind, parked"),
       text("outcome", "Of the last attempt"), text("kind", "The class of the failure"),
       integer("attempts", "Tries so far"), text("since", "UTC"), text("due", "The next try"),
       config::boolean("suspect", "It was being tried at two crashes", false)},
      shown_only(content, {text("reason", "Why, in words")}));
}

Fields found_fields() {
  return with(head_fields(),
              {text("state", "Of the last run; \"waiting\": none has ended"),
               config::boolean("attention", "Something of it waits, is held or parked", false)});
}

Fields message_fields(Content content) {
  return with(
      with(head_fields(),
           shown_only(content, {text("body", "What came; bytes that are no UTF-8 read as Latin-1"),
                                config::boolean("staged", "Too large: read it by /body", false)})),
      {text("content_error", "Why content can't be shown any more"),
       object_list("runs", "Its passages through the channel", run_fields(content)),
       object_list("attempts", "Tries, and what people decided", attempt_fields(content)),
       object_list("replies", "What the sender was told",
                   with({text("at", "UTC"), text("state", "Whether it left"),
                         config::boolean("timed_out", "The wait for the outcome was over", false)},
                        shown_only(content, {text("bytes", "The reply")}))),
       object_list("links", "Messages it came from, or led to",
                   {text("kind", "hop, split, replay, …"), text("parent", "A message's number"),
                    text("child", "A message's number")}),
       object_list("attention", "What waits, is held or parked", attention_fields(content))});
}

}  // namespace causeway::api
