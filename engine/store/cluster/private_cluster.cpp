#include "engine/store/cluster/private_cluster.h"

#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "engine/store/cluster/cluster_files.h"
#include "engine/store/cluster/pid_file.h"
#include "engine/store/cluster/socket_folder.h"
#include "engine/store/cluster/tuning.h"

namespace causeway::store {
namespace fs = std::filesystem;

namespace {

constexpr auto poll_interval = Milliseconds(50);
// Backends notice by themselves that their postmaster is gone; then they are killed.
constexpr auto leftover_patience = std::chrono::seconds(10);
constexpr auto fast_stop_patience = std::chrono::seconds(90);
constexpr auto immediate_stop_patience = std::chrono::seconds(10);
constexpr std::size_t output_tail_bytes = 1000;
constexpr const char* start_log = "start.log";

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, CloseConnection>;

std::string connection_string(const fs::path& sockets, const char* role, const char* database) {
  std::string quoted;
  for (const char c : sockets.native()) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "host='" + quoted + "' port=5432 user=" + role + " dbname=" + database;
}

Status make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return Done{};
  return Error{ErrorKind::Unavailable, folder.string(),
               std::string("cannot be made: ") + strerror(errno)};
}

Result<std::string> query(PGconn* connection, const char* sql) {
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection, sql), &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_TUPLES_OK)
    return std::string(PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "");
  if (status == PGRES_COMMAND_OK) return std::string();
  return Error{ErrorKind::Internal, "PostgreSQL", PQerrorMessage(connection)};
}

std::string tail_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  return text.size() > output_tail_bytes ? text.substr(text.size() - output_tail_bytes) : text;
}

}  // namespace

std::string private_database(const fs::path& data_folder) {
  return connection_string(socket_folder(data_folder), "causeway", "causeway");
}

PrivateCluster::PrivateCluster(const fs::path& data_folder, Log& log)
    : data_folder_(fs::absolute(data_folder)), cluster_(data_folder_ / "postgres"), log_(log) {}

Status PrivateCluster::start(const std::function<bool()>& give_up) {
  if (::geteuid() == 0)
    return Error{ErrorKind::NotPermitted, data_folder_.string(), "PostgreSQL does not run as root"};
  for (const auto& folder : {data_folder_, data_folder_ / "log"})
    if (auto made = make_folder(folder); !made) return made;
  if (auto made = make_socket_folder(data_folder_); !made) return made.error();
  if (auto made = make_cluster(cluster_); !made) return made;
  if (auto started = start_server(give_up); !started) return started;
  if (auto ready = wait_until_ready(give_up); !ready) return ready;
  if (auto made = make_database(); !made) return made;
  log_.info(adopted() ? "postgresql_adopted" : "postgresql_started",
            {{"pid", std::to_string(pid_)}});
  return Done{};
}

Status PrivateCluster::start_server(const std::function<bool()>& give_up) {
  child_.reset();
  pid_ = 0;
  ending_.clear();
  const auto found = read_pid_file(cluster_);
  if (found && is_postmaster_of(found->pid, cluster_)) {
    pid_ = found->pid;
    if (!found->stopping && found->socket_folder == socket_folder(data_folder_)) return Done{};
    // It is going down, or listens where nobody would look for it.
    stop();
  }
  if (auto ended = end_leftovers(give_up); !ended) return ended;
  // Nothing of this cluster runs; but PostgreSQL would take a zombie, or another program that has
  // the number now, for the one that wrote these.
  std::error_code ignored;
  fs::remove(cluster_ / "postmaster.pid", ignored);
  fs::remove(socket_folder(data_folder_) / ".s.PGSQL.5432.lock", ignored);
  return launch();
}

Status PrivateCluster::end_leftovers(const std::function<bool()>& give_up) {
  const auto until = std::chrono::steady_clock::now() + leftover_patience;
  for (auto left = processes_in(cluster_); !left.empty(); left = processes_in(cluster_)) {
    if (give_up()) return Error{ErrorKind::Stopped, "PostgreSQL", "stopped while starting"};
    if (std::chrono::steady_clock::now() > until)
      for (const pid_t pid : left) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(poll_interval);
  }
  return Done{};
}

