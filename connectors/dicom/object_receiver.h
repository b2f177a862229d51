// One object on its way in: its fragments become the body of a message, a DICOM file. The data set
// is taken as it comes, neither decoded nor checked.
//
// Small ones are held; larger ones go to the staging in pieces, by whoever the host gives them to.
// Loop's thread alone.
#pragma once

#include <memory>
#include <optional>

#include "connectors/dicom/command.h"
#include "connectors/dicom/staged_object.h"
#include "engine/core/message.h"

namespace causeway::connectors::dicom {

class ObjectReceiver {
 public:
  struct About {
    std::uint8_t context = 0;
    Command request;
    std::string transfer_syntax;
    std::string calling_title;
  };

  /// `staging` may be nullptr: then it is held, whatever its size.
  ObjectReceiver(About about, BodyStaging* staging);

  const Command& request() const { return about_.request; }
  std::uint8_t context() const { return about_.context; }
  const std::string& transfer_syntax() const { return about_.transfer_syntax; }
  /// Set: what comes is passed over, and this is the answer.
  std::optional<std::uint16_t> refusal;

  void add(std::string_view fragment);
  std::uint64_t size() const { return size_; }

  /// The next piece to stage, if there is enough for one; `rest`: or any.
  std::optional<std::string> piece_to_stage(bool rest);
  const std::shared_ptr<StagedObject>& staged() const { return staged_; }  ///< Null: it is held.

  /// The body of one that is held.
  std::string take_bytes() { return std::move(head_); }
  /// What tells of one that is staged: its first bytes, and the digest of all of it in the place of
  /// the preamble, which has no meaning.
  Bytes head_with(const std::string& digest) const;

 private:
  const About about_;
  BodyStaging* const staging_;
  std::string head_;  // the first bytes, or all of them
  std::string piece_;
  std::uint64_t size_ = 0;
  std::shared_ptr<StagedObject> staged_;
};

}  // namespace causeway::connectors::dicom
