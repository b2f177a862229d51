// A script as one worker runs it: (message, context) → what goes on. This is the API that the
// pipeline uses; scripts see it as described in mappings/lib/causeway.d.ts.
//
// A run is a pure function of its ScriptInput. Script realms have no clock, random, locale, time
// zone, file or network; their globals are frozen. State that a script keeps in variables of a
// module can't be frozen: one run in `ScriptLimits::verify_one_in` (and the second of each realm)
// is repeated in a fresh realm, and a difference fails it.
//
// The JavaScript engine binds an interpreter to its thread: each thread has one (made at its first
// run, ended with the thread), shared by all instances that run there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/body.h"
#include "engine/core/lane_state.h"
#include "engine/core/message.h"
#include "engine/core/outcome.h"
#include "engine/script/script_module.h"

namespace causeway::script {

/// What names of counters and of values begin with where they are kept: each has names of its own.
/// A counter is kept as a decimal number, a value as JSON; empty: there is none any more.
inline constexpr std::string_view counter_prefix = "counter ", value_prefix = "state ";

struct ScriptContent {
  ContentType type = ContentType::Text;
  Bytes bytes;
};

/// What a script's function decides, and so what it may return.
enum class ScriptRole : std::uint8_t {
  Filter,     ///< Whether the message goes on: true, false, or the reason why not.
  Transform,  ///< What goes on: the message, edited or not, or one or many others.
  Split,      ///< The parts that go on, each by itself.
  Route,      ///< Which destinations get it, or what each gets.
  Response,   ///< What a destination's answer, its content, means.
  Request,    ///< What an enrich stage asks for.
};

/// What an enrich stage has been told.
struct Enriched {
  std::string name;
  Bytes json;  ///< Null: it failed, and the run goes on.
};

/// What a run may depend on. HL7 v2 comes to the script as a message object; all else as a string,
/// decoded as UTF-8 if it is valid UTF-8 (JSON, XML, text), or else one character per byte.
struct ScriptInput {
  ScriptRole role = ScriptRole::Transform;
  ScriptContent content;
  SystemTime received_at;
  MessageId message;
  std::string_view revision;  ///< Of the channel: hash or name; for ctx.uuid().
  std::uint32_t stage = 0;    ///< Keeps the uuids of several stages apart.
  std::uint32_t part = 0;     ///< Which part of a split message, from 0; likewise.
  std::span<const std::string> destinations = {};  ///< Names that ctx.send knows.
  // Facts: ctx.message.
  std::string_view channel = {}, environment = {};
  std::string_view sender_address = {}, sender_name = {};
  Cause cause = Cause::Arrival;             ///< Of the message, not of this run.
  StateReader* state = nullptr;             ///< Of the run's lane. Null: there is none.
  const Attributes* attributes = nullptr;   ///< As stages before have left them; null: none.
  std::span<const Enriched> enriched = {};  ///< What ctx.enriched knows.
  // Of a Response alone:
  ScriptContent sent = {};        ///< What was answered: ctx.sent.
  std::string_view outcome = {};  ///< What its connector sees in the answer: ctx.outcome.
};

/// A destination chosen by ctx.send or by a route. Without content: it gets what goes on.
struct ScriptSend {
  std::string destination;
  std::optional<ScriptContent> content;
  Attributes attributes = {};  ///< Given with the content: over those of what goes on.
};

struct ScriptOutput {
  bool dropped = false;  ///< By a filter or ctx.drop.
  std::vector<ScriptContent>
      contents;                   ///< What goes on: one, or several from a transform or split.
  std::vector<ScriptSend> sends;  ///< In order. Empty: all destinations.
  Attributes attributes;          ///< By ctx.attach: over those that were there.
  Bytes reply;                    ///< By ctx.reply; may be null.
  Attributes reply_attributes;
  std::optional<Outcome> outcome;      ///< Of a Response; none: as its connector sees it.
  std::string reason;                  ///< Likewise; why.
  std::optional<std::string> request;  ///< Of a Request, as JSON; none: nothing is to be asked.
  std::vector<StateChange> changes;    ///< By ctx.counter and ctx.setState; each name once.
};

struct ScriptRun {
  Result<ScriptOutput> output;
  std::string log;  ///< At most limits::step_log_bytes, and a note if it was cut.
};

/// For a thread that runs instances, when it has nothing else to do: what the next fresh realm
/// needs is made now (6 ms), and not while a message waits.
bool needs_spare_realm();
void make_spare_realm();

/// Used by one thread at a time; it may be another one each time (at the cost of a new realm).
class ScriptInstance {
 public:
  explicit ScriptInstance(std::shared_ptr<const ScriptModule> module);
  ~ScriptInstance();
  ScriptInstance(const ScriptInstance&) = delete;
  ScriptInstance& operator=(const ScriptInstance&) = delete;

  /// Errors: Script (it threw, or returned what it may not), ScriptLimit, Invalid (content that
  /// should be HL7 v2 and isn't). After an error the instance is as good as new.
  ScriptRun run(const ScriptInput& input);

  const ScriptModule& module() const { return *module_; }

 private:
  friend class ScriptRuntime;
  std::shared_ptr<const ScriptModule> module_;
  std::uint64_t number_;                           // its realm's, in the runtime it ran on last
  std::shared_ptr<class ReleasedInstances> home_;  // that runtime's; null before the first run
};

}  // namespace causeway::script
