// Which rules hold at a moment, and about what. Keeps a little of the past, for rates. Not
// thread-safe.
#pragma once

#include <deque>
#include <map>

#include "engine/observe/alerts/rules.h"
#include "engine/observe/alerts/situation.h"

namespace causeway::observe {

/// What a rule holds for.
struct Finding {
  std::string channel;  ///< Its path; empty: about the installation.
  std::string subject;  ///< "lab/oru_in > archive": what tells it from others of its rule.
  std::string text;     ///< In words, for whoever is told.
};

class Conditions {
 public:
  static constexpr auto sample_every = std::chrono::seconds(10);

  /// The present, from now on. Times don't go back.
  void see(Situation situation);
  /// About the present.
  std::vector<Finding> findings(const Rule& rule) const;
  const Situation& present() const { return present_; }

 private:
  /// What rates are made of.
  struct Sample {
    SteadyTime at;
    std::uint64_t disk_free = 0;
    struct Counts {
      std::uint64_t received = 0, failed = 0;
      ChannelSituation::Commits commits{};
    };
    std::map<std::string, Counts, std::less<>> channels;
  };
  /// As much as `back` ago, or the oldest there is; nullptr: none yet.
  const Sample* sample(Milliseconds back) const;
  void find_in(const Rule& rule, const ChannelSituation& channel,
               std::vector<Finding>& found) const;
  void find_waiting(const Rule& rule, const ChannelSituation& channel,
                    std::vector<Finding>& found) const;
  std::optional<std::string> idle(const Rule& rule, const ChannelSituation& channel) const;
  std::optional<std::string> failing(const Rule& rule, const ChannelSituation& channel) const;
  std::optional<std::string> slow(const Rule& rule, const ChannelSituation& channel) const;
  std::optional<std::string> disk_fills(const Rule& rule) const;
  std::optional<std::string> restarted(const Rule& rule) const;

  Situation present_;
  std::deque<Sample> samples_;
};

}  // namespace causeway::observe
