// The library's modules for HL7 v2 data types: mappings/lib.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/unit/script/run_script.h"

namespace causeway::script {
namespace {

using testing::contains;

SourceFiles library() {
  SourceFiles files;
  for (const auto& entry : std::filesystem::directory_iterator("mappings/lib")) {
    std::ifstream file(entry.path(), std::ios::binary);
    files["lib/" + entry.path().filename().string()] = {std::istreambuf_iterator<char>(file),
                                                        std::istreambuf_iterator<char>()};
  }
  return files;
}

const std::string patient =
    "MSH|^~\\&|A||||20240102||ADT^A01|1|P|2.5.1\r"
    "PID|1||12345^5^M11^MAIN&1.2.3&ISO^MR^WEST~A-7^^^SSA^SS||van Doe&van&Doe^Jane^Q^Jr.^Dr.^MD^L~"
    "Janie^^^^^^N~\"\"||19800229|F|||1 Main St&Main St&1^Apt "
    "2^Leeds^WY^LS1^GB^H^^York~^^York^^^^B\r"
    "PV1|1||||||7^House^Greg^M^III^Dr.^MD^^NPI&1&ISO^L^^^PRN\r"
    "OBX|1|NM|718^Hb^L||13.5\r";

/// What an expression gives, as JSON.
std::string value(const std::string& module, const std::string& names, const std::string& code,
                  std::string_view input = patient) {
  const SourceFiles table{{"tables/codes.csv", "local,loinc,name\n718,718-7,Hemoglobin\n"}};
  auto all = library();
  testing::Runner runner(testing::sources_of(
      "import { " + names + " } from \"lib/" + module + ".js\";\n" +
          testing::body("const r = (() => {" + code + "})();" +
                        "return ctx.text(typeof r === 'string' ? r : JSON.stringify(r) ?? 'none')"),
      table, all));
  return runner.text(input);
}

std::string dates(const std::string& code) {
  return value("dates",
               "parseTime, formatTime, toIso, fromIso, dateOf, inZone, addDays, yearsBetween, "
               "compareTimes",
               "return " + code);
}

TEST_CASE("library: times keep their precision and their zone") {
  CHECK(dates("toIso('2024')") == "2024");
  CHECK(dates("toIso('202401')") == "2024-01");
  CHECK(dates("toIso('20240102')") == "2024-01-02");
  CHECK(dates("toIso('202401020304')") == "2024-01-02T03:04");
  CHECK(dates("toIso('20240102030405.678+0130')") == "2024-01-02T03:04:05.678+01:30");
  CHECK(dates("toIso('20240102030405', '+0100')") == "2024-01-02T03:04:05+01:00");
  CHECK(dates("toIso('20240102', '+0100')") == "2024-01-02");
  CHECK(dates("toIso('')") == "none");
  CHECK(dates("toIso('\"\"')") == "none");
  CHECK(dates("['2024', '2024-01', '2024-01-02', '2024-01-02T03:04:05.678+01:00', "
              "'2024-01-02T03:04Z', ''].map(fromIso).join()") ==
        "2024,202401,20240102,20240102030405.678+0100,202401020304+0000,");
  CHECK(dates("parseTime('2024010203-0500')") ==
        R"({"precision":"hour","year":2024,"month":1,"day":2,"hour":3,"zone":"-0500"})");
  CHECK(dates("['2024', '20240102030405.6+0100'].map(t => formatTime(parseTime(t))).join()") ==
        "2024,20240102030405.6+0100");
  CHECK(dates("dateOf('20240102030405+0100') + dateOf('2024')") == "202401022024");
  CHECK(contains(dates("parseTime('2024-01-02')"), "no time"));
  CHECK(contains(dates("parseTime('20230229')"), "no such day"));
  CHECK(contains(dates("parseTime('202401022400')"), "no such day or hour"));
  CHECK(!contains(dates("parseTime('secret')"), "secret"));
}

TEST_CASE("library: times are counted with") {
  CHECK(dates("inZone('20240101003000+0100', '-0500')") == "20231231183000-0500");
  CHECK(dates("inZone('202401010030+0000', '+05:30')") == "202401010600+0530");
  CHECK(contains(dates("inZone('20240101', '+0100')"), "without a zone"));
  CHECK(dates("addDays('20240228', 2)") == "20240301");
  CHECK(dates("addDays('20240101030405.5+0100', -1)") == "20231231030405.5+0100");
  CHECK(contains(dates("addDays('2024', 1)"), "without a day"));
  CHECK(dates("yearsBetween('19800229', '20240228')") == "43");
  CHECK(dates("yearsBetween('19800229', '20240301')") == "44");
  CHECK(dates("yearsBetween('1980', '20240301')") == "none");
  CHECK(
      dates("[compareTimes('20240101', '20240102'), compareTimes('2024', '20240102'),"
            "compareTimes('20240101120000+0100', '20240101110000+0000'),"
            "compareTimes('20240101120000.2', '20240101120000.1999'), compareTimes('', '2024')]") ==
      "[-1,0,0,1,null]");
}

TEST_CASE("library: names are read, written and shown") {
  const auto names = [](const std::string& code) {
    return value(
        "names",
        "readName, readNames, readPeople, writeName, displayName, toDicomName, fromDicomName",
        code);
  };
  CHECK(
      names("return readNames(msg, 'PID-5')") ==
      R"([{"family":"van Doe","ownPrefix":"van","ownFamily":"Doe","given":"Jane","middle":"Q",)"
      R"("suffix":"Jr.","prefix":"Dr.","degree":"MD","type":"L"},{"family":"Janie","type":"N"}])");
  CHECK(names("return readName(msg.segments('PID')[0], '5', 'N').family") == "Janie");
  CHECK(names("return readName(msg, 'PID-5[2]').family + readName(msg, 'PID-6')") ==
        "Janieundefined");
  CHECK(names("return readPeople(msg, 'PV1-7')") ==
        R"([{"id":"7","authority":"NPI","idType":"PRN","name":{"family":"House","given":"Greg",)"
        R"("middle":"M","suffix":"III","prefix":"Dr.","degree":"MD","type":"L"}}])");
  CHECK(names("return displayName(readName(msg, 'PID-5'))") == "Dr. Jane Q van Doe, Jr., MD");
  CHECK(names("return toDicomName(readName(msg, 'PID-5'))") == "van Doe^Jane^Q^Dr.^Jr. MD");
  CHECK(names("return fromDicomName('Doe^Jane^^Dr.=x')") ==
        R"({"family":"Doe","given":"Jane","prefix":"Dr."})");
  CHECK(names("writeName(msg, 'PID-5[2]', {family: 'O^Neil', given: 'A', type: 'L'});"
              "return msg.raw('PID-5[2]') + msg.repetitions('PID-5')") == "O\\S\\Neil^A^^^^^L3");
}

TEST_CASE("library: addresses are read, written and shown") {
  const auto addresses = [](const std::string& code) {
    return value("addresses", "readAddress, readAddresses, writeAddress, addressLines", code);
  };
  CHECK(addresses("return readAddresses(msg, 'PID-11').length") == "2");
  CHECK(
      addresses("return readAddress(msg, 'PID-11')") ==
      R"({"street":"1 Main St","streetName":"Main St","houseNumber":"1","other":"Apt 2",)"
      R"("city":"Leeds","state":"WY","postalCode":"LS1","country":"GB","type":"H","county":"York"})");
  CHECK(addresses("return addressLines(readAddress(msg, 'PID-11', 'H'))") ==
        R"(["1 Main St","Apt 2","Leeds, WY LS1","GB"])");
  CHECK(addresses("return addressLines(readAddress(msg, 'PID-11', 'B'))") == R"(["York"])");
  CHECK(addresses("writeAddress(msg, 'PID-11', {streetName: 'A&B', houseNumber: '2', city: 'C'});"
                  "return msg.raw('PID-11[1]')") == "&A\\T\\B&2^^C");
}

TEST_CASE("library: identifiers are found, written and checked") {
  const auto identifiers = [](const std::string& code) {
    return value("identifiers",
                 "readIdentifiers, findIdentifier, writeIdentifier, checkDigit, hasGoodCheckDigit",
                 code);
  };
  CHECK(
      identifiers("return findIdentifier(msg, 'PID-3', {type: 'MR', authority: 'MAIN'})") ==
      R"({"value":"12345","checkDigit":"5","scheme":"M11","authority":"MAIN","authorityId":"1.2.3",)"
      R"("authorityIdType":"ISO","type":"MR","facility":"WEST"})");
  CHECK(identifiers("return readIdentifiers(msg, 'PID-3').map(hasGoodCheckDigit)") ==
        "[true,null]");
  CHECK(identifiers("return findIdentifier(msg, 'PID-3', {type: 'XX'})") == "none");
  // The standard's own example of both, and a number that CMS gives as an example of an NPI.
  CHECK(identifiers("return [checkDigit('12345', 'M10'), checkDigit('12345', 'M11'), "
                    "checkDigit('123456789', 'NPI'), checkDigit('12A', 'M10')]") ==
        R"(["5","5","3",null])");
  CHECK(identifiers("return hasGoodCheckDigit({value: '12346', checkDigit: '5', scheme: 'M10'})") ==
        "false");
  CHECK(identifiers("writeIdentifier(msg, 'PID-3[2]', {value: 'B', authority: 'X', type: 'MR'});"
                    "return msg.raw('PID-3')") == "12345^5^M11^MAIN&1.2.3&ISO^MR^WEST");
}

TEST_CASE("library: codes are translated by a table, the old one beside the new") {
  const auto codes = [](const std::string& code) {
    return value("tables", "readCode, writeCode, translateCode, codingSystemUri", code);
  };
  CHECK(codes("const done = translateCode(msg, 'OBX-3', ctx.table('codes'), "
              "{text: 'name', system: 'LN'}); return done + msg.raw('OBX-3')") ==
        "true718-7^Hemoglobin^LN^718^Hb^L");
  CHECK(codes("translateCode(msg.segments('OBX')[0], '3', ctx.table('codes'), {keepOld: false});"
              "return msg.raw('OBX-3')") == "718-7^Hb");
  CHECK(codes("msg.set('OBX-3.1', 'X'); return translateCode(msg, 'OBX-3', ctx.table('codes'), "
              "{unknown: 'keep'}) + msg.raw('OBX-3')") == "falseX^Hb^L");
  CHECK(contains(codes("msg.set('OBX-3.1', 'X'); translateCode(msg, 'OBX-3', ctx.table('codes'))"),
                 "OBX-3: the table has no such code"));
  CHECK(codes("return translateCode(msg, 'OBX-4', ctx.table('codes'))") == "false");
  CHECK(codes("return readCode(msg, 'OBX-3')") == R"({"code":"718","text":"Hb","system":"L"})");
  CHECK(codes("return codingSystemUri(ctx, 'LN') + codingSystemUri(ctx, 'L')") ==
        "http://loinc.orgundefined");
}

}  // namespace
}  // namespace causeway::script
