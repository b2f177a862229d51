#include "engine/formats/hl7v2/xml/element_reader.h"

#include <expat.h>

#include <algorithm>
#include <memory>

namespace causeway::hl7v2 {
namespace {

std::string_view local_name(std::string_view name) {
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// What the parser's callbacks build. None may throw through the parser, which is C.
class TreeBuilder {
 public:
  explicit TreeBuilder(XML_Parser parser) : parser_(parser) {
    XML_SetUserData(parser, this);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
  }

  XmlElement root;
  Error error;

 private:
  static void on_start(void* self, const char* name, const char** attributes) {
    static_cast<TreeBuilder*>(self)->start(name, attributes);
  }
  static void on_end(void* self, const char*) { static_cast<TreeBuilder*>(self)->end(); }
  static void on_text(void* self, const char* text, int length) {
    static_cast<TreeBuilder*>(self)->add_text({text, static_cast<std::size_t>(length)});
  }
  static void on_doctype(void* self, const char*, const char*, const char*, int) {
    static_cast<TreeBuilder*>(self)->stop(ErrorKind::Invalid,
                                          "a document type declaration is not allowed");
  }

  void stop(ErrorKind kind, const char* text) {
    if (error.text.empty()) error = {kind, "", text};
    XML_StopParser(parser_, XML_FALSE);
  }

  void start(const char* name, const char** attributes) {
    if (open_.size() >= static_cast<std::size_t>(xml_depth_max))
      return stop(ErrorKind::Limit, "elements are nested too deeply");
    if (++elements_ > xml_elements_max) return stop(ErrorKind::Limit, "too many elements");
    XmlElement element;
    element.name = local_name(name);
    for (; *attributes; attributes += 2)
      element.attributes.emplace_back(local_name(attributes[0]), attributes[1]);
    open_.push_back(std::move(element));
  }

  void end() {
    auto element = std::move(open_.back());
    open_.pop_back();
    auto& children = element.children;
    const auto has = [&](bool escapes) {
      return std::any_of(children.begin(), children.end(), [&](const XmlElement& child) {
        return !child.is_text() && (child.name == "escape") == escapes;
      });
    };
    if (has(false) && !has(true))
      std::erase_if(children, [](const XmlElement& child) {
        return child.is_text() && is_blank(child.text);
      });
    (open_.empty() ? root : open_.back().children.emplace_back()) = std::move(element);
  }

  void add_text(std::string_view text) {
    if (open_.empty()) return;
    auto& children = open_.back().children;
    if (children.empty() || !children.back().is_text()) {
      if (++elements_ > xml_elements_max) return stop(ErrorKind::Limit, "too many elements");
      children.emplace_back();
    }
    children.back().text += text;
  }

  XML_Parser parser_;
  std::vector<XmlElement> open_;
  std::size_t elements_ = 0;
};

}  // namespace

std::string_view XmlElement::attribute(std::string_view attribute_name) const {
  for (const auto& [key, value] : attributes)
    if (key == attribute_name) return value;
  return {};
}

bool XmlElement::has(std::string_view attribute_name) const {
  return std::any_of(attributes.begin(), attributes.end(),
                     [&](const auto& entry) { return entry.first == attribute_name; });
}

const XmlElement* XmlElement::child(std::string_view child_name) const {
  for (const auto& element : children)
    if (element.name == child_name) return &element;
  return nullptr;
}

std::string XmlElement::content() const {
  std::string all;
  for (const auto& element : children) all += element.text;
  return all;
}

Result<XmlElement> read_elements(std::string_view document) {
  constexpr std::size_t piece = 1 << 20;
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser(
      XML_ParserCreate(nullptr), XML_ParserFree);
  TreeBuilder builder(parser.get());
  auto status = XML_STATUS_OK;
  do {
    const auto part = document.substr(0, piece);
    document.remove_prefix(part.size());
    status = XML_Parse(parser.get(), part.data(), static_cast<int>(part.size()),
                       document.empty() ? XML_TRUE : XML_FALSE);
  } while (status == XML_STATUS_OK && !document.empty());
  if (status == XML_STATUS_OK) return std::move(builder.root);
  auto error = std::move(builder.error);
  if (error.text.empty())
    error = {ErrorKind::Invalid, "", XML_ErrorString(XML_GetErrorCode(parser.get()))};
  error.place = "line " + std::to_string(XML_GetCurrentLineNumber(parser.get()));
  return error;
}

}  // namespace causeway::hl7v2
