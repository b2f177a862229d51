// Runs simulated worlds, one per seed, and reports each broken promise with the seed that replays
// it.
//   simulation [--seeds N] [--from S]     N worlds (300)
//   simulation --seed S [--trace]         one world, told event by event
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "tests/simulation/world.h"

namespace {

// They are run first, each time.
constexpr std::uint64_t seeds_that_found_bugs[] = {34,    339,   3764,  22659, 38500, 56016, 82298,
                                                   68325, 27454, 39878, 46190, 62275, 70876, 74434,
                                                   85282, 97286, 113,   387,   491,   511};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t from = 1, seeds = 300;
  bool trace = false;
  if (const char* longer = std::getenv("CAUSEWAY_LONG"); longer && *longer == '1') seeds = 100'000;
  for (int i = 1; i < argc; ++i) {
    auto number = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 10) : 0; };
    if (!std::strcmp(argv[i], "--seeds")) {
      seeds = number();
    } else if (!std::strcmp(argv[i], "--from")) {
      from = number();
    } else if (!std::strcmp(argv[i], "--seed")) {
      from = number();
      seeds = 1;
    } else if (!std::strcmp(argv[i], "--trace")) {
      trace = true;
    } else {
      std::fprintf(stderr, "unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  std::vector<std::uint64_t> all;
  if (seeds > 1) all.assign(std::begin(seeds_that_found_bugs), std::end(seeds_that_found_bugs));
  for (auto seed = from; seed < from + seeds; ++seed) all.push_back(seed);
  std::size_t messages = 0, crashes = 0, failed = 0;
  for (auto seed : all) {
    causeway::simulation::World world(seed, trace);
    auto broken = world.run();
    messages += world.messages_sent();
    crashes += world.crashes();
    if (broken.empty()) continue;
    ++failed;
    std::printf("seed %llu:\n", static_cast<unsigned long long>(seed));
    for (std::size_t i = 0; i < broken.size() && (i < 10 || trace); ++i)
      std::printf("  %s\n", broken[i].c_str());
    if (failed >= 10) break;
  }
  std::printf("%llu seeds, %zu messages, %zu kills, %zu seeds with broken promises\n",
              static_cast<unsigned long long>(all.size()), messages, crashes, failed);
  return failed == 0 ? 0 : 1;
}
