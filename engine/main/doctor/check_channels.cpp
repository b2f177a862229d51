#include <fmt/format.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "connectors/registry.h"
#include "connectors/support/event_loop.h"
#include "engine/core/clock.h"
#include "engine/main/authoring/channel_lint.h"
#include "engine/main/channel_files.h"
#include "engine/main/doctor/checks.h"
#include "engine/main/engine_watch.h"
#include "engine/main/local_access.h"
#include "engine/observe/alerts/rules.h"
#include "engine/store/sealing/master_keys.h"
#include "engine/store/sealing/sealed_secrets.h"

namespace causeway::doctor {
namespace {

namespace fs = std::filesystem;

constexpr auto certificate_days_left = std::chrono::hours(24 * 30);
constexpr int rsa_bits_least = 2048, curve_bits_least = 224;

/// Settings of one end of a channel, and where they stand.
struct End {
  std::string name;  ///< "lab/oru_in source"
  const config::Fields& fields;
  const config::Parsed& settings;
};

bool is_loopback(const std::string& host) {
  return host.empty() || host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string text_of_setting(const End& end, std::string_view name) {
  return end.settings.has(name, config::FieldType::Text) ? end.settings.text(name) : "";
}

std::int64_t port_of(const End& end) {
  return end.settings.has("port", config::FieldType::Integer) ? end.settings.integer("port") : 0;
}

bool has_tls(const End& end) {
  return end.settings.has("tls", config::FieldType::Object) && end.settings.given("tls");
}

/// A weakness of the first certificate in the file, in words; empty: none, or it can't be read.
std::string weakness_of(const std::string& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.c_str(), "re"),
                                                               &std::fclose);
  if (!opened) return {};
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(opened.get(), nullptr, nullptr, nullptr), &X509_free);
  auto* key = certificate ? X509_get0_pubkey(certificate.get()) : nullptr;
  if (!key) return {};
  const int bits = EVP_PKEY_get_bits(key);
  const bool is_rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  if (bits < (is_rsa ? rsa_bits_least : curve_bits_least))
    return fmt::format("its key has {} bits only", bits);
  int digest = 0;
  const bool known =
      X509_get_signature_info(certificate.get(), &digest, nullptr, nullptr, nullptr) == 1;
  if (known && (digest == NID_sha1 || digest == NID_md5)) return "it is signed with SHA-1 or MD5";
  return {};
}

void check_certificate(Report& report, const std::string& end, const std::string& file) {
  const auto expires = certificate_expiry(file);
  if (!expires)
    return report.bad(fmt::format("{}: certificate {}: {}", end, file, expires.error().text),
                      "give the file of a certificate in PEM, readable for the engine's user");
  const auto left = *expires - MachineClock().now();
  const auto days = std::chrono::duration_cast<std::chrono::hours>(left).count() / 24;
  if (left.count() <= 0)
    report.bad(fmt::format("{}: certificate {} has expired", end, file),
               "renew it and deploy the channel");
  else if (left < certificate_days_left)
    report.weak(fmt::format("{}: certificate {} expires in {} days", end, file, days),
                "renew it and deploy the channel");
  if (const auto weakness = weakness_of(file); !weakness.empty())
    report.bad(fmt::format("{}: certificate {} is weak: {}", end, file, weakness),
               "have one made with RSA of 2048 bits or a curve of 256, signed with SHA-256");
}

void check_private_key(Report& report, const std::string& end, const std::string& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) == 0 && (found.st_mode & S_IRWXO) != 0)
    report.bad(fmt::format("{}: everybody can get at the private key {}", end, file),
               fmt::format("chmod 600 {} (and give it to the engine's user)", file));
}

void check_tls(Report& report, const End& end, bool is_source) {
  const auto& tls = end.settings.object("tls");
  if (tls.has("certificate_file", config::FieldType::Text) && tls.given("certificate_file"))
    check_certificate(report, end.name, tls.text("certificate_file"));
  if (tls.has("key_file", config::FieldType::Text) && tls.given("key_file"))
    check_private_key(report, end.name, tls.text("key_file"));
  const bool unverified = tls.has("verify_peer", config::FieldType::Boolean) &&
                          tls.given("verify_peer") && !tls.boolean("verify_peer");
  if (unverified && !is_source)
    report.bad(end.name + ": sends to whoever answers: verify_peer is false",
               "remove it, and name who signed the receiver's certificate in ca_file");
}

