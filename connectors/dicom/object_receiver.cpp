#include "connectors/dicom/object_receiver.h"

#include "engine/core/limits.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {

ObjectReceiver::ObjectReceiver(About about, BodyStaging* staging)
    : about_(std::move(about)), staging_(staging) {
  head_ = causeway::dicom::make_file_head({.sop_class = about_.request.sop_class,
                                           .sop_instance = about_.request.sop_instance,
                                           .transfer_syntax = about_.transfer_syntax,
                                           .source_title = about_.calling_title});
  size_ = head_.size();
}

void ObjectReceiver::add(std::string_view fragment) {
  size_ += fragment.size();
  if (refusal) return;
  if (staged_) {
    piece_ += fragment;
  } else if (!staging_ || size_ <= limits::inline_body_bytes) {
    head_ += fragment;
  } else {
    staged_ = std::make_shared<StagedObject>(*staging_);
    piece_ = head_;
    piece_ += fragment;
  }
}

std::optional<std::string> ObjectReceiver::piece_to_stage(bool rest) {
  if (piece_.empty() || (!rest && piece_.size() < limits::staged_chunk_bytes)) return std::nullopt;
  return std::exchange(piece_, {});
}

Bytes ObjectReceiver::head_with(const std::string& digest) const {
  auto bytes = head_;
  return make_bytes(bytes.replace(0, digest.size(), digest));
}

}  // namespace causeway::connectors::dicom
