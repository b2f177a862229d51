#include "connectors/mllp/frame.h"

#include <catch2/catch.hpp>

namespace causeway::connectors::mllp {
namespace {

using Limits = FrameReader::Limits;
using Fault = FrameReader::Fault;

std::vector<std::string> frames_of(FrameReader& reader, std::string_view bytes) {
  std::vector<std::string> frames;
  while (auto frame = reader.next(bytes)) frames.push_back(*frame);
  return frames;
}

std::vector<std::string> frames_of(std::string_view bytes) {
  FrameReader reader({100, 10});
  return frames_of(reader, bytes);
}

TEST_CASE("mllp frames: one, several at once, and an empty one") {
  CHECK(frames_of("\x0b"
                  "abc\x1c\r") == std::vector<std::string>{"abc"});
  CHECK(frames_of("\x0b"
                  "a\x1c\r\x0b"
                  "b\x1c\r\x0b"
                  "c") == std::vector<std::string>{"a", "b"});
  CHECK(frames_of("\x0b\x1c\r") == std::vector<std::string>{""});
}

TEST_CASE("mllp frames: content is left as it is") {
  CHECK(frames_of("\x0b"
                  "a\x0b"
                  "b\x1c"
                  "c\x1c\x1c\r") == std::vector<std::string>{"a\x0b"
                                                             "b\x1c"
                                                             "c\x1c"});
  CHECK(frames_of(std::string_view("\x0b"
                                   "a\0b\r\n\xff\x1c\r",
                                   9)) == std::vector<std::string>{std::string("a\0b\r\n\xff", 6)});
}

TEST_CASE("mllp frames: split anywhere, the result is the same") {
  const std::string_view bytes =
      "xx\x0b"
      "a\x1c"
      "b\r\x1c\r\n\r\n\x0b\x1c\x1c\x1c\r\x0b"
      "c\x1c\r";
  const auto whole = frames_of(bytes);
  CHECK(whole == std::vector<std::string>{"a\x1c"
                                          "b\r",
                                          "\x1c\x1c", "c"});
  for (std::size_t first = 0; first <= bytes.size(); ++first)
    for (std::size_t second = first; second <= bytes.size(); ++second) {
      FrameReader reader({100, 10});
      std::vector<std::string> frames;
      for (auto part :
           {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)})
        for (auto& frame : frames_of(reader, part)) frames.push_back(frame);
      CHECK(frames == whole);
    }
}

TEST_CASE("mllp frames: a frame may be as long as its limit, and not longer") {
  FrameReader reader({5, 0});
  CHECK(frames_of(reader,
                  "\x0b"
                  "12345\x1c\r")
            .size() == 1);
  CHECK(frames_of(reader,
                  "\x0b"
                  "123456\x1c\r")
            .empty());
  CHECK(reader.fault() == Fault::FrameTooLong);
  CHECK(frames_of(reader,
                  "\x0b"
                  "1\x1c\r")
            .empty());

  FrameReader bytewise({5, 0});
  for (char c : std::string_view("\x0b"
                                 "123456"))
    frames_of(bytewise, std::string_view(&c, 1));
  CHECK(bytewise.fault() == Fault::FrameTooLong);
  CHECK(bytewise.held_bytes() < 100);
}

TEST_CASE("mllp frames: garbage between frames is bounded, blank lines are none") {
  FrameReader reader({100, 3});
  CHECK(frames_of(reader,
                  "\r\n\r\n\r\nabc\x0b"
                  "1\x1c\r")
            .size() == 1);
  CHECK(reader.garbage_total() == 3);
  CHECK(frames_of(reader,
                  "def\x0b"
                  "1\x1c\r")
            .size() == 1);
  CHECK(reader.fault() == Fault::None);
  CHECK(frames_of(reader, "gh").empty());
  CHECK(frames_of(reader,
                  "ij\x0b"
                  "1\x1c\r")
            .empty());
  CHECK(reader.fault() == Fault::TooMuchGarbage);
}

TEST_CASE("mllp frames: content that would end its own frame can't be framed") {
  CHECK(
      can_be_framed("a\x1c"
                    "b"));
  CHECK(can_be_framed("a\x1c"));
  CHECK_FALSE(can_be_framed("a\x1c\rb"));
}

}  // namespace
}  // namespace causeway::connectors::mllp
