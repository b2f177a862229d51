#include "connectors/database/changes_source.h"

#include "connectors/database/change_text.h"
#include "connectors/support/staged_body.h"
#include "engine/core/limits.h"

namespace causeway::connectors::database {
namespace {

constexpr Milliseconds retry_after{10'000};
/// Without a word from the server for so long, what was offered is confirmed.
constexpr Milliseconds quiet{20};
/// Then the thread sees whether it is to stop, or to be held.
constexpr Milliseconds look_longest{200};

std::string label_of(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

}  // namespace

ChangesSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : looks_failed(metrics.counter("causeway_source_looks_failed_total", label_of(channel))),
      messages(metrics.counter("causeway_source_messages_total", label_of(channel))),
      again(metrics.counter("causeway_source_messages_again_total", label_of(channel))),
      refused(metrics.counter("causeway_source_rows_refused_total", label_of(channel))) {}

ChangesSource::ChangesSource(SourceSettings settings, ServerSettings server,
                             std::unique_ptr<Database> database, const Name& name,
                             const Environment& environment)
    : settings_(std::move(settings)),
      server_(std::move(server)),
      database_(std::move(database)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      thread_(*this) {}

Status ChangesSource::start(Intake& intake) {
  if (thread_.start(intake, Milliseconds(0)))
    environment_.log.info("source_streaming", {{"channel", name_.channel}, {"address", address()}});
  return Done{};
}

Milliseconds ChangesSource::look(Intake& intake) {
  const auto done = read(intake);
  if (done) {
    if (std::exchange(away_, false))
      environment_.log.info("source_database_back", {{"channel", name_.channel}});
    return Milliseconds(0);
  }
  end_stream();
  if (done.error().kind == ErrorKind::Stopped) return Milliseconds(0);
  instruments_.looks_failed.add();
  if (!std::exchange(away_, true))
    environment_.log.warn(
        "source_database_away",
        {{"channel", name_.channel}, {"kind", std::string(to_string(done.error().kind))}});
  return std::min(retry_after, settings_.times.interval);
}

void ChangesSource::end_stream() {
  stream_.reset();
  decoder_ = {};
  offering_.reset();
  transaction_.reset();
  committed_ = 0;
}

Status ChangesSource::read(Intake& intake) {
  if (!stream_) {
    auto opened = ChangeStream::open(server_, {settings_.slot, settings_.publication},
                                     thread_.switches().cut);
    if (!opened) return opened.error();
    stream_ = std::move(*opened);
  }
  const auto until = std::chrono::steady_clock::now() + look_longest;
  while (std::chrono::steady_clock::now() < until && !thread_.switches().stop) {
    auto message = stream_->next(quiet, settings_.reading.row_bytes_max);
    if (!message) return message.error();
    auto done = *message ? take(intake, **message) : confirm();
    if (!done) return done;
  }
  return confirm();  // also while there is no end of them
}

Status ChangesSource::take(Intake& intake, std::string_view message) {
  auto decoded = decoder_.decode(message);
  if (!decoded) return decoded.error();
  if (const auto* begin = std::get_if<Begin>(&*decoded)) {
    transaction_ = *begin;
    place_ = 0;
  } else if (const auto* commit = std::get_if<Commit>(&*decoded)) {
    transaction_.reset();
    committed_ = commit->end;
  } else if (const auto* changes = std::get_if<std::vector<Change>>(&*decoded)) {
    for (const auto& change : *changes)
      if (auto offered = offer(intake, change); !offered) return offered;
  }
  return Done{};
}

Status ChangesSource::offer(Intake& intake, const Change& change) {
  if (!transaction_) return Error{ErrorKind::Invalid, "", "a change outside of a transaction"};
  auto text = change_text(change, *transaction_);
  if (!text) return text.error();
  if (!offering_) offering_ = std::make_unique<Offering>(intake, thread_.switches());
  Draft draft;
  draft.sender.address = address();
  draft.content_type = ContentType::Json;
  draft.origin = Origin{"database " + database_->name() + "\nslot " + settings_.slot + "\ncommit " +
                            position_text(transaction_->commit),
                        ++place_};
  auto bytes = make_bytes(std::move(*text));
  if (environment_.staging && bytes->size() > limits::inline_body_bytes) {
    auto staged = stage(*environment_.staging, *bytes);
    if (!staged) return staged.error();
    draft.body = std::move(*staged);
    draft.at_hand = std::move(bytes);
  } else {
    draft.body = Body(std::move(bytes));
  }
  return offering_->offer(std::move(draft), place_);
}

Status ChangesSource::confirm() {
  if (offering_) {
    if (auto finished = offering_->finish(); !finished) return finished;
    count();
    offering_.reset();
  }
  // Between transactions the log may go on with what isn't ours; the slot needn't keep it.
  const auto upto = transaction_ ? committed_ : std::max(committed_, stream_->idle_at());
  return upto > stream_->confirmed() ? stream_->confirm(upto) : Status(Done{});
}

void ChangesSource::count() {
  const auto tally = offering_->tally();
  instruments_.messages.add(tally.stored - tally.again);
  instruments_.again.add(tally.again);
  instruments_.refused.add(tally.refused);
  if (tally.refused > 0)
    environment_.log.error("source_rows_refused",
                           {{"channel", name_.channel}, {"rows", std::to_string(tally.refused)}});
}

Probe ChangesSource::probe() {
  if (!thread_.is_running()) return {false, "not streaming"};
  auto slot = describe_slot(server_, {settings_.slot, settings_.publication});
  if (!slot) return {false, address() + ": " + slot.error().str()};
  return {true, address() + ": " + *slot + (thread_.is_paused() ? ", paused" : "")};
}

}  // namespace causeway::connectors::database
