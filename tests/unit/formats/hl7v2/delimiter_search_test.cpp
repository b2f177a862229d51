// Delimiters found eight bytes at a time are those that are found one by one.
#include <catch2/catch.hpp>

#include <random>

#include "engine/formats/hl7v2/delimiter_search.h"

namespace causeway::hl7v2 {
namespace {

const char* nth_one_by_one(std::string_view text, char c, int n) {
  for (const char& at : text)
    if (at == c && --n == 0) return &at;
  return nullptr;
}

TEST_CASE("hl7v2: delimiters are found wherever they stand, also beside bytes that differ little") {
  std::mt19937 random(7);
  const char near[] = {'|', '}', '{', '\x7C' ^ '\x80', '\r', '\n', '\x0C', '\0', '\xFF', 'A'};
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 400, 'x');
    for (auto& c : text)
      if (random() % 4 == 0) c = near[random() % std::size(near)];
    const std::size_t skipped = text.empty() ? 0 : random() % std::min<std::size_t>(text.size(), 9);
    const auto view = std::string_view(text).substr(skipped);
    const char* const begin = view.data();
    const char* const end = begin + view.size();
    for (char c : {'|', '\0', '\xFF', '\x0C'}) {
      for (int n : {1, 2, 3, 9, 30})
        REQUIRE(find_nth(begin, end, c, n) == nth_one_by_one(view, c, n));
      const char* first = nth_one_by_one(view, c, 1);
      REQUIRE(find_or_end(begin, end, c) == (first ? first : end));
    }
    const auto line_end = std::min(view.find_first_of("\r\n"), view.size());
    REQUIRE(find_line_end(begin, end) == begin + line_end);
  }
}

}  // namespace
}  // namespace causeway::hl7v2
