// DICOM in scripts: elements by keyword and path, sequences, edits, what is refused; and the
// library's de-identification.
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>

#include "engine/formats/dicom/data_set.h"
#include "tests/unit/script/run_script.h"

namespace causeway::script {
namespace {

using testing::body;
using testing::contains;
using testing::Runner;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string dicom_file(const std::string& name) {
  return read("tests/support/dicom/" + name);
}

/// What a function body gives, as JSON or text.
std::string eval(const std::string& file, const std::string& code) {
  Runner runner(body(code));
  return runner.text(dicom_file(file), ContentType::Dicom);
}

/// The data set that a function body leaves.
dicom::DataSet edited(const std::string& file, const std::string& code) {
  const auto bytes = eval(file, code);
  auto parsed = dicom::DataSet::parse(make_bytes(bytes), dicom::DataSet::Extent::Whole);
  if (!parsed) FAIL(bytes.substr(0, 200));
  return std::move(*parsed);
}

std::string text(dicom::DataSet& set, const std::string& path) {
  const auto values = set.values(dicom::whole_data_set, *dicom::parse_path(path));
  return values.ok() && !values->empty() ? dicom::to_text(values->front()) : std::string();
}

TEST_CASE("dicom: elements are read by keyword, tag and path") {
  CHECK(eval("rtplan.dcm",
             "return ctx.json([msg.PatientID, msg.get('00100020'), "
             "msg.get('(0010,0020)'), msg.PixelData === undefined, msg.Nonsense])") ==
        R"(["id00001","id00001","id00001",true,null])");
  CHECK(eval("rtplan.dcm",
             "const beam = msg.BeamSequence[0]; return ctx.json([msg.BeamSequence.length, "
             "beam.BeamType, beam.ControlPointSequence[1].ControlPointIndex, "
             "msg.get('BeamSequence[0].ControlPointSequence[0].GantryAngle'), "
             "msg.has('BeamSequence[1]'), msg.kind('BeamSequence')])") ==
        R"([1,"STATIC","1","0.0",false,"SQ"])");
  CHECK(eval("rtdose_expb_1frame.dcm",
             "return ctx.json([msg.Rows, msg.values('PixelSpacing').length, "
             "msg.PixelSpacing.split('\\\\').length])") == R"([10,2,2])");
}

TEST_CASE("dicom: text is Unicode, whatever the data set's character set") {
  CHECK(eval("chrH31.dcm",
             "return msg.PatientName === 'Yamada^Tarou=山田^太郎=やまだ^たろう' "
             "? 'same' : msg.PatientName") == "same");
  auto set = edited("chrX1.dcm", "msg.PatientName = 'Li^Ming=李^明';");
  CHECK(text(set, "PatientName") == "Li^Ming=李^明");
  CHECK(contains(eval("rtplan.dcm", "msg.PatientName = '李'"), "SpecificCharacterSet"));
}

TEST_CASE("dicom: what is not written to is the very same") {
  const auto file = dicom_file("rtplan.dcm");
  CHECK((eval("rtplan.dcm", "msg.BeamSequence[0].BeamName; return msg") == file));
  CHECK((eval("SC_rgb_rle_2frame.dcm", "") == dicom_file("SC_rgb_rle_2frame.dcm")));
  CHECK((eval("rtplan.dcm", "const c = msg.copy(); c.PatientID = 'X'; return msg") == file));
}

TEST_CASE("dicom: elements and items are written, added and removed") {
  auto set = edited("rtplan.dcm", R"js(
    msg.PatientID = "NEW";
    msg.AccessionNumber = undefined;
    msg.set("BeamSequence[0].BeamName", "Beam");
    msg.ImageType = ["A", "B"];
    const item = msg.append("ReferencedStudySequence");
    item.ReferencedSOPInstanceUID = "1.2.3";
    msg.set("00091001", "x", "LO");
    msg.BeamSequence[0].remove("ControlPointSequence[0]");
  )js");
  CHECK(text(set, "PatientID") == "NEW");
  CHECK(text(set, "BeamSequence.BeamName") == "Beam");
  CHECK(text(set, "ReferencedStudySequence[0].ReferencedSOPInstanceUID") == "1.2.3");
  CHECK_FALSE(set.has(dicom::whole_data_set, *dicom::parse_path("AccessionNumber")));
  CHECK(set.values(dicom::whole_data_set, *dicom::parse_path("ImageType"))->size() == 2);
  CHECK(text(set, "BeamSequence.ControlPointSequence[0].ControlPointIndex") == "1");
}

TEST_CASE("dicom: what can't be done says why") {
  CHECK(contains(eval("SC_rgb_rle_2frame.dcm", "return msg.PixelData"), "can't be read"));
  CHECK(contains(eval("rtplan.dcm", "msg.PatientNam = 'x'"), "no such keyword"));
  CHECK(contains(eval("rtplan.dcm", "msg.get('PatientNam')"), "neither a keyword"));
  CHECK(contains(eval("rtplan.dcm", "msg.Rows = 'many'"), "none of US"));
  CHECK(contains(eval("rtplan.dcm", "msg.PatientID = {}"), "a string or a number"));
  CHECK(contains(eval("rtplan.dcm", "return msg.BeamSequence[0]"), "no content by itself"));
  CHECK(contains(eval("rtplan_truncated.dcm", "return msg"), "cut off"));
  CHECK(contains(Runner(body("return msg")).text("nothing", ContentType::Dicom), "no DICOM file"));
}

TEST_CASE("dicom: bytes of what is neither text nor numbers") {
  auto set = edited("rtplan.dcm", R"js(
    msg.setBytes("EncapsulatedDocument", new Uint8Array([1, 2, 3]));
    msg.PatientComments = String(msg.bytes("EncapsulatedDocument").length);
  )js");
  CHECK(text(set, "PatientComments") == "4");
}

ScriptSources deidentifying(const std::string& code) {
  SourceFiles library;
  for (const auto* name : {"dicom/deidentify.js", "dicom/sha256.js", "dicom/basic_profile.csv"})
    library[name] = read(std::string("mappings/") + name);
  return testing::sources_of("import { deidentify } from \"dicom/deidentify.js\";\n" + body(code),
                             {}, std::move(library));
}

TEST_CASE("dicom: de-identified by the basic profile, nothing of the patient is left") {
  Runner runner(deidentifying("return deidentify(msg, ctx, { key: 'k', patient_id: 'P7' })"));
  for (const auto* name : {"rtplan.dcm", "reportsi.dcm", "chrSQEncoding.dcm", "priv_SQ.dcm",
                           "rtdose_expb_1frame.dcm"}) {
    INFO(name);
    const auto before = dicom_file(name);
    const auto after = runner.text(before, ContentType::Dicom);
    auto parsed = dicom::DataSet::parse(make_bytes(after), dicom::DataSet::Extent::Whole);
    if (!parsed) FAIL(after.substr(0, 300));
    CHECK(text(*parsed, "PatientID") == "P7");
    CHECK(text(*parsed, "PatientIdentityRemoved") == "YES");
    for (const auto tag : parsed->tags(dicom::whole_data_set)) CHECK_FALSE(dicom::is_private(tag));
    auto original = *dicom::DataSet::parse(make_bytes(before), dicom::DataSet::Extent::Whole);
    for (const auto* path :
         {"PatientName", "PatientID", "SOPInstanceUID", "StudyInstanceUID", "PatientBirthDate",
          "ReferringPhysicianName", "InstitutionName", "StationName", "OperatorsName"}) {
      const auto value = original.bytes(dicom::whole_data_set, *dicom::parse_path(path));
      if (value.ok() && *value && (*value)->size() > 3) CHECK(after.find(**value) == after.npos);
    }
    CHECK((runner.text(before, ContentType::Dicom) == after));
  }
}

TEST_CASE("dicom: new UIDs are the same in every object, and hang on the key") {
  const auto uid = [](const std::string& key) {
    Runner runner(deidentifying("deidentify(msg, ctx, { key: '" + key +
                                "' }); return ctx.text(msg.StudyInstanceUID)"));
    return runner.text(dicom_file("rtplan.dcm"), ContentType::Dicom);
  };
  CHECK(uid("a") == uid("a"));
  CHECK(uid("a") != uid("b"));
  CHECK(contains(uid("a"), "2.25."));
  CHECK(contains(uid(""), "give a key"));
}

TEST_CASE("dicom: SHA-256 is that of the standard") {
  SourceFiles library;
  library["dicom/sha256.js"] = read("mappings/dicom/sha256.js");
  Runner runner(testing::sources_of(
      "import { sha256, hmac_sha256 } from \"dicom/sha256.js\";\n" +
          body("const hex = (b) => b.map((x) => x.toString(16).padStart(2, '0')).join('');"
               "return ctx.text(hex(sha256('abc')) + ' ' + hex(hmac_sha256('Jefe', "
               "'what do ya want for nothing?')));"),
      {}, std::move(library)));
  CHECK(runner.text() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad "
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace causeway::script
