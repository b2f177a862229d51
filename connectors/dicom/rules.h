// Who may open an association with a source, and what for. Immutable values; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/dicom/association.h"
#include "connectors/dicom/services.h"
#include "connectors/support/socket.h"

namespace causeway::connectors::dicom {

/// "192.0.2.7", "192.0.2.0/24", "2001:db8::/32".
class AddressRange {
 public:
  /// Invalid: it is none.
  static Result<AddressRange> read(const std::string& text);
  bool holds(const SocketAddress& address) const;

 private:
  std::string bytes_;  // 4 or 16
  std::size_t bits_ = 0;
};

/// Where a list is empty, anything goes.
struct Rules {
  std::vector<std::string> called_titles;
  std::vector<std::string> calling_titles;
  std::vector<AddressRange> peers;
  std::vector<std::string> sop_classes;        ///< Empty: all that can be stored.
  std::vector<std::string> transfer_syntaxes;  ///< Of what is stored.
  Services services;

  bool lets_in(const SocketAddress& peer) const;
  /// nullopt: the titles are good.
  std::optional<Rejection> refusal(const Association& asked) const;
  /// Each context with its answer, and the first of its transfer syntaxes that may be used: the
  /// sender lists what it has the object in before what it would have to convert it to.
  std::vector<PresentationContext> answers(const Association& asked) const;

 private:
  bool takes(std::string_view sop_class) const;
  bool takes(std::string_view sop_class, std::string_view transfer_syntax) const;
};

}  // namespace causeway::connectors::dicom
