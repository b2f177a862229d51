#include "connectors/dicom/rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>

#include "engine/formats/dicom/encoding.h"

namespace causeway::connectors::dicom {
namespace {

constexpr std::string_view standard_classes = "1.2.840.10008.";
constexpr std::string_view storage_classes = "1.2.840.10008.5.1.4.1.1.";
/// Classes of objects that are stored, apart from the others (PS3.4 annex GG): hanging protocols,
/// color palettes, implant templates, and instructions for radiotherapy.
constexpr std::string_view other_stored_classes[] = {
    "1.2.840.10008.5.1.4.38.1", "1.2.840.10008.5.1.4.39.1", "1.2.840.10008.5.1.4.43.1",
    "1.2.840.10008.5.1.4.44.1", "1.2.840.10008.5.1.4.45.1", "1.2.840.10008.5.1.4.34.7",
    "1.2.840.10008.5.1.4.34.10"};

bool is_in(const std::vector<std::string>& list, std::string_view value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

/// What isn't of the standard's own root is a vendor's, and those are for storage.
bool can_be_stored(std::string_view sop_class) {
  if (!sop_class.starts_with(standard_classes)) return true;
  return sop_class.starts_with(storage_classes) ||
         std::find(std::begin(other_stored_classes), std::end(other_stored_classes), sop_class) !=
             std::end(other_stored_classes);
}

/// An IPv4 address in an IPv6 one (::ffff:192.0.2.7) counts as the former.
std::string address_bytes(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    const auto* v4 = static_cast<const sockaddr_in*>(address.data());
    return {reinterpret_cast<const char*>(&v4->sin_addr), sizeof v4->sin_addr};
  }
  const auto* v6 = static_cast<const sockaddr_in6*>(address.data());
  const std::string bytes(reinterpret_cast<const char*>(&v6->sin6_addr), sizeof v6->sin6_addr);
  return IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? bytes.substr(12) : bytes;
}

}  // namespace

Result<AddressRange> AddressRange::read(const std::string& text) {
  const auto slash = text.find('/');
  const auto host = text.substr(0, slash);
  AddressRange range;
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1)
    range.bytes_.assign(reinterpret_cast<const char*>(&v4), sizeof v4);
  else if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1)
    range.bytes_.assign(reinterpret_cast<const char*>(&v6), sizeof v6);
  else
    return Error{ErrorKind::Invalid, text, "no IPv4 or IPv6 address, or range of them"};
  range.bits_ = range.bytes_.size() * 8;
  if (slash == text.npos) return range;
  const auto* end = text.data() + text.size();
  std::size_t bits = 0;
  const auto read = std::from_chars(text.data() + slash + 1, end, bits);
  if (read.ec != std::errc() || read.ptr != end || bits > range.bits_)
    return Error{ErrorKind::Invalid, text, "after the slash comes the length of the prefix"};
  range.bits_ = bits;
  return range;
}

bool AddressRange::holds(const SocketAddress& address) const {
  const auto bytes = address_bytes(address);
  if (bytes.size() != bytes_.size()) return false;
  const auto whole = bits_ / 8;
  if (bytes.compare(0, whole, bytes_, 0, whole) != 0) return false;
  if (bits_ % 8 == 0) return true;
  const auto difference = static_cast<unsigned char>(bytes[whole] ^ bytes_[whole]);
  return difference >> (8 - bits_ % 8) == 0;
}

bool Rules::lets_in(const SocketAddress& peer) const {
  return peers.empty() || std::any_of(peers.begin(), peers.end(),
                                      [&](const auto& range) { return range.holds(peer); });
}

std::optional<Rejection> Rules::refusal(const Association& asked) const {
  if (!is_title(asked.calling_title) || !is_in(calling_titles, asked.calling_title))
    return Rejection{false, Rejection::Reason::CallingTitle};
  if (!is_in(called_titles, asked.called_title))
    return Rejection{false, Rejection::Reason::CalledTitle};
  return std::nullopt;
}

bool Rules::takes(std::string_view sop_class) const {
  if (sop_class == verification_class) return true;
  if (const auto service = service_of(sop_class)) return services.have(*service);
  return services.storage &&
         (sop_classes.empty() ? can_be_stored(sop_class) : is_in(sop_classes, sop_class));
}

/// What is asked and answered is read and written here; what is stored isn't.
bool Rules::takes(std::string_view sop_class, std::string_view transfer_syntax) const {
  if (sop_class == verification_class) return true;
  if (service_of(sop_class))
    return transfer_syntax == causeway::dicom::uids::implicit_little_endian ||
           transfer_syntax == causeway::dicom::uids::explicit_little_endian;
  return is_in(transfer_syntaxes, transfer_syntax);
}

std::vector<PresentationContext> Rules::answers(const Association& asked) const {
  using Answer = PresentationContext::Answer;
  std::vector<PresentationContext> answers;
  for (const auto& context : asked.contexts) {
    PresentationContext answer{context.id, context.sop_class, {}, Answer::Accepted};
    const auto& syntaxes = context.transfer_syntaxes;
    const auto first = std::find_if(syntaxes.begin(), syntaxes.end(), [&](const auto& syntax) {
      return takes(context.sop_class, syntax);
    });
    if (!takes(context.sop_class))
      answer.answer = Answer::ClassNotSupported;
    else if (first == syntaxes.end())
      answer.answer = Answer::TransferSyntaxesNotSupported;
    answer.transfer_syntaxes = {first == syntaxes.end() ? syntaxes.front() : *first};
    answers.push_back(std::move(answer));
  }
  return answers;
}

}  // namespace causeway::connectors::dicom
