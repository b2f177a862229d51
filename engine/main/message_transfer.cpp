#include "engine/main/message_transfer.h"

#include <cstdio>
#include <fstream>

#include "engine/api/message_transfer.h"
#include "engine/api/target.h"
#include "engine/main/api_client.h"
#include "engine/main/passphrase.h"
#include "engine/store/sealing/sealed_file.h"

namespace causeway {
namespace {

constexpr std::size_t slice_bytes = 4 * 1024 * 1024;  // of one request
constexpr std::size_t line_bytes_max = 3 * 1024 * 1024;

int failed(const Error& error) {
  std::fprintf(stderr, "causeway messages: %s\n", error.str().c_str());
  return 1;
}

std::string export_target(const Arguments& arguments) {
  std::string target = "/api/messages/export?limit=" + arguments.value("limit", "1000");
  for (const auto* name :
       {"channel", "term", "type", "peer", "state", "kind", "cause", "from", "to"})
    for (const auto& value : arguments.values(name))
      target += std::string("&") + name + "=" + api::percent_encoded(value);
  return target;
}

/// Slices of whole lines, sent one after the other; large content before its message's line.
class Importer {
 public:
  Importer(ApiClient& client, std::string channel, const std::string& reason)
      : client_(client),
        target_("/api/messages/import?channel=" + api::percent_encoded(channel) +
                "&reason=" + api::percent_encoded(reason)),
        pieces_target_("/api/messages/import/pieces?channel=" + api::percent_encoded(channel)) {}

  /// As many bytes of the file as come.
  Status add(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto end = std::min(bytes.find('\n'), bytes.size());
      line_ += bytes.substr(0, end);
      if (line_.size() > line_bytes_max)
        return Error{ErrorKind::Limit, "line " + std::to_string(number_ + 1), "is too long"};
      const bool whole = end < bytes.size();
      bytes.remove_prefix(std::min(end + 1, bytes.size()));
      if (whole)
        if (auto added = add_line(std::exchange(line_, {})); !added) return added;
    }
    return Done{};
  }

  Status finish() {
    if (!line_.empty())
      if (auto added = add_line(std::exchange(line_, {})); !added) return added;
    if (!waiting_.empty()) return cut_short();
    return send();
  }

  std::int64_t stored = 0, there = 0, refused = 0;
  bool ended = false;  ///< Its last line was there.

 private:
  static Error cut_short() {
    return {ErrorKind::Damaged, "", "the content of a large message is not all there"};
  }

  Status add_line(std::string line) {
    ++number_;
    auto seen = api::look_at_transfer_line(line);
    // What is none is refused by the engine, with its number.
    if (!seen || seen->kind == api::TransferLine::Kind::Message) {
      if (!waiting_.empty()) return cut_short();
      if (!seen || seen->pieces == 0) return add_to_slice(line);
      waiting_ = std::move(line);
      expected_ = std::move(*seen);
      return Done{};
    }
    if (seen->kind == api::TransferLine::Kind::End) {
      ended = true;
      return Done{};
    }
    return add_piece(*seen);
  }

  Status add_piece(const api::TransferLine& piece) {
    if (waiting_.empty() || piece.of != expected_.of || piece.piece != pieces_ + 1)
      return Error{ErrorKind::Invalid, "line " + std::to_string(number_),
                   "a piece of content that belongs to no message before it"};
    const auto upload = "line-" + std::to_string(number_ - pieces_) + "-" + expected_.of;
    const auto sent =
        client_.send_bytes(pieces_target_ + "&upload=" + api::percent_encoded(upload) +
                               "&offset=" + std::to_string(pieces_ * api::transfer_piece_bytes),
                           piece.content);
    if (!sent) return sent.error();
    if (++pieces_ < expected_.pieces) return Done{};
    pieces_ = 0;
    return add_to_slice(api::with_upload(std::exchange(waiting_, {}), upload));
  }

  Status add_to_slice(const std::string& line) {
    if (slice_.size() + line.size() > slice_bytes)
      if (auto sent = send(); !sent) return sent;
    slice_ += line + "\n";
    numbers_.push_back(number_);
    return line.size() > slice_bytes || uploads_in_slice(line) ? send() : Status(Done{});
  }

  /// Uploads are few: what has one is sent at once.
  static bool uploads_in_slice(const std::string& line) { return line.starts_with("{\"upload\""); }

