// Runs a comparison over the stored messages of a channel: one thread reads pages of them, newest
// first, the others compare.
//
// Reads the store, writes nothing. Used by one thread.
#pragma once

#include "engine/config/channel_config.h"
#include "engine/main/compare/change_clusters.h"
#include "engine/store/read_only_store.h"

namespace causeway {

struct StoredComparison {
  store::ReadOnlyStore& store;
  const config::ChannelConfig& deployed;
  const config::ChannelConfig& draft;
  store::SearchRequest request;  ///< Whose messages, of what time.
  std::size_t limit = 0;
  unsigned threads = 1;

  struct Done {
    ChangeClusters::Summary summary;
    std::size_t content_gone = 0;  ///< Messages whose content isn't there any more.
  };
  /// Errors: of the store; of scripts that can't be compiled.
  Result<Done> run();
};

}  // namespace causeway
