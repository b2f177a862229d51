#include "engine/store/sealing/sealed_file.h"

#include <argon2.h>

#include <algorithm>

#include "engine/store/sealing/key_escrow.h"

namespace causeway::store {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t head_bytes = sealed_file_mark.size() + salt_bytes;
constexpr std::size_t length_bytes = 4;
constexpr std::uint32_t last_bit = 1u << 31;
constexpr std::uint32_t passes = 3, memory_kib = 64 * 1024;
constexpr KeyId any_key{1};  // each context here is used with one key

void put(std::string& bytes, std::uint32_t number) {
  for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
}

std::uint32_t number_at(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

/// Its key is this file's alone, by its salt: a count is enough.
std::string nonce_of(std::uint32_t piece, bool last) {
  std::string nonce(gcm_nonce_bytes - length_bytes - 1, '\0');
  put(nonce, piece);
  nonce += last ? '\1' : '\0';
  return nonce;
}

Status use_passphrase(AesGcm& gcm, std::string_view passphrase, std::string_view salt) {
  Secret key;
  const int code = ::argon2id_hash_raw(passes, memory_kib, 1, passphrase.data(), passphrase.size(),
                                       salt.data(), salt.size(), key.data(), Secret::bytes);
  if (code != ARGON2_OK)
    return Error{ErrorKind::Internal, "", "Argon2id failed: are there 64 MiB of free memory?"};
  gcm.use_key(any_key, key);
  return Done{};
}

}  // namespace

Result<FileSealer> FileSealer::begin(std::string_view passphrase, Write write) {
  if (passphrase.size() < passphrase_bytes_min)
    return Error{ErrorKind::Invalid, "passphrase",
                 "must have at least " + std::to_string(passphrase_bytes_min) + " characters"};
  FileSealer sealer(std::move(write));
  const auto salt = random_bytes(salt_bytes);
  sealer.head_ = std::string(sealed_file_mark) + salt;
  if (auto used = use_passphrase(sealer.gcm_, passphrase, salt); !used) return used.error();
  if (!sealer.write_(sealer.head_))
    return Error{ErrorKind::Unavailable, "", "the file can't be written"};
  return sealer;
}

bool FileSealer::add(std::string_view bytes) {
  while (!bytes.empty()) {
    // The last piece is known as such when it is sealed: a full one waits for what follows.
    if (waiting_.size() == sealed_piece_bytes && !seal(false)) return false;
    const auto taken = std::min(bytes.size(), sealed_piece_bytes - waiting_.size());
    waiting_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
  }
  return true;
}

bool FileSealer::finish() {
  return seal(true);
}

bool FileSealer::seal(bool last) {
  std::string piece;
  put(piece, static_cast<std::uint32_t>(waiting_.size()) | (last ? last_bit : 0));
  piece.resize(length_bytes + waiting_.size() + gcm_tag_bytes);
  gcm_.encrypt({nonce_of(pieces_++, last), head_}, waiting_, &piece[length_bytes]);
  waiting_.clear();
  return write_(piece);
}

Status FileOpener::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto taken = std::min(bytes.size(), sealed_piece_bytes);
    waiting_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    if (head_.empty()) {
      if (waiting_.size() < head_bytes) continue;
      if (auto read = read_head(); !read) return read;
    }
    while (waiting_.size() >= length_bytes) {
      const auto word = number_at(waiting_);
      const auto length = word & ~last_bit;
      if (length > sealed_piece_bytes || ended_)
        return Error{ErrorKind::Damaged, "piece " + std::to_string(pieces_ + 1),
                     ended_ ? "there is something behind the last" : "its length is altered"};
      if (waiting_.size() < length_bytes + length + gcm_tag_bytes) break;
      if (auto opened = open_piece(length, (word & last_bit) != 0); !opened) return opened;
    }
  }
  return Done{};
}

Status FileOpener::read_head() {
  if (!waiting_.starts_with(sealed_file_mark))
    return Error{ErrorKind::Invalid, "", "this is no sealed file"};
  head_ = waiting_.substr(0, head_bytes);
  waiting_.erase(0, head_bytes);
  return use_passphrase(gcm_, passphrase_, std::string_view(head_).substr(sealed_file_mark.size()));
}

Status FileOpener::open_piece(std::uint32_t length, bool last) {
  std::string plain(length, '\0');
  const auto sealed = std::string_view(waiting_).substr(length_bytes, length + gcm_tag_bytes);
  if (!gcm_.decrypt({nonce_of(pieces_, last), head_}, sealed, plain.data()))
    return Error{ErrorKind::Damaged, "piece " + std::to_string(pieces_ + 1),
                 pieces_ == 0 ? "another passphrase, or the file has been altered"
                              : "the file has been altered here"};
  waiting_.erase(0, length_bytes + length + gcm_tag_bytes);
  ++pieces_;
  ended_ = last;
  return take_(plain);
}

Status FileOpener::finish() {
  if (ended_ && waiting_.empty()) return Done{};
  if (head_.empty()) return Error{ErrorKind::Invalid, "", "this is no sealed file"};
  return Error{ErrorKind::Damaged, "piece " + std::to_string(pieces_ + 1), "the file is cut off"};
}

}  // namespace causeway::store
