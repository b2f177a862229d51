#include "engine/channel/replay_runner.h"

#include <algorithm>

#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

constexpr auto look_again = Milliseconds(50);  // while a task waits for its pace or a channel
/// Of large content, for its keys.
constexpr std::size_t at_hand_bytes_max = 16 * 1024 * 1024;
constexpr auto look_again_after_error = Milliseconds(1000);

const AttentionRow* row_in(const Original& original, AttentionState state) {
  for (const auto& row : original.attention)
    if (row.state == state) return &row;
  return nullptr;
}

bool is_plain(const ReplayPlan& plan) {
  return plan.through == ReplayThrough::Current && plan.destinations.empty() && !plan.content;
}

bool passes_by_itself(ErrorKind kind) {
  return kind == ErrorKind::Unavailable || kind == ErrorKind::Stopped ||
         kind == ErrorKind::LeaseLost;
}

bool names(const std::vector<std::string>& destinations, const std::string& name) {
  return destinations.empty() ||
         std::find(destinations.begin(), destinations.end(), name) != destinations.end();
}

}  // namespace

/// What the journal has answered of one slice.
struct ReplayRunner::Receipts {
  std::mutex mutex;
  std::condition_variable came;
  std::size_t awaited = 0;                         // guarded by mutex
  std::map<std::size_t, Result<Receipt>> answers;  // guarded by mutex; by place in the slice

  void put(std::size_t place, Result<Receipt> receipt) {
    {
      std::lock_guard lock(mutex);
      answers.emplace(place, std::move(receipt));
    }
    came.notify_all();
  }
  /// The channel calls back for each: with a receipt, or with why there is none.
  std::map<std::size_t, Result<Receipt>> wait() {
    std::unique_lock lock(mutex);
    came.wait(lock, [&] { return answers.size() == awaited; });
    return answers;
  }
};

void ReplayRunner::start() {
  thread_ = std::thread([this] { work(); });
}

void ReplayRunner::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ReplayRunner::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

void ReplayRunner::work() {
  const auto roused = [this] { return stopping_ || woken_; };
  for (;;) {
    const auto passed = pass();
    std::unique_lock lock(mutex_);
    if (passed.away)
      wake_.wait_for(lock, look_again_after_error, roused);
    else if (!passed.waits)
      wake_.wait(lock, roused);
    else if (!passed.moved)
      wake_.wait_for(lock, look_again, roused);
    woken_ = false;
    if (stopping_) return;
  }
}

ReplayRunner::Passed ReplayRunner::pass() {
  Passed passed;
  auto open = parts_.store.open();
  passed.away = !open;
  if (!open) return passed;
  for (auto& task : *open) {
    if (task.state == ReplayState::Paused) continue;
    passed.waits = true;
    auto moved = work_on(task);
    passed.moved = passed.moved || (moved && *moved);
    passed.away = passed.away || !moved;
    if (!moved)
      parts_.log.warn("replay.waits", {{"task", std::to_string(task.id.value)},
                                       {"kind", std::string(to_string(moved.error().kind))}});
  }
  return passed;
}

Result<bool> ReplayRunner::work_on(ReplayTask& task) {
  auto known = plans_.find(task.id);
  if (known == plans_.end()) {
    auto whole = parts_.store.task(task.id);
    if (!whole) return whole.error();
    known = plans_.emplace(task.id, std::move(whole->plan)).first;
  }
  task.plan = known->second;
  auto moved = task.state == ReplayState::Collecting ? collect(task) : replay(task);
  if (moved && *moved) parts_.changed(task);
  if (is_over(task.state)) {
    plans_.erase(task.id);
    paces_.erase(task.id);
  }
  return moved;
}

