// The part of a queue that memory has no room for: rows of the journal, read in pages.
//
// While it overflows, new work of the queue is not kept in memory but found again by reading the
// journal by message number. Passages don't commit in the order of message numbers, so a page may
// only be read up to the `horizon`: the number up to which everything the queue can still get is
// committed. Work above the horizon is remembered here (there is little of it: what is being worked
// on just now). When a page comes back short and nothing was forgotten meanwhile, the queue is
// whole in memory again.
//
// Not thread-safe: guarded by its channel's mutex. The reading itself is the caller's.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/core/store.h"

namespace causeway::channel {

class Backlog {
 public:
  bool overflows() const { return overflows_; }
  /// From now on work is not kept; all committed work up to `horizon` has been.
  void overflow(MessageId horizon);
  /// After a start: work of an earlier life up to `last` is to be read.
  void recover(MessageId low_water, MessageId last);

  /// New work, not yet committed, that is not kept in memory.
  void planned(OpenDelivery work);
  /// It has been committed. A value: it would not be found by reading any more, so keep it.
  std::optional<OpenDelivery> committed(WorkRef work, MessageId horizon);
  void refused(WorkRef work);
  /// Work that memory is done with: a page read before that may still show it as open.
  void finished(WorkRef work);

  /// What to read next; nothing if a page is being read, or all has been read.
  std::optional<Page> next_page(MessageId horizon);

  struct Loaded {
    std::vector<OpenDelivery> committed;  ///< To be taken into memory, in order.
    std::vector<OpenDelivery> pending;    ///< Likewise, not committed yet.
  };
  /// The rows of the page, or (with no page to read) what is left beyond it.
  Loaded loaded(const Page& page, std::vector<OpenDelivery> rows, MessageId horizon);
  void read_failed() { reading_ = false; }

  /// Everything up to here has been taken into memory once.
  MessageId read_to() const { return read_to_; }

 private:
  void forget_readable(MessageId horizon);

  bool overflows_ = false;
  bool reading_ = false;
  MessageId read_to_;
  MessageId page_horizon_;  // the horizon when the page being read was asked for
  MessageId forgotten_to_;  // work up to here may have been forgotten, since a page can bring it
  std::deque<OpenDelivery> pending_;
  std::vector<OpenDelivery> beyond_;  // committed, above the horizon, in order of commit
  std::set<WorkRef> finished_while_reading_;
};

}  // namespace causeway::channel