/// Whether something else has the port: tried by taking it for a moment.
bool is_taken(const std::string& host, std::int64_t port) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  const auto service = std::to_string(port);
  const auto name = host.empty() ? std::string("127.0.0.1") : host;
  if (::getaddrinfo(name.c_str(), service.c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, &::freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool taken = ::bind(socket, found->ai_addr, found->ai_addrlen) != 0 && errno == EADDRINUSE;
  ::close(socket);
  return taken;
}

class ChannelChecks {
 public:
  ChannelChecks(Report& report, const fs::path& data_folder) : report_(report) {
    loop_.start();
    std::error_code error;
    if (data_folder.empty() || !fs::is_directory(data_folder / "keys", error)) return;
    auto masters = store::MasterKeys::open(data_folder / "keys", store::MasterKeys::Missing::Leave);
    if (!masters) return;
    masters_ = std::move(*masters);
    secrets_ = std::make_unique<store::SealedSecrets>(data_folder / store::secrets_file, *masters_);
    engine_runs_ = read_local_access(data_folder).ok();
  }
  ~ChannelChecks() { loop_.stop(); }

  void check(const config::ChannelConfig& channel) {
    if (const auto* kind = connectors::find_kind(channel.source.type); kind && kind->source_fields)
      check_source({channel.path + " source", *kind->source_fields, channel.source.settings});
    for (const auto& each : channel.destinations)
      if (const auto* kind = connectors::find_kind(each.type); kind && kind->sink_fields)
        check_sink(*kind, {channel.path + " > " + each.name, *kind->sink_fields, each.settings},
                   {channel.path, each.name});
  }

 private:
  void check_source(const End& end) {
    // One that connects has nobody else's port to take.
    if (end.settings.has("connect_timeout_ms", config::FieldType::Integer)) return;
    const auto host = text_of_setting(end, "host");
    const auto port = port_of(end);
    if (has_tls(end))
      check_tls(report_, end, true);
    else if (port > 0 && !is_loopback(host))
      report_.bad(fmt::format("{}: listens on {} without TLS", end.name, host),
                  "give it \"tls\", or listen on 127.0.0.1");
    if (port <= 0) return;
    const auto address = fmt::format("{}:{}", host, port);
    const auto [at, is_first] = listening_.emplace(address, end.name);
    if (!is_first)
      report_.bad(fmt::format("{}: listens on {}, as {} does", end.name, address, at->second),
                  "give one of them another port");
    else if (!engine_runs_ && is_taken(host, port))
      report_.bad(fmt::format("{}: {} is taken by another program", end.name, address),
                  fmt::format("see which: ss -ltnp 'sport = :{}'; or give another port", port));
  }

  void check_sink(const connectors::Kind& kind, const End& end, const connectors::Name& name) {
    if (has_tls(end)) check_tls(report_, end, false);
    connectors::Environment environment{loop_, clock_, log_, metrics_};
    environment.secrets = secrets_.get();
    auto sink = kind.make_sink ? kind.make_sink(end.settings, name, environment)
                               : Result<std::unique_ptr<Sink>>(std::unique_ptr<Sink>());
    if (!sink)
      return report_.bad(end.name + ": " + sink.error().str(),
                         "mend it in the channel, or: causeway "
                         "secret set NAME");
    if (!*sink) return;
    const auto probe = (*sink)->probe();
    if (probe.good) return report_.good(end.name + ": " + probe.text);
    report_.bad(end.name + ": " + (*sink)->address() + ": " + probe.text,
                "is the receiver up, and does a firewall let this machine through?");
  }

  Report& report_;
  MachineClock clock_;
  NoLog log_;
  Metrics metrics_;
  connectors::EventLoop loop_;
  std::unique_ptr<store::MasterKeys> masters_;
  std::unique_ptr<store::SealedSecrets> secrets_;
  bool engine_runs_ = false;
  std::map<std::string, std::string> listening_;  // address to end
};

void check_alert_rules(Report& report, const fs::path& channels) {
  std::error_code error;
  if (fs::exists(channels / observe::rules_file_name, error))
    return report.good("alerts: " + (channels / observe::rules_file_name).string());
  report.weak("alerts: nothing is watched, and nobody is told",
              fmt::format("write {}: see engine/observe/README.md",
                          (channels / observe::rules_file_name).string()));
}

}  // namespace

void check_channels(Report& report, const fs::path& channels, const fs::path& data_folder) {
  config::Problems problems;
  const auto environment = environment_values("", problems);
  const auto lint = lint_channels(channels, {&environment, "the environment", {}});
  if (lint.problems.errors() == 0)
    report.good(fmt::format("channels in {}: {}", channels.string(), lint.good));
  else
    report.bad(
        fmt::format("problems of channels in {}: {}", channels.string(), lint.problems.errors()),
        lint.problems.list.front().str() + "\n      see all: causeway check " + channels.string());
  const auto read = read_channels(channels, &environment, problems);
  const auto broken = channels_with_problems(channels, problems);
  ChannelChecks checks(report, data_folder);
  for (const auto& channel : read)
    if (!broken.contains(channel.path)) checks.check(channel);
  check_alert_rules(report, channels);
}

}  // namespace causeway::doctor
