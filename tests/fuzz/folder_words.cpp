// Any text as a cron expression and as a template of names: what is taken for good can be used, and
// never leads out of the folder, whatever the message holds. Template and message are apart by a
// line feed.
#include <cstdint>
#include <cstdlib>

#include "connectors/support/cron.h"
#include "connectors/support/folder/folder.h"
#include "connectors/support/folder/name_template.h"

namespace {

using namespace causeway;
using namespace causeway::connectors::folder;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_cron(std::string_view text) {
  const auto cron = connectors::parse_cron(text);
  if (!cron) return;
  require(cron->minutes.any() && cron->hours.any() && cron->days.any() && cron->months.any() &&
          cron->weekdays.any());
  const SystemTime now{std::chrono::hours(24 * 365 * 56)};
  const auto next = connectors::next_time(*cron, now);
  require(!next || *next > now);
}

void check_names(std::string_view text, std::string_view body) {
  const auto names = NameTemplate::parse(text);
  if (!names) return;
  StoredDelivery delivery;
  delivery.work.message = make_message_id(1772366400123, NodeId{0}, 7);
  const auto name = names->fill(delivery, body);
  if (!name) return;
  require(check_relative(*name).ok());
  require(*name == *names->fill(delivery, body));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = input.substr(0, input.find('\n'));
  check_cron(line);
  check_names(line, input.substr(std::min(size, line.size() + 1)));
  require(!printable(input).empty() || input.empty());
  return 0;
}
