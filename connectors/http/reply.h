// What a sender is told, as the head and body of an HTTP answer. Pure; thread-safe.
//
// A composed reply is "HTTP/1.1 422 Unprocessable Content", headers, an empty line, and the body:
// as it is kept in the message's history. What belongs to the connection (length, coding, whether
// it stays open) is added where it leaves. Standard: RFC 9110 section 15; RFC 9457 (problem
// details).
#pragma once

#include <string>
#include <string_view>

#include "connectors/http/head.h"
#include "connectors/http/soap.h"
#include "engine/core/intake.h"

namespace causeway::connectors::http {

/// "Not Found"; empty for a status that has no name.
std::string_view reason_of(int status);

/// A problem in JSON, composed. `detail` is for the sender.
std::string problem(int status, std::string_view detail, std::string_view more_headers = {});

/// The status that a verdict has by itself.
int status_of(const Verdict& verdict);

/// A verdict, composed. One that is verbatim has the status and headers of its attributes
/// ("status", "header.NAME", "type"); headers that aren't the script's to give are left out.
std::string compose(const Verdict& verdict);
/// The same in an envelope: an answer in XML, nothing, or a fault.
std::string compose_soap(const Verdict& verdict, Soap version);

struct Composed {
  int status = 500;
  std::string_view headers;  ///< Lines, each with its end.
  std::string_view body;
};
/// Refers to `bytes`. What isn't a composed reply is one of status 200 with these bytes.
Composed take_apart(std::string_view bytes);

/// The media type that stands for a type of content.
std::string_view media_type_of(ContentType type);
/// By its first bytes, where nobody has said what it is.
std::string_view media_type_of(std::string_view body);
/// What a media type stands for; Binary for one that isn't known.
ContentType content_type_of(std::string_view media_type);

}  // namespace causeway::connectors::http
