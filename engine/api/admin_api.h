// The admin API, put together: who asks (credentials), what there is (routes), and the server. One
// per engine; what its services name outlives it. Thread-safe.
#pragma once

#include <memory>

#include "engine/api/credentials.h"
#include "engine/api/http_server.h"
#include "engine/api/router.h"
#include "engine/api/services.h"

namespace causeway::api {

class AdminApi final : private Application {
 public:
  /// `local_token`: whoever shows it has an administrator's rights.
  AdminApi(const Services& services, std::string local_token);
  ~AdminApi() override;

  /// As HttpServer::listen; before or after others.
  Result<int> listen(const Listener& listener);
  void stop();
  const std::vector<Route>& routes() const { return router_.routes(); }

 private:
  std::size_t body_bytes_max(const HttpRequest& head) override;
  Reply serve(const HttpRequest& request) override;
  Router::Audit audit();

  const Services services_;
  const Credentials credentials_;
  Router router_;
  HttpServer server_;
};

}  // namespace causeway::api
