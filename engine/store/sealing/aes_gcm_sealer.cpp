#include "engine/store/sealing/aes_gcm_sealer.h"

#include <mutex>
#include <vector>

#include "engine/core/check.h"
#include "engine/store/sealing/aes_gcm.h"
#include "engine/store/sealing/big_endian.h"
#include "engine/store/sealing/compression.h"
#include "engine/store/sealing/derived_keys.h"

namespace causeway::store {
namespace {

constexpr char version = 1;
constexpr std::size_t flags_at = 1;
constexpr std::size_t key_at = 2;
constexpr std::size_t nonce_at = key_at + 4;
constexpr std::size_t cipher_at = nonce_at + gcm_nonce_bytes;
constexpr std::size_t overhead_bytes = cipher_at + gcm_tag_bytes;
constexpr std::uint64_t counter_max = (std::uint64_t{1} << 48) - 1;

enum Flag : std::uint8_t { compressed = 1, with_dictionary = 2 };

Error damaged(std::string text) {
  return {ErrorKind::Damaged, "", std::move(text)};
}

/// Version, flags and key id, and where the content belongs.
std::string associated(std::string_view sealed, SealPlace place) {
  std::string data(sealed.substr(0, nonce_at));
  append_big_endian<8>(data, place.id);
  append_big_endian<1>(data, static_cast<std::uint8_t>(place.role));
  append_big_endian<8>(data, place.part);
  return data;
}

}  // namespace

// What one call at a time needs, kept from call to call.
struct SealingContext {
  AesGcm gcm;
  Compression compression;
};

class SealingContexts {
 public:
  /// A context for the length of a scope.
  class Use {
   public:
    explicit Use(SealingContexts& contexts) : contexts_(contexts), context_(contexts.take()) {}
    ~Use() { contexts_.give_back(std::move(context_)); }
    SealingContext* operator->() { return context_.get(); }

   private:
    SealingContexts& contexts_;
    std::unique_ptr<SealingContext> context_;
  };

 private:
  std::unique_ptr<SealingContext> take() {
    std::lock_guard guard(mutex_);
    if (idle_.empty()) return std::make_unique<SealingContext>();
    auto context = std::move(idle_.back());
    idle_.pop_back();
    return context;
  }
  void give_back(std::unique_ptr<SealingContext> context) {
    std::lock_guard guard(mutex_);
    idle_.push_back(std::move(context));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<SealingContext>> idle_;  // guarded by mutex_
};

Result<std::unique_ptr<AesGcmSealer>> AesGcmSealer::make(DataKeys& keys, NodeId node, Epoch epoch) {
  auto key = keys.installation_key();
  if (!key) return key.error();
  return std::unique_ptr<AesGcmSealer>(new AesGcmSealer(keys, node, epoch, (*key)->secret));
}

AesGcmSealer::AesGcmSealer(DataKeys& keys, NodeId node, Epoch epoch, const Secret& installation_key)
    : keys_(keys),
      node_(node),
      epoch_(epoch),
      contexts_(std::make_unique<SealingContexts>()),
      terms_(std::make_unique<DerivedKeys>(installation_key, "causeway term")) {}

AesGcmSealer::~AesGcmSealer() = default;

Result<std::string> AesGcmSealer::seal(SealPlace place, RetentionClass retention,
                                       std::string_view plain, std::string_view dictionary) {
  if (plain.size() > sealed_plain_bytes_max)
    return Error{ErrorKind::Limit, "", "content is too large to be sealed in one piece"};
  auto key = keys_.for_sealing(retention, day_of(MessageId{place.id}));
  if (!key) return key.error();
  SealingContexts::Use context(*contexts_);
  if (dictionary.size() > dictionary_bytes_max) dictionary = {};
  const auto packed = context->compression.compress(plain, dictionary);
  std::uint8_t flags = 0;
  if (!packed.empty()) flags = dictionary.empty() ? compressed : compressed | with_dictionary;
  const auto content = packed.empty() ? plain : packed;

  std::string sealed;
  sealed.reserve(content.size() + overhead_bytes);
  sealed.push_back(version);
  sealed.push_back(static_cast<char>(flags));
  append_big_endian<4>(sealed, (*key)->id.value);
  const auto counter = counter_.fetch_add(1, std::memory_order_relaxed);
  CHECK(counter <= counter_max);
  append_big_endian<2>(sealed, node_.value);
  append_big_endian<4>(sealed, epoch_.value);
  append_big_endian<6>(sealed, counter);
  sealed.resize(content.size() + overhead_bytes);
  const std::string nonce = sealed.substr(nonce_at, gcm_nonce_bytes);
  context->gcm.use_key((*key)->id, (*key)->secret);
  context->gcm.encrypt({nonce, associated(sealed, place)}, content, &sealed[cipher_at]);
  return sealed;
}

Result<std::string> AesGcmSealer::open(SealPlace place, std::string_view sealed,
                                       std::string_view dictionary) {
  if (sealed.size() < overhead_bytes) return damaged("sealed content is cut off");
  if (sealed[0] != version) return damaged("sealed content is of an unknown version");
  const KeyId id{static_cast<std::int32_t>(read_big_endian(sealed.substr(key_at, 4)))};
  if (id.value <= 0) return damaged("sealed content names no key");
  auto key = keys_.for_opening(id);
  if (!key) return key.error();
  SealingContexts::Use context(*contexts_);
  context->gcm.use_key(id, (*key)->secret);
  std::string content(sealed.size() - overhead_bytes, '\0');
  if (!context->gcm.decrypt({sealed.substr(nonce_at, gcm_nonce_bytes), associated(sealed, place)},
                            sealed.substr(cipher_at), content.data()))
    return damaged("sealed content was altered, or belongs to another place");
  const auto flags = static_cast<std::uint8_t>(sealed[flags_at]);
  if ((flags & compressed) == 0) return content;
  if ((flags & with_dictionary) == 0) dictionary = {};
  return context->compression.expand(content, dictionary, sealed_plain_bytes_max);
}

std::int64_t AesGcmSealer::term(std::string_view path, Day at, std::string_view value) {
  const std::chrono::year_month_day date(at);
  std::string name;
  append_big_endian<2>(name, static_cast<int>(date.year()));
  append_big_endian<1>(name, static_cast<unsigned>(date.month()));
  name += path;
  return static_cast<std::int64_t>(terms_->hash(name, value));
}

}  // namespace causeway::store
