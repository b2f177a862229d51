// Any line: it is refused, or offers a message that is written and read again as the same.
#include <cstdint>
#include <cstdlib>

#include "engine/api/message_transfer.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace causeway;
  const auto read =
      api::read_transfer_line(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!read) {
    require(read.error().kind == ErrorKind::Invalid);
    return 0;
  }
  require(read->content.empty() == !read->upload.empty());
  require(read->content.size() <= api::transfer_piece_bytes);
  if (!read->upload.empty()) return 0;
  StoredMessage message;
  message.id.value = static_cast<std::int64_t>(read->draft.origin->position);
  message.arrival.draft = read->draft;
  const auto again = api::read_transfer_line(api::transfer_line("lab", message, read->content));
  require(again.ok());
  require(again->content == read->content);
  require(again->draft.content_type == read->draft.content_type);
  require(again->draft.sender.address == read->draft.sender.address);
  require(again->draft.origin->position == read->draft.origin->position);
  return 0;
}
