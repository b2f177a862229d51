#include "engine/main/past_runs.h"

#include <algorithm>
#include <future>
#include <map>

#include "engine/main/authoring/difference.h"
#include "engine/main/channel_files.h"
#include "engine/main/revision_files.h"
#include "engine/pipeline/content.h"
#include "engine/pipeline/pipeline.h"
#include "engine/store/queries/message_view.h"
#include "engine/store/queries/revisions.h"

namespace causeway {
namespace {

/// A pipeline that is told what an earlier run was told, and asks nobody.
class Told final : public Transformation {
 public:
  Told(std::unique_ptr<Transformation> inner, const std::vector<RecordedInput>& inputs)
      : inner_(std::move(inner)), inputs_(inputs) {}
  RunResult run(const RunInput& input) override {
    auto told = input;
    told.recorded = &inputs_;
    return inner_->run(told);
  }

 private:
  std::unique_ptr<Transformation> inner_;
  const std::vector<RecordedInput>& inputs_;
};

class ToldFactory final : public TransformationFactory {
 public:
  ToldFactory(std::shared_ptr<const TransformationFactory> inner, std::vector<RecordedInput> inputs)
      : inner_(std::move(inner)), inputs_(std::move(inputs)) {}
  Result<std::unique_ptr<Transformation>> make() const override {
    auto made = inner_->make();
    if (!made) return made.error();
    return std::unique_ptr<Transformation>(std::make_unique<Told>(std::move(*made), inputs_));
  }

 private:
  const std::shared_ptr<const TransformationFactory> inner_;
  const std::vector<RecordedInput> inputs_;
};

/// The values that a deployment was made with, as they were recorded.
Result<config::EnvironmentValues> values_of(const std::string& packed) {
  auto texts = unpack(packed);
  if (!texts) return texts.error();
  config::EnvironmentValues values;
  for (const auto& [name, text] : *texts) {
    auto value = config::parse_json(text, name);
    if (!value) return value.error();
    values.emplace(name, std::move(*value));
  }
  return values;
}

Error gone(const store::MessageView& view) {
  return {ErrorKind::NotFound, to_string(view.message.id), "its content is not kept any more"};
}

using ByDestination = std::map<std::string, std::vector<const RunOutput*>>;

ByDestination by_destination(const std::vector<RunOutput>& outputs,
                             const std::vector<std::string>& wanted) {
  ByDestination sorted;
  for (const auto& output : outputs)
    if (wanted.empty() ||
        std::find(wanted.begin(), wanted.end(), output.destination) != wanted.end())
      sorted[output.destination].push_back(&output);
  return sorted;
}

api::TrialDelivery compared(const std::string& destination, std::size_t part, const RunOutput* sent,
                            const RunOutput* now, BodyStaging& staging) {
  api::TrialDelivery delivery{
      destination, static_cast<std::uint16_t>(part), sent != nullptr, now != nullptr, {}};
  if (!sent || !now) return delivery;
  auto before = pipeline::read_content(sent->body, &staging);
  auto after = pipeline::read_content(now->body, &staging);
  if (!before || !after) {
    delivery.differences.push_back(
        {"content", before ? "" : before.error().str(), after ? "" : after.error().str()});
    return delivery;
  }
  for (auto& each : differences(**before, **after, now->content_type, {}))
    delivery.differences.push_back(
        {std::move(each.place), std::move(each.expected), std::move(each.actual)});
  return delivery;
}

}  // namespace

PastRuns::PastRuns(store::PostgresStore& store, Current current)
    : store_(store), current_(std::move(current)), names_(store.registry()) {}

PastRuns::~PastRuns() = default;

void PastRuns::stop() {
  workers_.stop();
}

Result<channel::Original> PastRuns::original(MessageId id) {
  auto view = store_.messages().show(id);
  if (!view) return view.error();
  if (view->content_error && view->message.arrival.draft.body.empty()) return gone(*view);
  channel::Original original;
  if (!view->runs.empty()) {
    const auto& last = view->runs.back();
    original.deployment = last.deployment;
    for (const auto& delivery : last.deliveries) {
      const WorkRef work{id, last.run, delivery.destination, delivery.part};
      original.sent.push_back({work, names_.destination(delivery.destination),
                               channel::last_edit(view->attempts, work)});
    }
  }
  for (const auto& attempt : view->attempts)
    if (attempt.event == WorkEvent::Released)
      original.released_at = std::max(original.released_at, attempt.at);
  original.attention = std::move(view->attention);
  original.message = std::move(view->message);
  return original;
}

Result<channel::ReplayOrder> PastRuns::order(const StoredMessage& message) {
  auto task = channel::replay_of(*message.arrival.draft.origin);
  if (!task) return task.error();
  auto whole = store_.replays().task(*task);
  if (!whole) return whole.error();
  const auto& plan = whole->plan;
  if (plan.through == ReplayThrough::Current)
    return channel::ReplayOrder{{}, plan.destinations, {}};
  const auto position = static_cast<std::int64_t>(message.arrival.draft.origin->position);
  auto of = original(MessageId{position});
  if (!of) return of.error();
  return channel::order_of(plan, *of);
}

Result<Body> PastRuns::edited(const WorkRef& work) {
  auto view = store_.messages().show(work.message);
  if (!view) return view.error();
  const auto source = channel::edit_origin(work, {}).source;
  std::vector<MessageId> edits;
  for (const auto& link : view->links)
    if (!link.up && link.kind == LinkKind::Edit) edits.push_back(link.other);
  std::sort(edits.rbegin(), edits.rend());
  for (const auto edit : edits) {
    auto message = store_.work().message(edit);
    if (!message) return message.error();
    const auto& origin = message->arrival.draft.origin;
    if (origin && origin->source == source) return message->arrival.draft.body;
  }
  return Error{ErrorKind::NotFound, "", "its edited content is not kept any more"};
}

Result<PastRuns::Factory> PastRuns::transformation(ChannelId channel, DeploymentId deployment) {
  {
    std::lock_guard lock(mutex_);
    auto at = std::find_if(kept_.begin(), kept_.end(),
                           [&](const Kept& kept) { return kept.deployment == deployment; });
    if (at != kept_.end()) {
      auto kept = std::move(*at);
      kept_.erase(at);
      kept_.push_back(kept);
      return kept.factory;
    }
  }
  auto made = make(channel, deployment);
  if (!made) return made;
  std::lock_guard lock(mutex_);
  kept_.push_back({deployment, *made});
  if (kept_.size() > kept_max) kept_.pop_front();
  return made;
}

Result<PastRuns::Factory> PastRuns::make(ChannelId channel, DeploymentId deployment) {
  auto entry = store_.revisions().deployment(channel, deployment);
  if (!entry) return entry.error();
  auto revision = store_.revisions().revision(channel, entry->revision);
  if (!revision) return revision.error();
  auto files = unpack(revision->files);
  if (!files) return files.error();
  auto values = values_of(entry->environment);
  if (!values) return values.error();
  config::Problems problems;
  auto config = read_files(names_.channel(channel), *files, &*values, problems);
  if (!problems.empty())
    return Error{ErrorKind::Invalid, "deployment " + std::to_string(deployment.value),
                 problems.list.front().str()};
  auto settings = pipeline::pipeline_settings(config);
  settings.staging = &store_.staging();
  auto factory = pipeline::make_pipeline(std::move(settings));
  if (!factory) return factory.error();
  return Factory(std::move(*factory));
}

Result<PastRuns::Factory> PastRuns::factory_for(const StoredMessage& message,
                                                const channel::ReplayOrder& order) {
  if (order.through) return transformation(message.arrival.channel, order.through);
  auto current = current_(names_.channel(message.arrival.channel));
  if (!current) return Error{ErrorKind::NotFound, "", "the channel is not deployed"};
  return Factory(current->transformation);
}

Result<RunResult> PastRuns::run(const StoredMessage& message, const channel::ReplayOrder& order,
                                std::vector<RecordedInput> told) {
  auto factory = factory_for(message, order);
  if (!factory) return factory.error();
  auto whole = std::make_shared<StoredMessage>(message);
  whole->arrival.flags |= message_flags::replay;
  auto& body = whole->arrival.draft.body;
  if (body.is_staged()) {
    auto bytes = store_.staging().read(body.staged(), 0, body.size());
    if (!bytes) return bytes.error();
    body = Body(make_bytes(std::move(*bytes)));
  }
  auto answer = std::make_shared<std::promise<RunResult>>();
  auto answered = answer->get_future();
  workers_.run({message.arrival.channel,
                std::make_shared<const ToldFactory>(std::move(*factory), std::move(told)), whole,
                RunNumber{1}, Cause::Replay, nullptr},
               [answer](RunResult result) { answer->set_value(std::move(result)); });
  return answered.get();
}

Result<std::vector<RunOutput>> PastRuns::outputs_of(const channel::Original& original) {
  std::vector<WorkRef> works;
  for (const auto& sent : original.sent) works.push_back(sent.work);
  auto stored = store_.work().deliveries(works);
  std::vector<RunOutput> outputs;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    if (!stored[i]) return stored[i].error();
    if (const auto edit = original.sent[i].edit) {
      auto content = store_.work().message(edit);
      if (!content) return content.error();
      stored[i]->body = std::move(content->arrival.draft.body);
    }
    outputs.push_back({original.sent[i].destination, stored[i]->content_type,
                       std::move(stored[i]->body), false, std::move(stored[i]->attributes)});
  }
  return outputs;
}

