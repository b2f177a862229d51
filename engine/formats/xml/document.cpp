#include "engine/formats/xml/document.h"

#include "engine/formats/xml/state.h"

#include <libxml/parserInternals.h>

namespace causeway::xml {
namespace {

xmlNodePtr node_of(Node node) {
  return static_cast<xmlNodePtr>(node.handle);
}

const xmlChar* chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

std::string string_of(const xmlChar* text) {
  return text ? reinterpret_cast<const char*>(text) : "";
}

/// Takes over what the library allocated.
std::string taken(xmlChar* text) {
  auto string = string_of(text);
  xmlFree(text);
  return string;
}

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "", std::move(text)};
}

/// UTF-8 of characters that XML 1.0 allows (2.2).
bool can_be_written(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos || !xmlCheckUTF8(chars(copy))) return false;
  for (const auto* at = chars(copy); *at;) {
    int length = 4;
    const int c = xmlGetUTF8Char(at, &length);
    if (c < 0 || !IS_CHAR(static_cast<unsigned>(c))) return false;
    at += length;
  }
  return true;
}

int depth_of(xmlNodePtr node) {
  int depth = 0;
  for (; node && node->type == XML_ELEMENT_NODE; node = node->parent) ++depth;
  return depth;
}

bool holds_prefix(const std::string& name) {
  return name.find(':') != std::string::npos;
}

}  // namespace

