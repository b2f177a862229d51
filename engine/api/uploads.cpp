#include "engine/api/uploads.h"

namespace causeway::api {

Result<Uploads::Upload> Uploads::lend(const Key& key, std::uint64_t offset) {
  std::lock_guard lock(mutex_);
  forget_old();
  const auto at = uploads_.find(key);
  if (at == uploads_.end()) {
    if (offset != 0) return Error{ErrorKind::Conflict, "", "no upload of this name is open"};
    if (uploads_.size() + lent_ >= open_max)
      return Error{ErrorKind::Limit, "", "too many uploads are open"};
    ++lent_;
    return Upload{};
  }
  if (at->second.bytes != offset)
    return Error{ErrorKind::Conflict, "", "the upload stands elsewhere"};
  Upload upload = std::move(at->second);
  uploads_.erase(at);
  ++lent_;
  return upload;
}

void Uploads::forget_old() {
  const auto now = clock_.steady();
  std::erase_if(uploads_, [&](const auto& each) { return now - each.second.used > patience; });
}

Status Uploads::add(const std::string& owner, const std::string& name, std::uint64_t offset,
                    std::string_view piece) {
  const Key key{owner, name};
  auto upload = lend(key, offset);
  if (!upload) return upload.error();
  Status added = Done{};
  if (!upload->writer) {
    auto writer = staging_.begin();
    if (writer)
      upload->writer = std::move(*writer);
    else
      added = writer.error();
  }
  if (upload->bytes + piece.size() > bytes_max)
    added = Error{ErrorKind::Limit, "", "the content is too large"};
  if (added) added = upload->writer->append(piece);
  std::lock_guard lock(mutex_);
  --lent_;
  if (!added) return added;
  upload->bytes += piece.size();
  upload->beginning += piece.substr(0, at_hand_bytes_max - upload->beginning.size());
  upload->used = clock_.steady();
  uploads_.insert_or_assign(key, std::move(*upload));
  return Done{};
}

Result<Uploads::Whole> Uploads::take(const std::string& owner, const std::string& name) {
  Upload upload;
  {
    std::lock_guard lock(mutex_);
    const auto at = uploads_.find({owner, name});
    if (at == uploads_.end()) return Error{ErrorKind::NotFound, "", "there is no such upload"};
    upload = std::move(at->second);
    uploads_.erase(at);
  }
  auto body = upload.writer->finish();
  if (!body) return body.error();
  Whole whole{std::move(*body), nullptr};
  if (whole.body.is_staged()) whole.at_hand = make_bytes(std::move(upload.beginning));
  return whole;
}

}  // namespace causeway::api
