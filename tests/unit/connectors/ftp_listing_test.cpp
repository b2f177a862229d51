// What FTP servers say of files.
#include "connectors/ftp/listing.h"

#include <catch2/catch.hpp>

namespace causeway::connectors::ftp {
namespace {

constexpr std::int64_t noon = std::int64_t{1'772'366'400} * 1'000'000'000;  // 2026-03-01

TEST_CASE("ftp: facts of files and folders") {
  const auto file =
      parse_facts("modify=20260301120000.25;perm=adfr;size=6;Type=file;unique=FE; a file;=.txt");
  REQUIRE(file);
  CHECK(*file == folder::FileInfo{"a file;=.txt", 6, noon + 250'000'000, false});
  const auto sub = parse_facts("type=dir;size=4096;modify=20260301120000; sub");
  REQUIRE(sub);
  CHECK(*sub == folder::FileInfo{"sub", 0, noon, true});
  for (const std::string_view line :
       {"", "type=file;", "type=cdir; .", "type=pdir; ..", "type=OS.unix=slink:/x; link",
        "size=5; none", "type=file;size=-1; a", "type=file;size=x; a", "type=file;modify=2026; a",
        "type=file; ../a", "type=file; a/b", "type=file; ", "type=file; a\rb"}) {
    INFO(line);
    CHECK_FALSE(parse_facts(line));
  }
}

TEST_CASE("ftp: lines as Unix lists them") {
  const auto file = parse_list_line("-rw-r--r--   1 user group  6 Nov 25 02:57  a file.txt");
  REQUIRE(file);
  CHECK(*file == folder::FileInfo{" a file.txt", 6, 0, false});
  CHECK(parse_list_line("drwxr-xr-x 2 0 0 4096 Nov 25  2025 sub")->is_folder);
  for (const std::string_view line :
       {"", "total 8", "lrwxrwxrwx 1 0 0 5 Nov 25 02:57 link -> a",
        "-rw-r--r-- 1 0 0 x Nov 25 2025 a", "-rw-r--r-- 1 0 0 6 Nov 25 2025",
        "-rw-r--r-- 1 0 0 6 Nov 25 2025 ../a", "11-25-26  02:57AM       <DIR>          sub"}) {
    INFO(line);
    CHECK_FALSE(parse_list_line(line));
  }
}

TEST_CASE("ftp: times") {
  CHECK(parse_time("20260301120000") == noon);
  CHECK(parse_time("20260301120000.000000001") == noon + 1);
  for (const std::string_view text :
       {"", "2026", "20260230120000", "20260301250000", "20260301120000.", "20260301120000x",
        "20260301120000.x", "99990301120000", "2026030112000-"})
    CHECK_FALSE(parse_time(text));
}

}  // namespace
}  // namespace causeway::connectors::ftp
