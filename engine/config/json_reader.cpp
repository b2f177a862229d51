// parse_json by RapidJSON's SAX reader.
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <unordered_set>

#include "engine/config/problems.h"
#include "engine/config/value.h"

namespace causeway::config {

namespace {

constexpr unsigned parse_flags =
    rapidjson::kParseCommentsFlag | rapidjson::kParseValidateEncodingFlag |
    rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;

/// Counts lines and columns on the way through a text.
class Position {
 public:
  explicit Position(std::string_view text) : text_(text) {}

  Place advance_to(std::size_t offset) {
    for (; offset_ < offset && offset_ < text_.size(); ++offset_) {
      ++place_.column;
      if (text_[offset_] == '\n') place_ = {place_.line + 1, 1};
    }
    return place_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Place place_{1, 1};
};

/// Where the token after `offset` begins: past white space, comments, commas and colons. The text
/// up to there has been accepted by the reader.
std::size_t next_token(std::string_view text, std::size_t offset) {
  while (offset < text.size()) {
    const std::string_view rest = text.substr(offset);
    if (rest.starts_with("//"))
      offset = std::min(text.find('\n', offset), text.size());
    else if (rest.starts_with("/*"))
      offset = std::min(text.find("*/", offset + 2), text.size() - 2) + 2;
    else if (std::string_view(" \t\r\n,:").find(rest[0]) != std::string_view::npos)
      ++offset;
    else
      break;
  }
  return offset;
}

/// The reader lets an escaped low surrogate pass that has no high one before it ("\udc00"), and
/// makes bytes of it that are no UTF-8.
bool has_lone_surrogate(std::string_view text) {
  for (auto at = text.find('\xED'); at != text.npos; at = text.find('\xED', at + 1))
    if (at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return true;
  return false;
}

/// Receives the reader's events and builds the Value. The reader tells where a token ends (by the
/// stream), not where it begins: that is found from the end of the one before.
class Builder {
 public:
  Builder(std::string_view text, const rapidjson::MemoryStream& stream)
      : text_(text), stream_(stream), position_(text) {}

  bool Null() { return add(std::monostate{}); }
  bool Bool(bool flag) { return add(flag); }
  bool Int(int number) { return add(static_cast<std::int64_t>(number)); }
  bool Uint(unsigned number) { return add(static_cast<std::int64_t>(number)); }
  bool Int64(std::int64_t number) { return add(number); }
  bool Uint64(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(INT64_MAX)) return add(static_cast<double>(number));
    return add(static_cast<std::int64_t>(number));
  }
  bool Double(double number) { return add(number); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }  // not asked for
  bool String(const char* text, rapidjson::SizeType size, bool) {
    if (has_lone_surrogate({text, size})) return fail(begin_token(), "half a surrogate pair");
    return add(std::string(text, size));
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const Place place = begin_token();
    end_ = stream_.Tell();
    auto& frame = frames_.back();
    frame.key.assign(text, size);
    if (has_lone_surrogate(frame.key)) return fail(place, "half a surrogate pair");
    if (frame.keys.insert(frame.key).second) return true;
    return fail(place, "the key " + in_quotes(frame.key) + " is there twice");
  }

  bool StartObject() { return open(true); }
  bool StartArray() { return open(false); }
  bool EndObject(rapidjson::SizeType) { return close(); }
  bool EndArray(rapidjson::SizeType) { return close(); }

  Value take_root() { return std::move(root_); }
  const std::optional<std::pair<Place, std::string>>& failure() const { return failure_; }

 private:
  struct Frame {
    bool is_object;
    Place place;
    Value::Object members;
    Value::List items;
    std::string key;
    std::unordered_set<std::string> keys;
  };

  Place begin_token() {
    begin_ = next_token(text_, end_);
    return position_.advance_to(begin_);
  }

  template <class T>
  bool add(T data) {
    const Place place = begin_token();
    end_ = stream_.Tell();
    put(Value(std::move(data), place));
    return true;
  }

  // The reader is still before a bracket when it reports it.
  bool open(bool is_object) {
    const Place place = begin_token();
    end_ = begin_ + 1;
    if (frames_.size() == json_depth_max)
      return fail(place, "nested deeper than " + std::to_string(json_depth_max) + " levels");
    frames_.push_back({is_object, place, {}, {}, {}, {}});
    return true;
  }

  bool close() {
    begin_token();
    end_ = begin_ + 1;
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.is_object)
      put(Value(std::move(frame.members), frame.place));
    else
      put(Value(std::move(frame.items), frame.place));
    return true;
  }

  void put(Value value) {
    if (frames_.empty())
      root_ = std::move(value);
    else if (auto& frame = frames_.back(); frame.is_object)
      frame.members.emplace_back(std::move(frame.key), std::move(value));
    else
      frame.items.push_back(std::move(value));
  }

  bool fail(Place place, std::string text) {
    failure_.emplace(place, std::move(text));
    return false;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  Position position_;
  std::size_t begin_ = 0, end_ = 0;  // of the last token
  std::vector<Frame> frames_;
  Value root_;
  std::optional<std::pair<Place, std::string>> failure_;
};

}  // namespace

std::optional<Value> parse_json(std::string_view text, Problems& problems) {
  const auto fail = [&](Place place, std::string what) {
    problems.list.push_back({problems.file, place, "", std::move(what), Severity::Error});
    return std::nullopt;
  };
  if (text.size() > json_bytes_max)
    return fail({}, "larger than " + std::to_string(json_bytes_max) + " bytes");
  // The reader would take it for the end of the text.
  if (const auto zero = text.find('\0'); zero != text.npos)
    return fail(Position(text).advance_to(zero), "a zero byte");

  rapidjson::MemoryStream stream(text.data(), text.size());
  Builder builder(text, stream);
  rapidjson::Reader reader;
  if (reader.Parse<parse_flags>(stream, builder)) return builder.take_root();
  if (builder.failure()) return fail(builder.failure()->first, builder.failure()->second);
  return fail(Position(text).advance_to(reader.GetErrorOffset()),
              rapidjson::GetParseError_En(reader.GetParseErrorCode()));
}

Result<Value> parse_json(std::string_view text, std::string_view file_name) {
  Problems problems{std::string(file_name), {}};
  if (auto value = parse_json(text, problems)) return std::move(*value);
  const auto& problem = problems.list.front();
  const auto [line, column] = problem.place;
  if (line == 0) return Error{ErrorKind::Limit, problem.file, problem.text};
  return Error{ErrorKind::Invalid,
               problem.file + ":" + std::to_string(line) + ":" + std::to_string(column),
               problem.text};
}

}  // namespace causeway::config
