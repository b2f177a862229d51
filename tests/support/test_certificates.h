// Certificates for tests, made anew: an authority, a server "localhost" / 127.0.0.1, a client
// "sender.example", and a client of an authority that nobody trusts. Files live as long as this.
#pragma once

#include <string>

#include "tests/support/temporary_folder.h"

namespace causeway::testing {

struct CertificateFiles {
  std::string certificate, key;
};

class TestCertificates {
 public:
  TestCertificates();

  std::string ca_file;
  CertificateFiles server, client, stranger;

 private:
  TemporaryFolder folder_;
};

}  // namespace causeway::testing
