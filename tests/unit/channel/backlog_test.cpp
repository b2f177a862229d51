#include <catch2/catch.hpp>

#include "engine/channel/backlog.h"
#include "engine/core/limits.h"

namespace causeway::channel {
namespace {

OpenDelivery work(std::int64_t message) {
  OpenDelivery row;
  row.work = {MessageId{message}, RunNumber{1}, DestinationId{5}};
  return row;
}

std::vector<std::int64_t> numbers(const std::vector<OpenDelivery>& rows) {
  std::vector<std::int64_t> all;
  for (const auto& row : rows) all.push_back(row.work.message.value);
  return all;
}

void commit_planned(Backlog& backlog, std::int64_t message, std::int64_t horizon) {
  backlog.planned(work(message));
  CHECK_FALSE(backlog.committed(work(message).work, MessageId{horizon}).has_value());
}

TEST_CASE("work committed out of order above the horizon is found again") {
  Backlog backlog;
  backlog.overflow(MessageId{10});
  commit_planned(backlog, 13, 10);  // 11 and 12 are still being run
  auto page = backlog.next_page(MessageId{10});
  REQUIRE(page.has_value());
  CHECK_FALSE(backlog.next_page(MessageId{10}).has_value());  // one at a time
  auto loaded = backlog.loaded(*page, {}, MessageId{10});
  CHECK(numbers(loaded.committed) == std::vector<std::int64_t>{13});
  CHECK_FALSE(backlog.overflows());
}

TEST_CASE("what has been forgotten since a page can bring it keeps the queue on disk") {
  Backlog backlog;
  backlog.overflow(MessageId{10});
  auto page = backlog.next_page(MessageId{10});
  commit_planned(backlog, 11, 11);  // readable now, so it is forgotten
  auto loaded = backlog.loaded(*page, {}, MessageId{11});
  CHECK(loaded.committed.empty());
  CHECK(backlog.overflows());
  page = backlog.next_page(MessageId{11});
  CHECK(page->after == MessageId{10});
  loaded = backlog.loaded(*page, {work(11)}, MessageId{11});
  CHECK(numbers(loaded.committed) == std::vector<std::int64_t>{11});
  CHECK_FALSE(backlog.overflows());
}

TEST_CASE("what was finished while a page was being read is not taken up again") {
  Backlog backlog;
  backlog.recover(MessageId{0}, MessageId{20});
  auto page = backlog.next_page(MessageId{0});
  CHECK(page->upto == MessageId{20});
  backlog.finished(work(7).work);
  auto loaded = backlog.loaded(*page, {work(7), work(8)}, MessageId{0});
  CHECK(numbers(loaded.committed) == std::vector<std::int64_t>{8});
}

TEST_CASE("a commit that the page being read may have missed is not lost") {
  Backlog backlog;
  backlog.recover(MessageId{0}, MessageId{20});
  auto page = backlog.next_page(MessageId{4});
  commit_planned(backlog, 6, 5);
  auto loaded = backlog.loaded(*page, {work(9)}, MessageId{9});
  CHECK(numbers(loaded.committed) == std::vector<std::int64_t>{9, 6});
}

TEST_CASE("a full page leaves the rest on disk; what is pending stays pending") {
  Backlog backlog;
  backlog.overflow(MessageId{0});
  backlog.planned(work(5000));
  std::vector<OpenDelivery> rows;
  for (std::int64_t i = 1; i <= static_cast<std::int64_t>(limits::queue_page); ++i)
    rows.push_back(work(i));
  auto page = backlog.next_page(MessageId{4000});
  auto loaded = backlog.loaded(*page, rows, MessageId{4000});
  CHECK(backlog.overflows());
  CHECK(loaded.pending.empty());
  page = backlog.next_page(MessageId{4000});
  CHECK(page->after == rows.back().work.message);
  loaded = backlog.loaded(*page, {}, MessageId{4000});
  CHECK(numbers(loaded.pending) == std::vector<std::int64_t>{5000});
}

}  // namespace
}  // namespace causeway::channel
