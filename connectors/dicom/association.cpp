#include "connectors/dicom/association.h"

#include <algorithm>

#include "connectors/dicom/big_endian.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::string_view application_context = "1.2.840.10008.3.1.1.1";
constexpr std::size_t fixed_bytes = 68;  // version, titles, and what is reserved
constexpr std::size_t item_header_bytes = 4;
constexpr std::size_t context_header_bytes = 4;
constexpr std::size_t items_max = 1024;  // of one level

namespace items {
constexpr std::uint8_t application_context = 0x10;
constexpr std::uint8_t context_asked = 0x20;
constexpr std::uint8_t context_answered = 0x21;
constexpr std::uint8_t abstract_syntax = 0x30;
constexpr std::uint8_t transfer_syntax = 0x40;
constexpr std::uint8_t user_information = 0x50;
constexpr std::uint8_t pdu_bytes_max = 0x51;
constexpr std::uint8_t implementation_uid = 0x52;
constexpr std::uint8_t role_selection = 0x54;
constexpr std::uint8_t implementation_version = 0x55;
}  // namespace items

Error invalid(std::string text) {
  return {ErrorKind::Invalid, "association", std::move(text)};
}

struct Item {
  std::uint8_t type = 0;
  std::string_view content;
};

Result<std::vector<Item>> read_items(std::string_view bytes) {
  std::vector<Item> all;
  while (!bytes.empty()) {
    if (bytes.size() < item_header_bytes) return invalid("an item is cut off");
    const std::size_t length = read_u16(bytes.substr(2));
    if (bytes.size() - item_header_bytes < length) return invalid("an item is longer than the PDU");
    if (all.size() == items_max) return Error{ErrorKind::Limit, "association", "too many items"};
    all.push_back({static_cast<std::uint8_t>(bytes[0]), bytes.substr(item_header_bytes, length)});
    bytes.remove_prefix(item_header_bytes + length);
  }
  return all;
}

Result<std::string> read_uid(std::string_view content) {
  std::string uid(causeway::dicom::unpadded(content));
  if (!causeway::dicom::is_uid(uid)) return invalid("a UID that is none");
  return uid;
}

Result<PresentationContext> read_context(std::string_view content) {
  if (content.size() < context_header_bytes) return invalid("a presentation context is cut off");
  PresentationContext context;
  context.id = static_cast<std::uint8_t>(content[0]);
  context.answer = static_cast<PresentationContext::Answer>(content[2]);
  auto parts = read_items(content.substr(context_header_bytes));
  if (!parts) return parts.error();
  for (const auto& part : *parts) {
    if (part.type != items::abstract_syntax && part.type != items::transfer_syntax) continue;
    // What a rejected context has for a transfer syntax means nothing, and may be empty.
    auto uid = read_uid(part.content);
    if (!uid && context.answer != PresentationContext::Answer::Accepted) continue;
    if (!uid) return uid.error();
    if (part.type == items::abstract_syntax)
      context.sop_class = std::move(*uid);
    else if (context.transfer_syntaxes.size() < transfer_syntaxes_max)
      context.transfer_syntaxes.push_back(std::move(*uid));
  }
  return context;
}

Status read_user_information(std::string_view content, Association& association) {
  auto parts = read_items(content);
  if (!parts) return parts.error();
  for (const auto& part : *parts)
    if (part.type == items::pdu_bytes_max && part.content.size() == 4)
      association.pdu_bytes_max = read_u32(part.content);
  return Done{};
}

std::string title_at(std::string_view body, std::size_t at) {
  return std::string(causeway::dicom::unpadded(body.substr(at, title_bytes_max)));
}

Result<Association> read_association(std::string_view body, std::uint8_t context_type) {
  if (body.size() < fixed_bytes) return invalid("the PDU is cut off");
  if ((read_u16(body) & 1) == 0) return invalid("another version of the protocol");
  Association association;
  association.called_title = title_at(body, 4);
  association.calling_title = title_at(body, 4 + title_bytes_max);
  auto parts = read_items(body.substr(fixed_bytes));
  if (!parts) return parts.error();
  bool knows_context = false;
  for (const auto& part : *parts) {
    if (part.type == items::application_context)
      knows_context = causeway::dicom::unpadded(part.content) == application_context;
    if (part.type == items::user_information)
      if (auto read = read_user_information(part.content, association); !read) return read.error();
    if (part.type != context_type) continue;
    auto context = read_context(part.content);
    if (!context) return context.error();
    if (association.contexts.size() == contexts_max)
      return Error{ErrorKind::Limit, "association", "too many presentation contexts"};
    association.contexts.push_back(std::move(*context));
  }
  if (!knows_context) return invalid("another application context than DICOM's");
  return association;
}

