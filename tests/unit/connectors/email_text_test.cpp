// Mails as texts: addresses, headers that nothing gets into, what a delivery says.
#include <catch2/catch.hpp>

#include "connectors/email/composing.h"
#include "connectors/email/mail.h"

namespace causeway::connectors::email {
namespace {

using Contains = Catch::Matchers::StdString::ContainsMatcher;

Address address(std::string_view text) {
  auto made = parse_address(text);
  INFO(text);
  REQUIRE(made.ok());
  return *made;
}

Mail plain() {
  Mail mail;
  mail.from = address("lab@hospital.example");
  mail.to = {address("ward@hospital.example")};
  mail.subject = "Result";
  mail.text = "Hello";
  return mail;
}

std::string text_of(const Mail& mail) {
  auto text = mail_text(mail, {"1.1.1.0", SystemTime(std::chrono::seconds(1'772'366'400))});
  INFO((text ? "" : text.error().str()));
  REQUIRE(text.ok());
  return *text;
}

TEST_CASE("email: addresses") {
  CHECK(address("anna@hospital.example").address == "anna@hospital.example");
  CHECK(address(" Anna Müller <anna.m+x@h-1.example> ").name == "Anna Müller");
  CHECK(address("\"Muster, Anna\" <a@b.example>").name == "Muster, Anna");
  for (const std::string_view text :
       {"", "anna", "@b.example", "a@", "a@b@c", "a..b@c", ".a@c", "a@-c", "a@c-", "a b@c",
        "a@c\r\nBcc: x@y", "x\r\nBcc: y <a@c>", "a@c>", "<a@c> x", "ü@c", "a@ü", "\xff <a@c>",
        "a@c,b@c", "\"a b\"@c"}) {
    INFO(text);
    CHECK_FALSE(parse_address(text).ok());
  }
  std::string long_one(300, 'a');
  long_one += "@b";
  CHECK_FALSE(parse_address(long_one).ok());
  CHECK(is_among("Anna@Hospital.example", {"@hospital.example"}));
  CHECK(is_among("anna@hospital.example", {"ANNA@hospital.example"}));
  CHECK_FALSE(is_among("anna@evil-hospital.example", {"@hospital.example"}));
  CHECK_FALSE(is_among("anna@hospital.example.evil", {"@hospital.example"}));
}

TEST_CASE("email: a plain mail") {
  CHECK(text_of(plain()) ==
        "Date: Sun, 01 Mar 2026 12:00:00 +0000\r\nMessage-ID: <1.1.1.0@hospital.example>\r\n"
        "From: lab@hospital.example\r\nTo: ward@hospital.example\r\nSubject: Result\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        "SGVsbG8=\r\n");
}

TEST_CASE("email: nothing gets into a header, and no line is too long") {
  auto mail = plain();
  mail.subject = "a\r\nBcc: x@y.example";
  CHECK(mail_text(mail, {}).error().kind == ErrorKind::Invalid);
  mail.subject.assign(400, 'x');
  mail.subject += " ü";
  for (int i = 0; i < 300; ++i) mail.subject += "€";
  mail.from.name = "Müller, \"Lab\"";
  mail.to.assign(90, address("Ärztin mit einem langen Namen <a@b.example>"));
  mail.text.assign(5000, 'y');
  mail.text += "\n.\nFrom me";
  mail.attachments = {{"Befund \"ü\" " + std::string(200, 'z') + ".pdf", "application/pdf",
                       std::string(1000, '\0')}};
  const auto text = text_of(mail);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find("\r\n", begin);
    REQUIRE(end != std::string::npos);
    CHECK(end - begin <= 120);
    begin = end + 2;
  }
  CHECK(std::all_of(text.begin(), text.end(),
                    [](char c) { return (c >= 0x20 && c < 0x7F) || c == '\r' || c == '\n'; }));
  CHECK_THAT(text, !Catch::Contains("\r\n.\r\n"));
}

TEST_CASE("email: what can't be a mail is refused") {
  const auto kind = [](const std::function<void(Mail&)>& change) {
    auto mail = plain();
    change(mail);
    const auto text = mail_text(mail, {});
    return text ? ErrorKind::None : text.error().kind;
  };
  CHECK(kind([](Mail& mail) { mail.to.clear(); }) == ErrorKind::Invalid);
  CHECK(kind([](Mail& mail) { mail.to.assign(101, mail.from); }) == ErrorKind::Limit);
  CHECK(kind([](Mail& mail) { mail.text = "\xff"; }) == ErrorKind::Invalid);
  CHECK(kind([](Mail& mail) { mail.attachments = {{"../x", "a/b", ""}}; }) == ErrorKind::Invalid);
  CHECK(kind([](Mail& mail) { mail.attachments = {{"x\r\ny", "a/b", ""}}; }) == ErrorKind::Invalid);
  CHECK(kind([](Mail& mail) {
          mail.attachments = {{"x", "a/b\r\nc: d", ""}};
        }) == ErrorKind::Invalid);
  CHECK(kind([](Mail& mail) {
          mail.attachments = {{"x", "text/plain; x", ""}};
        }) == ErrorKind::Invalid);
}

TEST_CASE("email: what a delivery says goes over what is configured, as far as it may") {
  SinkSettings settings;
  settings.from = address("lab@hospital.example");
  settings.to = {address("ward@hospital.example")};
  settings.subject = "Result";
  settings.recipients_allowed = {"@clinic.example"};
  const auto composed = [&](const std::string& content, Attributes attributes = {}) {
    StoredDelivery delivery;
    delivery.attributes = std::make_shared<const Attributes>(std::move(attributes));
    return compose(settings, delivery, content);
  };
  auto mail = composed(R"({"to": ["Anna <a@clinic.example>", "ward@hospital.example"],
      "subject": "New", "text": "t", "html": "<p>t", "reply_to": "b@clinic.example",
      "attachments": [{"name": "a.txt", "type": "text/plain", "text": "x"},
                      {"name": "b.bin", "base64": "AAH/"}]})");
  REQUIRE(mail.ok());
  CHECK(mail->to.size() == 2);
  CHECK(mail->subject == "New");
  CHECK(mail->attachments[1].content == std::string("\0\1\xff", 3));
  mail = composed("{\"text\": \"t\"}", {{"mail.to", "a@clinic.example, b@clinic.example"},
                                        {"mail.subject", "By attribute"},
                                        {"subject", "not this"}});
  REQUIRE(mail.ok());
  CHECK(mail->to.size() == 2);
  CHECK(mail->subject == "By attribute");
  CHECK(composed("{\"to\": \"a@evil.example\"}").error().kind == ErrorKind::NotPermitted);
  CHECK(composed("{\"bcc\": \"a@evil.example\"}").error().kind == ErrorKind::NotPermitted);
  CHECK(composed("{}", {{"mail.cc", "a@evil.example"}}).error().kind == ErrorKind::NotPermitted);
  for (const char* content : {"[]", "x", "{\"text\": 1}", "{\"form\": \"x\"}", "{\"to\": {}}",
                              "{\"to\": [1]}", "{\"attachments\": [{\"name\": \"x\"}]}",
                              "{\"attachments\": [{\"name\": \"x\", \"base64\": \"?\"}]}"}) {
    INFO(content);
    CHECK(composed(content).error().kind == ErrorKind::Invalid);
  }
  settings.content = SinkSettings::Content::Text;
  CHECK(composed("any\nthing")->text == "any\nthing");
  settings.content = SinkSettings::Content::Attachment;
  settings.attachment_name = "result.hl7";
  CHECK(composed("MSH|")->attachments[0].name == "result.hl7");
}

}  // namespace
}  // namespace causeway::connectors::email
