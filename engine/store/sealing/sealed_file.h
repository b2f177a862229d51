// What leaves an installation as a file, sealed under a passphrase, piece by piece: so that large
// content needs little memory, and an altered or missing piece is named.
//
// Argon2id (RFC 9106: 64 MiB, three passes) makes a key of passphrase and salt; each piece of up to
// 1 MiB is sealed with AES-256-GCM under it. Its nonce counts pieces and says whether it is the
// last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár), and the head is
// associated with all; so pieces can't be changed, left out, moved, cut off or taken from another
// file.
//
//   "causeway sealed 1\n", 16 bytes of salt, then pieces: length (4 bytes, of the plain piece, the
//   highest bit set in the last), sealed bytes, 16 bytes of tag
//
// Each is used by one thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/store/sealing/aes_gcm.h"

namespace causeway::store {

inline constexpr std::string_view sealed_file_mark = "causeway sealed 1\n";
inline constexpr std::size_t sealed_piece_bytes = 1024 * 1024;

class FileSealer {
 public:
  /// Writes what is sealed. False: it can't be written.
  using Write = std::function<bool(std::string_view)>;

  /// Invalid: the passphrase is shorter than passphrase_bytes_min (key_escrow.h).
  static Result<FileSealer> begin(std::string_view passphrase, Write write);
  /// False: it could not be written.
  bool add(std::string_view bytes);
  /// Without it the file counts as cut off.
  bool finish();

 private:
  explicit FileSealer(Write write) : write_(std::move(write)) {}
  bool seal(bool last);

  Write write_;
  AesGcm gcm_;
  std::string head_, waiting_;
  std::uint32_t pieces_ = 0;
};

class FileOpener {
 public:
  /// Gets the plain bytes. An error ends the opening, and is what it answers.
  using Take = std::function<Status(std::string_view)>;

  FileOpener(std::string passphrase, Take take)
      : passphrase_(std::move(passphrase)), take_(std::move(take)) {}

  /// The file's next bytes, as many as come. Invalid: it is no sealed file. Damaged: the passphrase
  /// is another, or a piece has been altered; its place says which.
  Status add(std::string_view bytes);
  /// After the last. Damaged: the file is cut off.
  Status finish();

 private:
  Status read_head();
  Status open_piece(std::uint32_t length, bool last);

  const std::string passphrase_;
  const Take take_;
  AesGcm gcm_;
  std::string head_, waiting_;
  std::uint32_t pieces_ = 0;
  bool ended_ = false;
};

}  // namespace causeway::store
