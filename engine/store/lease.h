// The node's lease: a row (node, epoch, until) that says who may write and send for this node.
//
// Taking it raises the epoch, in a committed transaction; every write checks the epoch (`fence`),
// so that from then on no transaction of an earlier holder can begin; those that had begun are
// waited for (or ended) before `take` returns. A thread renews it. The holder counts from before a
// renewal was sent, and less a margin, by its own steady clock: `held` turns false before anybody
// else can take it. Epochs rise over all nodes: no two starts in an installation share one.
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "engine/core/clock.h"
#include "engine/core/log.h"
#include "engine/store/postgres/connection.h"

namespace causeway::store {

struct LeaseTerms {
  Milliseconds ttl{10000};
  Milliseconds renew_every{2000};
  Milliseconds margin{2000};
  /// What is waited for transactions of an earlier holder before they are ended by force.
  Milliseconds drain_patience{3000};
};

struct LeaseRequest {
  Target target;  ///< Its application_name is that of all connections of this node.
  NodeId node;
  /// Who we are. Whoever held the lease under the same name is known to be dead (the caller holds a
  /// lock that proves it), so its time needn't run out.
  std::string holder;
  /// How long to wait for another's lease to run out. Zero: refuse at once (Conflict).
  Milliseconds patience{0};
  LeaseTerms terms;
};

class Lease {
 public:
  /// Conflict: another holds it (the text says who, until when).
  static Result<std::unique_ptr<Lease>> take(const LeaseRequest& request, const Clock& clock,
                                             Log& log);
  ~Lease();  ///< Releases it, if it is still held: another may take it at once.

  bool held() const;
  /// Another has taken it, for good.
  bool was_lost() const { return lost_.load(std::memory_order_relaxed); }
  /// Another has taken it: `held` is false for good.
  void lost();

  NodeId node() const { return request_.node; }
  Epoch epoch() const { return epoch_; }

  /// Fails with a division by zero unless this node and epoch hold.
  static const Statement fence;
  Params fence_params() const;

 private:
  Lease(LeaseRequest request, const Clock& clock, Log& log)
      : request_(std::move(request)), clock_(clock), log_(log) {}

  Status acquire(Connection& connection);
  Status drain_earlier(Connection& connection);
  void renew_until_stopped();
  bool renew(std::optional<Connection>& connection);
  void held_from(SteadyTime sent);

  const LeaseRequest request_;
  const Clock& clock_;
  Log& log_;
  Epoch epoch_;
  std::atomic<SteadyTime::rep> held_until_{0};
  std::atomic<bool> lost_{false};

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread renewer_;
};

}  // namespace causeway::store
