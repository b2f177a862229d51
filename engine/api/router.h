// From a request and its caller to a reply: finds the route, checks that the caller may, reads the
// parameters, writes the audit row, calls the handler, and answers errors. Immutable after
// construction; used by several threads at once.
#pragma once

#include "engine/api/problem.h"
#include "engine/api/route.h"

namespace causeway::api {

class Router {
 public:
  /// Told before an audited request is done; an error stops it. And afterwards, if it failed.
  struct Audit {
    std::function<Status(const Request&)> before;
    std::function<void(const Request&, int status)> failed;
    std::function<void(const Request&)> denied;
  };

  /// Routes in any order; a fixed segment goes before a parameter. Aborts on a declaration that
  /// can't be right: an operation twice, a path's parameter that is not declared.
  Router(std::vector<Route> routes, Audit audit);

  Reply handle(const HttpRequest& http, const security::Caller& caller) const;
  /// The route that a request is for; nullptr: none.
  const Route* find(std::string_view method, const std::vector<std::string>& segments) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Pattern {
    std::vector<std::string> segments;  ///< "{id}" for a parameter.
  };
  static bool matches(const Pattern& pattern, const std::vector<std::string>& segments);
  Reply refuse_unknown(const std::vector<std::string>& segments) const;
  Reply handle_route(const Route& route, const Pattern& pattern, const HttpRequest& http,
                     const security::Caller& caller) const;
  /// Nothing: he may.
  std::optional<Reply> check_access(Request& request) const;
  Reply answer(const Request& request) const;

  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;  ///< Of each route.
  Audit audit_;
};

}  // namespace causeway::api
