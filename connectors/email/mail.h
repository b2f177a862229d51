// A mail, from what a mapping has made of it to the bytes that are sent. Pure.
//
// Nothing of a message can become a line of a header: addresses are checked, all other texts of
// headers with anything but plain ASCII are encoded, and bodies are base64.
// Standard: RFC 5322, RFC 2045 to 2047 (MIME), RFC 2231 (names of files).
#pragma once

#include <optional>
#include <vector>

#include "connectors/email/address.h"
#include "engine/core/ids.h"

namespace causeway::connectors::email {

inline constexpr std::size_t recipients_max = 100;
inline constexpr std::size_t attachments_max = 50;
inline constexpr std::size_t subject_bytes_max = 2000;

struct Attachment {
  std::string name;
  std::string type = "application/octet-stream";
  std::string content;
};

struct Mail {
  Address from;
  std::vector<Address> to, cc, bcc;
  std::optional<Address> reply_to;
  std::string subject;
  std::string text, html;  ///< UTF-8; one may be empty.
  std::vector<Attachment> attachments;
};

/// What makes it this mail: a later try of the same delivery has the same.
struct MailIdentity {
  std::string id;  ///< The part before @ in Message-ID: letters, digits, '-' and '.'.
  SystemTime date;
};

/// Head and body, lines with CR LF, none longer than 998 bytes; without Bcc.
/// Invalid: no recipient, an attachment's type that is none, texts that are not UTF-8 or have
/// control characters where none may be. Limit.
Result<std::string> mail_text(const Mail& mail, const MailIdentity& identity);

}  // namespace causeway::connectors::email
