#include "engine/formats/xml/element_splitter.h"

#include <expat.h>

#include <algorithm>
#include <vector>

#include "engine/formats/xml/document.h"

namespace causeway::xml {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t namespaces_max = 1000;  // declared and open at once
/// Bytes handed to the parser at once: outside of an element, what it has not finished is held.
constexpr std::size_t piece_bytes = 64 * 1024;

struct Declared {
  int depth = 0;
  std::string attribute;  // "xmlns" or "xmlns:p"
  std::string uri;
};

std::string escaped(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '&')
      text += "&amp;";
    else if (c == '<')
      text += "&lt;";
    else if (c == '"')
      text += "&quot;";
    else
      text += c;
  }
  return text;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

struct ElementSplitter::State {
  State(std::string element_name, std::size_t most)
      : name(std::move(element_name)), element_bytes_max(most) {
    XML_SetUserData(parser.get(), this);
    XML_SetElementHandler(parser.get(), on_start, on_end);
    XML_SetXmlDeclHandler(parser.get(), on_declaration);
    XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
  }

  Status parse(std::string_view bytes, bool last, const OnElement& found);

  // Called by the parser, which is C: none of them throws.
  static void on_start(void* self, const char* tag, const char** attributes) {
    static_cast<State*>(self)->start(tag, attributes);
  }
  static void on_end(void* self, const char*) { static_cast<State*>(self)->end(); }
  static void on_declaration(void* self, const char*, const char* encoding, int) {
    if (encoding) static_cast<State*>(self)->declared_encoding(encoding);
  }
  static void on_doctype(void* self, const char*, const char*, const char*, int) {
    static_cast<State*>(self)->stop({ErrorKind::Invalid, "", "a document type declaration"});
  }

  void start(std::string_view tag, const char** attributes);
  void end();
  void declared_encoding(std::string_view encoding);
  void stop(Error why);
  bool is_wanted(std::string_view tag) const;
  void inherit(const char** own_attributes);
  std::string_view slice(std::uint64_t from, std::uint64_t to) const;
  std::uint64_t index() const {
    return static_cast<std::uint64_t>(XML_GetCurrentByteIndex(parser.get()));
  }
  std::string place() const {
    return "line " + std::to_string(XML_GetCurrentLineNumber(parser.get()));
  }
  void forget(std::uint64_t before);
  bool is_wide(std::string_view bytes) const;

  const std::string name;
  const std::size_t element_bytes_max;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate(nullptr), &XML_ParserFree};
  const OnElement* on_element = nullptr;  // during a parse
  std::string held;
  std::uint64_t held_from = 0;  // where in the document `held` begins
  int depth = 0;
  int element_depth = 0;  // of the element being read; 0: none
  std::uint64_t element_begin = 0;
  std::vector<Declared> namespaces;
  std::string inherited;  // by the element being read
  std::string declaration;
  Status status = Done{};
};

void ElementSplitter::State::stop(Error why) {
  if (!status) return;
  if (why.place.empty()) why.place = place();
  status = std::move(why);
  XML_StopParser(parser.get(), XML_FALSE);
}

void ElementSplitter::State::declared_encoding(std::string_view encoding) {
  std::string upper(encoding);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (upper == "ISO-8859-1")
    declaration = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n";
  else if (upper != "UTF-8" && upper != "US-ASCII")
    stop({ErrorKind::Invalid, "", "its encoding can't be split"});
}

bool ElementSplitter::State::is_wanted(std::string_view tag) const {
  if (tag == name) return true;
  const auto colon = tag.find(':');
  return colon != std::string_view::npos && tag.substr(colon + 1) == name;
}

void ElementSplitter::State::start(std::string_view tag, const char** attributes) {
  if (++depth > depth_max) return stop({ErrorKind::Limit, "", "elements are nested too deeply"});
  if (element_depth != 0) return;
  if (is_wanted(tag)) {
    element_depth = depth;
    element_begin = index();
    return inherit(attributes);
  }
  for (; *attributes; attributes += 2) {
    const std::string_view key = attributes[0];
    if (key != "xmlns" && !key.starts_with("xmlns:")) continue;
    if (namespaces.size() >= namespaces_max)
      return stop({ErrorKind::Limit, "", "too many namespaces"});
    namespaces.push_back({depth, std::string(key), attributes[1]});
  }
}

