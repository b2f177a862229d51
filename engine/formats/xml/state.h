// What a Document holds of libxml2's. Internal to this folder: it names that library.
#pragma once

#include <libxml/tree.h>

#include "engine/formats/xml/document.h"

namespace causeway::xml {

struct Document::State {
  explicit State(xmlDocPtr parsed) : document(parsed) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (auto* node : removed) xmlFreeNode(node);
    for (auto* attribute : removed_attributes) xmlFreeProp(attribute);
    if (document) xmlFreeDoc(document);
  }

  xmlDocPtr document;
  std::vector<xmlNodePtr> removed;  // out of the tree; references to them stay good
  std::vector<xmlAttrPtr> removed_attributes;
  std::size_t parsed_nodes = 0;
  bool edited = false;
};

}  // namespace causeway::xml