Document::Document(std::unique_ptr<State> state) : state_(std::move(state)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::size_t Document::parsed_nodes() const {
  return state_->parsed_nodes;
}

Node Document::top() const {
  return {state_->document};
}

Node Document::root() const {
  return {xmlDocGetRootElement(state_->document)};
}

std::string Document::name(Node node) const {
  auto* of = node_of(node);
  const bool named = of->type == XML_ELEMENT_NODE || of->type == XML_ATTRIBUTE_NODE;
  if (!named) return "";
  return (of->ns && of->ns->prefix ? string_of(of->ns->prefix) + ":" : "") + string_of(of->name);
}

std::string Document::namespace_of(Node node) const {
  auto* of = node_of(node);
  const bool named = of->type == XML_ELEMENT_NODE || of->type == XML_ATTRIBUTE_NODE;
  return named && of->ns ? string_of(of->ns->href) : "";
}

std::string Document::text(Node node) const {
  return taken(xmlNodeGetContent(node_of(node)));
}

bool Document::is_element(Node node) const {
  return node_of(node)->type == XML_ELEMENT_NODE;
}

std::vector<Node> Document::children(Node node) const {
  std::vector<Node> elements;
  auto* of = node_of(node);
  if (of->type != XML_ELEMENT_NODE && of->type != XML_DOCUMENT_NODE) return elements;
  for (auto* child = of->children; child; child = child->next)
    if (child->type == XML_ELEMENT_NODE) elements.push_back({child});
  return elements;
}

Status Document::set_text(Node node, std::string_view text) {
  auto* of = node_of(node);
  if (!can_be_written(text)) return invalid("the text has characters that XML can't hold");
  const std::string copy(text);
  if (of->type == XML_ATTRIBUTE_NODE) {
    if (!of->parent) return invalid("the attribute has been removed");
    xmlSetNsProp(of->parent, of->ns, of->name, chars(copy));
  } else if (of->type == XML_TEXT_NODE || of->type == XML_CDATA_SECTION_NODE) {
    xmlNodeSetContentLen(of, chars(copy), static_cast<int>(copy.size()));
  } else if (of->type == XML_ELEMENT_NODE) {
    while (auto* child = of->children) {
      xmlUnlinkNode(child);
      state_->removed.push_back(child);
    }
    xmlAddChild(of, xmlNewDocTextLen(state_->document, chars(copy), static_cast<int>(copy.size())));
  } else {
    return invalid("only elements, attributes and texts have a text to set");
  }
  state_->edited = true;
  return Done{};
}

bool Document::has_attribute(Node element, const std::string& name) const {
  return is_element(element) && xmlHasNsProp(node_of(element), chars(name), nullptr);
}

std::string Document::attribute(Node element, const std::string& name) const {
  return is_element(element) ? taken(xmlGetNoNsProp(node_of(element), chars(name))) : "";
}

Status Document::set_attribute(Node element, const std::string& name, std::string_view value) {
  if (!is_element(element)) return invalid("only elements have attributes");
  if (xmlValidateNCName(chars(name), 0) != 0)
    return invalid("\"" + name + "\" is no name of an attribute");
  if (!can_be_written(value)) return invalid("the value has characters that XML can't hold");
  xmlSetNsProp(node_of(element), nullptr, chars(name), chars(std::string(value)));
  state_->edited = true;
  return Done{};
}

Status Document::remove_attribute(Node element, const std::string& name) {
  if (!is_element(element)) return invalid("only elements have attributes");
  auto* attribute = xmlHasNsProp(node_of(element), chars(name), nullptr);
  if (!attribute) return Done{};
  xmlUnlinkNode(reinterpret_cast<xmlNodePtr>(attribute));
  state_->removed_attributes.push_back(attribute);
  state_->edited = true;
  return Done{};
}

Result<Node> Document::append(Node parent, const std::string& name) {
  auto* of = node_of(parent);
  if (!is_element(parent)) return invalid("only to an element can be appended");
  if (xmlValidateQName(chars(name), 0) != 0)
    return invalid("\"" + name + "\" is no name of an element");
  if (depth_of(of) >= depth_max)
    return Error{ErrorKind::Limit, "", "nested deeper than " + std::to_string(depth_max)};
  xmlNsPtr space = of->ns;
  std::string local = name;
  if (holds_prefix(name)) {
    const auto prefix = name.substr(0, name.find(':'));
    local = name.substr(name.find(':') + 1);
    space = xmlSearchNs(state_->document, of, chars(prefix));
    if (!space) return invalid("the prefix \"" + prefix + "\" is not declared here");
  }
  auto* child = xmlNewDocNode(state_->document, space, chars(local), nullptr);
  if (!child) return Error{ErrorKind::Internal, "", "no memory for an element"};
  xmlAddChild(of, child);
  state_->edited = true;
  return Node{child};
}

Status Document::remove(Node node) {
  auto* of = node_of(node);
  if (of->type == XML_DOCUMENT_NODE || of == xmlDocGetRootElement(state_->document))
    return invalid("the document's outermost element can't be removed");
  if (!of->parent) return Done{};
  xmlUnlinkNode(of);
  if (of->type == XML_ATTRIBUTE_NODE)
    state_->removed_attributes.push_back(reinterpret_cast<xmlAttrPtr>(of));
  else
    state_->removed.push_back(of);
  state_->edited = true;
  return Done{};
}

bool Document::edited() const {
  return state_->edited;
}

std::string Document::write() const {
  xmlChar* text = nullptr;
  int length = 0;
  const auto* encoding = state_->document->encoding;
  xmlDocDumpMemoryEnc(state_->document, &text, &length,
                      encoding ? reinterpret_cast<const char*>(encoding) : "UTF-8");
  std::string written(reinterpret_cast<const char*>(text), static_cast<std::size_t>(length));
  xmlFree(text);
  return written;
}

Result<Document> Document::copy(Node element) const {
  if (!is_element(element)) return invalid("only an element can become a document");
  auto state = std::make_unique<State>(xmlNewDoc(chars("1.0")));
  auto* root = state->document ? xmlDocCopyNode(node_of(element), state->document, 1) : nullptr;
  if (!root) return Error{ErrorKind::Internal, "", "no memory for an XML document"};
  xmlDocSetRootElement(state->document, root);
  return Document(std::move(state));
}

}  // namespace causeway::xml
