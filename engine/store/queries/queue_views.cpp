#include "engine/store/queries/queue_views.h"

#include "engine/store/journal/row_maker.h"
#include "engine/store/queries/view_queries.h"

namespace causeway::store {

Result<std::vector<QueueView>> QueueViews::queues() {
  auto rows = pool_.query(view_sql::queues);
  if (!rows) return rows.error();
  std::vector<QueueView> views;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    const WorkQueue queue{ChannelId{rows->integer32(i, 0)}, DestinationId{rows->integer32(i, 1)}};
    if (views.empty() || views.back().queue != queue) views.push_back({queue, {}});
    views.back().parts[static_cast<AttentionState>(rows->integer(i, 2))] = {
        static_cast<std::uint64_t>(rows->integer(i, 3)), MessageId{rows->integer(i, 4)},
        from_stored(rows->integer(i, 5))};
  }
  return views;
}

}  // namespace causeway::store
