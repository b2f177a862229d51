#include "connectors/http/body_collector.h"

#include "connectors/support/staged_body.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::http {

/// What the background thread works on, and whom it tells: nobody, once the collector is gone.
struct BodyCollector::Staging {
  BodyCollector* collector = nullptr;  // of the loop's thread
  std::unique_ptr<BodyStaging::Writer> writer;
};

BodyCollector::BodyCollector(Rules rules, Places places, OnReady on_ready)
    : rules_(rules), places_(places), on_ready_(std::move(on_ready)) {
  if (rules_.packed) inflater_.emplace();
}

BodyCollector::~BodyCollector() {
  if (staging_) staging_->collector = nullptr;
}

bool BodyCollector::is_busy() const {
  return busy_;
}

Status BodyCollector::add(std::string_view piece) {
  CHECK(!busy_);
  if (inflater_) {
    waiting_ += piece;
    return take_waiting();
  }
  total_ += piece.size();
  content_ += piece;
  if (auto fits = check_size(); !fits) return fits;
  stage_content();
  return Done{};
}

/// Unpacks what has come, until the staging has to be waited for.
Status BodyCollector::take_waiting() {
  std::string_view rest = waiting_;
  while (!rest.empty() && !busy_) {
    const auto before = content_.size();
    if (!inflater_->step(rest, content_))
      return Error{ErrorKind::Invalid, "", "the body is no well-formed gzip"};
    total_ += content_.size() - before;
    if (auto fits = check_size(); !fits) return fits;
    stage_content();
  }
  waiting_.erase(0, waiting_.size() - rest.size());
  return Done{};
}

Status BodyCollector::check_size() {
  const bool fits =
      total_ <= rules_.bytes_max && (!rules_.in_memory || total_ <= body_in_memory_max);
  if (fits) return Done{};
  return Error{ErrorKind::Limit, "", "the body is too long"};
}

/// Where the body has outgrown the memory it may take: what there is of it goes to the staging.
void BodyCollector::stage_content() {
  if (!places_.staging) return;
  const auto bound = staging_ ? limits::staged_chunk_bytes : body_in_memory_max;
  if (content_.size() <= bound) return;
  if (!staging_) {
    staging_ = std::make_shared<Staging>();
    staging_->collector = this;
  }
  busy_ = true;
  places_.background.run([work = staging_, &staging = *places_.staging, &loop = places_.loop,
                          content = std::exchange(content_, {})] {
    Status done = Done{};
    if (!work->writer) {
      auto begun = staging.begin();
      if (begun)
        work->writer = std::move(*begun);
      else
        done = begun.error();
    }
    std::string_view rest = content;
    while (done && !rest.empty()) {
      const auto chunk = rest.substr(0, limits::staged_chunk_bytes);
      done = work->writer->append(chunk);
      rest.remove_prefix(chunk.size());
    }
    std::optional<Error> error;
    if (!done) error = done.error();
    loop.post([work, error] {
      if (work->collector) work->collector->staged(error);
    });
  });
}

void BodyCollector::staged(std::optional<Error> error) {
  busy_ = false;
  if (!error)
    if (auto taken = take_waiting(); !taken) error = taken.error();
  failure_ = std::move(error);
  const auto on_ready = on_ready_;  // which may destroy it
  if (!busy_ || failure_) on_ready();
}

void BodyCollector::finish(OnCollected on_collected) {
  CHECK(!busy_);
  if (inflater_ && !inflater_->at_end())
    return on_collected(Error{ErrorKind::Invalid, "", "the body is no well-formed gzip"});
  on_collected_ = std::move(on_collected);
  if (staging_)
    finish_staged();
  else
    finish_in_memory();
}

void BodyCollector::finish_staged() {
  places_.background.run(
      [work = staging_, &loop = places_.loop, content = std::exchange(content_, {})] {
        Status done = content.empty() ? Status(Done{}) : work->writer->append(content);
        Result<Body> body = done ? work->writer->finish() : Result<Body>(done.error());
        loop.post([work, body] {
          if (!work->collector) return;
          if (body)
            work->collector->hand_over(Collected{*body, {}});
          else
            work->collector->hand_over(body.error());
        });
      });
}

void BodyCollector::finish_in_memory() {
  auto bytes = make_bytes(std::exchange(content_, {}));
  if (rules_.in_memory || !places_.staging || bytes->size() <= limits::inline_body_bytes)
    return hand_over(Collected{Body(bytes), {}});
  staging_ = std::make_shared<Staging>();
  staging_->collector = this;
  places_.background.run(
      [work = staging_, &staging = *places_.staging, &loop = places_.loop, bytes] {
        loop.post([work, bytes, body = stage(staging, *bytes)] {
          if (!work->collector) return;
          if (body)
            work->collector->hand_over(Collected{*body, bytes});
          else
            work->collector->hand_over(body.error());
        });
      });
}

/// It may destroy the collector.
void BodyCollector::hand_over(Result<Collected> collected) {
  const auto on_collected = std::exchange(on_collected_, nullptr);
  on_collected(std::move(collected));
}

}  // namespace causeway::connectors::http