Result<api::Trial> PastRuns::try_run(MessageId id, const ReplayPlan& plan) {
  auto view = store_.messages().show(id);
  if (!view) return view.error();
  auto of = original(id);
  if (!of) return of.error();
  auto order = channel::order_of(plan, *of);
  if (!order) return order.error();
  auto sent = outputs_of(*of);
  if (!sent) return sent.error();
  if (plan.content) of->message.arrival.draft.body = Body(plan.content);
  auto told = view->runs.empty() ? std::vector<RecordedInput>() : view->runs.back().inputs;
  auto result = order->sent.empty() ? run(of->message, *order, std::move(told))
                                    : Result<RunResult>(RunResult{});
  if (!result) return result.error();
  if (!order->sent.empty()) result->outputs = *sent;
  channel::keep_ordered(*order, *result);

  api::Trial trial{id, result->state, {}, {}, {}};
  if (!view->runs.empty()) trial.before = view->runs.back().state;
  for (const auto& step : result->steps)
    if (step.error) trial.error = step.error;
  auto before = by_destination(*sent, plan.destinations);
  auto now = by_destination(result->outputs, plan.destinations);
  for (const auto& [destination, outputs] : before) now[destination];
  for (const auto& [destination, outputs] : now) {
    const auto& earlier = before[destination];
    for (std::size_t part = 0; part < std::max(outputs.size(), earlier.size()); ++part)
      trial.deliveries.push_back(
          compared(destination, part, part < earlier.size() ? earlier[part] : nullptr,
                   part < outputs.size() ? outputs[part] : nullptr, store_.staging()));
  }
  return trial;
}

}  // namespace causeway
