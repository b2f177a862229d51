// Any bytes as a DICOM file: unedited it is the same bytes; every value and item can be looked at;
// what is edited is there when it is read again, and all else is as it was.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/facts.h"

namespace {

using namespace causeway;
using namespace causeway::dicom;

constexpr int depth_max = 4;

void require(bool condition) {
  if (!condition) std::abort();
}

void look(DataSet& set, ItemNumber item, int depth) {
  for (const auto tag : set.tags(item)) {
    const Path path{{{tag}}};
    (void)set.values(item, path);
    (void)set.bytes(item, path);
    const auto items = set.items(item, path);
    if (!items || depth == depth_max) continue;
    for (const auto inner : *items) look(set, inner, depth + 1);
  }
}

void edit(DataSet& set, std::string_view text) {
  const Path name{{{0x00100010}}}, sequence{{{0x00081110}}}, uid{{{0x00081155}}};
  const std::string ascii(
      text.substr(0, 8).find_first_not_of("0123456789") == text.npos ? text.substr(0, 8) : "DOE");
  const bool named = set.set(whole_data_set, name, {Value(ascii)}).ok();
  const auto item = set.append_item(whole_data_set, sequence);
  const bool added = item.ok() && set.set(*item, uid, {Value("1.2.3")}).ok();
  (void)set.remove(whole_data_set, {{{0x00080060}}});
  const auto count = added ? set.items(whole_data_set, sequence)->size() : 0;
  const auto written = set.write();
  require(written.ok());
  auto again = DataSet::parse(*written, DataSet::Extent::Whole);
  require(again.ok());
  if (named) require(*again->bytes(whole_data_set, name) == *set.bytes(whole_data_set, name));
  if (added) require(again->items(whole_data_set, sequence)->size() == count);
  require(!again->has(whole_data_set, {{{0x00080060}}}) || !set.is_edited() ||
          set.has(whole_data_set, {{{0x00080060}}}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = make_bytes({reinterpret_cast<const char*>(data), size});
  const std::vector<Path> paths{{{{0x00100020}}}, {{{0x00081110}, {0x00081155}}}};
  (void)read_facts(file, &paths[0], paths, 10);
  auto begin = DataSet::parse(file, DataSet::Extent::Begin);
  if (begin) look(*begin, whole_data_set, 0);
  auto whole = DataSet::parse(file, DataSet::Extent::Whole);
  if (!whole) return 0;
  require(*whole->write() == file);
  look(*whole, whole_data_set, 0);
  require(*whole->write() == file);
  edit(*whole, *file);
  const Path path{{{0x00080005}}};
  if (const auto sets = whole->bytes(whole_data_set, path); sets && *sets) {
    TextCodec codec(**sets);
    const auto text = codec.decode(*file, vr("PN"));
    (void)codec.encode(text, vr("PN"));
  }
  return 0;
}
