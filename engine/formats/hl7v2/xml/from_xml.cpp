#include <charconv>

#include "engine/formats/hl7v2/xml/element_reader.h"
#include "engine/formats/hl7v2/xml/v2_xml.h"

namespace causeway::hl7v2 {
namespace {

/// The number at the end of "PID.3"; 0: there is none that is allowed.
int number_of(const XmlElement& element) {
  const auto dot = element.name.rfind('.');
  if (dot == std::string::npos) return 0;
  int number = 0;
  const char* end = element.name.data() + element.name.size();
  const auto read = std::from_chars(element.name.data() + dot + 1, end, number);
  if (read.ec != std::errc() || read.ptr != end) return 0;
  return number > static_cast<int>(fields_max) ? 0 : number;
}

/// Groups are called after their message: "ORU_R01.PATIENT".
bool is_segment(const XmlElement& element) {
  return element.name.find('.') == std::string::npos;
}

class MessageMaker {
 public:
  Result<std::string> make(const XmlElement& root) {
    if (auto read = read_delimiters(root); !read) return read.error();
    if (auto read = members(root); !read) return read.error();
    if (!out_.starts_with("MSH"))
      return Error{ErrorKind::Invalid, "", "the message does not begin with MSH"};
    return std::move(out_);
  }

 private:
  Status read_delimiters(const XmlElement& root) {
    const auto* header = root.child("MSH");
    if (!header) return Error{ErrorKind::Invalid, "", "there is no <MSH>: no HL7 v2 message"};
    const auto* field = header->child("MSH.1");
    const auto* encoding = header->child("MSH.2");
    const auto one = field ? field->content() : std::string("|");
    const auto four = encoding ? encoding->content() : std::string("^~\\&");
    const auto separator = one.size() == 1 ? one[0] : '|';
    const auto parsed = Message::parse(
        make_bytes("MSH" + std::string(1, separator) + four + std::string(1, separator) + "\r"));
    if (!parsed) return Error{ErrorKind::Invalid, "MSH.2", parsed.error().text};
    delimiters_ = parsed->delimiters();
    header_ = "MSH" + std::string(1, separator) + four;
    return Done{};
  }

  Status members(const XmlElement& group) {
    for (const auto& child : group.children) {
      if (child.is_text()) continue;
      if (!is_segment(child)) {
        if (auto read = members(child); !read) return read;
        continue;
      }
      if (auto read = segment(child); !read) return read;
      out_ += '\r';
      if (out_.size() > bytes_max) return Error{ErrorKind::Limit, "", "the message is too large"};
    }
    return Done{};
  }

  /// What the segment begins with: of those that declare delimiters, these too.
  std::string beginning(const XmlElement& element) const {
    if (element.name == "MSH") return header_;
    if (!declares_delimiters(element)) return element.name;
    const auto* encoding = element.child(element.name + ".2");
    return element.name + delimiters_.field + (encoding ? encoding->content() : std::string());
  }

  static bool declares_delimiters(const XmlElement& element) {
    return element.name == "MSH" ||
           ((element.name == "BHS" || element.name == "FHS") && element.child(element.name + ".1"));
  }

  Status segment(const XmlElement& element) {
    const bool header = declares_delimiters(element);
    const auto begun = beginning(element);
    if (begun.find_first_of("\r\n") != std::string::npos)
      return Error{ErrorKind::Invalid, element.name + ".2", "it has a segment end in it"};
    out_ += begun;
    int written = header ? 2 : 0;
    for (const auto& field : element.children) {
      if (field.is_text()) continue;
      const int number = number_of(field);
      if (header && (number == 1 || number == 2)) continue;
      if (number == 0 || number < written)
        return Error{ErrorKind::Invalid, element.name,
                     "its elements are not its fields in their order"};
      if (number == written) out_ += delimiters_.repetition;
      for (; written < number; ++written) out_ += delimiters_.field;
      if (auto read = value(field, 0); !read) return read;
    }
    return Done{};
  }

  /// `depth`: 0 for a field, 1 for a component, 2 for a subcomponent, which has no parts.
  Status value(const XmlElement& element, int depth) {
    const char delimiter = depth == 0 ? delimiters_.component : delimiters_.subcomponent;
    int at = 1;
    bool composite = false;
    for (const auto& part : element.children) {
      if (part.is_text()) {
        if (!composite) out_ += escape(part.text, delimiters_);
        continue;
      }
      if (part.name == "escape") {
        out_ += delimiters_.escape + std::string(part.attribute("V")) + delimiters_.escape;
        continue;
      }
      const int number = number_of(part);
      const bool out_of_order = number < at || (composite && number == at);
      // The first part needs no delimiter, of which a message may have none.
      if (out_of_order || depth == 2 || (delimiter == no_delimiter && number > 1))
        return Error{ErrorKind::Invalid, element.name,
                     "its elements are not its components in their order"};
      composite = true;
      for (; at < number; ++at) out_ += delimiter;
      if (auto read = value(part, depth + 1); !read) return read;
    }
    return Done{};
  }

  Delimiters delimiters_;
  std::string header_;
  std::string out_;
};

}  // namespace

Result<std::string> from_xml(std::string_view document) {
  auto root = read_elements(document);
  if (!root) return std::move(root).error();
  return MessageMaker().make(*root);
}

}  // namespace causeway::hl7v2
