#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "engine/config/channel_config.h"
#include "engine/config/library.h"

using namespace causeway::config;
namespace fs = std::filesystem;

namespace {

const std::string good_channel =
    R"({"source": {"type": "mllp"}, "destinations": {"out": {"type": "mllp"}}})";

const Fields* connector(std::string_view type, bool) {
  static const Fields none;
  return type == "mllp" ? &none : nullptr;
}

class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "causeway-channels-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    root_ = name;
  }
  ~Tree() { fs::remove_all(root_); }

  void write(const std::string& path, std::string_view text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  const fs::path& root() const { return root_; }

  std::vector<ChannelConfig> load() {
    problems = {};
    return load_channels(root_, connector, nullptr, problems);
  }
  std::string problem() const {
    REQUIRE(problems.list.size() == 1);
    return problems.list[0].str();
  }

  Problems problems;

 private:
  fs::path root_;
};

}  // namespace

TEST_CASE("Channel folders: the path below the root is the channel's name", "[config]") {
  Tree tree;
  tree.write("lab/oru_in/channel.json", good_channel);
  tree.write("lab/oru_in/deeper/channel.json", good_channel);  // belongs to lab/oru_in
  tree.write("adt/channel.json", good_channel);
  tree.write(".git/channel.json", good_channel);
  tree.write("notes/readme.txt", "");
  const auto channels = tree.load();
  CHECK(tree.problems.empty());
  REQUIRE(channels.size() == 2);
  CHECK(channels[0].path == "adt");
  CHECK(channels[1].path == "lab/oru_in");
  CHECK(channels[1].text == good_channel);
}

TEST_CASE("Channel folders: scripts are read, those of tests are not", "[config]") {
  Tree tree;
  tree.write("a/channel.json", good_channel);
  tree.write("a/transform.js", "one");
  tree.write("a/lib/names.js", "two");
  tree.write("a/tests/check.js", "three");
  tree.write("a/notes.txt", "four");
  const auto channels = tree.load();
  REQUIRE(channels.size() == 1);
  CHECK(channels[0].scripts ==
        std::map<std::string, std::string>{{"lib/names.js", "two"}, {"transform.js", "one"}});
}

TEST_CASE("Channel folders: one bad channel does not hide the others", "[config]") {
  Tree tree;
  tree.write("a/channel.json", "{\n  \"sorce\": 1}");
  tree.write("b/channel.json", good_channel);
  const auto channels = tree.load();
  REQUIRE(channels.size() == 1);
  CHECK(channels[0].path == "b");
  CHECK(tree.problems.list.size() == 3);
  CHECK_THAT(tree.problems.list[0].str(), Catch::Contains("a/channel.json:2:12: /sorce: unknown"));
}

TEST_CASE("Channel folders: many problems elsewhere don't make a bad channel good", "[config]") {
  Tree tree;
  std::string many = "{\"x\": 1";
  for (int i = 0; i < 300; ++i) many += ", \"x" + std::to_string(i) + "\": 1";
  tree.write("a/channel.json", many + "}");
  tree.write("b/channel.json", "{}");
  CHECK(tree.load().empty());
}

TEST_CASE("Channel folders: links may not lead out", "[config]") {
  Tree tree;
  tree.write("outside/secret.js", "secret");
  tree.write("outside/channel.json.txt", good_channel);
  tree.write("a/channel.json", good_channel);
  tree.write("a/real.js", "real");
  fs::create_symlink("real.js", tree.root() / "a/inside.js");

  SECTION("a link within the folder is a file like others") {
    const auto channels = tree.load();
    REQUIRE(channels.size() == 1);
    CHECK(channels[0].scripts.at("inside.js") == "real");
  }
  SECTION("a script") {
    fs::create_symlink("../outside/secret.js", tree.root() / "a/leak.js");
    CHECK(tree.load().empty());
    CHECK_THAT(tree.problem(), Catch::Contains("leak.js: ") && Catch::Contains("out of"));
  }
  SECTION("a folder of scripts is not followed") {
    fs::create_directory_symlink("../outside", tree.root() / "a/lib");
    const auto channels = tree.load();
    REQUIRE(channels.size() == 1);
    CHECK(channels[0].scripts.size() == 2);
  }
  SECTION("the declaration") {
    fs::create_directory(tree.root() / "b");
    fs::create_symlink("../outside/channel.json.txt", tree.root() / "b/channel.json");
    CHECK(tree.load().size() == 1);
    CHECK_THAT(tree.problem(), Catch::Contains("b/channel.json: ") && Catch::Contains("out of"));
  }
  SECTION("round in circles") {
    fs::create_directory_symlink(".", tree.root() / "loop");
    CHECK(tree.load().size() == 1);
  }
}

