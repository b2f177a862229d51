#include "connectors/email/mail.h"

#include "connectors/support/base64.h"
#include "connectors/support/utc_text.h"
#include "engine/formats/encoding/converter.h"

namespace causeway::connectors::email {
namespace {

constexpr std::size_t line_max = 76;
constexpr std::size_t plain_text_max = 56;  ///< With a header's name before it.
/// Base64 of 45 bytes and what is around it fit into a line of 76.
constexpr std::size_t encoded_word_bytes = 45;
/// Bodies are base64, which has no '=' before its end and no '_' at all.
constexpr std::string_view boundary = "=_causeway_mixed";
constexpr std::string_view inner_boundary = "=_causeway_alternative";
constexpr std::size_t file_name_bytes_max = 255;

/// Printable ASCII that no reader takes for an encoded word or a fold.
bool is_plain(std::string_view text) {
  return text.find("=?") == text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// Where a text can be cut at about `most` bytes without cutting a character.
std::size_t cut_at(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 1 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return most;
}

/// RFC 2047 section 2.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto size = cut_at(text, encoded_word_bytes);
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + encode_base64(text.substr(0, size)) + "?=";
    text.remove_prefix(size);
  }
  return out;
}

/// As the value of a header.
std::string header_text(std::string_view text) {
  const bool simple = is_plain(text) && text.size() <= plain_text_max;
  return simple ? std::string(text) : encoded_words(text);
}

std::string address_text(const Address& address) {
  if (address.name.empty()) return address.address;
  // Also plain ones are encoded if they have what means something between addresses.
  const bool simple = is_plain(address.name) && address.name.size() <= plain_text_max &&
                      address.name.find_first_of("()<>[]:;@\\,.\"") == address.name.npos;
  return (simple ? address.name : encoded_words(address.name)) + "\r\n <" + address.address + ">";
}

std::string address_list(const std::vector<Address>& all) {
  std::string out;
  for (const auto& each : all) out += (out.empty() ? "" : ",\r\n ") + address_text(each);
  return out;
}

std::string lines_of_base64(std::string_view bytes) {
  constexpr std::size_t bytes_a_line = line_max / 4 * 3;
  std::string out;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), bytes_a_line)))
    out += encode_base64(bytes.substr(0, bytes_a_line)) + "\r\n";
  return out;
}

/// Line ends of texts are CR LF before they are encoded: RFC 2045 section 6.8.
std::string with_line_ends(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\r' || text[i] == '\n')
      out += "\r\n";
    else
      out += text[i];
  }
  return out;
}

std::string text_part(std::string_view subtype, std::string_view text) {
  return "Content-Type: text/" + std::string(subtype) +
         "; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         lines_of_base64(with_line_ends(text));
}

std::string percent_encoded(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-' || c == '_';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

/// type/subtype, without parameters.
bool is_media_type(std::string_view type) {
  const auto slash = type.find('/');
  if (slash == 0 || slash == type.npos || slash + 1 == type.size() || type.size() > 127)
    return false;
  for (std::size_t i = 0; i < type.size(); ++i) {
    const char c = type[i];
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
    if (!good && i != slash) return false;
  }
  return true;
}

std::string attachment_part(const Attachment& attachment) {
  // One parameter in pieces, so that no line gets too long: RFC 2231 section 4.1.
  const auto name = percent_encoded(attachment.name);
  std::string parameters;
  for (std::size_t at = 0, piece = 0; at < name.size(); ++piece) {
    auto size = std::min<std::size_t>(60, name.size() - at);
    while (at + size < name.size() && (name[at + size - 1] == '%' || name[at + size - 2] == '%'))
      --size;
    parameters += ";\r\n filename*" + std::to_string(piece) + "*=" + (piece == 0 ? "UTF-8''" : "") +
                  name.substr(at, size);
    at += size;
  }
  return "Content-Type: " + attachment.type +
         "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment" + parameters +
         "\r\n\r\n" + lines_of_base64(attachment.content);
}

std::string in_parts(std::string_view type, std::string_view mark,
                     const std::vector<std::string>& parts) {
  std::string out = "Content-Type: multipart/" + std::string(type) + "; boundary=\"" +
                    std::string(mark) + "\"\r\n\r\n";
  for (const auto& part : parts) out.append("--").append(mark).append("\r\n").append(part);
  return out.append("--").append(mark).append("--\r\n");
}

std::string body_text(const Mail& mail) {
  std::string shown;
  if (mail.html.empty())
    shown = text_part("plain", mail.text);
  else if (mail.text.empty())
    shown = text_part("html", mail.html);
  else
    shown = in_parts("alternative", inner_boundary,
                     {text_part("plain", mail.text), text_part("html", mail.html)});
  if (mail.attachments.empty()) return shown;
  std::vector<std::string> parts{std::move(shown)};
  for (const auto& attachment : mail.attachments) parts.push_back(attachment_part(attachment));
  return in_parts("mixed", boundary, parts);
}

Error invalid(std::string what) {
  return {ErrorKind::Invalid, "", std::move(what)};
}

Status check(const Mail& mail) {
  const auto count = mail.to.size() + mail.cc.size() + mail.bcc.size();
  if (count == 0) return invalid("the mail has no recipient");
  if (count > recipients_max)
    return Error{ErrorKind::Limit, "", "the mail has more than 100 recipients"};
  if (mail.attachments.size() > attachments_max)
    return Error{ErrorKind::Limit, "", "the mail has more than 50 attachments"};
  if (mail.subject.size() > subject_bytes_max)
    return Error{ErrorKind::Limit, "subject", "longer than 2,000 bytes"};
  if (has_control(mail.subject)) return invalid("the subject has a control character");
  for (const auto* text : {&mail.subject, &mail.text, &mail.html})
    if (!encoding::is_utf8(*text)) return invalid("a text of the mail is not UTF-8");
  for (const auto& attachment : mail.attachments) {
    if (attachment.name.empty() || attachment.name.size() > file_name_bytes_max ||
        has_control(attachment.name) || !encoding::is_utf8(attachment.name) ||
        attachment.name.find_first_of("/\\") != std::string::npos)
      return invalid("an attachment's name can't be the name of a file");
    if (!is_media_type(attachment.type))
      return invalid("an attachment's type is no media type, as application/pdf is");
  }
  return Done{};
}

}  // namespace

Result<std::string> mail_text(const Mail& mail, const MailIdentity& identity) {
  if (auto checked = check(mail); !checked) return checked.error();
  const auto domain = mail.from.address.substr(mail.from.address.rfind('@'));
  std::string out = "Date: " + utc_text(identity.date, "%a, %d %b %Y %H:%M:%S +0000") +
                    "\r\nMessage-ID: <" + identity.id + domain +
                    ">\r\nFrom: " + address_text(mail.from) + "\r\n";
  if (!mail.to.empty()) out += "To: " + address_list(mail.to) + "\r\n";
  if (!mail.cc.empty()) out += "Cc: " + address_list(mail.cc) + "\r\n";
  if (mail.to.empty() && mail.cc.empty()) out += "To: undisclosed-recipients:;\r\n";
  if (mail.reply_to) out += "Reply-To: " + address_text(*mail.reply_to) + "\r\n";
  out += "Subject: " + header_text(mail.subject) +
         "\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  return out + body_text(mail);
}

}  // namespace causeway::connectors::email
