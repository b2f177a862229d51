#include "connectors/email/composing.h"

#include "connectors/support/base64.h"
#include "connectors/support/exact_json.h"

namespace causeway::connectors::email {
namespace {

Error invalid(std::string place, std::string what) {
  return {ErrorKind::Invalid, std::move(place), std::move(what)};
}

/// Lets a mail take what JSON and attributes say.
class Composer {
 public:
  explicit Composer(const SinkSettings& settings) : settings_(settings) {
    mail_.from = settings.from;
    mail_.to = settings.to;
    mail_.cc = settings.cc;
    mail_.subject = settings.subject;
  }

  Status take_json(std::string_view content) {
    auto json = parse_json(content);
    if (!json) return json.error();
    if (json->kind != Json::Kind::Object) return invalid("", "a mail is an object");
    for (const auto& [name, value] : json->members)
      if (auto taken = take_member(name, value); !taken) return taken;
    return Done{};
  }

  Status take_attribute(const Attribute& attribute) {
    if (attribute.name == "mail.subject") mail_.subject = attribute.value;
    if (attribute.name != "mail.to" && attribute.name != "mail.cc") return Done{};
    std::vector<std::string> texts;
    const std::string_view all = attribute.value;
    for (std::size_t begin = 0; begin <= all.size();) {
      const auto comma = std::min(all.find(',', begin), all.size());
      texts.emplace_back(all.substr(begin, comma - begin));
      begin = comma + 1;
    }
    return take_addresses(attribute.name == "mail.to" ? mail_.to : mail_.cc, texts, attribute.name);
  }

  Mail& mail() { return mail_; }

 private:
  Status take_member(const std::string& name, const Json& value) {
    if (name == "to") return take_addresses(mail_.to, value, name);
    if (name == "cc") return take_addresses(mail_.cc, value, name);
    if (name == "bcc") return take_addresses(mail_.bcc, value, name);
    if (name == "attachments") return take_attachments(value);
    if (name == "reply_to") {
      std::vector<Address> one;
      if (auto taken = take_addresses(one, value, name); !taken) return taken;
      if (!one.empty()) mail_.reply_to = one.front();
      return Done{};
    }
    if (value.kind != Json::Kind::Text) return invalid(name, "it is a text");
    if (name == "subject")
      mail_.subject = value.text;
    else if (name == "text")
      mail_.text = value.text;
    else if (name == "html")
      mail_.html = value.text;
    else
      return invalid(name, "a mail has to, cc, bcc, reply_to, subject, text, html and attachments");
    return Done{};
  }

  Status take_addresses(std::vector<Address>& into, const Json& value, const std::string& place) {
    std::vector<std::string> texts;
    if (value.kind == Json::Kind::Text) texts.push_back(value.text);
    for (const auto& item : value.items) {
      if (item.kind != Json::Kind::Text) return invalid(place, "addresses are texts");
      texts.push_back(item.text);
    }
    if (texts.empty() && value.kind != Json::Kind::List)
      return invalid(place, "it is an address, or a list of them");
    return take_addresses(into, texts, place);
  }

  Status take_addresses(std::vector<Address>& into, const std::vector<std::string>& texts,
                        const std::string& place) {
    into.clear();
    for (const auto& text : texts) {
      auto address = parse_address(text);
      if (!address) return invalid(place, "not an address of mail");
      if (!is_allowed(address->address))
        return Error{ErrorKind::NotPermitted, place,
                     address->address + " is not among recipients_allowed"};
      into.push_back(std::move(*address));
    }
    return Done{};
  }

  bool is_allowed(const std::string& address) const {
    const auto is_it = [&](const Address& each) { return each.address == address; };
    return is_among(address, settings_.recipients_allowed) ||
           std::any_of(settings_.to.begin(), settings_.to.end(), is_it) ||
           std::any_of(settings_.cc.begin(), settings_.cc.end(), is_it);
  }

  Status take_attachments(const Json& value) {
    if (value.kind != Json::Kind::List) return invalid("attachments", "it is a list");
    for (const auto& item : value.items) {
      const auto text = [&](const char* name) -> const std::string* {
        const auto* member = item.find(name);
        return member && member->kind == Json::Kind::Text ? &member->text : nullptr;
      };
      Attachment attachment;
      const auto *name = text("name"), *type = text("type"), *plain = text("text"),
                 *base64 = text("base64");
      if (!name || !plain == !base64)
        return invalid("attachments", "each has a name, and a text or base64");
      attachment.name = *name;
      if (type) attachment.type = *type;
      if (plain) attachment.content = *plain;
      if (base64) {
        auto bytes = decode_base64(*base64);
        if (!bytes) return invalid("attachments", "no base64");
        attachment.content = std::move(*bytes);
      }
      mail_.attachments.push_back(std::move(attachment));
    }
    return Done{};
  }

  const SinkSettings& settings_;
  Mail mail_;
};

std::string media_type(ContentType type) {
  switch (type) {
    case ContentType::Hl7v2:
      return "application/hl7-v2";
    case ContentType::Text:
      return "text/plain";
    case ContentType::Json:
      return "application/json";
    case ContentType::Xml:
      return "application/xml";
    case ContentType::Dicom:
      return "application/dicom";
    case ContentType::Csv:
      return "text/csv";
    default:
      return "application/octet-stream";
  }
}

}  // namespace

Result<Mail> compose(const SinkSettings& settings, const StoredDelivery& delivery,
                     std::string content) {
  Composer composer(settings);
  switch (settings.content) {
    case SinkSettings::Content::Mail:
      if (auto taken = composer.take_json(content); !taken) return taken.error();
      break;
    case SinkSettings::Content::Text:
      composer.mail().text = std::move(content);
      break;
    case SinkSettings::Content::Attachment:
      composer.mail().attachments.push_back(
          {settings.attachment_name, media_type(delivery.content_type), std::move(content)});
  }
  if (delivery.attributes)
    for (const auto& attribute : *delivery.attributes)
      if (auto taken = composer.take_attribute(attribute); !taken) return taken.error();
  return std::move(composer.mail());
}

MailIdentity identity_of(const WorkRef& work) {
  return {std::to_string(work.message.value) + "." + std::to_string(work.run.value) + "." +
              std::to_string(work.destination.value) + "." + std::to_string(work.part),
          SystemTime(std::chrono::milliseconds(unix_ms_of(work.message)))};
}

}  // namespace causeway::connectors::email
