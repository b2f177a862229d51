#include "engine/main/file_differences.h"

#include <catch2/catch.hpp>

namespace causeway {
namespace {

using Files = std::map<std::string, std::string>;

std::string between(const Files& before, const Files& after) {
  return differences({"revision 1", before}, {"revision 2", after});
}

TEST_CASE("files that say the same differ in nothing") {
  CHECK(between({{"a.js", "x\ny\n"}}, {{"a.js", "x\ny\n"}}).empty());
}

TEST_CASE("a changed line is shown with those around it") {
  CHECK(between({{"a.js", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"}},
                {{"a.js", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"}}) ==
        "--- a.js\trevision 1\n+++ a.js\trevision 2\n@@ -2,7 +2,7 @@\n"
        " 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("changes far from each other are shown apart, near ones together") {
  std::string before, after;
  for (int i = 0; i < 40; ++i) {
    before += std::to_string(i) + "\n";
    after += (i == 3 || i == 6 || i == 30 ? "new\n" : std::to_string(i) + "\n");
  }
  const auto text = between({{"a", before}}, {{"a", after}});
  CHECK(text.find("@@ -1,10 +1,10 @@") != std::string::npos);
  CHECK(text.find("@@ -28,7 +28,7 @@") != std::string::npos);
}

TEST_CASE("files that come and go are shown whole") {
  CHECK(between({{"old", "1\n"}}, {{"new", "2\n"}}) ==
        "--- /dev/null\n+++ new\trevision 2\n@@ -0,0 +1,1 @@\n+2\n"
        "--- old\trevision 1\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n");
}

TEST_CASE("very large changes are shown as exchanged") {
  std::string before, after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  const auto text = between({{"a", before}}, {{"a", after}});
  CHECK(text.find("@@ -1,3000 +1,3000 @@") != std::string::npos);
}

}  // namespace
}  // namespace causeway