  Status send() {
    if (slice_.empty()) return Done{};
    auto answer = client_.send_bytes(target_, slice_);
    if (!answer) return answer.error();
    auto value = config::parse_json(*answer, "answer");
    if (!value) return value.error();
    for (const auto& refusal : list_of(*value, "refusals")) {
      const auto at = static_cast<std::size_t>(integer_of(refusal, "line")) - 1;
      std::fprintf(stderr, "line %lld: %s\n",
                   static_cast<long long>(at < numbers_.size() ? numbers_[at] : 0),
                   text_of(refusal, "why").c_str());
    }
    stored += integer_of(*value, "stored");
    there += integer_of(*value, "there");
    refused += integer_of(*value, "refused");
    slice_.clear();
    numbers_.clear();
    return Done{};
  }

  ApiClient& client_;
  const std::string target_, pieces_target_;
  std::string line_, slice_;
  std::vector<std::int64_t> numbers_;  // of the slice's lines, in the file
  std::int64_t number_ = 0;
  std::string waiting_;  // the line of a message whose content comes in pieces
  api::TransferLine expected_;
  std::uint64_t pieces_ = 0;  // of it, so far
};

/// Sees whether the last line of an export is there, and what it says.
class EndWatch {
 public:
  void see(std::string_view bytes) {
    tail_ += bytes;
    if (tail_.size() > 2 * tail_bytes) tail_.erase(0, tail_.size() - tail_bytes);
  }
  Status finish() const {
    auto text = std::string_view(tail_);
    if (text.ends_with('\n')) text.remove_suffix(1);
    auto last = config::parse_json(text.substr(text.rfind('\n') + 1), "line");
    if (!last || !last->find("end"))
      return Error{ErrorKind::Unavailable, "",
                   "the engine ended the answer early: it is not whole"};
    if (const auto gone = integer_of(*last, "gone"); gone > 0)
      std::fprintf(stderr, "%lld of %lld messages have no content any more\n",
                   static_cast<long long>(gone),
                   static_cast<long long>(integer_of(*last, "messages")));
    return Done{};
  }

 private:
  static constexpr std::size_t tail_bytes = 4096;
  std::string tail_;
};

bool to_stdout(std::string_view bytes) {
  return std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
}

bool is_sealed(std::ifstream& file) {
  std::string mark(store::sealed_file_mark.size(), '\0');
  file.read(mark.data(), static_cast<std::streamsize>(mark.size()));
  const bool sealed = file && mark == store::sealed_file_mark;
  file.clear();
  file.seekg(0);
  return sealed;
}

Status read_file(std::ifstream& file, const std::function<Status(std::string_view)>& take) {
  std::string piece(store::sealed_piece_bytes, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    if (auto taken = take({piece.data(), static_cast<std::size_t>(file.gcount())}); !taken)
      return taken;
  return Done{};
}

}  // namespace

int export_messages(const Arguments& arguments) {
  std::optional<store::FileSealer> sealer;
  if (arguments.has("sealed")) {
    auto secret = passphrase(arguments);
    if (!secret) return failed(secret.error());
    auto begun = store::FileSealer::begin(*secret, to_stdout);
    if (!begun) return failed(begun.error());
    sealer.emplace(std::move(*begun));
  }
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  EndWatch end;
  auto done = (*client)->stream(export_target(arguments), [&](std::string_view piece) {
    end.see(piece);
    return sealer ? sealer->add(piece) : to_stdout(piece);
  });
  if (!done) return failed(done.error());
  if (auto ended = end.finish(); !ended) return failed(ended.error());
  if ((sealer && !sealer->finish()) || std::fflush(stdout) != 0)
    return failed({ErrorKind::Unavailable, "", "the output can't be written"});
  return 0;
}

int import_messages(const Arguments& arguments) {
  const auto& path = arguments.words()[1];
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed({ErrorKind::NotFound, path, "can't be read"});
  const bool sealed = is_sealed(file);
  auto secret = sealed ? passphrase(arguments) : Result<std::string>(std::string());
  if (!secret) return failed(secret.error());
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  Importer importer(**client, arguments.value("channel"), arguments.value("reason"));
  store::FileOpener opener(*secret, [&](std::string_view bytes) { return importer.add(bytes); });
  auto read = read_file(file, [&](std::string_view bytes) {
    return sealed ? opener.add(bytes) : importer.add(bytes);
  });
  if (read && sealed) read = opener.finish();
  // What came before a damaged piece is whole, and is taken.
  auto sent = importer.finish();
  std::printf("%lld stored, %lld there before, %lld refused\n",
              static_cast<long long>(importer.stored), static_cast<long long>(importer.there),
              static_cast<long long>(importer.refused));
  if (!read) return failed(read.error());
  if (!sent) return failed(sent.error());
  if (!importer.ended) std::fprintf(stderr, "the file has no last line: it may not be whole\n");
  return importer.refused == 0 ? 0 : 1;
}

}  // namespace causeway
