#include "engine/config/revision_hash.h"

#include <openssl/evp.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "engine/core/check.h"

namespace causeway::config {

namespace {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

void write(const Value& value, JsonWriter& json) {
  const auto length = [](const std::string& text) {
    return static_cast<rapidjson::SizeType>(text.size());
  };
  if (const auto* members = value.object()) {
    json.StartObject();
    for (const auto& [key, member] : *members) {
      json.Key(key.data(), length(key));
      write(member, json);
    }
    json.EndObject();
  } else if (const auto* items = value.list()) {
    json.StartArray();
    for (const auto& item : *items) write(item, json);
    json.EndArray();
  } else if (const auto* text = value.string()) {
    json.String(text->data(), length(*text));
  } else if (const auto* number = value.integer()) {
    json.Int64(*number);
  } else if (const auto* real = value.real()) {
    json.Double(*real);
  } else if (const auto* flag = value.boolean()) {
    json.Bool(*flag);
  } else {
    json.Null();
  }
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    CHECK(context_ && EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
  }
  ~Sha256() { EVP_MD_CTX_free(context_); }
  Sha256(const Sha256&) = delete;

  /// Each part with its length before it, so that no two lists of parts read alike.
  void add(std::string_view part) {
    const auto length = std::to_string(part.size()) + ":";
    CHECK(EVP_DigestUpdate(context_, length.data(), length.size()) == 1);
    CHECK(EVP_DigestUpdate(context_, part.data(), part.size()) == 1);
  }

  std::string hexadecimal() {
    unsigned char digest[32];
    unsigned size = 0;
    CHECK(EVP_DigestFinal_ex(context_, digest, &size) == 1 && size == sizeof digest);
    std::string out;
    for (const unsigned byte : digest) {
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15];
    }
    return out;
  }

 private:
  EVP_MD_CTX* context_;
};

}  // namespace

std::string canonical_json(const Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter json(buffer);
  write(value, json);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string revision_hash(const Value& declaration,
                          const std::map<std::string, std::string>& scripts) {
  Sha256 hash;
  hash.add("causeway revision 1");
  hash.add(canonical_json(declaration));
  for (const auto& [name, text] : scripts) {
    hash.add(name);
    hash.add(text);
  }
  return hash.hexadecimal();
}

}  // namespace causeway::config
