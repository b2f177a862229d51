// Random edits by path over real messages: what was written is read back, there and after the
// message has been written and read again, and all else stays byte for byte as it was.
#include <catch2/catch.hpp>

#include <random>

#include "engine/formats/hl7v2/leaves.h"
#include "tests/conformance/hl7v2/corpus.h"

namespace causeway::hl7v2 {
namespace {

using conformance::corpus_folder;
using conformance::corpus_messages;

constexpr int edits_per_message = 12;
constexpr std::size_t message_bytes_max = 64 * 1024;

/// The same choices in every run.
class Choices {
 public:
  explicit Choices(std::uint32_t seed) : engine_(seed) {}
  int upto(int most) { return static_cast<int>(engine_() % static_cast<unsigned>(most + 1)); }
  bool one_in(int n) { return upto(n - 1) == 0; }

  std::string value(const Delimiters& delimiters) {
    const std::string pieces[] = {"",
                                  "A",
                                  "some text",
                                  "\"\"",
                                  "\\",
                                  "\\F\\",
                                  "\\.br\\",
                                  "\\X41\\",
                                  "\\H\\x\\N\\",
                                  "\r",
                                  "\n",
                                  "\xC3\xA4",
                                  "0",
                                  std::string(1, delimiters.field),
                                  std::string(1, delimiters.component),
                                  std::string(1, delimiters.repetition),
                                  std::string(1, delimiters.subcomponent)};
    std::string text;
    for (int i = upto(4); i > 0; --i)
      text += pieces[static_cast<std::size_t>(upto(std::size(pieces) - 1))];
    std::erase(text, '\0');
    return text;
  }

  Path path(const Message& message, std::size_t segment) {
    Path path;
    path.segment = "ZZZ";  // for set_in, any
    path.field = 1 + upto(one_in(4) ? 40 : 8);
    if (message.segment_name(segment) == "MSH") path.field += 2;
    if (!one_in(3)) path.component = 1 + upto(5);
    if (one_in(4)) path.repetition = 1 + upto(3);
    if (path.component > 0 && one_in(4)) path.subcomponent = 1 + upto(3);
    return path;
  }

 private:
  std::mt19937 engine_;
};

bool lies_in(const Leaf& leaf, const Path& path) {
  const auto covers = [](int wanted, int number) { return wanted <= 0 || wanted == number; };
  // Writing to a component without a repetition means the first.
  const int repetition = path.repetition > 0                           ? path.repetition
                         : path.component > 0 || path.subcomponent > 0 ? 1
                                                                       : 0;
  return leaf.field == path.field && covers(repetition, leaf.repetition) &&
         covers(path.component, leaf.component) && covers(path.subcomponent, leaf.subcomponent);
}

struct Kept {
  int field, repetition, component, subcomponent;
  std::string raw;
  bool operator==(const Kept&) const = default;
};

/// All values of a segment but those at the place.
std::vector<Kept> kept_beside(const Message& message, std::size_t segment, const Path& path) {
  std::vector<Kept> kept;
  for (const auto& leaf : leaves_of(message, segment))
    if (!lies_in(leaf, path))
      kept.push_back(
          {leaf.field, leaf.repetition, leaf.component, leaf.subcomponent, std::string(leaf.raw)});
  return kept;
}

/// By the bytes alone: where they begin to differ, and how many at the end are alike.
void check_bytes_around(const std::string& before, const std::string& after,
                        std::string_view segment) {
  const auto begin = static_cast<std::size_t>(segment.data() - before.data());
  const auto end = begin + segment.size();
  REQUIRE(after.compare(0, begin, before, 0, begin) == 0);
  const auto rest = before.size() - end;
  REQUIRE(after.size() >= begin + rest);
  REQUIRE(after.compare(after.size() - rest, rest, before, end, rest) == 0);
}

void check_edit(const Message& original, std::size_t segment, const Path& path,
                const std::string& value) {
  const auto before = *original.bytes();
  const auto beside = kept_beside(original, segment, path);
  const auto was = original.decoded_in(segment, path);
  auto message = original;
  const auto done = message.set_in(segment, path, value);
  if (!done) {
    // Refused: the delimiters are not the message's own to change, or it lacks one that is needed.
    REQUIRE(done.error().kind == ErrorKind::Invalid);
    REQUIRE(*message.bytes() == before);
    return;
  }
  REQUIRE(message.decoded_in(segment, path) == value);
  if (value == was && original.raw_in(segment, path)) {
    const bool same = *message.bytes() == before;
    const bool replaces_repetitions = path.repetition == 0 && path.component == 0;
    REQUIRE((same || replaces_repetitions));
  }
  REQUIRE(kept_beside(message, segment, path) == beside);
  const auto after = *message.bytes();
  const auto unedited = Message::parse(make_bytes(before));
  const auto bytes = unedited->bytes();
  const auto text = unedited->segment_text(segment);
  check_bytes_around(before, after,
                     std::string_view(before).substr(
                         static_cast<std::size_t>(text.data() - bytes->data()), text.size()));
  const auto again = Message::parse(make_bytes(after));
  REQUIRE(again.ok());
  REQUIRE(again->segment_count() == original.segment_count());
  if (segment > 0) REQUIRE(again->decoded_in(segment, path) == value);
}

/// In MSH, MSH-18 could be overwritten, and with it what the bytes mean.
void check_message(const Message& message, Choices& choices) {
  for (int i = 0; i < edits_per_message; ++i) {
    const auto segment =
        static_cast<std::size_t>(choices.upto(static_cast<int>(message.segment_count()) - 1));
    const auto path = choices.path(message, segment);
    if (segment == 0 && path.field == 18) continue;
    const auto value = choices.value(message.delimiters());
    INFO(to_string(path) << " of segment " << segment);
    CAPTURE(value, *message.bytes());
    check_edit(message, segment, path, value);
  }
}

const char* const own_messages[] = {
    "MSH|^~\\&|A|B\rPID|1||a^b&c~d||x^y\r\nOBX|1|ST|a||\\T\\\\.br\\\\X41\\|\n\nZZZ\r",
    "\n MSH$%*@!$A$B\rPID$1$$a%b!c*d$$x%y\rOBX$1$ST$a$$@T@@.br@",
    "MSH|^~\\&#|A|B||||||||2.7\nPID|1||a#^b\n",
    "MSH|^~|A\rPID|1||a^b~c\r",
    "MSH|^|A\rPID|1||a^b~c&d\r",
};

TEST_CASE("random edits of messages of all kinds change their own place alone") {
  Choices choices(1);
  for (const auto* text : own_messages) {
    const auto message = Message::parse(make_bytes(text));
    REQUIRE(message.ok());
    for (int i = 0; i < 300; ++i) check_message(*message, choices);
  }
}

TEST_CASE("random edits of the corpus' messages change their own place alone") {
  if (corpus_folder().empty()) {
    WARN("skipped: no corpus");
    return;
  }
  Choices choices(2);
  std::size_t edited = 0;
  for (const auto& text : corpus_messages()) {
    const auto message = Message::parse(make_bytes(text));
    if (!message || text.size() > message_bytes_max) continue;
    check_message(*message, choices);
    ++edited;
  }
  CHECK(edited > 900);
}

}  // namespace
}  // namespace causeway::hl7v2
