// Making an ACK for a received message.
#include <array>

#include <fmt/format.h>

#include "engine/formats/encoding/converter.h"
#include "engine/formats/hl7v2/ack_texts.h"
#include "engine/formats/hl7v2/acknowledgement.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t msa_text_bytes = 80;  // MSA-3 is ST 80 up to 2.5.1
constexpr std::size_t narrowed_bytes_max = 64 * 1024;

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

void drop_in_question_mark(std::string_view, std::string& out) {
  out += '?';
}

/// In the set and the order of bytes of the message, with a mark if it has one.
std::string widened(std::string_view text, std::string_view message) {
  using namespace std::string_view_literals;
  const auto* wide = encoding::wide_character_set(message);
  const bool marked = wide->name == "UTF-16" || wide->name == "UTF-32";
  const bool little = marked ? message[0] == '\xFF' : wide->name.ends_with("LE");
  const bool four = wide->name.starts_with("UTF-32");
  const auto* set = encoding::find_character_set(std::string(four ? "UTF-32" : "UTF-16") +
                                                 (little ? "LE" : "BE"));
  auto converter = encoding::Converter::make(encoding::utf8(), *set);
  std::string out;
  if (!converter) return out;
  converter->convert((marked ? "\xEF\xBB\xBF" : "") + std::string(text), out,
                     drop_in_question_mark);
  return out;
}

}  // namespace

bool is_commit(AckCode code) {
  return code == AckCode::CA || code == AckCode::CE || code == AckCode::CR;
}

std::string_view to_string(AckCode code) {
  static constexpr std::array<std::string_view, 6> words{"AA", "AE", "AR", "CA", "CE", "CR"};
  return words.at(static_cast<std::size_t>(code));
}

namespace {

/// `set`: of the sender's, for our texts; null if it isn't known.
std::string compose(std::string_view message, const AckRequest& request,
                    const encoding::CharacterSet* set) {
  Sent sent = read_sent(message);
  const Header& header = sent.header;
  if (header.enhanced_mode() && !is_wanted(header, request.code)) return {};
  const Delimiters& delimiters = header.delimiters;
  int version =
      version_number(part(header.version, delimiters.component, 1).value_or(std::string_view()));
  if (!set) set = encoding::declared_character_set(header.character_set, delimiters.repetition);
  const AckTexts texts(delimiters, set);
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
  const auto code = condition_code(request);
  const auto condition = texts.condition(code, delimiters.component);
  bool text_in_msa = version < 20700 && !request.text.empty();
  bool condition_in_msa = failed && version >= 20200 && version < 20500;
  if (text_in_msa || condition_in_msa)
    msa.add(text_in_msa ? texts.field(request.text, msa_text_bytes) : "");
  if (condition_in_msa) msa.skip(2).add(condition);
  out += '\r';
  if (failed && version >= 20200) texts.append_errors(request, version, out);
  return out;
}

}  // namespace

std::string timestamp(SystemTime at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date(day);
  auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(at - day).count();
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}.{:03}+0000", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

std::optional<std::string> narrowed(std::string_view message) {
  const auto* wide = encoding::wide_character_set(message);
  if (!wide) return std::nullopt;
  auto converter = encoding::Converter::make(*wide, encoding::utf8());
  if (!converter) return std::nullopt;
  std::string text;
  converter->convert(message.substr(0, narrowed_bytes_max), text, drop_in_question_mark);
  return text;
}

std::string acknowledge(std::string_view message, const AckRequest& request) {
  const auto narrow = narrowed(message);
  if (!narrow) return compose(message, request, nullptr);
  const auto answer = compose(*narrow, request, &encoding::utf8());
  return widened(answer, message);
}

}  // namespace causeway::hl7v2
