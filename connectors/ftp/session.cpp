#include "connectors/ftp/session.h"

#include <curl/curl.h>

#include <map>

namespace causeway::connectors::ftp {
namespace {

/// How often whoever waits looks whether it is to stop.
constexpr int look_every_ms = 50;
/// Read ahead, before the server has to wait.
constexpr std::size_t ahead_bytes = 512 * 1024;
constexpr std::size_t answer_bytes_max = 64 * 1024;
/// Servers want a file's connection to resume the TLS session of the commands, so that nobody else
/// can take it; with this libcurl that works in TLS 1.2 alone (of 1.3's tickets every second one
/// was refused). At least, and in the upper half at most.
constexpr long tls_1_2_alone = CURL_SSLVERSION_TLSv1_2 * 0x1'0001L;

struct ListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListEnd>;

/// Each name on its own: what is between them are the path's.
std::string url_of(const ServerSettings& settings, const std::string& path, bool is_folder) {
  const bool from_the_start = settings.security == ServerSettings::Security::Implicit;
  const bool bare = settings.host.find(':') == std::string::npos;
  std::string url = from_the_start ? "ftps://" : "ftp://";
  url += (bare ? settings.host : "[" + settings.host + "]") + ":" + std::to_string(settings.port) +
         "/";
  static constexpr std::string_view digits = "0123456789ABCDEF";
  for (std::size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || (c == '/' && i > 0);
    if (plain) {
      url += c;
    } else {
      url += '%';
      url += digits[static_cast<unsigned char>(c) >> 4];
      url += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  if (is_folder && !path.empty() && !path.ends_with('/')) url += '/';
  return url;
}

}  // namespace

struct Session::State {
  State(const ServerSettings& its_settings, const std::atomic<bool>& its_stop)
      : settings(its_settings), stop(its_stop), multi(curl_multi_init()), share(curl_share_init()) {
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  ~State() {
    curl_multi_cleanup(multi);
    curl_share_cleanup(share);
  }

  const ServerSettings& settings;
  const std::atomic<bool>& stop;
  CURLM* const multi;   // keeps the connection between jobs
  CURLSH* const share;  // and its TLS session, which connections for files resume
  std::map<CURL*, CURLcode> ended;
  bool lost = false;

  /// Lets all that is under way go on for a moment.
  Status step() {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK)
      return lose(ErrorKind::Internal, "libcurl fails");
    int left = 0;
    while (const auto* message = curl_multi_info_read(multi, &left))
      if (message->msg == CURLMSG_DONE) ended[message->easy_handle] = message->data.result;
    return Done{};
  }
  Status wait() {
    if (stop) return lose(ErrorKind::Stopped, "stopped");
    curl_multi_poll(multi, nullptr, 0, look_every_ms, nullptr);
    return Done{};
  }
  Error lose(ErrorKind kind, std::string text) {
    lost = true;
    return {kind, "", std::move(text)};
  }
};

/// One command, listing or file: a handle of libcurl's in the session.
class Session::Job final : public Session::Transfer {
 public:
  explicit Job(State& state) : state_(state), handle_(curl_easy_init()) {
    const auto& settings = state.settings;
    set(CURLOPT_PROTOCOLS_STR, "ftp,ftps");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROXY, "");
    const bool tls = settings.security != ServerSettings::Security::None;
    set(CURLOPT_USE_SSL, static_cast<long>(tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_FTPSSLAUTH, static_cast<long>(CURLFTPAUTH_TLS));
    set(CURLOPT_SHARE, state.share);
    set(CURLOPT_SSLVERSION, tls_1_2_alone);
    set(CURLOPT_SSL_CIPHER_LIST, "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM");
    if (!settings.ca_file.empty()) set(CURLOPT_CAINFO, settings.ca_file.c_str());
    set(CURLOPT_USERNAME, settings.user.c_str());
    set(CURLOPT_PASSWORD, settings.password.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_timeout.count()));
    // Paths stand in the commands; where the server stands doesn't matter.
    set(CURLOPT_FTP_FILEMETHOD, static_cast<long>(CURLFTPMETHOD_NOCWD));
    set(CURLOPT_FTP_SKIP_PASV_IP, 1L);
    set(CURLOPT_ERRORBUFFER, words_);
    set(CURLOPT_HEADERFUNCTION, &Job::take_answer);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Job::take_bytes);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    touch();
  }

