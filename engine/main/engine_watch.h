// What alert rules look at (observe/alerts/situation.h), gathered from a running engine. Used by
// one thread, but for what is named otherwise; blocks on the database.
#pragma once

#include <filesystem>
#include <map>

#include "engine/api/names.h"
#include "engine/core/clock.h"
#include "engine/core/metrics.h"
#include "engine/main/running_channels.h"
#include "engine/observe/alerts/situation.h"
#include "engine/store/queries/queue_views.h"

namespace causeway {

/// When the certificate in this file (PEM, the first one) expires. NotFound, Invalid.
Result<SystemTime> certificate_expiry(const std::filesystem::path& file);

class EngineWatch {
 public:
  struct Parts {
    const Clock& clock;
    Metrics& metrics;
    const RunningChannels& channels;
    store::QueueViews& queues;
    store::Registry& registry;
    std::filesystem::path data_folder;
    std::string api_certificate;  ///< Of the admin API beyond loopback. Empty: none.
    bool unclean_start = false;
  };
  explicit EngineWatch(Parts parts);

  observe::Situation look();

 private:
  void add_waiting(std::vector<observe::ChannelSituation>& channels);
  void add_counts(observe::ChannelSituation& channel) const;
  void add_certificates(const std::string& path, std::vector<observe::CertificateSituation>& found);
  void add_certificate(const std::string& channel, const std::string& what, const std::string& file,
                       std::vector<observe::CertificateSituation>& found);

  const Parts parts_;
  api::Names names_;
  const SystemTime started_;
  struct Read {
    std::filesystem::file_time_type written;
    Result<SystemTime> expires;
  };
  std::map<std::string, Read> certificates_;  // files as last read
};

}  // namespace causeway
