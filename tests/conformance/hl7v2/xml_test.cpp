// Real messages as v2 XML and back: every value is at its place again.
#include <catch2/catch.hpp>

#include "engine/formats/hl7v2/convert.h"
#include "engine/formats/hl7v2/difference.h"
#include "engine/formats/hl7v2/xml/v2_xml.h"
#include "tests/conformance/hl7v2/corpus.h"

namespace causeway::hl7v2 {
namespace {

/// What has no segment's name has none in XML either: it is written as ZZZ.
bool has_other_lines(const Message& message) {
  for (std::size_t i = 0; i < message.segment_count(); ++i)
    if (!parse_path(message.segment_name(i))) return true;
  return false;
}

TEST_CASE("the corpus' messages are the same after a way through v2 XML") {
  if (conformance::corpus_folder().empty()) {
    WARN("skipped: no corpus");
    return;
  }
  std::size_t same = 0, without_xml = 0;
  for (const auto& text : conformance::corpus_messages()) {
    const auto in_utf8 =
        convert_message(make_bytes(text), {.from = nullptr, .to = &encoding::utf8()});
    if (!in_utf8) continue;  // no readable MSH, or a set that nobody knows
    const auto before = Message::parse(in_utf8->bytes, &encoding::utf8());
    if (!before) continue;
    if (has_other_lines(*before)) continue;
    const auto xml = to_xml(*before);
    if (!xml) {
      // MSH-12 names no version, or MSH-9 nothing that a structure fits.
      REQUIRE((xml.error().place == "MSH-12" || xml.error().place == "MSH-9"));
      ++without_xml;
      continue;
    }
    const auto back = from_xml(*xml);
    CAPTURE(*in_utf8->bytes, *xml);
    REQUIRE(back.ok());
    const auto after = Message::parse(make_bytes(*back), &encoding::utf8());
    REQUIRE(after.ok());
    const auto found = differences(*before, *after, {});
    for (const auto& difference : found) {
      INFO(to_string(difference.before)
           << " " << difference.text_before << " -> " << to_string(difference.after) << " "
           << difference.text_after);
      CHECK(false);
    }
    ++same;
  }
  WARN(same << " messages the same, " << without_xml << " have no version or structure");
  CHECK(same > 800);
}

}  // namespace
}  // namespace causeway::hl7v2
