// XML as a tree that is read by XPath 1.0 and edited. Parsing is bounded and closed: a document
// type declaration is refused (so there are no entities but the five of XML, and nothing is ever
// loaded), depth, size and number of nodes are limited, and so are the steps of an XPath
// evaluation.
//
// Standard: XML 1.0 (fifth edition), Namespaces in XML 1.0, XPath 1.0. Texts are UTF-8.
// A Document owns its nodes; a Node is a plain reference, valid while its document lives, also once
// it is removed from the tree. Not thread-safe; different documents are independent.
// Errors: Invalid, with the place "line:column" where there is one; Limit.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/result.h"

namespace causeway::xml {

inline constexpr std::size_t bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t nodes_max = 250'000;  ///< Elements and attributes.
inline constexpr int depth_max = 256;
inline constexpr unsigned long xpath_steps_max = 5'000'000;
inline constexpr std::size_t xpath_bytes_max = 4096;

/// A node of a document: itself, an element, attribute, text or other.
struct Node {
  void* handle = nullptr;
  bool operator==(const Node&) const = default;
};

/// Prefixes for XPath, and what they stand for.
using Namespaces = std::map<std::string, std::string>;
/// What an XPath expression gives: nodes in the document's order, or a text (numbers and truth
/// values as XPath prints them).
using Found = std::variant<std::vector<Node>, std::string>;

class Document {
 public:
  static Result<Document> parse(std::string_view bytes);
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  std::size_t parsed_nodes() const;  ///< Elements, attributes and the like, as they came.

  Node top() const;   ///< The document itself.
  Node root() const;  ///< Its outermost element.

  Result<Found> find(Node from, std::string_view xpath, const Namespaces& namespaces) const;

  std::string name(Node node) const;  ///< With its prefix, as it is written.
  std::string namespace_of(Node node) const;
  std::string text(Node node) const;  ///< Of it and all within it.
  bool is_element(Node node) const;
  std::vector<Node> children(Node node) const;  ///< Elements alone.

  /// Text in place of all that is within an element, or an attribute's value.
  Status set_text(Node node, std::string_view text);
  /// An attribute of no namespace; "" and its absence are different.
  bool has_attribute(Node element, const std::string& name) const;
  std::string attribute(Node element, const std::string& name) const;
  Status set_attribute(Node element, const std::string& name, std::string_view value);
  Status remove_attribute(Node element, const std::string& name);
  /// A new last child, in the namespace of its prefix, or of its parent where it has none.
  Result<Node> append(Node parent, const std::string& name);
  /// Takes a node out of the tree; the outermost element stays.
  Status remove(Node node);

  /// A document of an element and all within it, with the namespaces that it uses.
  Result<Document> copy(Node element) const;

  bool edited() const;
  /// The whole document in its own encoding, with an XML declaration.
  std::string write() const;

 private:
  struct State;
  explicit Document(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace causeway::xml
