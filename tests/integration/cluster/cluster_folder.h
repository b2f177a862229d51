// A temporary data folder with a cluster in it that was made once for all tests of the program and
// copied; what runs in it is killed at the end of the scope.
#pragma once

#include <signal.h>

#include "engine/store/cluster/child_process.h"
#include "engine/store/cluster/cluster_files.h"
#include "tests/support/forked_process.h"
#include "tests/support/temporary_folder.h"

namespace causeway::testing {

class ClusterFolder : public TemporaryFolder {
 public:
  ClusterFolder() {
    static const TemporaryFolder original;
    if (auto made = store::make_cluster(original.path() / "postgres"); !made)
      throw std::runtime_error(made.error().str());
    std::filesystem::copy(original.path() / "postgres", cluster(),
                          std::filesystem::copy_options::recursive);
  }
  ~ClusterFolder() {
    for (const pid_t pid : store::processes_in(cluster())) ::kill(pid, SIGKILL);
    eventually([&] { return all_gone(); });
  }

  std::filesystem::path cluster() const { return path() / "postgres"; }
  bool all_gone() const { return store::processes_in(cluster()).empty(); }
};

}  // namespace causeway::testing
