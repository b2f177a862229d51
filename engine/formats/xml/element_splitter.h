// Cuts each element of a name out of an XML document as it streams in, with the bytes that it has
// there, so that a document of any size is read in bounded memory.
//
// What an element inherits is added to it, or it would mean something else by itself: namespaces
// that are declared above it, in its start tag; an encoding other than UTF-8, as an XML
// declaration. Elements within such an element are part of it. A document type declaration is
// refused. Pure but for what it holds: one element. Not thread-safe. Errors: Invalid (not
// well-formed; an encoding that isn't read: only UTF-8, US-ASCII and ISO-8859-1 are), Limit; the
// place is "line N".
// Standard: XML 1.0 (fifth edition), Namespaces in XML 1.0.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::xml {

class ElementSplitter {
 public:
  /// The view holds during the call. An error ends the reading.
  using OnElement = std::function<Status(std::string_view element)>;

  /// `name`: without a prefix it is found under any; with one, as it is written.
  ElementSplitter(std::string name, std::size_t element_bytes_max);
  ~ElementSplitter();
  ElementSplitter(ElementSplitter&&) noexcept;

  Status push(std::string_view bytes, const OnElement& on_element);
  Status finish(const OnElement& on_element);  ///< The document ends here.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::xml
