#include "engine/main/message_transfer.h"

#include <cstdio>
#include <fstream>

#include "engine/api/target.h"
#include "engine/main/api_client.h"

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

/// Slices of whole lines, sent one after the other.
class Importer {
 public:
  Importer(ApiClient& client, std::string target) : client_(client), target_(std::move(target)) {}

  Status add(const std::string& line) {
    ++line_;
    if (line.size() > line_bytes_max)
      return Error{ErrorKind::Limit, "line " + std::to_string(line_), "is too long"};
    if (slice_.size() + line.size() > slice_bytes)
      if (auto sent = send(); !sent) return sent;
    slice_ += line + "\n";
    return Done{};
  }

  Status send() {
    if (slice_.empty()) return Done{};
    auto answer = client_.send_bytes(target_, slice_);
    if (!answer) return answer.error();
    auto value = config::parse_json(*answer, "answer");
    if (!value) return value.error();
    for (const auto& refusal : list_of(*value, "refusals"))
      std::fprintf(stderr, "line %lld: %s\n",
                   static_cast<long long>(sent_ + integer_of(refusal, "line")),
                   text_of(refusal, "why").c_str());
    stored += integer_of(*value, "stored");
    there += integer_of(*value, "there");
    refused += integer_of(*value, "refused");
    sent_ = line_;
    slice_.clear();
    return Done{};
  }

  std::int64_t stored = 0, there = 0, refused = 0;

 private:
  ApiClient& client_;
  const std::string target_;
  std::string slice_;
  std::int64_t line_ = 0, sent_ = 0;
};

}  // namespace

int export_messages(const Arguments& arguments) {
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  auto done = (*client)->stream(export_target(arguments), [](std::string_view piece) {
    return std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  return done ? 0 : failed(done.error());
}

int import_messages(const Arguments& arguments) {
  const auto& path = arguments.words()[1];
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed({ErrorKind::NotFound, path, "can't be read"});
  auto client = ApiClient::open(arguments);
  if (!client) return failed(client.error());
  Importer importer(
      **client, "/api/messages/import?channel=" + api::percent_encoded(arguments.value("channel")) +
                    "&reason=" + api::percent_encoded(arguments.value("reason")));
  std::string line;
  while (std::getline(file, line))
    if (auto added = importer.add(line); !added) return failed(added.error());
  if (auto sent = importer.send(); !sent) return failed(sent.error());
  std::printf("%lld stored, %lld there before, %lld refused\n",
              static_cast<long long>(importer.stored), static_cast<long long>(importer.there),
              static_cast<long long>(importer.refused));
  return importer.refused == 0 ? 0 : 1;
}

}  // namespace causeway
