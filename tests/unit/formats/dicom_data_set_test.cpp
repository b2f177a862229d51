// DICOM data sets: values by path, every character set, edits that leave all else as it came.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/file.h"

namespace causeway::dicom {
namespace {

Bytes read(const std::string& name) {
  std::ifstream file("tests/support/dicom/" + name, std::ios::binary);
  return make_bytes({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

Path path(const std::string& text) {
  auto parsed = parse_path(text);
  REQUIRE(parsed.ok());
  return *parsed;
}

DataSet parse(const Bytes& file) {
  auto parsed = DataSet::parse(file, DataSet::Extent::Whole);
  if (!parsed) FAIL(parsed.error().str());
  return std::move(*parsed);
}

std::string text(DataSet& set, const std::string& where, ItemNumber item = whole_data_set) {
  auto values = set.values(item, path(where));
  if (!values) return "error: " + values.error().str();
  std::string all;
  for (const auto& value : *values) all += (all.empty() ? "" : "|") + to_text(value);
  return all;
}

/// The same after it was written and read again.
DataSet again(const DataSet& set) {
  auto written = set.write();
  REQUIRE(written.ok());
  return parse(*written);
}

TEST_CASE("DICOM: values of text and numbers, in sequences too") {
  auto set = parse(read("rtplan.dcm"));
  CHECK(text(set, "PatientID") == "id00001");
  CHECK(text(set, "BeamSequence.ControlPointSequence[0].NominalBeamEnergy") == "6.00000000000000");
  CHECK(text(set, "BeamSequence[0].ControlPointSequence[1].ControlPointIndex") == "1");
  CHECK(text(set, "BeamSequence[9].BeamName") == "");
  CHECK(text(set, "TransferSyntaxUID") == "1.2.840.10008.1.2");
  CHECK(set.has(whole_data_set, path("BeamSequence[0]")));
  CHECK_FALSE(set.has(whole_data_set, path("BeamSequence[1]")));
  CHECK_FALSE(set.has(whole_data_set, path("PixelData")));
  const auto items = set.items(whole_data_set, path("BeamSequence"));
  REQUIRE(items.ok());
  REQUIRE(items->size() == 1);
  CHECK(text(set, "BeamType", items->front()) == "STATIC");
  auto big = parse(read("rtdose_expb_1frame.dcm"));
  CHECK(text(big, "Rows") == "10");
  CHECK(text(big, "ImageOrientationPatient").size() > 5);
}

TEST_CASE("DICOM: what has no values says so") {
  auto set = parse(read("SC_rgb_rle_2frame.dcm"));
  CHECK_THAT(text(set, "PixelData"), Catch::Contains("can't be read"));
  CHECK_FALSE(set.bytes(whole_data_set, path("PixelData")).ok());
  CHECK_FALSE(set.items(whole_data_set, path("PatientID")).ok());
  auto plan = parse(read("rtplan.dcm"));
  CHECK_THAT(text(plan, "BeamSequence"), Catch::Contains("SQ"));
}

TEST_CASE("DICOM: text of every character set is UTF-8") {
  const std::pair<const char*, const char*> names[] = {
      {"chrH31.dcm", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
      {"chrRuss.dcm", "Люкceмбypг"},
      {"chrX1.dcm", "Wang^XiaoDong=王^小東"},
      {"chrX2.dcm", "Wang^XiaoDong=王^小东"},
  };
  for (const auto& [file, name] : names) {
    INFO(file);
    auto set = parse(read(file));
    CHECK_THAT(text(set, "PatientName"), Catch::StartsWith(name));
  }
  auto several = parse(read("chrJapMulti.dcm"));
  CHECK_THAT(text(several, "PatientName"), Catch::Contains("やまだ^たろう"));
  auto korean = parse(read("chrKoreanMulti.dcm"));
  CHECK_THAT(text(korean, "PatientName"), Catch::Contains("김희중"));
}

TEST_CASE("DICOM: a sequence's items may have a character set of their own") {
  auto set = parse(read("chrSQEncoding.dcm"));
  CHECK_THAT(text(set, "RequestedProcedureCodeSequence[0].PatientName"),
             Catch::StartsWith("ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"));
}

TEST_CASE("DICOM: what isn't edited is the very same, what is changes alone") {
  for (const auto& entry : std::filesystem::directory_iterator("tests/support/dicom")) {
    const auto name = entry.path().filename().string();
    INFO(name);
    const auto file = read(name);
    auto set = DataSet::parse(file, DataSet::Extent::Whole);
    if (!set) continue;
    REQUIRE(set->write().ok());
    CHECK(*set->write() == file);
    const auto before = set->tags(whole_data_set);
    REQUIRE(set->set(whole_data_set, path("InstitutionName"), {Value("Here")}).ok());
    auto other = again(*set);
    CHECK(text(other, "InstitutionName") == "Here");
    // Without it, or with what it was, the file is the first one but for a group length.
    const auto old = parse(file).bytes(whole_data_set, path("InstitutionName"));
    REQUIRE(old.ok());
    if (*old)
      REQUIRE(other.set_bytes(whole_data_set, path("InstitutionName"), **old).ok());
    else
      REQUIRE(*other.remove(whole_data_set, path("InstitutionName")));
    auto last = again(other);
    auto first = parse(file);
    for (const auto tag : before) {
      if ((tag & 0xFFFF) == 0) continue;
      const Path where{{{tag}}};
      const auto one = first.bytes(whole_data_set, where), two = last.bytes(whole_data_set, where);
      CHECK(one.ok() == two.ok());
      if (one.ok()) CHECK((*one == *two));
    }
    const bool has_group_length = parse(file).has(whole_data_set, path("00080000"));
    const bool is_deflated = encoding_of(read_file_head(*file)->transfer_syntax).deflated;
    if (!has_group_length && !is_deflated) CHECK((**other.write() == *file));
  }
}

TEST_CASE("DICOM: items are edited, added and removed, whatever says where they end") {
  for (const auto* name : {"rtplan.dcm", "chrSQEncoding.dcm", "rtdose_expb_1frame.dcm",
                           "UN_sequence.dcm", "image_dfl.dcm", "nested_priv_SQ.dcm"}) {
    INFO(name);
    auto set = parse(read(name));
    const auto sequence = path("ReferencedStudySequence");
    const auto count = set.items(whole_data_set, sequence)->size();
    const auto item = set.append_item(whole_data_set, sequence);
    REQUIRE(item.ok());
    REQUIRE(set.set(*item, path("ReferencedSOPInstanceUID"), {Value("1.2.3")}).ok());
    const auto inner = set.append_item(*item, path("PurposeOfReferenceCodeSequence"));
    REQUIRE(inner.ok());
    REQUIRE(set.set(*inner, path("CodeValue"), {Value("121322")}).ok());
    auto other = again(set);
    const auto last = "ReferencedStudySequence[" + std::to_string(count) + "]";
    CHECK(text(other, last + ".ReferencedSOPInstanceUID") == "1.2.3");
    CHECK(text(other, last + ".PurposeOfReferenceCodeSequence.CodeValue") == "121322");
    REQUIRE(other.set(whole_data_set, path(last + ".ReferencedSOPInstanceUID"), {Value("1.2.34")})
                .ok());
    REQUIRE(*other.remove(whole_data_set, path(last + ".PurposeOfReferenceCodeSequence[0]")));
    auto third = again(other);
    CHECK(text(third, last + ".ReferencedSOPInstanceUID") == "1.2.34");
    CHECK(third.items(whole_data_set, path(last + ".PurposeOfReferenceCodeSequence"))->empty());
    REQUIRE(*third.remove(whole_data_set, path(last)));
    CHECK(again(third).items(whole_data_set, sequence)->size() == count);
  }
}

TEST_CASE("DICOM: an edit deep in sequences changes the lengths around it alone") {
  const auto file = read("rtplan.dcm");
  auto set = parse(file);
  const auto energy = path("BeamSequence.ControlPointSequence[0].NominalBeamEnergy");
  REQUIRE(set.set(whole_data_set, energy, {Value(10.0)}).ok());
  auto other = again(set);
  CHECK(text(other, "BeamSequence.ControlPointSequence[0].NominalBeamEnergy") == "10");
  CHECK(text(other, "BeamSequence.ControlPointSequence[1].ControlPointIndex") == "1");
  REQUIRE(other.set(whole_data_set, energy, {Value("6.00000000000000")}).ok());
  CHECK((**other.write() == *file));
}

TEST_CASE("DICOM: values are written by their kind, and refused where they are none of it") {
  auto set = parse(read("rtdose_expb_1frame.dcm"));
  const auto write = [&](const std::string& where, std::vector<Value> values) {
    const auto done = set.set(whole_data_set, path(where), values);
    return done ? text(set, where) : "error: " + done.error().str();
  };
  CHECK(write("Rows", {Value(12.0)}) == "12");
  CHECK(write("Rows", {Value("13")}) == "13");
  CHECK_THAT(write("Rows", {Value(70000.0)}), Catch::Contains("Rows"));
  CHECK_THAT(write("Rows", {Value(1.5)}), Catch::Contains("none of US"));
  CHECK(write("PixelSpacing", {Value(0.1), Value(1.0 / 3)}) == "0.1|0.33333333333333");
  CHECK(write("ImageType", {Value("ORIGINAL"), Value("PRIMARY")}) == "ORIGINAL|PRIMARY");
  CHECK_THAT(write("Modality", {Value("MUCH_TOO_LONG_FOR_CS")}), Catch::Contains("16 characters"));
  CHECK_THAT(write("PatientName", {Value("a\nb")}), Catch::Contains("control character"));
  CHECK(write("FrameIncrementPointer", {Value("3004000C")}) == "3004000C");
  CHECK(write("RecommendedDisplayFrameRateInFloat", {Value(1.5)}) == "1.5");
  CHECK_THAT(write("PixelData", {Value("x")}), Catch::Contains("can't be written"));
  CHECK_THAT(write("00091001", {Value("x")}), Catch::Contains("VR"));
  CHECK(set.set(whole_data_set, path("00091001"), {Value("x")}, vr("LO")).ok());
  CHECK_THAT(write("TransferSyntaxUID", {Value("1.2.840.10008.1.2")}),
             Catch::Contains("meta group"));
  auto other = again(set);
  CHECK(text(other, "Rows") == "13");
  CHECK(text(other, "00091001") == "x");
  CHECK(text(other, "FrameIncrementPointer") == "3004000C");
}

TEST_CASE("DICOM: text that the data set's character sets can't hold is refused") {
  auto ascii = parse(read("rtplan.dcm"));
  const auto refused = ascii.set(whole_data_set, path("PatientName"), {Value("Müller")});
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().str(), Catch::Contains("SpecificCharacterSet"));
  REQUIRE(ascii.set(whole_data_set, path("SpecificCharacterSet"), {Value("ISO_IR 100")}).ok());
  REQUIRE(ascii.set(whole_data_set, path("PatientName"), {Value("Müller")}).ok());
  auto other = again(ascii);
  CHECK(text(other, "PatientName") == "Müller");
  CHECK(**other.bytes(whole_data_set, path("PatientName")) == "M\xFCller");
}

TEST_CASE("DICOM: code extensions are written as they are read") {
  for (const auto* name : {"chrH31.dcm", "chrKoreanMulti.dcm", "chrX1.dcm", "chrX2.dcm",
                           "chrRuss.dcm", "chrJapMulti.dcm"}) {
    INFO(name);
    auto set = parse(read(name));
    const auto before = text(set, "PatientName");
    const auto values = set.values(whole_data_set, path("PatientName"));
    const auto done = set.set(whole_data_set, path("PatientName"), *values);
    if (!done) FAIL(done.error().str());
    auto other = again(set);
    CHECK(text(other, "PatientName") == before);
  }
}

TEST_CASE("DICOM: the meta group follows the SOP instance") {
  auto set = parse(read("rtplan.dcm"));
  REQUIRE(set.set(whole_data_set, path("SOPInstanceUID"), {Value("2.25.1")}).ok());
  const auto written = set.write();
  REQUIRE(written.ok());
  CHECK(read_file_head(**written)->sop_instance == "2.25.1");
}

TEST_CASE("DICOM: a data set that is cut off is refused, but for its beginning") {
  const auto file = read("rtplan_truncated.dcm");
  const auto whole = DataSet::parse(file, DataSet::Extent::Whole);
  REQUIRE_FALSE(whole.ok());
  CHECK_THAT(whole.error().str(), Catch::Contains("cut off"));
  auto begin = DataSet::parse(file, DataSet::Extent::Begin);
  REQUIRE(begin.ok());
  CHECK(text(*begin, "PatientID") == "id00001");
}

TEST_CASE("DICOM: paths") {
  CHECK(to_string(path("00100020")) == "PatientID");
  CHECK(to_string(path("(0008,1110)[2].0008,1155")) ==
        "ReferencedStudySequence[2].ReferencedSOPInstanceUID");
  for (const auto* wrong : {"", ".", "PatientI", "PatientID.", "PatientID[", "PatientID[x]",
                            "PatientID[-1]", "PID-3.1", "0010002"})
    CHECK_FALSE(parse_path(wrong).ok());
}

}  // namespace
}  // namespace causeway::dicom
