#include "tests/support/test_database.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <thread>

#include "engine/store/cluster/binaries.h"
#include "engine/store/cluster/child_process.h"

namespace causeway::testing {
namespace fs = std::filesystem;
using store::ChildProcess;

namespace {

constexpr uid_t nobody_uid = 65534;
constexpr auto patience = std::chrono::seconds(60);

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().str());
  return std::move(result).value();
}

// PostgreSQL refuses to run as root.
std::vector<std::string> as_unprivileged(std::vector<std::string> words) {
  if (::geteuid() != 0) return words;
  const std::string id = std::to_string(nobody_uid);
  std::vector<std::string> all = {"setpriv", "--reuid=" + id, "--regid=" + id, "--clear-groups",
                                  "--pdeathsig=SIGQUIT"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

bool answers(const std::string& url) {
  return PQping(url.c_str()) == PQPING_OK;
}

}  // namespace

struct TestServer::State {
  fs::path folder;
  std::string binaries;
  std::optional<ChildProcess> server;
};

TestServer::TestServer() : state_(std::make_unique<State>()) {
  std::string name = "/tmp/causeway-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  state_->folder = name;
  if (::geteuid() == 0 && ::chown(name.c_str(), nobody_uid, nobody_uid) != 0)
    throw std::runtime_error("cannot give the temporary folder away");
  state_->binaries = must(store::find_binaries());
  must(store::run_command(
      as_unprivileged({state_->binaries + "/initdb", "-D", name + "/data", "-U", "causeway",
                       "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"}),
      patience));
  start();
}

TestServer::~TestServer() {
  if (state_->server) state_->server->stop(SIGQUIT, patience);
  std::error_code ignored;
  fs::remove_all(state_->folder, ignored);
}

void TestServer::start() {
  const std::string folder = state_->folder;
  std::vector<std::string> words = {state_->binaries + "/postgres", "-D", folder + "/data"};
  for (const std::string setting :
       {"listen_addresses=", "fsync=off", "shared_buffers=64MB", "max_connections=60",
        "max_prepared_transactions=10", "log_min_messages=warning"})
    words.insert(words.end(), {"-c", setting});
  words.insert(words.end(), {"-c", "unix_socket_directories=" + folder});
  state_->server = must(ChildProcess::start({.words = as_unprivileged(words),
                                             .output_file = folder + "/log",
                                             .folder = "/",
                                             .parent_death_signal = SIGQUIT}));
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!answers(url("postgres"))) {
    if (state_->server->wait(Milliseconds(20)) || std::chrono::steady_clock::now() > until)
      throw std::runtime_error("PostgreSQL did not start; see " + folder + "/log");
  }
}

void TestServer::kill() {
  state_->server->stop(SIGKILL, patience);
  // The backends notice by themselves; until they are gone, no new postmaster can start.
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!store::processes_in(state_->folder / "data").empty()) {
    if (std::chrono::steady_clock::now() > until)
      throw std::runtime_error("backends outlive their postmaster");
    std::this_thread::sleep_for(Milliseconds(10));
  }
}

std::string TestServer::url(const std::string& database) const {
  return "host=" + state_->folder.string() + " user=causeway dbname=" + database;
}

int TestServer::pid() const {
  return state_->server->pid();
}

TestServer& TestServer::shared() {
  static TestServer server;
  return server;
}

TestDatabase::TestDatabase(TestServer& server) : server_(server) {
  static int number = 0;
  name_ = "test_" + std::to_string(++number);
  run_sql(server_.url("postgres"), "CREATE DATABASE " + name_);
  url_ = server_.url(name_);
}

TestDatabase::~TestDatabase() {
  try {
    run_sql(server_.url("postgres"), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {
    // The test killed the server; the folder goes at the end.
  }
}

std::string run_sql(const std::string& url, const std::string& sql) {
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), &PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection.get()));
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()),
                                                       &PQclear);
  const auto status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK) return "";
  if (status != PGRES_TUPLES_OK) throw std::runtime_error(PQresultErrorMessage(result.get()));
  return PQntuples(result.get()) == 0 ? "" : PQgetvalue(result.get(), 0, 0);
}

}  // namespace causeway::testing
