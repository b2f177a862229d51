#include "connectors/support/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/core/check.h"

namespace causeway::connectors {

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  bool server = false;
  bool verify_peer = false;
  std::string server_name;
};

namespace {

constexpr auto ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM";

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// In words, without emptying this thread's error queue; empty if there is none.
std::string last_tls_error() {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "";
}

Error bad_file(const std::string& file, std::string_view what) {
  auto detail = last_tls_error();
  ERR_clear_error();
  return Error{ErrorKind::Invalid, file, std::string(what) + (detail.empty() ? "" : ": ") + detail};
}

/// Without this an encrypted key would make OpenSSL ask on the terminal.
int give_passphrase(char* buffer, int size, int, void* passphrase) {
  const auto* text = static_cast<const std::string*>(passphrase);
  if (!text || text->size() > static_cast<std::size_t>(size)) return 0;
  std::copy(text->begin(), text->end(), buffer);
  return static_cast<int>(text->size());
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
  SSL_CTX_set_default_passwd_cb(context.get(), give_passphrase);
  return context;
}

Status use_certificate(SSL_CTX* context, const TlsSettings& settings) {
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate_file.c_str()) != 1)
    return bad_file(settings.certificate_file, "can't read a certificate");
  struct stat info {};
  if (::stat(settings.key_file.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0)
    return Error{ErrorKind::Invalid, settings.key_file, "the private key is readable by everybody"};
  auto passphrase = settings.key_passphrase;
  SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
  const bool read =
      SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  OPENSSL_cleanse(passphrase.data(), passphrase.size());
  if (!read)
    return bad_file(settings.key_file, settings.key_passphrase.empty()
                                           ? "can't read a private key (an encrypted one needs "
                                             "\"key_passphrase\": \"secret:NAME\")"
                                           : "can't read a private key with this passphrase");
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

/// RFC 8446 section 6.2: alerts that say no to a handshake. OpenSSL numbers them from 1000.
bool is_handshake_alert(int reason) {
  static constexpr std::array<int, 12> alerts{40, 42, 43, 44, 45, 46, 48, 49, 70, 71, 112, 116};
  return std::find(alerts.begin(), alerts.end(), reason - SSL_AD_REASON_OFFSET) != alerts.end();
}

void expect_name(SSL* ssl, const std::string& name) {
  auto* parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1)
    CHECK(X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size()) == 1);
  ERR_clear_error();
}

bool is_ip_address(const std::string& name) {
  auto* address = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  return address != nullptr;
}

std::string first_dns_name(X509* certificate) {
  std::string found;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; found.empty() && i < sk_GENERAL_NAME_num(names); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_DNS)
      found.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                   static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
  }
  GENERAL_NAMES_free(names);
  return found;
}

std::string common_name(X509* certificate) {
  std::array<char, 256> name{};
  const int length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                               name.data(), static_cast<int>(name.size()));
  return length > 0 ? std::string(name.data(), static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

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

struct TlsSession::State {
  std::shared_ptr<const TlsContext> context;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
  bool broken = false;

  /// What a call that returned `result` means.
  Step step(int result);
  std::string reason() const;
};

TlsSession::Step TlsSession::State::step(int result) {
  Step step;
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_NONE:
      step.bytes = static_cast<std::size_t>(result);
      return step;
    case SSL_ERROR_WANT_READ:
      step.want = Want::Read;
      return step;
    case SSL_ERROR_WANT_WRITE:
      step.want = Want::Write;
      return step;
    case SSL_ERROR_ZERO_RETURN:
      step.ended = true;
      return step;
    case SSL_ERROR_SYSCALL:
      step.failure =
          std::string("TLS: ") + (errno == 0 ? "connection closed" : std::strerror(errno));
      break;
    default:
      step.failure = "TLS: " + reason();
      step.handshake_refused = is_handshake_alert(ERR_GET_REASON(ERR_peek_last_error()));
  }
  ERR_clear_error();
  broken = true;
  return step;
}

/// A certificate that was refused says why in the verification's result.
std::string TlsSession::State::reason() const {
  auto text = last_tls_error();
  const long verified = SSL_get_verify_result(ssl.get());
  if (verified != X509_V_OK)
    text += std::string(" (") + X509_verify_cert_error_string(verified) + ")";
  return text.empty() ? "protocol error" : text;
}

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd)
    : state_(std::make_unique<State>()) {
  const auto& settings = context->state();
  state_->ssl.reset(SSL_new(settings.context.get()));
  state_->context = std::move(context);
  auto* ssl = state_->ssl.get();
  CHECK(ssl && SSL_set_fd(ssl, fd) == 1);
  if (settings.server)
    SSL_set_accept_state(ssl);
  else
    SSL_set_connect_state(ssl);
  if (settings.server || settings.server_name.empty()) return;
  if (settings.verify_peer) expect_name(ssl, settings.server_name);
  if (!is_ip_address(settings.server_name))
    SSL_set_tlsext_host_name(ssl, settings.server_name.c_str());  // SNI
}

TlsSession::~TlsSession() = default;

TlsSession::Step TlsSession::handshake() {
  errno = 0;
  auto step = state_->step(SSL_do_handshake(state_->ssl.get()));
  step.bytes = 0;
  if (step.ended) step.failure = "TLS: connection closed in the handshake";
  return step;
}

TlsSession::Step TlsSession::read(char* to, std::size_t room) {
  errno = 0;
  const auto most = static_cast<int>(std::min<std::size_t>(room, 1 << 20));
  return state_->step(SSL_read(state_->ssl.get(), to, most));
}

TlsSession::Step TlsSession::write(const char* from, std::size_t size) {
  errno = 0;
  const auto most = static_cast<int>(std::min<std::size_t>(size, 1 << 20));
  return state_->step(SSL_write(state_->ssl.get(), from, most));
}

void TlsSession::close_notify() {
  if (!state_->broken && SSL_is_init_finished(state_->ssl.get())) SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

std::string TlsSession::peer_name() const {
  auto* certificate = SSL_get0_peer_certificate(state_->ssl.get());
  if (!certificate || !state_->context->state().verify_peer ||
      SSL_get_verify_result(state_->ssl.get()) != X509_V_OK)
    return {};
  auto name = first_dns_name(certificate);
  return name.empty() ? common_name(certificate) : name;
}

}  // namespace causeway::connectors
