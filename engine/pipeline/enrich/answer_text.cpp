#include "engine/pipeline/enrich/answer_text.h"

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "engine/formats/encoding/converter.h"

namespace causeway::pipeline {
namespace {

constexpr int depth_max = 500;

/// Counts levels, and wants no values.
struct Depth : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Depth> {
  bool StartObject() { return ++levels <= depth_max; }
  bool StartArray() { return ++levels <= depth_max; }
  bool EndObject(rapidjson::SizeType) { return levels-- > 0; }
  bool EndArray(rapidjson::SizeType) { return levels-- > 0; }
  int levels = 0;
};

std::string from_latin_1(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

}  // namespace

bool is_json(std::string_view text) {
  if (!encoding::is_utf8(text)) return false;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Depth depth;
  return !reader
              .Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(stream,
                                                                                             depth)
              .IsError();
}

std::string json_string(std::string_view text) {
  const auto utf8 = encoding::is_utf8(text) ? std::string(text) : from_latin_1(text);
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(utf8.data(), static_cast<rapidjson::SizeType>(utf8.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace causeway::pipeline