void put_item(std::string& out, std::uint8_t type, std::string_view content) {
  out += static_cast<char>(type);
  out += '\0';
  put_u16(out, content.size());
  out += content;
}

std::string padded_title(std::string title) {
  title.resize(title_bytes_max, ' ');
  return title;
}

std::string context_item(const PresentationContext& context, bool is_answer) {
  std::string content{static_cast<char>(context.id), '\0',
                      is_answer ? static_cast<char>(context.answer) : '\0', '\0'};
  if (!is_answer) put_item(content, items::abstract_syntax, context.sop_class);
  for (const auto& syntax : context.transfer_syntaxes)
    put_item(content, items::transfer_syntax, syntax);
  return content;
}

std::string make_association(const Association& association, PduType type) {
  const bool is_answer = type == PduType::AssociateAccept;
  std::string body("\0\1\0\0", 4);
  body += padded_title(association.called_title) + padded_title(association.calling_title);
  body.append(fixed_bytes - body.size(), '\0');
  put_item(body, items::application_context, application_context);
  for (const auto& context : association.contexts)
    put_item(body, is_answer ? items::context_answered : items::context_asked,
             context_item(context, is_answer));
  std::string user, most;
  put_u32(most, association.pdu_bytes_max);
  put_item(user, items::pdu_bytes_max, most);
  put_item(user, items::implementation_uid, causeway::dicom::implementation_uid);
  for (const auto& sop_class : association.provided_classes) {
    std::string roles;
    put_u16(roles, sop_class.size());
    put_item(user, items::role_selection, roles + sop_class + std::string("\0\1", 2));
  }
  put_item(user, items::implementation_version, causeway::dicom::implementation_version);
  put_item(body, items::user_information, user);
  return make_pdu(type, body);
}

/// Source and reason of PS3.8 table 9-21.
struct RejectionCode {
  Rejection::Reason reason;
  char source, code;
  std::string_view text;
};
constexpr RejectionCode rejection_codes[] = {
    {Rejection::Reason::NoReason, 1, 1, "no reason given"},
    {Rejection::Reason::ApplicationContext, 1, 2, "it knows another application context"},
    {Rejection::Reason::CallingTitle, 1, 3, "it doesn't know the calling AE title"},
    {Rejection::Reason::CalledTitle, 1, 7, "it doesn't answer to the called AE title"},
    {Rejection::Reason::NoReason, 2, 1, "no reason given"},
    {Rejection::Reason::ProtocolVersion, 2, 2, "it knows another version of the protocol"},
    {Rejection::Reason::TemporaryCongestion, 3, 1, "it has too much to do just now"},
    {Rejection::Reason::LocalLimit, 3, 2, "it takes no more associations"},
};

}  // namespace

Result<Association> read_associate_request(std::string_view body) {
  auto association = read_association(body, items::context_asked);
  if (!association) return association;
  for (const auto& context : association->contexts) {
    if (context.id % 2 == 0) return invalid("a presentation context with an even number");
    if (context.sop_class.empty() || context.transfer_syntaxes.empty())
      return invalid("a presentation context without a SOP class or a transfer syntax");
  }
  return association;
}

Result<Association> read_associate_accept(std::string_view body) {
  return read_association(body, items::context_answered);
}

RejectionText read_associate_reject(std::string_view body) {
  if (body.size() < 4) return {true, "the association was rejected"};
  RejectionText rejection{body[1] == 2, "the association was rejected"};
  for (const auto& known : rejection_codes)
    if (known.source == body[2] && known.code == body[3])
      rejection.text.append(": ").append(known.text);
  return rejection;
}

std::string make_associate_request(const Association& association) {
  return make_association(association, PduType::AssociateRequest);
}

std::string make_associate_accept(const Association& association) {
  return make_association(association, PduType::AssociateAccept);
}

std::string make_associate_reject(const Rejection& rejection) {
  const auto* found =
      std::find_if(std::begin(rejection_codes), std::end(rejection_codes),
                   [&](const RejectionCode& code) { return code.reason == rejection.reason; });
  return make_pdu(PduType::AssociateReject,
                  std::string{'\0', rejection.transient ? '\2' : '\1', found->source, found->code});
}

bool is_title(std::string_view text) {
  return !text.empty() && text.size() <= title_bytes_max &&
         text.find_first_not_of(' ') != text.npos &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~' && c != '\\'; });
}

}  // namespace causeway::connectors::dicom
