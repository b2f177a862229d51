// Contexts: certificates, keys, authorities and what is allowed, read once.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "connectors/support/tls_state.h"

namespace causeway::connectors {
namespace {

constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

Error bad_file(const std::string& file, std::string_view what) {
  auto detail = last_tls_error();
  ERR_clear_error();
  return Error{ErrorKind::Invalid, file, std::string(what) + (detail.empty() ? "" : ": ") + detail};
}

/// An encrypted key would make OpenSSL ask on the terminal.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

Result<Context> make_context(const SSL_METHOD* method, const TlsSettings& settings) {
  Context context(SSL_CTX_new(method), &SSL_CTX_free);
  if (!context) return Error{ErrorKind::Internal, "", "TLS: " + last_tls_error()};
  SSL_CTX_set_min_proto_version(context.get(), settings.version_min == TlsSettings::Version::Tls13
                                                   ? TLS1_3_VERSION
                                                   : TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), ciphers);
  // A connection cut without close_notify is an end like any other: messages carry their own ends.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);
  return context;
}

Status use_certificate(SSL_CTX* context, const TlsSettings& settings) {
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1)
    return bad_file(settings.certificate_file, "can't read a certificate");
  struct stat info {};
  if (::stat(settings.key_file.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0)
    return Error{ErrorKind::Invalid, settings.key_file, "the private key is readable by everybody"};
  if (SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return bad_file(settings.key_file, "can't read a private key (it must not be encrypted)");
  if (SSL_CTX_check_private_key(context) != 1)
    return bad_file(settings.key_file, "the key doesn't belong to the certificate");
  return Done{};
}

Status use_authorities(SSL_CTX* context, const TlsSettings& settings) {
  if (SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) != 1)
    return bad_file(settings.ca_file, "can't read certificates of authorities");
  return Done{};
}

std::shared_ptr<const TlsContext> finished(Context context, const TlsSettings& settings,
                                           bool server) {
  auto state = std::make_unique<TlsContext::State>();
  state->context = std::move(context);
  state->server = server;
  state->verify_peer = settings.verify_peer;
  state->server_name = settings.server_name;
  return std::make_shared<const TlsContext>(std::move(state));
}

}  // namespace

std::string last_tls_error() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "";
}

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const TlsSettings& settings) {
  auto context = make_context(TLS_server_method(), settings);
  if (!context) return context.error();
  if (auto used = use_certificate(context->get(), settings); !used) return used.error();
  if (settings.verify_peer) {
    if (settings.ca_file.empty())
      return Error{ErrorKind::Invalid, "tls", "verify_peer needs ca_file"};
    if (auto used = use_authorities(context->get(), settings); !used) return used.error();
    SSL_CTX_set_client_CA_list(context->get(), SSL_load_client_CA_file(settings.ca_file.c_str()));
    SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return finished(std::move(*context), settings, true);
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsSettings& settings) {
  auto context = make_context(TLS_client_method(), settings);
  if (!context) return context.error();
  if (!settings.certificate_file.empty())
    if (auto used = use_certificate(context->get(), settings); !used) return used.error();
  if (settings.verify_peer) {
    if (settings.ca_file.empty())
      SSL_CTX_set_default_verify_paths(context->get());
    else if (auto used = use_authorities(context->get(), settings); !used)
      return used.error();
    SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  }
  return finished(std::move(*context), settings, false);
}

}  // namespace causeway::connectors
