#include "connectors/http/soap.h"

#include "connectors/http/head.h"
#include "engine/formats/xml/document.h"

namespace causeway::connectors::http {
namespace {

constexpr std::string_view namespace_11 = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view namespace_12 = "http://www.w3.org/2003/05/soap-envelope";

std::string_view namespace_of(Soap version) {
  return version == Soap::V11 ? namespace_11 : namespace_12;
}

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "envelope", std::move(text)};
}

std::string_view local_name(std::string_view name) {
  const auto colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

bool is_part(const xml::Document& document, xml::Node node, std::string_view name, Soap version) {
  return document.namespace_of(node) == namespace_of(version) &&
         local_name(document.name(node)) == name;
}

/// What an XPath finds, as a text; empty: nothing.
std::string text_at(const xml::Document& document, xml::Node from, std::string_view path,
                    Soap version) {
  const auto found = document.find(from, "string(" + std::string(path) + ")",
                                   {{"s", std::string(namespace_of(version))}});
  const auto* text = found ? std::get_if<std::string>(&*found) : nullptr;
  return text ? *text : std::string();
}

void read_fault(const xml::Document& document, xml::Node fault, Soap version,
                SoapContent& content) {
  content.fault = true;
  const bool old = version == Soap::V11;
  const auto code = text_at(document, fault, old ? "faultcode" : "s:Code/s:Value", version);
  content.reason = text_at(document, fault, old ? "faultstring" : "s:Reason/s:Text", version);
  // "Client.Authentication" is a kind of Client.
  const auto name = local_name(trimmed(code));
  content.senders_fault = !name.starts_with(old ? "Server" : "Receiver");
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '>')
      out += "&gt;";
    else
      out +=
          static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f ? ' ' : c;
  }
  return out;
}

std::string envelope(Soap version, std::string_view body) {
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"";
  text.append(namespace_of(version)).append("\"><soap:Body>").append(body);
  return text.append("</soap:Body></soap:Envelope>");
}

/// Empty: the declaration names a coding other than UTF-8.
std::optional<std::string_view> without_declaration(std::string_view xml) {
  if (xml.starts_with("\xef\xbb\xbf")) xml.remove_prefix(3);
  if (!xml.starts_with("<?xml ")) return xml;
  const auto end = xml.find("?>");
  if (end == xml.npos) return std::nullopt;
  const auto declaration = lower_case(xml.substr(0, end));
  if (declaration.find("encoding") != declaration.npos &&
      declaration.find("utf-8") == declaration.npos &&
      declaration.find("us-ascii") == declaration.npos)
    return std::nullopt;
  return xml.substr(end + 2);
}

}  // namespace

Soap soap_version(std::string_view word) {
  if (word == "1.1") return Soap::V11;
  return word == "1.2" ? Soap::V12 : Soap::None;
}

Result<SoapContent> take_off_envelope(std::string_view bytes, Soap version) {
  auto document = xml::Document::parse(bytes);
  if (!document) return document.error();
  const auto root = document->root();
  if (!is_part(*document, root, "Envelope", version))
    return invalid("it is no SOAP envelope of this version");
  SoapContent content;
  bool has_body = false;
  for (const auto part : document->children(root)) {
    if (is_part(*document, part, "Header", version)) {
      const auto must = text_at(*document, part, "*/@s:mustUnderstand", version);
      if (must == "1" || must == "true")
        return Error{ErrorKind::NotPermitted, "envelope", "a header that must be understood isn't"};
    }
    if (!is_part(*document, part, "Body", version)) continue;
    has_body = true;
    const auto elements = document->children(part);
    if (elements.size() > 1) return invalid("its body has several elements");
    if (elements.empty()) continue;
    if (is_part(*document, elements.front(), "Fault", version))
      read_fault(*document, elements.front(), version, content);
    auto alone = document->copy(elements.front());
    if (!alone) return alone.error();
    content.xml = alone->write();
  }
  if (!has_body) return invalid("it has no body");
  return content;
}

Result<std::string> put_in_envelope(std::string_view xml, Soap version) {
  if (xml.empty()) return envelope(version, {});
  auto document = xml::Document::parse(xml);
  if (!document) return document.error();
  if (is_part(*document, document->root(), "Envelope", version)) return std::string(xml);
  const auto bare = without_declaration(xml);
  if (!bare) return invalid("what goes into it has to be in UTF-8");
  return envelope(version, *bare);
}

std::string soap_fault(Soap version, bool senders_fault, std::string_view reason) {
  if (version == Soap::V11)
    return envelope(
        version, "<soap:Fault><faultcode>soap:" + std::string(senders_fault ? "Client" : "Server") +
                     "</faultcode><faultstring>" + escaped(reason) + "</faultstring></soap:Fault>");
  return envelope(version, "<soap:Fault><soap:Code><soap:Value>soap:" +
                               std::string(senders_fault ? "Sender" : "Receiver") +
                               "</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang=\"en\">" +
                               escaped(reason) + "</soap:Text></soap:Reason></soap:Fault>");
}

std::string_view soap_media_type(Soap version) {
  return version == Soap::V11 ? "text/xml; charset=utf-8" : "application/soap+xml; charset=utf-8";
}

std::string soap_headers(Soap version, std::string_view action) {
  auto lines = "content-type: " + std::string(soap_media_type(version));
  if (version == Soap::V12 && !action.empty()) lines.append("; action=\"").append(action) += '"';
  lines += "\r\n";
  if (version == Soap::V11) lines.append("soapaction: \"").append(action).append("\"\r\n");
  return lines;
}

}  // namespace causeway::connectors::http