Status PrivateCluster::launch() {
  auto binaries = binaries_of(cluster_);
  if (!binaries) return binaries.error();
  const auto settings =
      cluster_settings(this_machine(data_folder_),
                       {socket_folder(data_folder_), fs::weakly_canonical(data_folder_ / "log")});
  if (auto written = write_settings(cluster_, settings); !written) return written;
  const fs::path output = data_folder_ / "log" / start_log;
  std::error_code ignored;
  fs::remove(output, ignored);
  auto child = ChildProcess::start(
      {.words = {*binaries + "/postgres", "-D", cluster_}, .output_file = output, .folder = "/"});
  if (!child) return child.error();
  child_ = *child;
  pid_ = child_->pid();
  ending_.clear();  // of one that was stopped to make room
  return Done{};
}

Status PrivateCluster::wait_until_ready(const std::function<bool()>& give_up) {
  const auto until = std::chrono::steady_clock::now() + start_patience;
  const auto address = connection_string(socket_folder(data_folder_), "postgres", "postgres");
  while (PQping(address.c_str()) != PQPING_OK) {
    if (!runs())
      return Error{ErrorKind::Unavailable, "PostgreSQL",
                   "did not start (" + ending_ + "): " + last_words()};
    if (give_up()) return Error{ErrorKind::Stopped, "PostgreSQL", "stopped while starting"};
    if (std::chrono::steady_clock::now() > until)
      return Error{ErrorKind::TimedOut, "PostgreSQL", "does not accept connections"};
    std::this_thread::sleep_for(poll_interval);
  }
  return Done{};
}

std::string PrivateCluster::last_words() const {
  // Its standard error up to where the log begins; then the log's file of the day.
  fs::path newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(data_folder_ / "log", ignored)) {
    if (entry.path().filename() == start_log) continue;
    if (newest.empty() || entry.last_write_time(ignored) > fs::last_write_time(newest, ignored))
      newest = entry.path();
  }
  return tail_of(data_folder_ / "log" / start_log) + (newest.empty() ? "" : tail_of(newest));
}

Status PrivateCluster::make_database() {
  const auto address = connection_string(socket_folder(data_folder_), "postgres", "postgres");
  Connection connection(PQconnectdb(address.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return Error{ErrorKind::Unavailable, "PostgreSQL", PQerrorMessage(connection.get())};
  struct Part {
    const char* exists;
    const char* make;
  };
  for (const Part& part :
       {Part{"SELECT 1 FROM pg_roles WHERE rolname = 'causeway'", "CREATE ROLE causeway LOGIN"},
        Part{"SELECT 1 FROM pg_database WHERE datname = 'causeway'",
             "CREATE DATABASE causeway OWNER causeway"}}) {
    auto exists = query(connection.get(), part.exists);
    if (!exists) return exists.error();
    if (!exists->empty()) continue;
    if (auto made = query(connection.get(), part.make); !made) return made.error();
  }
  return Done{};
}

bool PrivateCluster::runs() {
  return pid_ != 0 && !ended_within(Milliseconds(0));
}

bool PrivateCluster::ended_within(Milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (pid_ != 0) {
    if (child_) {
      if (auto ending = child_->wait(Milliseconds(0))) ending_ = ending->str();
    } else if (!is_postmaster_of(pid_, cluster_)) {
      ending_ = "it ended; not being our child, it can't be told how";
    }
    if (!ending_.empty()) {
      child_.reset();
      pid_ = 0;
    } else if (std::chrono::steady_clock::now() >= until) {
      return false;
    } else {
      std::this_thread::sleep_for(Milliseconds(10));
    }
  }
  return true;
}

void PrivateCluster::stop() {
  struct Way {
    int signal;
    Milliseconds patience;
  };
  for (const Way& way : {Way{SIGINT, fast_stop_patience}, Way{SIGQUIT, immediate_stop_patience},
                         Way{SIGKILL, immediate_stop_patience}}) {
    if (pid_ == 0) break;
    ::kill(pid_, way.signal);
    if (ended_within(way.patience)) break;
    log_.warn("postgresql_stops_slowly", {{"signal", std::to_string(way.signal)}});
  }
}

}  // namespace causeway::store
