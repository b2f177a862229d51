// A server asked over HTTP, by libcurl. Certificates are verified; redirects are not followed, so
// that nobody but the configured host is asked.
#include <cctype>
#include <mutex>

#include <curl/curl.h>

#include "engine/pipeline/enrich/answer_text.h"
#include "engine/pipeline/enrich/http_request.h"
#include "engine/pipeline/enrich/lookup.h"

namespace causeway::pipeline {
namespace {

constexpr std::size_t idle_handles_max = 16;  ///< Each keeps its connections open.
constexpr std::size_t header_bytes_max = 1024;

struct EasyEnd {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, EasyEnd>;
struct ListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Headers = std::unique_ptr<curl_slist, ListEnd>;

void start_library() {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

void add(Headers& headers, const std::string& line) {
  if (auto* longer = curl_slist_append(headers.get(), line.c_str())) {
    (void)headers.release();
    headers.reset(longer);
  }
}

/// A field name (RFC 9110, 5.1), a colon, and a value without control characters.
bool is_header(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || line.size() > header_bytes_max) return false;
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
  return std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon), in_name) &&
         std::all_of(line.begin(), line.end(), printable);
}

bool carries_secret(std::string_view line) {
  std::string name(line.substr(0, line.find(':')));
  for (auto& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name == "authorization" || name == "proxy-authorization" || name == "cookie";
}

struct Exchange {
  const LookupEnvironment& environment;
  std::size_t bytes_max;
  std::string body = {};
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& exchange = *static_cast<Exchange*>(self);
  exchange.too_large = exchange.body.size() + size * count > exchange.bytes_max;
  if (exchange.too_large) return 0;
  exchange.body.append(data, size * count);
  return size * count;
}

int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(self)->environment.is_stopping() ? 1 : 0;
}

/// In words that hold nothing of the request: only what kind of trouble it was.
Error failure_of(CURLcode code) {
  const auto kind = code == CURLE_OPERATION_TIMEDOUT ? ErrorKind::TimedOut : ErrorKind::Unavailable;
  return {kind, "", curl_easy_strerror(code)};
}

bool says_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type == "application/json" || type.ends_with("+json");
}

/// RFC 9110, 15: what is an answer, what may pass by itself, what is neither.
Status judge(long status) {
  if ((status >= 200 && status < 300) || status == 404 || status == 410) return Done{};
  const bool passes = status == 429 || status >= 500;
  return Error{passes ? ErrorKind::Unavailable : ErrorKind::Refused, "",
               "the server answers with status " + std::to_string(status)};
}

class HttpLookup final : public Lookup {
 public:
  HttpLookup(const config::EnrichConfig& config, LookupEnvironment environment,
             std::string password, std::string token)
      : config_(config),
        environment_(std::move(environment)),
        password_(std::move(password)),
        token_(std::move(token)) {
    start_library();
  }

  Result<std::string> ask(const config::Value& given, SteadyTime deadline) override {
    auto request = http_request(config_.settings.text("url"), given);
    if (!request) return std::move(request).error();
    auto handle = take_handle();
    if (!handle) return Error{ErrorKind::Internal, "", "libcurl gives no handle"};
    Exchange exchange{environment_, config_.answer_bytes_max};
    Headers headers = headers_of(*request);
    set_up(handle.get(), *request, headers.get(), exchange, deadline);
    const auto code = curl_easy_perform(handle.get());
    auto answer = answer_of(handle.get(), code, exchange);
    give_back(std::move(handle));
    return answer;
  }

 private:
  Headers headers_of(const HttpRequest& request) const {
    Headers headers;
    for (const auto& line : config_.settings.text_list("headers")) add(headers, line);
    if (posts())
      add(headers, std::string("Content-Type: ") +
                       (request.is_json ? "application/json" : "text/plain; charset=utf-8"));
    if (!token_.empty()) add(headers, "Authorization: Bearer " + token_);
    return headers;
  }

  bool posts() const { return config_.settings.text("method") == "POST"; }

  void set_up(CURL* handle, const HttpRequest& request, curl_slist* headers, Exchange& exchange,
              SteadyTime deadline) const {
    const auto left =
        std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");  // none from the environment
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, std::max<long>(1, left.count()));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, std::max<long>(1, left.count()));
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &exchange);
    if (posts()) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, request.body.c_str());
    }
    set_credentials(handle);
  }

  void set_credentials(CURL* handle) const {
    const auto set = [&](CURLoption option, const std::string& value) {
      if (!value.empty()) curl_easy_setopt(handle, option, value.c_str());
    };
    const auto& settings = config_.settings;
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_CAINFO, settings.text("ca_file"));
    set(CURLOPT_SSLCERT, settings.text("certificate_file"));
    set(CURLOPT_SSLKEY, settings.text("key_file"));
    set(CURLOPT_USERNAME, settings.text("user"));
    set(CURLOPT_PASSWORD, password_);
  }

  Result<std::string> answer_of(CURL* handle, CURLcode code, const Exchange& exchange) const {
    if (exchange.too_large) return answer_too_large(config_);
    if (code != CURLE_OK) return failure_of(code);
    long status = 0;
    const char* type = nullptr;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    if (auto good = judge(status); !good) return std::move(good).error();
    const std::string name = type ? type : "";
    const bool json = says_json(name) && is_json(exchange.body);
    return "{\"status\":" + std::to_string(status) + ",\"type\":" + json_string(name) +
           ",\"body\":" + (json ? exchange.body : json_string(exchange.body)) + "}";
  }

  Easy take_handle() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return Easy(curl_easy_init());
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void give_back(Easy handle) {
    curl_easy_reset(handle.get());  // its connections stay
    std::lock_guard lock(mutex_);
    if (idle_.size() < idle_handles_max) idle_.push_back(std::move(handle));
  }

  const config::EnrichConfig config_;
  const LookupEnvironment environment_;
  const std::string password_, token_;
  std::mutex mutex_;
  std::vector<Easy> idle_;  // guarded by mutex_
};

}  // namespace

Status check_http_lookup(const config::EnrichConfig& config) {
  for (const auto& line : config.settings.text_list("headers")) {
    if (!is_header(line))
      return Error{ErrorKind::Invalid, "", "each of its headers is written as \"Name: value\""};
    if (carries_secret(line))
      return Error{ErrorKind::Invalid, "",
                   "no secret can be given in headers; bearer_token and password take them"};
  }
  const auto url = config.settings.text("url");  // empty: of an environment that isn't known here
  return url.empty() ? Status(Done{}) : check_base_url(url);
}

Result<std::unique_ptr<Lookup>> make_http_lookup(const config::EnrichConfig& config,
                                                 const LookupEnvironment& environment) {
  if (auto good = check_base_url(config.settings.text("url")); !good)
    return std::move(good).error();
  auto password = secret_of(config, "password", environment);
  if (!password) return std::move(password).error();
  auto token = secret_of(config, "bearer_token", environment);
  if (!token) return std::move(token).error();
  return std::unique_ptr<Lookup>(
      std::make_unique<HttpLookup>(config, environment, std::move(*password), std::move(*token)));
}

}  // namespace causeway::pipeline
