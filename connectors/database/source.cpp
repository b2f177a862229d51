#include "connectors/database/source.h"

#include "connectors/database/parameters.h"
#include "connectors/database/row_text.h"

namespace causeway::connectors::database {
namespace {

constexpr Milliseconds retry_after{10'000};  // after a look that failed
/// A session that has stood idle for so long is closed.
constexpr Milliseconds idle_longest{30'000};

std::string label_of(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

}  // namespace

DatabaseSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : looks_failed(metrics.counter("causeway_source_looks_failed_total", label_of(channel))),
      messages(metrics.counter("causeway_source_messages_total", label_of(channel))),
      again(metrics.counter("causeway_source_messages_again_total", label_of(channel))),
      refused(metrics.counter("causeway_source_rows_refused_total", label_of(channel))) {}

DatabaseSource::DatabaseSource(SourceSettings settings, std::unique_ptr<Database> database,
                               const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      database_(std::move(database)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      thread_(*this),
      rows_(settings_, *database_, environment.staging, thread_.switches()) {}

Status DatabaseSource::start(Intake& intake) {
  const auto first =
      settings_.times.cron ? settings_.times.until_next(environment_.clock.now()) : Milliseconds(0);
  if (thread_.start(intake, first))
    environment_.log.info("source_polling", {{"channel", name_.channel}, {"address", address()}});
  return Done{};
}

void DatabaseSource::rest() {
  if (std::chrono::steady_clock::now() - used_ > idle_longest) session_.reset();
}

Milliseconds DatabaseSource::look(Intake& intake) {
  const bool kept = session_ != nullptr;
  auto found = read(intake);
  // It may have been closed while it stood idle.
  if (!found && kept && !session_ && found.error().kind == ErrorKind::Unavailable)
    found = read(intake);
  used_ = std::chrono::steady_clock::now();
  const auto pause = settings_.times.until_next(environment_.clock.now());
  if (!found) {
    look_failed(found.error());
    return std::min(retry_after, pause);
  }
  if (std::exchange(away_, false))
    environment_.log.info("source_database_back", {{"channel", name_.channel}});
  // A query may give a part of what there is.
  return *found > 0 ? Milliseconds(0) : pause;
}

Result<std::uint64_t> DatabaseSource::read(Intake& intake) {
  if (auto opened = open_session(); !opened) return opened.error();
  auto found = settings_.method == SourceSettings::Method::Mark ? read_by_mark(intake)
                                                                : read_by_watermark(intake);
  // Whatever is still open on a session after an error goes with it.
  if (!found) session_.reset();
  return found;
}

Status DatabaseSource::open_session() {
  if (session_) return Done{};
  auto opened = database_->open(thread_.switches().cut);
  if (!opened) return opened.error();
  session_ = std::move(*opened);
  return Done{};
}

Result<std::uint64_t> DatabaseSource::read_by_watermark(Intake& intake) {
  if (auto loaded = load_place(); !loaded) return loaded.error();
  if (auto begun = session_->begin(Session::Access::Read); !begun) return begun.error();
  std::uint64_t fresh = 0;
  auto read = session_->read(query(), settings_.reading, [&](Rows slice) -> Result<bool> {
    auto taken = take(intake, slice);
    if (!taken) return taken.error();
    fresh += taken->stored - taken->again;
    if (auto kept = keep_place(slice); !kept) return kept.error();
    return true;
  });
  if (!read) return read.error();
  if (auto ended = session_->roll_back(); !ended) return ended.error();
  return fresh;
}

Result<std::uint64_t> DatabaseSource::read_by_mark(Intake& intake) {
  if (auto begun = session_->begin(Session::Access::Write); !begun) return begun.error();
  Rows rows;
  auto read = session_->read(query(), settings_.reading, [&](Rows slice) -> Result<bool> {
    rows = std::move(slice);
    return false;
  });
  if (!read) return read.error();
  auto taken = take(intake, rows);
  if (!taken) return taken.error();
  if (auto marked = mark(rows, taken->refused_rows); !marked) return marked.error();
  if (auto committed = session_->commit(); !committed) return committed.error();
  return taken->stored - taken->again;
}

Status DatabaseSource::mark(const Rows& rows, const std::vector<std::uint64_t>& refused) {
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (std::find(refused.begin(), refused.end(), i) != refused.end()) continue;
    for (const auto& statement : settings_.marks) {
      auto call = call_for(statement, rows.columns, rows.rows[i]);
      if (!call) return call.error();
      if (auto done = session_->change(*call); !done) return done.error();
    }
  }
  return Done{};
}

Result<Taken> DatabaseSource::take(Intake& intake, const Rows& rows) {
  auto taken = rows_.take(intake, rows);
  if (!taken) return taken;
  instruments_.messages.add(taken->stored - taken->again);
  instruments_.again.add(taken->again);
  instruments_.refused.add(taken->refused_rows.size());
  if (!taken->refused_rows.empty())
    environment_.log.error(
        "source_rows_refused",
        {{"channel", name_.channel}, {"rows", std::to_string(taken->refused_rows.size())}});
  return taken;
}

Call DatabaseSource::query() const {
  Call call{settings_.query.sql(), {}};
  // Only :watermark stands in a query, as often as it likes.
  for (std::size_t i = 0; i < settings_.query.names().size(); ++i)
    call.parameters.push_back({Cell::Kind::Text, place_.value_or(settings_.watermark_start)});
  return call;
}

/// Another database, column or start is another place.
PlaceName DatabaseSource::place_name() const {
  return {name_.channel, "database " + database_->name() + "\ncolumn " +
                             settings_.watermark_column + "\nstart " + settings_.watermark_start};
}

Status DatabaseSource::load_place() {
  if (place_ || !environment_.places) return Done{};
  auto kept = environment_.places->place(place_name());
  if (!kept) return kept.error();
  place_ = kept->value_or(settings_.watermark_start);
  return Done{};
}

Status DatabaseSource::keep_place(const Rows& rows) {
  if (rows.rows.empty()) return Done{};
  auto column = column_index(rows.columns, settings_.watermark_column);
  if (!column) return column.error();
  const auto& cell = rows.rows.back()[*column];
  if (cell.kind == Cell::Kind::Null || cell.kind == Cell::Kind::Bytes)
    return Error{ErrorKind::Invalid, "column " + settings_.watermark_column,
                 "a watermark can't be null or binary"};
  if (place_ == cell.text) return Done{};
  if (environment_.places)
    if (auto kept = environment_.places->keep(place_name(), cell.text); !kept) return kept;
  place_ = cell.text;
  return Done{};
}

void DatabaseSource::look_failed(const Error& error) {
  if (error.kind == ErrorKind::Stopped) return;
  instruments_.looks_failed.add();
  if (!std::exchange(away_, true))
    environment_.log.warn("source_database_away", {{"channel", name_.channel},
                                                   {"kind", std::string(to_string(error.kind))}});
}

Probe DatabaseSource::probe() {
  if (!thread_.is_running()) return {false, "not polling"};
  const std::atomic<bool> never{false};
  auto session = database_->open(never);
  if (!session) return {false, address() + ": " + session.error().str()};
  const bool marks = settings_.method == SourceSettings::Method::Mark;
  auto tried = (*session)->begin(marks ? Session::Access::Write : Session::Access::Read);
  Call call{settings_.query.sql(), {}};
  call.parameters.assign(settings_.query.names().size(),
                         {Cell::Kind::Text, settings_.watermark_start});
  const Reading one{1, settings_.reading.bytes_max, settings_.reading.row_bytes_max};
  if (tried)
    tried = (*session)->read(call, one, [&](Rows rows) -> Result<bool> {
      if (auto checked = rows_.check(rows); !checked) return checked.error();
      return false;
    });
  if (tried) tried = (*session)->roll_back();
  if (!tried) return {false, address() + ": " + tried.error().str()};
  return {true, address() + " can be read" + (thread_.is_paused() ? ", paused" : "")};
}

}  // namespace causeway::connectors::database
