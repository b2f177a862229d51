#include "engine/main/revision_files.h"

#include <catch2/catch.hpp>

namespace causeway {
namespace {

TEST_CASE("files are unpacked as they were packed") {
  const RevisionFiles files{
      {"channel.json", "{}"}, {"lib/a.js", std::string("\0x\n", 3)}, {"b.js", ""}};
  auto back = unpack(pack(files));
  REQUIRE(back.ok());
  CHECK(*back == files);
  CHECK(unpack("")->empty());
  const auto packed = pack(files);
  CHECK_FALSE(unpack(packed.substr(0, packed.size() - 1)).ok());
  CHECK_FALSE(unpack(packed + packed).ok());
}

TEST_CASE("files that a channel can't consist of are refused") {
  CHECK(check_files({{"channel.json", "{}"}, {"lib/a.js", ""}, {"lib:dates/age.js", ""}}).ok());
  CHECK_FALSE(check_files({{"a.js", ""}}).ok());
  for (const char* name :
       {"../a.js", "/a.js", "a/../b.js", "a//b.js", ".a.js", "a b.js", "lib:../a.js", "a:b.js", ""})
    CHECK_FALSE(check_files({{"channel.json", "{}"}, {name, ""}}).ok());
  CHECK(check_files(
            {{"channel.json", "{}"}, {"a.js", std::string(config::script_bytes_max + 1, 'x')}})
            .error()
            .kind == ErrorKind::Limit);
}

}  // namespace
}  // namespace causeway