/// The nearest declaration of each prefix, unless the element has one of its own.
void ElementSplitter::State::inherit(const char** own_attributes) {
  inherited.clear();
  std::vector<std::string_view> known;
  for (; *own_attributes; own_attributes += 2) known.emplace_back(own_attributes[0]);
  for (auto one = namespaces.rbegin(); one != namespaces.rend(); ++one) {
    if (std::find(known.begin(), known.end(), one->attribute) != known.end()) continue;
    known.emplace_back(one->attribute);
    if (one->uri.empty()) continue;
    if (!declaration.empty() && !is_ascii(one->uri))
      return stop({ErrorKind::Invalid, "", "a namespace that isn't ASCII"});
    inherited += " " + one->attribute + "=\"" + escaped(one->uri) + "\"";
  }
}

void ElementSplitter::State::end() {
  if (depth == element_depth) {
    const auto to = index() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(parser.get()));
    const auto text = slice(element_begin, to);
    element_depth = 0;
    const auto name_end = text.find_first_of(" \t\r\n/>");
    if (name_end == std::string_view::npos)
      return stop({ErrorKind::Internal, "", "an element without its start tag"});
    if (text.size() > element_bytes_max)
      return stop({ErrorKind::Limit, "", "an element that is too long"});
    auto given = inherited.empty() && declaration.empty()
                     ? (*on_element)(text)
                     : (*on_element)(declaration + std::string(text.substr(0, name_end)) +
                                     inherited + std::string(text.substr(name_end)));
    if (!given) stop(given.error());
  }
  while (!namespaces.empty() && namespaces.back().depth == depth) namespaces.pop_back();
  --depth;
}

std::string_view ElementSplitter::State::slice(std::uint64_t from, std::uint64_t to) const {
  if (from < held_from || to < from || to > held_from + held.size()) return {};
  return std::string_view(held).substr(from - held_from, to - from);
}

void ElementSplitter::State::forget(std::uint64_t before) {
  if (before <= held_from) return;
  const auto count = std::min<std::uint64_t>(before - held_from, held.size());
  held.erase(0, count);
  held_from += count;
}

/// Told by the first two bytes of the document.
bool ElementSplitter::State::is_wide(std::string_view bytes) const {
  const auto at = held_from + held.size();
  if (at == 0 && !bytes.empty() &&
      (bytes[0] == '\0' || bytes[0] == '\xff' || bytes[0] == '\xfe' ||
       bytes.substr(1, 1) == "\0"sv))
    return true;
  return at == 1 && bytes.substr(0, 1) == "\0"sv;
}

Status ElementSplitter::State::parse(std::string_view bytes, bool last, const OnElement& found) {
  if (!status) return status;
  if (is_wide(bytes)) return status = Error{ErrorKind::Invalid, "line 1", "UTF-16 can't be split"};
  held += bytes;
  on_element = &found;
  const auto parsed =
      XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), last ? 1 : 0);
  on_element = nullptr;
  if (!status) return status;
  if (parsed != XML_STATUS_OK)
    return status =
               Error{ErrorKind::Invalid, place(), XML_ErrorString(XML_GetErrorCode(parser.get()))};
  forget(element_depth != 0 ? element_begin : index());
  if (held.size() > element_bytes_max + piece_bytes)
    return status = Error{ErrorKind::Limit, place(),
                          "more than " + std::to_string(element_bytes_max) + " bytes"};
  return Done{};
}

ElementSplitter::ElementSplitter(std::string name, std::size_t element_bytes_max)
    : state_(std::make_unique<State>(std::move(name), element_bytes_max)) {}
ElementSplitter::~ElementSplitter() = default;
ElementSplitter::ElementSplitter(ElementSplitter&&) noexcept = default;

Status ElementSplitter::push(std::string_view bytes, const OnElement& on_element) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, piece_bytes);
    if (auto parsed = state_->parse(piece, false, on_element); !parsed) return parsed;
    bytes.remove_prefix(piece.size());
  }
  return Done{};
}

Status ElementSplitter::finish(const OnElement& on_element) {
  return state_->parse({}, true, on_element);
}

}  // namespace causeway::xml
