// causeway replay: stored messages sent through their channels once more.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <thread>

#include "engine/api/json_text.h"
#include "engine/api/target.h"
#include "engine/config/revision_hash.h"
#include "engine/main/api_client.h"
#include "engine/main/commands.h"
#include "engine/main/message_text.h"

namespace causeway {
namespace {

constexpr auto look_every = std::chrono::milliseconds(500);  // with --wait

int usage() {
  std::fprintf(
      stderr,
      "usage: causeway replay start --reason TEXT SELECTION [options]\n"
      "  SELECTION            --message ID, or what finds messages, as for causeway messages "
      "find:\n"
      "                       --channel --term --type --peer --state --kind --cause --from --to\n"
      "  --through WHAT       current: what is deployed when each runs (default); original: what "
      "it\n"
      "                       ran through; as_sent: nothing, what was made then is sent again\n"
      "  --destination NAME   only to this one; may be given several times\n"
      "  --part N             as_sent, one destination: this part alone\n"
      "  --content FILE       --message: this in place of its content\n"
      "  --per-second N       at most so many (as fast as the channels take them)\n"
      "  --wait               until it is over\n"
      "       causeway replay start --dry-run SELECTION [--through …] [--destination …] [--limit "
      "N]\n"
      "  Shows how what would be sent now differs from what was; sends nothing. The newest 20.\n"
      "       causeway replay list\n"
      "       causeway replay show|pause|resume|cancel NUMBER\n"
      "  --json               what the engine answers\n%s",
      std::string(ApiClient::options_help).c_str());
  return 2;
}

int failed(const Error& error) {
  std::fprintf(stderr, "causeway replay: %s\n", error.str().c_str());
  return 1;
}

void print(const Arguments& arguments, const config::Value& value, const std::string& text) {
  std::printf("%s\n", (arguments.has("json") ? config::canonical_json(value) : text).c_str());
}

std::string line_of(const config::Value& task) {
  const auto channel = text_of(task, "channel");
  return fmt::format("{:>6}  {}  {:<10} {} of {} replayed, {} refused  {}  {}",
                     integer_of(task, "id"), time_of(task, "created_at"), text_of(task, "state"),
                     integer_of(task, "done"), integer_of(task, "total"),
                     integer_of(task, "refused"), channel.empty() ? "everywhere" : channel,
                     text_of(task, "created_by"));
}

std::string task_text(const config::Value& task) {
  auto text = line_of(task);
  for (const auto& refusal : list_of(task, "refusals"))
    text += "\n  " + text_of(refusal, "message") + " refused: " + text_of(refusal, "kind");
  return text;
}

std::string trial_text(const config::Value& trial) {
  const auto before = text_of(trial, "before");
  auto text = text_of(trial, "message") + "  " + text_of(trial, "state") +
              (before.empty() || before == text_of(trial, "state") ? "" : ", was " + before);
  if (trial.find("error")) text += ": " + visible(text_of(trial, "error"), false);
  for (const auto& delivery : list_of(trial, "deliveries")) {
    const auto part = integer_of(delivery, "part");
    text += "\n  " + text_of(delivery, "destination") +
            (part > 0 ? " part " + std::to_string(part) : "") + ": ";
    if (!flag_of(delivery, "was_sent")) text += "would be sent, and was not";
    if (!flag_of(delivery, "is_now")) text += "was sent, and would not be";
    const bool both = flag_of(delivery, "was_sent") && flag_of(delivery, "is_now");
    if (both && list_of(delivery, "differences").empty()) text += "the same";
    for (const auto& difference : list_of(delivery, "differences"))
      text += fmt::format("\n    {}: {} -> {}", text_of(difference, "place"),
                          visible(text_of(difference, "sent"), false),
                          visible(text_of(difference, "now"), false));
  }
  return text;
}

Result<std::string> request_of(const Arguments& arguments) {
  api::JsonText json;
  json.begin_object();
  for (const auto* name :
       {"message", "channel", "term", "type", "peer", "cause", "from", "to", "through"})
    if (arguments.has(name)) json.member(name, arguments.value(name));
  for (const auto& [option, name] :
       {std::pair("state", "state"), {"kind", "kind"}, {"destination", "destinations"}}) {
    json.key(name).begin_list();
    for (const auto& value : arguments.values(option)) json.value(value);
    json.end_list();
  }
  const bool dry = arguments.has("dry-run");
  if (!dry) json.member("reason", arguments.value("reason"));
  for (const auto& [option, name] :
       {std::pair("part", "part"), {"per-second", "per_second"}, {"limit", "limit"}}) {
    if (!arguments.has(option)) continue;
    auto number = arguments.number(option, 0);
    if (!number) return number.error();
    json.member(name, *number);
  }
  return json.end_object().take();
}

int wait_for(ApiClient& client, const Arguments& arguments, config::Value task) {
  const auto target = "/api/replays/" + std::to_string(integer_of(task, "id"));
  while (arguments.has("wait") && !task.find("ended_at")) {
    std::this_thread::sleep_for(look_every);
    auto now = client.ask_json("GET", target);
    if (!now) return failed(now.error());
    task = std::move(*now);
  }
  print(arguments, task, task_text(task));
  return arguments.has("wait") && text_of(task, "state") != "done" ? 1 : 0;
}

int edit(ApiClient& client, const Arguments& arguments) {
  std::ifstream file(arguments.value("content"), std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof())
    return failed({ErrorKind::NotFound, arguments.value("content"), "can't be read"});
  auto target = "/api/messages/" + api::percent_encoded(arguments.value("message")) +
                "/edits?reason=" + api::percent_encoded(arguments.value("reason"));
  for (const auto& destination : arguments.values("destination"))
    target += "&destinations=" + api::percent_encoded(destination);
  auto answer = client.send_bytes(target, content);
  if (!answer) return failed(answer.error());
  auto task = config::parse_json(*answer, "answer");
  return task ? wait_for(client, arguments, std::move(*task)) : failed(task.error());
}

int try_out(ApiClient& client, const Arguments& arguments, const std::string& request) {
  auto answer = client.ask_json("POST", "/api/replays/trial", request);
  if (!answer) return failed(answer.error());
  const auto& trials = list_of(*answer, "items");
  for (const auto& trial : trials) print(arguments, trial, trial_text(trial));
  if (trials.empty()) std::fprintf(stderr, "nothing found\n");
  return 0;
}

int start(const Arguments& arguments) {
  if (!arguments.has("dry-run") && !arguments.has("reason")) return usage();
  if (arguments.has("content") && !arguments.has("message")) return usage();
  auto request = request_of(arguments);
  if (!request) return failed(request.error());
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  if (arguments.has("dry-run")) return try_out(**client, arguments, *request);
  if (arguments.has("content")) return edit(**client, arguments);
  auto task = (*client)->ask_json("POST", "/api/replays", *request);
  if (!task) return failed(task.error());
  return wait_for(**client, arguments, std::move(*task));
}

int list(const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  std::string next = "/api/replays?limit=100";
  while (!next.empty()) {
    auto page = (*client)->ask_json("GET", next);
    if (!page) return failed(page.error());
    for (const auto& task : list_of(*page, "items")) print(arguments, task, line_of(task));
    next = text_of(*page, "next");
  }
  return 0;
}

int one(const std::string& verb, const std::string& number, const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  const auto target = "/api/replays/" + api::percent_encoded(number);
  api::JsonText json;
  json.begin_object().member("decision", verb).end_object();
  auto task = verb == "show" ? (*client)->ask_json("GET", target)
                             : (*client)->ask_json("POST", target + "/decisions", json.take());
  if (!task) return failed(task.error());
  print(arguments, *task, task_text(*task));
  return 0;
}

}  // namespace

int command_replay(const Words& words) {
  auto arguments = Arguments::parse(
      words, {{"data",        "url",   "ca",      "message",    "channel", "term", "type",
               "peer",        "state", "kind",    "cause",      "from",    "to",   "through",
               "destination", "part",  "content", "per-second", "reason",  "limit"},
              {"dry-run", "wait", "json", "help"}});
  if (!arguments) {
    std::fprintf(stderr, "causeway replay: %s\n", arguments.error().str().c_str());
    return usage();
  }
  const auto& given = arguments->words();
  if (arguments->has("help") || given.empty()) return usage();
  if (given.size() == 1 && given[0] == "start") return start(*arguments);
  if (given.size() == 1 && given[0] == "list") return list(*arguments);
  for (const auto* verb : {"show", "pause", "resume", "cancel"})
    if (given.size() == 2 && given[0] == verb) return one(verb, given[1], *arguments);
  return usage();
}

}  // namespace causeway