  /// A file that isn't over takes its connection with it: what follows on it is unknown.
  ~Job() override {
    curl_multi_remove_handle(state_.multi, handle_);
    state_.ended.erase(handle_);
    curl_easy_cleanup(handle_);
  }
  Job(const Job&) = delete;

  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_, option, value);
  }

  void begin(const std::string& url) {
    set(CURLOPT_URL, url.c_str());
    curl_multi_add_handle(state_.multi, handle_);
  }

  /// Until `is_so`, or the job's end.
  Status run_until(const std::function<bool()>& is_so) {
    for (;;) {
      if (auto done = state_.step(); !done) return done;
      if (is_ended() || is_so()) return Done{};
      if (std::chrono::steady_clock::now() > deadline_)
        return state_.lose(ErrorKind::TimedOut, "the server did not answer in time");
      if (auto waited = state_.wait(); !waited) return waited;
    }
  }
  Status run() {
    return run_until([] { return false; });
  }

  bool is_ended() const { return state_.ended.contains(handle_); }
  CURLcode code() const { return state_.ended.at(handle_); }
  int server_code() const {
    long code = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &code);
    return static_cast<int>(code);
  }
  const std::string& answers() const { return answers_; }
  void limit(std::size_t bytes) { bytes_max_ = bytes; }
  std::string take_all() { return std::move(bytes_); }

  /// Of an ended job that has failed.
  Error error() {
    const auto code = this->code();
    const std::string what = words_[0] ? words_ : curl_easy_strerror(code);
    switch (code) {
      case CURLE_REMOTE_FILE_NOT_FOUND:
      case CURLE_FTP_COULDNT_RETR_FILE:
      case CURLE_REMOTE_ACCESS_DENIED:
        return refused(ErrorKind::NotFound, what);
      case CURLE_UPLOAD_FAILED:
      case CURLE_QUOTE_ERROR:
        return refused(ErrorKind::NotPermitted, what);
      case CURLE_REMOTE_DISK_FULL:
        return {ErrorKind::Unavailable, "", "the server's disk is full"};
      case CURLE_FILESIZE_EXCEEDED:
      case CURLE_WRITE_ERROR:
        return state_.lose(ErrorKind::Limit, "more than may be taken");
      case CURLE_LOGIN_DENIED:
        return state_.lose(ErrorKind::NotPermitted, "the server refuses the log-in");
      case CURLE_USE_SSL_FAILED:
        return state_.lose(ErrorKind::Refused, "the server offers no TLS");
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_CACERT_BADFILE:
        return state_.lose(ErrorKind::Refused, what);
      case CURLE_OPERATION_TIMEDOUT:
        return state_.lose(ErrorKind::TimedOut, what);
      default:
        // A refusal that came while the file's connection was being made.
        if (server_code() / 100 == 5) return refused(ErrorKind::NotPermitted, what);
        return state_.lose(ErrorKind::Unavailable, what);
    }
  }

  Result<std::size_t> read(char* to, std::size_t room) override {
    if (bytes_.size() == taken_) {
      bytes_.clear();
      taken_ = 0;
      if (std::exchange(paused_, false)) curl_easy_pause(handle_, CURLPAUSE_CONT);
      touch();
      if (auto run = run_until([this] { return !bytes_.empty(); }); !run) return run.error();
      if (bytes_.empty() && code() != CURLE_OK) return error();
    }
    const auto count = bytes_.copy(to, room, taken_);
    taken_ += count;
    return count;
  }

  Status write(std::string_view bytes) override {
    pending_ = bytes;
    touch();
    resume();
    if (auto run = run_until([this] { return pending_.empty(); }); !run) return run;
    if (!is_ended()) return Done{};
    if (code() != CURLE_OK) return error();
    return state_.lose(ErrorKind::Unavailable, "the server has ended the file");
  }

  Status finish() override {
    finished_ = true;
    touch();
    resume();
    if (auto run = this->run(); !run) return run;
    if (code() != CURLE_OK) return error();
    return Done{};
  }

  /// Until the server takes the file's first byte, or says why not.
  Status await_start() {
    set(CURLOPT_READFUNCTION, &Job::give_bytes);
    set(CURLOPT_READDATA, static_cast<void*>(this));
    if (auto run = run_until([this] { return wanted_; }); !run) return run;
    if (is_ended()) return error();
    return Done{};
  }
  Status await_first() {
    if (auto run = run_until([this] { return !bytes_.empty(); }); !run) return run;
    if (is_ended() && code() != CURLE_OK) return error();
    return Done{};
  }

 private:
  /// 530 and 532 are about who we are, 4xx pass; else it is as `otherwise` says.
  Error refused(ErrorKind otherwise, const std::string& what) {
    const int said = server_code();
    if (said == 530 || said == 532) otherwise = ErrorKind::NotPermitted;
    if (said == 452 || said == 552) otherwise = ErrorKind::Unavailable;
    if (said / 100 == 4 || said == 0) otherwise = ErrorKind::Unavailable;
    if (said == 421 || said == 0) state_.lost = true;
    return {otherwise, "FTP " + std::to_string(said), what};
  }

  void touch() {
    deadline_ =
        std::chrono::steady_clock::now() +
        (answers_.empty() ? std::max(state_.settings.timeout, state_.settings.connect_timeout)
                          : state_.settings.timeout);
  }
  void resume() {
    if (std::exchange(paused_, false)) curl_easy_pause(handle_, CURLPAUSE_CONT);
  }

  static std::size_t take_answer(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& job = *static_cast<Job*>(self);
    if (job.answers_.size() + size * count <= answer_bytes_max)
      job.answers_.append(bytes, size * count);
    job.touch();
    return size * count;
  }

  static std::size_t take_bytes(char* bytes, std::size_t size, std::size_t count, void* self) {
    auto& job = *static_cast<Job*>(self);
    const auto there = size * count;
    if (job.bytes_max_ > 0 && job.bytes_.size() + there > job.bytes_max_) return 0;
    if (job.bytes_max_ == 0 && job.bytes_.size() > ahead_bytes) {
      job.paused_ = true;
      return CURL_WRITEFUNC_PAUSE;
    }
    job.bytes_.append(bytes, there);
    job.touch();
    return there;
  }

  static std::size_t give_bytes(char* to, std::size_t size, std::size_t count, void* self) {
    auto& job = *static_cast<Job*>(self);
    job.wanted_ = true;
    if (job.pending_.empty() && job.finished_) return 0;
    if (job.pending_.empty()) {
      job.paused_ = true;
      return CURL_READFUNC_PAUSE;
    }
    const auto given = job.pending_.copy(to, size * count);
    job.pending_.remove_prefix(given);
    job.touch();
    return given;
  }

  State& state_;
  CURL* const handle_;
  char words_[CURL_ERROR_SIZE] = {};
  SteadyTime deadline_;
  std::string answers_;  // what the server has said
  std::string bytes_;    // that came, from `taken_` on
  std::size_t taken_ = 0;
  std::size_t bytes_max_ = 0;  // 0: none, but it is paused
  std::string_view pending_;   // to be sent
  bool wanted_ = false;
  bool paused_ = false;
  bool finished_ = false;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

