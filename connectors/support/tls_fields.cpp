// What can be configured about TLS.
#include "connectors/support/secret_field.h"
#include "connectors/support/tls.h"

namespace causeway::connectors {
namespace {

config::Fields shared_fields(std::string ca_doc) {
  return {
      config::text("ca_file", std::move(ca_doc)),
      config::text("key_passphrase", "Passphrase of an encrypted private key").secret(),
      config::choice("version_min", "Oldest version of TLS to accept", {"1.2", "1.3"}),
  };
}

}  // namespace

config::Field tls_server_field() {
  auto fields = shared_fields("PEM file of the authorities that sign client certificates");
  fields.push_back(
      config::text("certificate_file", "PEM file of the certificate and its chain").required());
  fields.push_back(config::text("key_file", "PEM file of the private key").required());
  fields.push_back(config::boolean(
      "verify_peer", "Demand a client certificate signed by `ca_file` (mutual TLS)", false));
  return config::object("tls", "Encrypt; without it, connections are plain", std::move(fields));
}

config::Field tls_client_field() {
  auto fields = shared_fields(
      "PEM file of the authorities that sign the destination's certificate; without it the "
      "system's");
  fields.push_back(config::text("certificate_file", "PEM file of our certificate, for mutual TLS"));
  fields.push_back(config::text("key_file", "PEM file of its private key"));
  fields.push_back(config::boolean(
      "verify_peer", "Check the destination's certificate; false is for tests alone", true));
  fields.push_back(
      config::text("server_name", "Name that the certificate must have; without it the host's"));
  return config::object("tls", "Encrypt; without it, connections are plain", std::move(fields));
}

Result<TlsSettings> tls_server_settings(const config::Parsed& tls, const Secrets* secrets) {
  TlsSettings settings;
  auto passphrase = secret_value(tls, "key_passphrase", secrets);
  if (!passphrase) return passphrase.error();
  settings.key_passphrase = std::move(*passphrase);
  settings.certificate_file = tls.text("certificate_file");
  settings.key_file = tls.text("key_file");
  settings.ca_file = tls.text("ca_file");
  settings.verify_peer = tls.boolean("verify_peer");
  settings.version_min =
      tls.text("version_min") == "1.3" ? TlsSettings::Version::Tls13 : TlsSettings::Version::Tls12;
  return settings;
}

Result<TlsSettings> tls_client_settings(const config::Parsed& tls, const std::string& host,
                                        const Secrets* secrets) {
  auto settings = tls_server_settings(tls, secrets);
  if (!settings) return settings;
  settings->server_name = tls.text("server_name");
  if (settings->server_name.empty()) settings->server_name = host;
  return settings;
}

}  // namespace causeway::connectors
