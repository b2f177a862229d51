// SOAP envelopes: taken off what comes in, put around what goes out, and faults. Pure; bounded as
// XML is (engine/formats/xml).
// Standard: SOAP 1.1 (W3C note), SOAP 1.2 part 1; the HTTP bindings of both.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace causeway::connectors::http {

enum class Soap : std::uint8_t { None, V11, V12 };

/// "none", "1.1" or "1.2".
Soap soap_version(std::string_view word);

struct SoapContent {
  std::string xml;             ///< What is in the Body, as a document; empty: nothing.
  bool fault = false;          ///< That is a fault, and it says:
  bool senders_fault = false;  ///< Sending it again won't help.
  std::string reason;
};

/// Invalid: no envelope of this version, several elements in its body. NotPermitted: a header that
/// has to be understood.
Result<SoapContent> take_off_envelope(std::string_view bytes, Soap version);

/// Invalid: not a document in UTF-8. What is an envelope already stays as it is.
Result<std::string> put_in_envelope(std::string_view xml, Soap version);

/// An envelope with a fault in it. `reason` is for the peer.
std::string soap_fault(Soap version, bool senders_fault, std::string_view reason);

/// Header lines of a request: media type and action.
std::string soap_headers(Soap version, std::string_view action);
std::string_view soap_media_type(Soap version);

}  // namespace causeway::connectors::http