bool Session::is_lost() const {
  return state_->lost;
}

Result<std::unique_ptr<Session>> Session::open(const ServerSettings& settings,
                                               const std::atomic<bool>& stop) {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
  std::unique_ptr<Session> session(new Session(std::make_unique<State>(settings, stop)));
  if (auto answer = session->ask({"NOOP"}); !answer) return answer.error();
  return session;
}

Result<Session::Answer> Session::ask(const std::vector<std::string>& commands) {
  Job job(*state_);
  List list;
  for (const auto& command : commands) {
    if (command.find_first_of("\r\n") != std::string::npos)
      return Error{ErrorKind::Invalid, "", "a line's end can't be part of a command"};
    list.reset(curl_slist_append(list.release(), command.c_str()));
  }
  job.set(CURLOPT_QUOTE, list.get());
  job.set(CURLOPT_NOBODY, 1L);
  job.begin(url_of(state_->settings, "", false));
  if (auto run = job.run(); !run) return run.error();
  if (job.code() == CURLE_OK || job.code() == CURLE_QUOTE_ERROR) {
    // The last line's: what libcurl remembers may be of an earlier command.
    const auto& all = job.answers();
    const auto end = all.find_last_not_of("\r\n");
    const auto begin = end == all.npos ? all.npos : all.rfind('\n', end);
    const auto last = all.substr(begin == all.npos ? 0 : begin + 1);
    const int code = std::atoi(last.c_str());
    if (code == 421) state_->lost = true;
    return Answer{code, all};
  }
  return job.error();
}

Result<std::string> Session::list(const std::string& command, const std::string& path,
                                  std::size_t bytes_max) {
  Job job(*state_);
  job.set(CURLOPT_CUSTOMREQUEST, command.c_str());
  job.limit(bytes_max);
  job.begin(url_of(state_->settings, path, true));
  if (auto run = job.run(); !run) return run.error();
  if (job.code() == CURLE_OK) return job.take_all();
  const int said = job.server_code();
  if (said == 500 || said == 502 || said == 504)
    return Error{ErrorKind::Invalid, "FTP " + std::to_string(said), "no such command"};
  return job.error();
}

Result<std::unique_ptr<Session::Transfer>> Session::read(const std::string& path) {
  auto job = std::make_unique<Job>(*state_);
  job->begin(url_of(state_->settings, path, false));
  if (auto started = job->await_first(); !started) return started.error();
  return std::unique_ptr<Transfer>(std::move(job));
}

Result<std::unique_ptr<Session::Transfer>> Session::write(const std::string& path) {
  auto job = std::make_unique<Job>(*state_);
  job->set(CURLOPT_UPLOAD, 1L);
  job->begin(url_of(state_->settings, path, false));
  if (auto started = job->await_start(); !started) return started.error();
  return std::unique_ptr<Transfer>(std::move(job));
}

}  // namespace causeway::connectors::ftp
