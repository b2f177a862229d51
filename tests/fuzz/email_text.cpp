// Mails: whatever a message says, nothing of it becomes a line of the head, and no line is too
// long.
#include <cstdlib>

#include "connectors/email/composing.h"

using namespace causeway;
using namespace causeway::connectors::email;

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

bool is_expected_name(std::string_view name) {
  for (const std::string_view known : {"Date", "Message-ID", "From", "To", "Cc", "Reply-To",
                                       "Subject", "Auto-Submitted", "MIME-Version", "Content-Type"})
    if (name == known) return true;
  return name == "Content-Transfer-Encoding";
}

/// The head's lines, folded ones taken with what is before them.
void check_head(std::string_view text) {
  const auto head = text.substr(0, text.find("\r\n\r\n") + 2);
  for (std::size_t begin = 0; begin < head.size();) {
    const auto end = head.find("\r\n", begin);
    check(end != head.npos);
    const auto line = head.substr(begin, end - begin);
    if (!line.starts_with(' ')) check(is_expected_name(line.substr(0, line.find(':'))));
    begin = end + 2;
  }
}

void check_text(std::string_view text) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    check((c >= 0x20 && c < 0x7F) || c == '\r' || c == '\n');
    if (c == '\n') check(i > 0 && text[i - 1] == '\r');
    length = c == '\n' ? 0 : length + 1;
    check(length <= 998);
  }
  check(text.find("\r\n.") == text.npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  SinkSettings settings;
  settings.from = {"lab@hospital.example", "Lab"};
  settings.to = {{"ward@hospital.example", ""}};
  settings.recipients_allowed = {"@b.example"};
  if (auto address = parse_address(text)) {
    check(!has_control(address->address) && !has_control(address->name));
    settings.to = {*address};
  }
  StoredDelivery delivery;
  for (const auto content : {SinkSettings::Content::Mail, SinkSettings::Content::Text,
                             SinkSettings::Content::Attachment}) {
    settings.content = content;
    settings.subject = text;
    settings.attachment_name = text;
    for (int i = 0; i < 2; ++i) {
      auto mail = compose(settings, delivery, text);
      if (!mail) break;
      if (auto made = mail_text(*mail, {"1.1", {}})) {
        check_text(*made);
        check_head(*made);
      }
      settings.subject = "plain";
      settings.attachment_name = "file";
    }
  }
  return 0;
}
