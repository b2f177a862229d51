#include "engine/main/compare/stored_comparison.h"

#include <condition_variable>
#include <deque>
#include <thread>

namespace causeway {
namespace {

constexpr std::size_t page_rows = 500;
constexpr std::size_t pages_waiting_max = 8;

using Page = std::vector<store::FoundMessage>;

/// Pages on their way from who reads them to those who compare.
class Pages {
 public:
  /// False: nobody takes any more.
  bool put(Page page) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || pages_.size() < pages_waiting_max; });
    if (ended_) return false;
    pages_.push_back(std::move(page));
    changed_.notify_all();
    return true;
  }
  std::optional<Page> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || complete_ || !pages_.empty(); });
    if (ended_ || pages_.empty()) return std::nullopt;
    Page page = std::move(pages_.front());
    pages_.pop_front();
    changed_.notify_all();
    return page;
  }
  void complete() {
    std::lock_guard lock(mutex_);
    complete_ = true;
    changed_.notify_all();
  }
  /// Something has gone wrong; the first says what.
  void end(Error error) {
    std::lock_guard lock(mutex_);
    if (!ended_) error_ = std::move(error);
    ended_ = true;
    changed_.notify_all();
  }
  std::optional<Error> error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_:
  std::deque<Page> pages_;
  std::optional<Error> error_;
  bool complete_ = false, ended_ = false;
};

/// Whether runs are told anything besides the message: then what was recorded has to be read.
bool asks(const config::ChannelConfig& channel) {
  for (const auto& stage : channel.stages)
    if (stage.enrich) return true;
  for (const auto& [name, text] : channel.scripts)
    if (text.find("ctx.state") != std::string::npos ||
        text.find("ctx.counter") != std::string::npos)
      return true;
  return false;
}

class Comparing {
 public:
  Comparing(const StoredComparison& given, Pages& pages, ChangeClusters& clusters)
      : given_(given),
        pages_(pages),
        clusters_(clusters),
        recorded_(asks(given.deployed) || asks(given.draft)) {}

  /// One thread's part.
  void work() const {
    auto& store = given_.store;
    auto comparison =
        MessageComparison::make(given_.deployed, given_.draft,
                                [&store](BodyId body, std::uint64_t from, std::size_t bytes) {
                                  return store.read_body(body, from, bytes);
                                });
    if (!comparison) return pages_.end(comparison.error());
    while (auto page = pages_.take())
      for (const auto& found : *page)
        if (auto done = compare(**comparison, found.message); !done)
          return pages_.end(done.error());
  }

 private:
  Status compare(MessageComparison& comparison, const StoredMessage& message) const {
    std::vector<RecordedInput> inputs;
    if (recorded_) {
      auto view = given_.store.messages().show(message.id);
      if (!view) return view.error();
      if (!view->runs.empty()) inputs = std::move(view->runs.back().inputs);
    }
    clusters_.add(message.id, comparison.compare(message, inputs));
    return Done{};
  }

  const StoredComparison& given_;
  Pages& pages_;
  ChangeClusters& clusters_;
  const bool recorded_;
};

/// Takes out what can't be compared; how many that were.
std::size_t take_out_gone(Page& page) {
  return std::erase_if(page, [](const auto& found) { return found.content_gone; });
}

}  // namespace

Result<StoredComparison::Done> StoredComparison::run() {
  Pages pages;
  ChangeClusters clusters;
  const Comparing comparing(*this, pages, clusters);
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < std::max(1u, threads); ++i)
    workers.emplace_back([&comparing] { comparing.work(); });
  StoredComparison::Done done;
  request.rows = page_rows;
  for (std::size_t left = limit; left > 0;) {
    request.rows = std::min(page_rows, left);
    auto page = store.search().find(request);
    if (!page) {
      pages.end(page.error());
      break;
    }
    left -= std::min(left, page->found.size());
    done.content_gone += take_out_gone(page->found);
    request.before = page->next;
    if (!pages.put(std::move(page->found)) || !page->next) break;
  }
  pages.complete();
  for (auto& worker : workers) worker.join();
  if (auto error = pages.error()) return *error;
  done.summary = clusters.summary();
  return done;
}

}  // namespace causeway
