// DICOM: encodings, the dictionary, the head of a file, and the walk over elements.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/formats/dicom/dictionary.h"
#include "engine/formats/dicom/file.h"

namespace causeway::dicom {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::filesystem::path files = "tests/support/dicom";

std::vector<Tag> tags_of(std::string_view bytes, Encoding encoding, std::size_t at) {
  std::vector<Tag> tags;
  ElementReader reader(bytes, encoding, at);
  for (;;) {
    const auto element = reader.next();
    REQUIRE(element.ok());
    if (!*element) break;
    tags.push_back((*element)->tag);
  }
  CHECK_FALSE(reader.cut_off());
  return tags;
}

TEST_CASE("DICOM: a file's head is written and read") {
  const FileHead head{.sop_class = "1.2.840.10008.5.1.4.1.1.2",
                      .sop_instance = "2.25.12345",
                      .transfer_syntax = "1.2.840.10008.1.2.4.50",
                      .source_title = "CT1"};
  const auto bytes = make_file_head(head) + "the data set";
  const auto again = read_file_head(bytes);
  REQUIRE(again.ok());
  CHECK(again->sop_class == head.sop_class);
  CHECK(again->sop_instance == head.sop_instance);
  CHECK(again->transfer_syntax == head.transfer_syntax);
  CHECK(again->source_title == "CT1");
  CHECK(bytes.substr(again->data_set_begin) == "the data set");
}

TEST_CASE("DICOM: what is no file, or doesn't say how it is encoded, is told apart") {
  CHECK_FALSE(read_file_head("").ok());
  CHECK_FALSE(read_file_head(std::string(200, 'x')).ok());
  const auto without = read_file_head(read(files / "meta_missing_tsyntax.dcm"));
  REQUIRE_FALSE(without.ok());
  CHECK_THAT(without.error().str(), Catch::Contains("(0002,0010)"));
  const auto whole = read(files / "rtplan.dcm");
  for (std::size_t size = 0; size < 300; ++size)
    (void)read_file_head(std::string_view(whole).substr(0, size));
}

TEST_CASE("DICOM: elements of every encoding are walked to their end") {
  for (const auto* name :
       {"chrSQEncoding.dcm", "rtplan.dcm", "rtdose_expb_1frame.dcm", "SC_rgb_rle_2frame.dcm",
        "UN_sequence.dcm", "nested_priv_SQ.dcm", "JPEG2000.dcm", "reportsi.dcm", "badVR.dcm"}) {
    INFO(name);
    const auto bytes = read(files / name);
    const auto head = read_file_head(bytes);
    REQUIRE(head.ok());
    const auto tags = tags_of(bytes, encoding_of(head->transfer_syntax), head->data_set_begin);
    CHECK(tags.size() > 0);
    CHECK(std::is_sorted(tags.begin(), tags.end()));
  }
}

TEST_CASE("DICOM: a file that is cut off says so") {
  const auto bytes = read(files / "rtplan_truncated.dcm");
  const auto head = read_file_head(bytes);
  REQUIRE(head.ok());
  ElementReader reader(bytes, encoding_of(head->transfer_syntax), head->data_set_begin);
  for (;;) {
    const auto element = reader.next();
    REQUIRE(element.ok());
    if (!*element) break;
  }
  CHECK(reader.cut_off());
  REQUIRE(reader.cut_element());
  CHECK(reader.cut_element()->vr == vr("SQ"));
}

TEST_CASE("DICOM: nesting has a limit") {
  // Sequences of undefined length, each within an item of the one before; implicit.
  std::string bytes;
  const Encoding implicit{.explicit_vr = false};
  for (int i = 0; i < 200; ++i) {
    implicit.put_u32(bytes, 0x00820040);  // (0040,0082) is not in the dictionary: undefined length
    implicit.put_u32(bytes, undefined_length);
    implicit.put_u32(bytes, 0xE000FFFE);
    implicit.put_u32(bytes, undefined_length);
  }
  ElementReader reader(bytes, implicit);
  const auto element = reader.next();
  REQUIRE_FALSE(element.ok());
  CHECK(element.error().kind == ErrorKind::Limit);
}

TEST_CASE("DICOM: the dictionary knows tags by keyword and number") {
  CHECK(tag_named("PatientName") == Tag{0x00100010});
  CHECK(keyword_of(0x00080060) == "Modality");
  CHECK(vr_of(0x00100010) == vr("PN"));
  CHECK(vr_of(0x60023000) == vr("OB"));
  CHECK(keyword_of(0x60023000) == "OverlayData");
  CHECK(vr_of(0x00080000) == vr("UL"));
  CHECK_FALSE(vr_of(0x00091001));
  CHECK(vr_of(0x00090010) == vr("LO"));
  CHECK(read_tag_text("(0010,0020)") == tags::patient_id);
  CHECK(read_tag_text("0010,0020") == tags::patient_id);
  CHECK(read_tag_text("00100020") == tags::patient_id);
  CHECK(read_tag_text("PatientID") == tags::patient_id);
  CHECK_FALSE(read_tag_text("PID-3.1"));
  CHECK_FALSE(read_tag_text(""));
  CHECK(to_string(tags::pixel_data) == "(7FE0,0010)");
  CHECK(sop_class_name("1.2.840.10008.5.1.4.1.1.2") == "CTImageStorage");
  CHECK(sop_class_name("1.2.3") == "1.2.3");
}

}  // namespace
}  // namespace causeway::dicom
