// A request that is a form (multipart/form-data), each of whose parts, or one of them, is a message
// of its own; and the one answer to all of them. Used by the loop's thread.
// Standard: RFC 7578, RFC 2046 section 5.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/route.h"

namespace causeway::connectors::http {

inline constexpr std::size_t form_parts_max = 1000;
inline constexpr std::size_t form_part_header_bytes_max = 8 * 1024;

struct FormPart {
  std::string name;
  std::string file_name;     ///< As the sender calls it; empty: none.
  std::string content_type;  ///< Empty: text.
  std::string_view body;     ///< Lies in the form's bytes.
};

/// The parts of a form. Invalid: no boundary, or malformed; Limit: too many.
Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view bytes);

class FormRequest {
 public:
  FormRequest(Bytes bytes, std::vector<FormPart> parts)
      : bytes_(std::move(bytes)), parts_(std::move(parts)), replies_(parts_.size()) {}

  const std::vector<FormPart>& parts() const { return parts_; }
  /// True: that was the last one.
  bool answer(std::size_t part, Reply reply);
  /// The worst of all replies; among equals the first.
  const Reply& worst() const;
  std::vector<MessageId> messages() const;

 private:
  const Bytes bytes_;
  const std::vector<FormPart> parts_;
  std::vector<std::optional<Reply>> replies_;
  std::size_t answered_ = 0;
};

}  // namespace causeway::connectors::http
