// Any bytes: they are parsed or refused; what was parsed can be read, edited and written, and reads
// the same again.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/xml/document.h"

namespace {

using namespace causeway::xml;

void require(bool condition) {
  if (!condition) std::abort();
}

std::vector<Node> nodes(const Document& document, std::string_view xpath) {
  auto found = document.find(document.top(), xpath, {{"x", "urn:x"}});
  if (!found) return {};
  auto* list = std::get_if<std::vector<Node>>(&*found);
  return list ? *list : std::vector<Node>();
}

void edit(Document& document) {
  for (auto node : nodes(document, "//*[position() = 2] | //@* | //text()")) {
    (void)document.set_text(node, "<&>");
    (void)document.remove(node);
    (void)document.append(node, "added");
    (void)document.text(node);
  }
  (void)document.set_attribute(document.root(), "edited", "\"yes\"");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  auto document = Document::parse(text);
  if (!document) {
    require(!document.error().text.empty());
    return 0;
  }
  // The first line of some inputs is an XPath too.
  (void)document->find(document->root(), text.substr(0, 64), {});
  for (auto node : nodes(*document, "//*")) {
    require(!document->name(node).empty());
    (void)document->copy(node);
    (void)document->children(node);
  }
  auto again = Document::parse(document->write());
  require(again.ok() && again->text(again->root()) == document->text(document->root()));
  edit(*document);
  require(Document::parse(document->write()).ok());
  return 0;
}