TEST_CASE("Channel folders: sizes are limited", "[config]") {
  Tree tree;
  tree.write("a/channel.json", good_channel);
  SECTION("of one script") {
    tree.write("a/large.js", std::string(script_bytes_max + 1, ' '));
    CHECK(tree.load().empty());
    CHECK_THAT(tree.problem(), Catch::Contains("larger than 1048576 bytes"));
  }
  SECTION("of all together") {
    for (char name = 'a'; name <= 'q'; ++name)
      tree.write(std::string("a/") + name + ".js", std::string(script_bytes_max, ' '));
    CHECK(tree.load().empty());
    CHECK_THAT(tree.problem(), Catch::Contains("or 16777216 bytes of them"));
  }
}

TEST_CASE("Channel folders: a hop must lead to a channel", "[config]") {
  Tree tree;
  tree.write("a/channel.json",
             R"({"source": {"type": "mllp"},
                 "destinations": {"next": {"type": "channel", "channel": "lab/on"}}})");
  tree.write("lab/one/channel.json", good_channel);
  CHECK(tree.load().size() == 1);
  CHECK_THAT(tree.problem(),
             Catch::Contains("/destinations/next/channel: there is no channel \"lab/on\"; "
                             "did you mean \"lab/one\"?"));
}

TEST_CASE("Channel folders: one by its path", "[config]") {
  Tree tree;
  tree.write("lab/a/channel.json", good_channel);
  Problems problems;
  CHECK(load_channel(tree.root(), "lab/a", connector, nullptr, problems));
  CHECK(problems.empty());
  for (const auto* path : {"", "lab", "/lab/a", "lab//a", "../lab/a", "lab/./a", "lab/a/"}) {
    INFO(path);
    CHECK(!load_channel(tree.root(), path, connector, nullptr, problems));
  }
  CHECK(problems.list.size() == 7);
}

TEST_CASE("Channel folders: names and a root that can't be", "[config]") {
  Tree tree;
  tree.write("a b/channel.json", good_channel);
  CHECK(tree.load().empty());
  CHECK_THAT(tree.problem(), Catch::Contains("a channel's path may have"));
  Problems problems;
  CHECK(load_channels(tree.root() / "none", connector, nullptr, problems).empty());
  CHECK(problems.list.size() == 1);
}

TEST_CASE("Channel folders: code tables are read with the scripts", "[config]") {
  Tree tree;
  tree.write("a/channel.json", good_channel);
  tree.write("a/tables/sex.csv", "code,name\n");
  tree.write("a/data/other.csv", "not a table");
  const auto channels = tree.load();
  REQUIRE(channels.size() == 1);
  CHECK(channels[0].scripts ==
        std::map<std::string, std::string>{{"tables/sex.csv", "code,name\n"}});
}

TEST_CASE("Channel folders: of the library, what is used goes into the revision", "[config]") {
  Tree tree;
  tree.write("mappings/dates/age.js", "import { day } from './day.js'; export const age = day;");
  tree.write("mappings/dates/day.js", "export const day = ctx => ctx.table(\"codes/days\");");
  tree.write("mappings/dates/unused.js", "nobody");
  tree.write("mappings/codes/days.csv", "key,day\n");
  tree.write("mappings/readme.md", "no mapping");
  tree.write("channels/a/channel.json", good_channel);
  tree.write("channels/a/t.js", "import { age } from \"dates/age.js\";");
  tree.write("channels/b/channel.json", good_channel);
  Problems problems;
  const auto library = read_library(tree.root() / "mappings", problems);
  auto channels = load_channels(tree.root() / "channels", connector, nullptr, problems);
  REQUIRE(problems.empty());
  REQUIRE(channels.size() == 2);
  CHECK(library.size() == 4);
  const auto hash = channels[0].revision_hash, other_hash = channels[1].revision_hash;
  for (auto& channel : channels) add_used(library, channel);
  std::vector<std::string> names;
  for (const auto& [name, text] : channels[0].scripts) names.push_back(name);
  CHECK(names == std::vector<std::string>{"lib:codes/days.csv", "lib:dates/age.js",
                                          "lib:dates/day.js", "t.js"});
  CHECK(channels[0].revision_hash != hash);
  CHECK(channels[1].revision_hash == other_hash);
  CHECK(read_library(tree.root() / "none", problems).empty());
  CHECK(problems.empty());
}
