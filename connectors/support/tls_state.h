// What tls_context.cpp and tls_session.cpp share; included by them alone (it needs OpenSSL).
#pragma once

#include <openssl/ssl.h>

#include "connectors/support/tls.h"

namespace causeway::connectors {

struct TlsContext::State {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{nullptr, &SSL_CTX_free};
  bool server = false;
  bool verify_peer = false;
  std::string server_name;
};

/// In words, without emptying this thread's error queue; empty if there is none.
std::string last_tls_error();

}  // namespace causeway::connectors
