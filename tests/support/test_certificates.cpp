#include "tests/support/test_certificates.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace causeway::testing {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

struct Identity {
  Key key{nullptr, &EVP_PKEY_free};
  Certificate certificate{nullptr, &X509_free};
};

void require(bool good) {
  if (!good) throw std::runtime_error("test certificates: OpenSSL failed");
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

/// Signed by `issuer`, or by itself.
Identity make(const std::string& name, const std::string& names, const Identity* issuer) {
  static long serial = 1;
  Identity made;
  made.key.reset(EVP_EC_gen("P-256"));
  made.certificate.reset(X509_new());
  auto* x = made.certificate.get();
  require(made.key && x && X509_set_version(x, 2) == 1);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 24 * 3600);
  X509_set_pubkey(x, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  auto* signer = issuer ? issuer->certificate.get() : x;
  X509_set_issuer_name(x, X509_get_subject_name(signer));
  extend(x, signer, NID_basic_constraints, issuer ? "critical,CA:FALSE" : "critical,CA:TRUE");
  if (!names.empty()) extend(x, signer, NID_subject_alt_name, names);
  require(X509_sign(x, (issuer ? issuer->key : made.key).get(), EVP_sha256()) > 0);
  return made;
}

std::string write_certificate(const std::filesystem::path& path, const Identity& identity) {
  auto* file = std::fopen(path.c_str(), "w");
  require(file && PEM_write_X509(file, identity.certificate.get()) == 1);
  std::fclose(file);
  return path;
}

CertificateFiles write(const std::filesystem::path& folder, const std::string& name,
                       const Identity& identity) {
  const auto key = folder / (name + ".key");
  auto* file = std::fopen(key.c_str(), "w");
  require(file && PEM_write_PrivateKey(file, identity.key.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr) == 1);
  std::fclose(file);
  ::chmod(key.c_str(), 0600);
  return {write_certificate(folder / (name + ".pem"), identity), key};
}

}  // namespace

TestCertificates::TestCertificates() {
  const auto& folder = folder_.path();
  const auto authority = make("Test authority", "", nullptr);
  const auto other_authority = make("Other authority", "", nullptr);
  ca_file = write_certificate(folder / "ca.pem", authority);
  server = write(folder, "server", make("localhost", "DNS:localhost,IP:127.0.0.1", &authority));
  client = write(folder, "client", make("Sender", "DNS:sender.example", &authority));
  stranger = write(folder, "stranger", make("Stranger", "", &other_authority));
}

}  // namespace causeway::testing
