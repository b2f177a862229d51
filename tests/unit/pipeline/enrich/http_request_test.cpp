// What a script asks of a server, as URL and body.
#include "engine/pipeline/enrich/http_request.h"

#include <catch2/catch.hpp>

#include "engine/pipeline/enrich/answer_text.h"

using namespace causeway;
using namespace causeway::pipeline;

namespace {

HttpRequest made(const std::string& request, std::string_view base = "https://mpi.example/fhir") {
  auto value = config::parse_json(request, "request");
  REQUIRE(value);
  auto result = http_request(base, *value);
  REQUIRE(result);
  return std::move(*result);
}

ErrorKind refused(const std::string& request) {
  auto value = config::parse_json(request, "request");
  REQUIRE(value);
  auto result = http_request("https://mpi.example/fhir", *value);
  return result ? ErrorKind::None : result.error().kind;
}

}  // namespace

TEST_CASE("a request's path and query stand behind the stage's URL, escaped") {
  CHECK(made("{}").url == "https://mpi.example/fhir");
  CHECK(made(R"({"path": "Patient/7"})").url == "https://mpi.example/fhir/Patient/7");
  CHECK(made(R"({"path": "/Patient/7"})", "https://m/").url == "https://m/Patient/7");
  CHECK(made(R"({"path": ["Patient", "a/b?c#d"]})").url ==
        "https://mpi.example/fhir/Patient/a%2Fb%3Fc%23d");
  CHECK(made(R"({"path": "a?b&c=d"})").url == "https://mpi.example/fhir/a%3Fb%26c%3Dd");
  CHECK(made(R"({"query": {"identifier": "urn:x|7", "n": 5, "all": true}})").url ==
        "https://mpi.example/fhir?identifier=urn%3Ax%7C7&n=5&all=true");
}

TEST_CASE("a request's body is a text, or JSON") {
  CHECK(made(R"({"body": "x=1"})").body == "x=1");
  CHECK(!made(R"({"body": "x=1"})").is_json);
  CHECK(made(R"({"body": {"id": [1, "a"]}})").body == R"({"id":[1,"a"]})");
  CHECK(made(R"({"body": {"id": 1}})").is_json);
}

TEST_CASE("a request can't leave the stage's URL, nor be anything else") {
  for (const auto* request :
       {R"({"path": "../admin"})", R"({"path": ["a", ".."]})", R"({"path": "a//b"})",
        R"({"path": 5})", R"({"path": [["a"]]})", R"({"query": "a=b"})", R"({"query": {"a": []}})",
        R"({"pth": "a"})", R"("Patient/7")", R"([1])"}) {
    INFO(request);
    CHECK(refused(request) == ErrorKind::Invalid);
  }
  CHECK(refused("{\"path\": \"" + std::string(9000, 'a') + "\"}") == ErrorKind::Limit);
}

TEST_CASE("a stage's URL is http or https, with a host and no more than a path") {
  for (const auto* url : {"http://a", "https://a.example:8443/fhir/", "http://[::1]:8080/x"})
    CHECK(check_base_url(url));
  for (const auto* url : {"", "ftp://a", "file:///etc/passwd", "http://", "http://u:p@a", "//a",
                          "http://a?b=c", "http://a/#b", "http://a b"})
    CHECK(!check_base_url(url));
}

TEST_CASE("texts become strings of JSON, and what is JSON is known") {
  CHECK(json_string("a\"\n\xC3\xBC") == "\"a\\\"\\n\xC3\xBC\"");
  CHECK(json_string("\xFC") == "\"\xC3\xBC\"");
  CHECK(is_json("{\"a\": [1.10, null, 12345678901234567890]}"));
  for (const auto& text :
       {std::string("{"), std::string(""), std::string("{} x"), std::string("// a\n{}"),
        std::string("\"\xFC\""), std::string(600, '[') + std::string(600, ']')})
    CHECK(!is_json(text));
}
