#include "engine/channel/replay_order.h"

#include <algorithm>
#include <charconv>

namespace causeway::channel {
namespace {

constexpr std::string_view head = "replay ";
constexpr std::string_view edit_head = "goes on with the content of ";

bool names(const std::vector<std::string>& destinations, const std::string& name) {
  return std::find(destinations.begin(), destinations.end(), name) != destinations.end();
}

Result<RunResult> made_before(const Ports& ports, const ReplayOrder& order) {
  RunResult result;
  std::vector<WorkRef> works;
  for (const auto& sent : order.sent) works.push_back(sent.work);
  auto stored = ports.reader.deliveries(works);
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (!stored[i]) return stored[i].error();
    if (order.sent[i].edit) {
      auto edit = ports.reader.message(order.sent[i].edit);
      if (!edit) return edit.error();
      stored[i]->body = std::move(edit->arrival.draft.body);
    }
    result.outputs.push_back({order.sent[i].destination, stored[i]->content_type,
                              std::move(stored[i]->body), false, std::move(stored[i]->attributes)});
  }
  const auto& first = order.sent.front().work;
  result.steps.push_back(
      {"replay",
       "as run " + std::to_string(first.run.value) + " of " + to_string(first.message) + " made it",
       std::nullopt,
       {}});
  return result;
}

}  // namespace

Origin replay_origin(ReplayId task, MessageId original) {
  return {std::string(head) + std::to_string(task.value),
          static_cast<std::uint64_t>(original.value)};
}

Result<ReplayId> replay_of(const Origin& origin) {
  const std::string_view text = origin.source;
  ReplayId task;
  if (text.starts_with(head)) {
    const auto number = text.substr(head.size());
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), task.value);
    if (error == std::errc() && end == number.data() + number.size()) return task;
  }
  return Error{ErrorKind::Damaged, "", "the message is no replay's"};
}

std::string edit_text(MessageId content, const std::string& reason) {
  return std::string(edit_head) + to_string(content) + (reason.empty() ? "" : ": " + reason);
}

std::optional<MessageId> edit_in(const AttemptRecord& record) {
  if (record.event != WorkEvent::Released || !record.text.starts_with(edit_head))
    return std::nullopt;
  const auto rest = std::string_view(record.text).substr(edit_head.size());
  auto id = parse_message_id(rest.substr(0, rest.find(':')));
  return id ? std::optional(*id) : std::nullopt;
}

MessageId last_edit(const std::vector<AttemptRecord>& history, const WorkRef& work) {
  MessageId last;
  for (const auto& record : history)
    if (record.work == work)
      if (const auto edit = edit_in(record)) last = *edit;
  return last;
}

Origin edit_origin(const WorkRef& work, SystemTime at) {
  std::string source = "edit";
  if (work.destination)
    source += " " + std::to_string(work.run.value) + " " + std::to_string(work.destination.value) +
              " " + std::to_string(work.part);
  return {std::move(source), static_cast<std::uint64_t>(at.time_since_epoch().count())};
}

Result<Body> kept_content(BodyStaging& staging, std::string_view content) {
  auto writer = staging.begin();
  if (!writer) return writer.error();
  if (auto written = (*writer)->append(content); !written) return written.error();
  return (*writer)->finish();
}

Result<ReplayOrder> order_of(const ReplayPlan& plan, const Original& original) {
  ReplayOrder order;
  if (plan.through != ReplayThrough::AsSent) order.destinations = plan.destinations;
  if (plan.through == ReplayThrough::Original) {
    if (!original.deployment) return Error{ErrorKind::NotFound, "", "it has not been run"};
    order.through = original.deployment;
  }
  if (plan.through != ReplayThrough::AsSent) return order;
  for (const auto& sent : original.sent)
    if ((plan.destinations.empty() || names(plan.destinations, sent.destination)) &&
        (!plan.part || sent.work.part == *plan.part))
      order.sent.push_back(sent);
  if (order.sent.empty()) return Error{ErrorKind::NotFound, "", "nothing had been made to send"};
  return order;
}

Result<ReplayMeans> replay_means(const Ports& ports, const StoredMessage& message) {
  ReplayMeans means;
  // Without an origin it is the hop of one that was replayed.
  if (!ports.replays || !message.arrival.draft.origin) return means;
  auto order = ports.replays->order(message);
  if (!order) return order.error();
  means.order = std::move(*order);
  if (!means.order.sent.empty()) {
    auto made = made_before(ports, means.order);
    if (!made) return made.error();
    means.made = std::move(*made);
  } else if (means.order.through) {
    auto through = ports.replays->transformation(message.arrival.channel, means.order.through);
    if (!through) return through.error();
    means.through = std::move(*through);
  }
  return means;
}

Result<Body> edited_content(const Ports& ports, const WorkRef& work) {
  if (!ports.replays) return Error{ErrorKind::NotFound, "", "edits are not kept"};
  return ports.replays->edited(work);
}

void keep_ordered(const ReplayOrder& order, RunResult& result) {
  const auto& wanted = order.destinations;
  if (wanted.empty() || result.state != RunState::Passed) return;
  std::string log = "only for";
  for (const auto& destination : wanted) log += " " + destination;
  std::erase_if(result.outputs,
                [&](const RunOutput& output) { return !names(wanted, output.destination); });
  if (result.outputs.empty()) result.state = RunState::Filtered;
  result.steps.push_back({"replay", std::move(log), std::nullopt, {}});
}

}  // namespace causeway::channel
