// Runs a LLVMFuzzerTestOneInput without libFuzzer: every seed file of the folders given, then a
// fixed number of mutations of them by a fixed generator, so that a smoke run is bounded and
// repeatable. An input that aborts is left in the file failed_input. Usage: fuzz_NAME [-runs=N]
// SEED_FOLDER...
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;

Input tried;

/// Only calls that a signal handler may make. A second signal of the kind ends the program.
void keep_failed(int number) {
  std::signal(number, SIG_DFL);
  const int file = ::open("failed_input", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file >= 0 && ::write(file, tried.data(), tried.size()) >= 0) ::close(file);
  ::raise(number);
}

void attempt(Input input) {
  tried = std::move(input);
  LLVMFuzzerTestOneInput(tried.data(), tried.size());
}

std::vector<Input> read_seeds(const std::vector<std::string>& folders) {
  std::vector<std::filesystem::path> paths;
  for (const auto& folder : folders)
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Input> seeds{{}};
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

Input mutate(const std::vector<Input>& seeds, std::mt19937_64& random) {
  auto pick = [&](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random() % n); };
  Input input = seeds[pick(seeds.size())];
  for (auto rounds = 1 + pick(6); rounds > 0; --rounds) {
    auto at = static_cast<std::ptrdiff_t>(pick(input.size()));
    auto length = static_cast<std::ptrdiff_t>(pick(input.size() - static_cast<std::size_t>(at)));
    switch (pick(6)) {
      case 0:
        if (!input.empty())
          input[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1 << pick(8));
        break;
      case 1:
        input.insert(input.begin() + at, static_cast<std::uint8_t>(random()));
        break;
      case 2:
        input.erase(input.begin() + at, input.begin() + at + std::min<std::ptrdiff_t>(length, 64));
        break;
      case 3:
        input.resize(static_cast<std::size_t>(at));
        break;
      case 4: {
        Input copy(input.begin() + at, input.begin() + at + length);
        if (input.size() < 100000) input.insert(input.begin() + at, copy.begin(), copy.end());
        break;
      }
      default: {
        const auto& other = seeds[pick(seeds.size())];
        auto from = pick(other.size());
        input.insert(input.begin() + at, other.begin() + static_cast<std::ptrdiff_t>(from),
                     other.end());
      }
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t runs = 20000;
  std::vector<std::string> folders;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    if (argument.rfind("-runs=", 0) == 0)
      runs = std::strtoull(argument.c_str() + 6, nullptr, 10);
    else
      folders.push_back(argument);
  }
  auto seeds = read_seeds(folders);
  std::signal(SIGABRT, keep_failed);
  for (const auto& seed : seeds) attempt(seed);
  std::mt19937_64 random(20200101);
  for (std::size_t i = 0; i < runs; ++i) {
    attempt(mutate(seeds, random));
  }
  std::printf("%zu seeds and %zu mutations\n", seeds.size() - 1, runs);
}
