// Messages that a conformance profile calls for: made from its definitions, then mended where
// validation says what is missing. Test code; one thread.
#pragma once

#include <string>

#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validate.h"

namespace causeway::hl7v2::conformance {

class MessageMaker {
 public:
  MessageMaker(std::shared_ptr<const Profile> profile, const ProfileMessage& message)
      : profile_(std::move(profile)), wanted_(message) {}

  /// What is required by usage; then mended until nothing is found, or nothing more can be done.
  Message make();
  ValidationReport check(const Message& message) const;

 private:
  void add_members(const NodeDef& group, std::string& out) const;
  std::string segment(const SegmentDef& def) const;
  std::string header(const SegmentDef& def) const;
  std::string value(const ElementDef& element, bool inner) const;
  std::string observation_type(const SegmentDef& def) const;

  bool mend(Message& message, const Finding& finding) const;
  bool set(Message& message, const Location& at, const std::string& value) const;
  bool add_segment(Message& message, const Finding& finding) const;
  bool give_code(Message& message, const Finding& finding) const;
  bool satisfy(Message& message, const Location& at, const Condition& condition) const;
  const ElementDef* element_at(const Message& message, const Location& at) const;

  std::shared_ptr<const Profile> profile_;
  const ProfileMessage& wanted_;
};

/// A value that has the format of a primitive type, and a length within bounds.
std::string value_of_type(std::string_view type, std::uint32_t min, std::uint32_t max);
Path path_of(const Location& at);

}  // namespace causeway::hl7v2::conformance
