// Making an ACK for a received message.
#include <array>

#include <fmt/format.h>

#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t msa_text_bytes = 80;  // MSA-3 is ST 80 up to 2.5.1
constexpr std::size_t err_text_bytes = 250;

bool is_commit(AckCode code) {
  return code == AckCode::CA || code == AckCode::CE || code == AckCode::CR;
}

bool is_acceptance(AckCode code) {
  return code == AckCode::AA || code == AckCode::CA;
}

/// Table 0155, in enhanced mode.
bool is_wanted(const Header& header, AckCode code) {
  auto condition = is_commit(code) ? header.accept_ack_type : header.application_ack_type;
  if (condition == "NE") return false;
  if (condition == "SU") return is_acceptance(code);
  if (condition == "ER") return !is_acceptance(code);
  return true;
}

/// MSH-12.1 as a number to compare: 2.5.1 is 20501. What can't be read counts as 2.5.
int version_number(std::string_view version) {
  std::array<int, 3> parts{};
  std::size_t at = 0;
  for (char c : version) {
    if (c == '.' && at < 2)
      ++at;
    else if (c >= '0' && c <= '9' && parts[at] < 10)
      parts[at] = parts[at] * 10 + (c - '0');
    else
      break;
  }
  return parts[0] == 2 ? 20000 + parts[1] % 100 * 100 + parts[2] % 100 : 20500;
}

/// HL7 table 0357 (message error condition codes).
std::string_view error_meaning(std::string_view code) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> meanings{{
      {"100", "Segment sequence error"},
      {"101", "Required field missing"},
      {"102", "Data type error"},
      {"103", "Table value not found"},
      {"104", "Value too long"},
      {"198", "Non-conformant cardinality"},
      {"199", "Other HL7 error"},
      {"200", "Unsupported message type"},
      {"201", "Unsupported event code"},
      {"202", "Unsupported processing id"},
      {"203", "Unsupported version id"},
      {"204", "Unknown key identifier"},
      {"205", "Duplicate key identifier"},
      {"206", "Application record locked"},
  }};
  for (const auto& [known, meaning] : meanings)
    if (known == code) return meaning;
  return "Application internal error";
}

/// MSH-7, with zone (2.A.77, TS / DTM).
std::string timestamp(SystemTime at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(day);
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at - day).count();
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}.{:03}+0000", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

/// Our texts are UTF-8. Cut between characters; what the sender's character set may not have is
/// replaced, since we can't know how it would read the bytes.
std::string fit_text(std::string_view text, std::size_t most, bool utf8) {
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    text = text.substr(0, most);
  }
  std::string fitted(text);
  for (char& c : fitted) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      c = ' ';
    else if (byte >= 0x80 && !utf8)
      c = '?';
  }
  return fitted;
}

/// What the answer takes from the message, or its defaults.
struct Sent {
  Header header;
  std::string_view encoding_characters;
  std::string_view event;  ///< MSH-9.2
};

Sent read_sent(std::string_view message) {
  Sent sent;
  if (auto header = peek_header(message)) {
    sent.header = *header;
    auto msh = message.substr(start_of_message(message));
    sent.encoding_characters = *part(msh.substr(4), sent.header.delimiters.field, 1);
    sent.encoding_characters =
        sent.encoding_characters.substr(0, sent.encoding_characters.find_first_of("\r\n"));
    sent.event = part(sent.header.type, sent.header.delimiters.component, 2).value_or("");
  } else {
    sent.encoding_characters = "^~\\&";
  }
  if (sent.header.processing_id.empty()) sent.header.processing_id = "P";
  if (sent.header.version.empty()) sent.header.version = "2.5";
  return sent;
}

/// "ACK", with the event from 2.3 and the structure from 2.3.1.
std::string message_type(const Sent& sent, int version) {
  if (version < 20300 || sent.event.empty()) return "ACK";
  char sub = sent.header.delimiters.component;
  if (version < 20301) return fmt::format("ACK{}{}", sub, sent.event);
  return fmt::format("ACK{}{}{}ACK", sub, sent.event, sub);
}

class Fields {
 public:
  Fields(std::string& out, char separator) : out_(out), separator_(separator) {}
  Fields& add(std::string_view value) {
    out_ += separator_;
    out_ += value;
    return *this;
  }
  Fields& skip(std::size_t count) {
    out_.append(count, separator_);
    return *this;
  }

 private:
  std::string& out_;
  char separator_;
};

}  // namespace

std::string_view to_string(AckCode code) {
  static constexpr std::array<std::string_view, 6> words{"AA", "AE", "AR", "CA", "CE", "CR"};
  return words.at(static_cast<std::size_t>(code));
}

std::string acknowledge(std::string_view message, const AckRequest& request) {
  Sent sent = read_sent(message);
  const Header& header = sent.header;
  if (header.enhanced_mode() && !is_wanted(header, request.code)) return {};
  const Delimiters& delimiters = header.delimiters;
  int version =
      version_number(part(header.version, delimiters.component, 1).value_or(std::string_view()));
  bool utf8 = header.character_set.find("UTF-8") != std::string_view::npos;
  bool failed = !is_acceptance(request.code);

  std::string out;
  out.reserve(256 + header.control_id.size() + request.text.size());
  out += "MSH";
  Fields msh(out, delimiters.field);
  msh.add(sent.encoding_characters).add(header.receiving_application);
  msh.add(header.receiving_facility).add(header.sending_application).add(header.sending_facility);
  msh.add(timestamp(request.at)).add("").add(message_type(sent, version));
  msh.add(escape(request.control_id, delimiters)).add(header.processing_id).add(header.version);
  if (!header.character_set.empty()) msh.skip(5).add(header.character_set);

  out += "\rMSA";
  Fields msa(out, delimiters.field);
  msa.add(to_string(request.code)).add(header.control_id);
  auto code = request.error_code.empty() ? std::string_view("207") : request.error_code;
  std::string condition =
      fmt::format("{}{}{}{}HL70357", escape(code, delimiters), delimiters.component,
                  error_meaning(code), delimiters.component);
  bool text_in_msa = version < 20700 && !request.text.empty();
  bool condition_in_msa = failed && version >= 20200 && version < 20500;
  if (text_in_msa || condition_in_msa)
    msa.add(text_in_msa ? escape(fit_text(request.text, msa_text_bytes, utf8), delimiters) : "");
  if (condition_in_msa) msa.skip(2).add(condition);
  out += '\r';
  if (failed && version >= 20500) {
    out += "ERR";
    Fields err(out, delimiters.field);
    err.skip(2).add(condition).add("E");
    if (!request.text.empty())
      err.skip(3).add(escape(fit_text(request.text, err_text_bytes, utf8), delimiters));
    out += '\r';
  }
  return out;
}

}  // namespace causeway::hl7v2
