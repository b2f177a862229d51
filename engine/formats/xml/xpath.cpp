#include "engine/formats/xml/state.h"

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

namespace causeway::xml {
namespace {

const xmlChar* chars(const std::string& text) {
  return reinterpret_cast<const xmlChar*>(text.c_str());
}

void ignore_error(void*, xmlErrorPtr) {}

std::vector<Node> nodes_of(const xmlXPathObject& object) {
  std::vector<Node> nodes;
  const auto* set = object.nodesetval;
  for (int i = 0; set && i < set->nodeNr; ++i)
    if (set->nodeTab[i]->type != XML_NAMESPACE_DECL) nodes.push_back({set->nodeTab[i]});
  return nodes;
}

}  // namespace

Result<Found> Document::find(Node from, std::string_view xpath,
                             const Namespaces& namespaces) const {
  if (xpath.size() > xpath_bytes_max) return Error{ErrorKind::Limit, "", "the XPath is too long"};
  std::unique_ptr<xmlXPathContext, decltype(&xmlXPathFreeContext)> context(
      xmlXPathNewContext(state_->document), &xmlXPathFreeContext);
  if (!context) return Error{ErrorKind::Internal, "", "no memory for an XPath"};
  context->opLimit = xpath_steps_max;
  context->error = ignore_error;
  context->node = static_cast<xmlNodePtr>(from.handle);
  for (const auto& [prefix, uri] : namespaces)
    if (xmlXPathRegisterNs(context.get(), chars(prefix), chars(uri)) != 0)
      return Error{ErrorKind::Invalid, "", "\"" + prefix + "\" is no namespace prefix"};
  const std::string text(xpath);
  std::unique_ptr<xmlXPathObject, decltype(&xmlXPathFreeObject)> found(
      xmlXPathEval(chars(text), context.get()), &xmlXPathFreeObject);
  if (!found) {
    const bool limit = context->lastError.code == static_cast<int>(XML_XPATH_EXPRESSION_OK) +
                                                      static_cast<int>(XPATH_OP_LIMIT_EXCEEDED);
    return Error{limit ? ErrorKind::Limit : ErrorKind::Invalid, "",
                 limit ? "the XPath takes too many steps"
                       : "\"" + text + "\" can't be evaluated as XPath: " +
                             (context->lastError.message ? context->lastError.message : "")};
  }
  if (found->type == XPATH_NODESET) {
    xmlXPathNodeSetSort(found->nodesetval);
    return Found(nodes_of(*found));
  }
  auto* printed = xmlXPathCastToString(found.get());
  std::string result = printed ? reinterpret_cast<const char*>(printed) : "";
  xmlFree(printed);
  return Found(std::move(result));
}

}  // namespace causeway::xml
