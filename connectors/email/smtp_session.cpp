#include "connectors/email/smtp_session.h"

#include <curl/curl.h>

#include "connectors/support/delivery_threads.h"
#include "engine/core/limits.h"

namespace causeway::connectors::email {
namespace {

/// How far a try has come, by the last command that was sent.
enum class Stage : std::uint8_t { Connecting, Envelope, Text };

struct ListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListEnd>;

struct HandleEnd {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleEnd>;

Attempt ended(Outcome outcome, Error error, bool destination_down) {
  auto attempt = deferred(std::move(error), destination_down);
  attempt.outcome = outcome;
  return attempt;
}

Error error_of(CURLcode code, const std::string& what) {
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return {ErrorKind::Stopped, "", "stopped"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::TimedOut, "", what};
    case CURLE_LOGIN_DENIED:
      return {ErrorKind::NotPermitted, "", "the server refuses the log-in"};
    case CURLE_USE_SSL_FAILED:
      return {ErrorKind::Refused, "", "the server offers no STARTTLS"};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorKind::Refused, "", what};
    default:
      return {ErrorKind::Unavailable, "", what};
  }
}

}  // namespace

std::string address_of(const ServerSettings& settings) {
  const bool from_the_start = settings.security == ServerSettings::Security::Tls;
  const bool bare = settings.host.find(':') == std::string::npos;
  return (from_the_start ? "smtps://" : "smtp://") +
         (bare ? settings.host : "[" + settings.host + "]") + ":" + std::to_string(settings.port);
}

struct SmtpSession::State {
  State(const ServerSettings& its_settings, const std::atomic<bool>& its_stop)
      : settings(its_settings), stop(its_stop) {}

  const ServerSettings& settings;
  const std::atomic<bool>& stop;
  Handle handle;  // with the connection that it keeps
  char words[CURL_ERROR_SIZE] = {};

  // Of one try
  std::string_view rest;  // of the text
  bool text_is_out = false;
  Stage stage = Stage::Connecting;
  std::string answers;   // what the server said last
  bool is_over = false;  // the good-bye says nothing of the mail

  static std::size_t read(char* to, std::size_t size, std::size_t count, void* self) {
    auto& state = *static_cast<State*>(self);
    const auto bytes = std::min(size * count, state.rest.size());
    state.rest.copy(to, bytes);
    state.rest.remove_prefix(bytes);
    // The end mark goes out behind this.
    if (state.rest.empty()) state.text_is_out = true;
    return bytes;
  }

  static int look(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<State*>(self)->stop ? 1 : 0;
  }

  /// What both sides say, as libcurl shows it. Never kept but for the server's last answer.
  static int listen(CURL*, curl_infotype type, char* bytes, std::size_t size, void* self) {
    auto& state = *static_cast<State*>(self);
    const std::string_view said(bytes, size);
    if (state.is_over) return 0;
    if (type == CURLINFO_HEADER_OUT) {
      state.is_over = said.starts_with("QUIT");
      if (state.is_over) return 0;
      if (said.starts_with("MAIL") || said.starts_with("RCPT")) state.stage = Stage::Envelope;
      if (said.starts_with("DATA")) state.stage = Stage::Text;
      state.answers.clear();
    }
    if (type == CURLINFO_HEADER_IN && state.answers.size() + size <= limits::response_bytes)
      state.answers += said;
    return 0;
  }

  static std::size_t ignore(char*, std::size_t size, std::size_t count, void*) {
    return size * count;
  }

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle.get(), option, value);
  }

  /// A handle as for any use; the connection stays.
  Status prepare() {
    if (!handle) handle.reset(curl_easy_init());
    if (!handle) return Error{ErrorKind::Internal, "", "libcurl gives no handle"};
    curl_easy_reset(handle.get());
    using Security = ServerSettings::Security;
    const auto url = address_of(settings);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_USE_SSL,
        static_cast<long>(settings.security == Security::None ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_SSL_CIPHER_LIST, "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM");
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (!settings.user.empty()) {
      set(CURLOPT_USERNAME, settings.user.c_str());
      set(CURLOPT_PASSWORD, settings.password.c_str());
    }
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
        static_cast<long>(std::chrono::ceil<std::chrono::seconds>(settings.timeout).count()));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME,
        static_cast<long>(std::chrono::ceil<std::chrono::seconds>(settings.timeout).count()));
    set(CURLOPT_ERRORBUFFER, words);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &State::look);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &State::listen);
    set(CURLOPT_DEBUGDATA, this);
    set(CURLOPT_WRITEFUNCTION, &State::ignore);
    words[0] = '\0';
    stage = Stage::Connecting;
    answers.clear();
    text_is_out = is_over = false;
    return Done{};
  }

  Error error(CURLcode code) const {
    return error_of(code, words[0] ? words : curl_easy_strerror(code));
  }

  /// What a failed try was, by how far it came and what the server said.
  Attempt judge(CURLcode code) {
    const auto error = this->error(code);
    long said = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &said);
    // A refusal is an answer to the last command; anything else is no answer to it.
    const bool lost = answers.empty() || said < 400;
    if (text_is_out && lost) return ended(Outcome::Ambiguous, error, true);
    if (lost || stage == Stage::Connecting)
      return deferred(error, error.kind != ErrorKind::Stopped);
    const Error refused{ErrorKind::Refused, "SMTP " + std::to_string(said), answers};
    if (said / 100 == 5) return ended(Outcome::Rejected, refused, false);
    // 421: the server is about to go; 452: it has no room. The rest is about this mail.
    return deferred({ErrorKind::Unavailable, refused.place, refused.text},
                    said == 421 || said == 452);
  }
};

SmtpSession::SmtpSession(const ServerSettings& settings, const std::atomic<bool>& stop)
    : state_(std::make_unique<State>(settings, stop)) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

SmtpSession::~SmtpSession() = default;

Attempt SmtpSession::send(const Envelope& envelope, const std::string& text) {
  auto& state = *state_;
  if (auto prepared = state.prepare(); !prepared) return deferred(prepared.error(), false);
  List recipients;
  for (const auto& to : envelope.to)
    recipients.reset(curl_slist_append(recipients.release(), ("<" + to + ">").c_str()));
  const auto from = "<" + envelope.from + ">";
  state.rest = text;
  state.set(CURLOPT_MAIL_FROM, from.c_str());
  state.set(CURLOPT_MAIL_RCPT, recipients.get());
  state.set(CURLOPT_UPLOAD, 1L);
  state.set(CURLOPT_READFUNCTION, &State::read);
  state.set(CURLOPT_READDATA, static_cast<void*>(&state));
  state.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(text.size()));
  const auto code = curl_easy_perform(state.handle.get());
  if (code != CURLE_OK) {
    auto attempt = state.judge(code);
    attempt.response = std::move(state.answers);
    state.handle.reset();  // whatever it keeps is in an unknown state
    return attempt;
  }
  Attempt attempt;
  attempt.outcome = Outcome::Delivered;
  attempt.response = std::move(state.answers);
  return attempt;
}

Status SmtpSession::try_log_in() {
  auto& state = *state_;
  if (auto prepared = state.prepare(); !prepared) return prepared;
  state.set(CURLOPT_CONNECT_ONLY, 1L);
  const auto code = curl_easy_perform(state.handle.get());
  auto error = state.error(code);
  state.handle.reset();
  if (code != CURLE_OK) return error;
  return Done{};
}

}  // namespace causeway::connectors::email