Result<bool> ReplayRunner::collect(ReplayTask& task) {
  Found found{task.plan.messages, {}};
  if (found.messages.empty()) {
    auto page = parts_.find(task.plan.selection, task.collected_to);
    if (!page && passes_by_itself(page.error().kind)) return page.error();
    if (!page || task.total > limits::replay_messages_max) {
      auto failed = parts_.store.change_state(task.id, {ReplayState::Collecting},
                                              ReplayState::Failed, parts_.clock.now());
      if (!failed) return failed.error();
      task.state = ReplayState::Failed;
      return true;
    }
    found = std::move(*page);
  }
  if (auto kept = parts_.store.collected(task.id, found.messages, found.next); !kept)
    return kept.error();
  if (found.next) return true;
  auto run = parts_.store.change_state(task.id, {ReplayState::Collecting}, ReplayState::Running,
                                       parts_.clock.now());
  if (!run) return run.error();
  task.state = ReplayState::Running;
  return true;
}

std::size_t ReplayRunner::allowed(const ReplayTask& task) {
  if (task.per_second == 0) return slice;
  const auto now = parts_.clock.steady();
  auto [at, is_new] = paces_.try_emplace(task.id, Pace{now, 1});
  auto& pace = at->second;
  const std::chrono::duration<double> passed = now - pace.since;
  pace.allowed = std::min(pace.allowed + passed.count() * static_cast<double>(task.per_second),
                          static_cast<double>(slice));
  pace.since = now;
  return static_cast<std::size_t>(pace.allowed);
}

Result<bool> ReplayRunner::replay(ReplayTask& task) {
  const auto most = allowed(task);
  if (most == 0) return false;
  auto messages = parts_.store.messages(task.id, task.position, most);
  if (!messages) return messages.error();
  if (messages->empty()) {
    auto done = parts_.store.change_state(task.id, {ReplayState::Running}, ReplayState::Done,
                                          parts_.clock.now());
    if (!done) return done.error();
    task.state = ReplayState::Done;
    return true;
  }
  const auto dealt = deal(task, *messages);
  MessageId position = task.position;
  std::int64_t done = 0;
  std::vector<ReplayRefusal> refused;
  for (std::size_t i = 0; i < dealt.size() && dealt[i].fate != Fate::Later; ++i) {
    position = (*messages)[i];
    if (dealt[i].fate == Fate::Replayed) close_parked(task, dealt[i]);
    if (dealt[i].fate == Fate::Refused)
      refused.push_back({position, dealt[i].kind});
    else
      ++done;
  }
  if (position == task.position) return false;
  if (task.per_second != 0)
    paces_[task.id].allowed -=
        static_cast<double>(done + static_cast<std::int64_t>(refused.size()));
  auto kept = parts_.store.progressed(task.id, task.position, position, done, refused);
  if (!kept) return kept.error();
  task.position = position;
  task.done += done;
  task.refused += static_cast<std::int64_t>(refused.size());
  return true;
}

std::vector<ReplayRunner::Dealt> ReplayRunner::deal(const ReplayTask& task,
                                                    const std::vector<MessageId>& messages) {
  std::vector<Dealt> dealt(messages.size());
  auto receipts = std::make_shared<Receipts>();
  for (std::size_t i = 0; i < messages.size(); ++i)
    if (!begin(task, messages[i], dealt[i], receipts, i)) break;
  for (const auto& [place, receipt] : receipts->wait()) {
    auto& one = dealt[place];
    if (receipt) {
      one.fate = Fate::Replayed;
      one.replay = receipt->message;
    } else if (!passes_by_itself(receipt.error().kind)) {
      one.fate = Fate::Refused;
      one.kind = receipt.error().kind;
    }
  }
  return dealt;
}

/// False: no more can be begun for now.
bool ReplayRunner::begin(const ReplayTask& task, MessageId message, Dealt& dealt,
                         const std::shared_ptr<Receipts>& receipts, std::size_t place) {
  const auto refuse = [&dealt](const Error& error) {
    if (passes_by_itself(error.kind)) return false;
    dealt.fate = Fate::Refused;
    dealt.kind = error.kind;
    return true;
  };
  auto original = parts_.original(message);
  if (!original) return refuse(original.error());
  dealt.original = std::move(*original);
  if (dealt.original.released_at >= task.created_at) {
    dealt.fate = Fate::Released;  // by this task, before a crash, or by somebody else
    return true;
  }
  auto* channel = parts_.find_channel(dealt.original.message.arrival.channel);
  if (!channel) return refuse({ErrorKind::NotFound, "", "the channel does not run"});
  if (!channel->wants_more()) return false;
  if (const auto* held = row_in(dealt.original, AttentionState::Held)) {
    if (auto released = release(task, dealt.original, *held); !released)
      return refuse(released.error());
    dealt.fate = Fate::Released;
    return true;
  }
  auto draft = draft_of(task, dealt.original);
  if (!draft) return refuse(draft.error());
  {
    std::lock_guard lock(receipts->mutex);
    ++receipts->awaited;
  }
  channel->replay(std::move(*draft), [receipts, place](Result<Receipt> receipt) {
    receipts->put(place, std::move(receipt));
  });
  return true;
}

