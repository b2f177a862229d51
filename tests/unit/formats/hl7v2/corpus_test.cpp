// Real messages, from the folder that CORPUS names (default: ../shared/corpus). Skipped, saying so,
// where there is none.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway::hl7v2 {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

/// The file cut before each line that begins with MSH; what stands before the first is left out.
std::vector<std::string> messages_of(const std::string& file) {
  std::vector<std::size_t> starts;
  for (auto at = file.find("MSH"); at != std::string::npos; at = file.find("MSH", at + 1))
    if (at == 0 || file[at - 1] == '\r' || file[at - 1] == '\n' || file[at - 1] == '\v' ||
        (at == 3 && file.starts_with("\xEF\xBB\xBF")))
      starts.push_back(at);
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    auto end = i + 1 < starts.size() ? starts[i + 1] : file.size();
    messages.push_back(file.substr(starts[i], end - starts[i]));
  }
  return messages;
}

void check_answer(const std::string& text, const Header& header) {
  for (auto code : {AckCode::AA, AckCode::AE, AckCode::CA, AckCode::CR}) {
    AckRequest request;
    request.code = code;
    request.text = "a|b";
    auto answer = acknowledge(text, request);
    if (answer.empty()) {
      REQUIRE(header.enhanced_mode());
      continue;
    }
    auto ack = read_ack(answer);
    REQUIRE(ack.ok());
    REQUIRE(ack->code == code);
    REQUIRE(ack->control_id == header.control_id);
  }
}

void check_edit(Message message) {
  auto before = message.segment_count();
  std::string text = *message.bytes();
  REQUIRE(message.set(*parse_path("MSH-5"), "A&B").ok());
  REQUIRE(message.append_segment(std::string("ZPI") + message.delimiters().field + "1").ok());
  auto again = Message::parse(message.bytes());
  REQUIRE(again.ok());
  REQUIRE(again->segment_count() == before + 1);
  REQUIRE(again->get(*parse_path("MSH-5")) == "A&B");
  for (std::size_t i = 1; i < before; ++i)
    REQUIRE(text.find(again->segment_text(i)) != std::string::npos);
}

TEST_CASE("every message of the corpus is kept byte for byte, answered, and can be edited") {
  const char* given = std::getenv("CORPUS");
  fs::path corpus = given ? given : "../shared/corpus";
  if (!fs::is_directory(corpus / "hl7v2")) {
    WARN("skipped: no corpus at " << (corpus / "hl7v2"));
    return;
  }
  std::size_t good = 0, refused = 0;
  for (const auto& entry : fs::recursive_directory_iterator(corpus / "hl7v2")) {
    if (!entry.is_regular_file()) continue;
    for (auto& text : messages_of(read_file(entry.path()))) {
      INFO(entry.path());
      auto header = peek_header(text);
      auto message = Message::parse(make_bytes(text));
      REQUIRE(header.ok() == message.ok());
      if (!message) {
        ++refused;
        REQUIRE(header.error().place.starts_with("MSH"));
        REQUIRE_FALSE(header.error().text.empty());
        if (std::getenv("CORPUS_VERBOSE")) WARN(entry.path() << ": " << header.error().str());
        continue;
      }
      ++good;
      REQUIRE(*message->bytes() == text);
      check_answer(text, *header);
      check_edit(*message);
    }
  }
  WARN(good << " messages read, " << refused << " refused with an error");
  CHECK(good > 10 * refused);
}

}  // namespace
}  // namespace causeway::hl7v2
