// Answers that are given again without asking.
#include "engine/pipeline/enrich/lookup_cache.h"

#include <catch2/catch.hpp>

using namespace causeway;
using namespace causeway::pipeline;

namespace {
const SteadyTime start{std::chrono::hours(1)};
}

TEST_CASE("an answer is kept for its age") {
  LookupCache cache(Milliseconds(100), 10);
  CHECK(!cache.find("a", start));
  cache.keep("a", make_bytes("1"), start);
  CHECK(*cache.find("a", start + Milliseconds(99)) == "1");
  CHECK(!cache.find("a", start + Milliseconds(100)));
  CHECK(!cache.find("a", start));
}

TEST_CASE("of too many answers, those that were not used for longest are given up") {
  LookupCache cache(Milliseconds(100), 2);
  cache.keep("a", make_bytes("1"), start);
  cache.keep("b", make_bytes("2"), start);
  CHECK(cache.find("a", start));
  cache.keep("c", make_bytes("3"), start);
  CHECK(cache.find("a", start));
  CHECK(!cache.find("b", start));
  cache.keep("a", make_bytes("4"), start);
  CHECK(*cache.find("a", start) == "4");
  CHECK(cache.find("c", start));
}

TEST_CASE("answers together are bounded, and an age of 0 keeps none") {
  LookupCache cache(Milliseconds(100), 1000);
  for (int i = 0; i < 20; ++i)
    cache.keep(std::to_string(i), make_bytes(std::string(1024 * 1024, 'x')), start);
  CHECK(cache.find("19", start));
  CHECK(!cache.find("0", start));
  LookupCache none(Milliseconds(0), 10);
  none.keep("a", make_bytes("1"), start);
  CHECK(!none.find("a", start));
}