Status ReplayRunner::release(const ReplayTask& task, const Original& original,
                             const AttentionRow& held) {
  if (!is_plain(task.plan))
    return Error{ErrorKind::Conflict, "", "it holds its lane: retry, edit or skip it there"};
  MendingSelection selection;
  selection.queue = held.queue;
  selection.message = original.message.id;
  selection.states = {AttentionState::Held};
  auto result = parts_.mending.decide(selection, MendingVerb::Retry,
                                      task.created_by + ": " + task.plan.reason);
  if (!result) return result.error();
  if (!result->refused.empty()) return result->refused.front().error;
  return Done{};
}

Result<Draft> ReplayRunner::draft_of(const ReplayTask& task, const Original& original) {
  const auto& plan = task.plan;
  // What it will go through is asked for when it runs: here only whether there is any.
  if (auto order = order_of(plan, original); !order) return order.error();
  Draft draft = original.message.arrival.draft;
  if (auto put = put_body(task, original, draft); !put) return put.error();
  draft.batch_place = 0;
  draft.links = {{original.message.id, plan.content ? LinkKind::Edit : LinkKind::Replay}};
  draft.origin = replay_origin(task.id, original.message.id);
  return draft;
}

/// Large content is written anew, so that it lives as long as the replay.
Status ReplayRunner::put_body(const ReplayTask& task, const Original& original, Draft& draft) {
  const auto& content = task.plan.content;
  const auto& body = original.message.arrival.draft.body;
  if (!content && !body.is_staged()) return Done{};
  auto writer = parts_.staging.begin();
  if (!writer) return writer.error();
  std::string at_hand;
  const auto put = [&](std::string_view piece) {
    if (at_hand.size() < at_hand_bytes_max) at_hand += piece;
    return (*writer)->append(piece);
  };
  if (content)
    if (auto written = put(*content); !written) return written;
  for (std::uint64_t at = 0; !content && at < body.size(); at += limits::staged_chunk_bytes) {
    auto piece = parts_.staging.read(body.staged(), at, limits::staged_chunk_bytes);
    if (!piece) return piece.error();
    if (auto written = put(*piece); !written) return written;
  }
  auto kept = (*writer)->finish();
  if (!kept) return kept.error();
  draft.body = std::move(*kept);
  // Its keys are read off its bytes.
  if (draft.body.is_staged()) draft.at_hand = make_bytes(std::move(at_hand));
  return Done{};
}

/// What had been put aside has been done another way: nobody is to send it besides.
void ReplayRunner::close_parked(const ReplayTask& task, const Dealt& dealt) {
  for (const auto& row : dealt.original.attention) {
    if (row.state != AttentionState::Parked) continue;
    const auto sent = std::find_if(dealt.original.sent.begin(), dealt.original.sent.end(),
                                   [&](const auto& each) { return each.work == row.work; });
    const bool elsewhere = row.work.destination && sent != dealt.original.sent.end() &&
                           !names(task.plan.destinations, sent->destination);
    if (elsewhere) continue;
    MendingSelection selection;
    selection.queue = row.queue;
    selection.message = row.work.message;
    selection.run = row.work.run;
    selection.part = row.work.part;
    selection.states = {AttentionState::Parked};
    auto closed =
        parts_.mending.decide(selection, MendingVerb::Discard,
                              task.created_by + ": replayed as " + to_string(dealt.replay));
    if (!closed)
      parts_.log.warn("replay.not_closed", {{"message", to_string(row.work.message)},
                                            {"kind", std::string(to_string(closed.error().kind))}});
  }
}

}  // namespace causeway::channel
