#include "tests/simulation/ledger.h"

#include <algorithm>

#include "engine/channel/replay_order.h"

namespace causeway::simulation {
namespace {

bool is_terminal(const test::MemoryDisk& disk, const WorkRef& work) {
  auto at = disk.attempts.find(work);
  return at != disk.attempts.end() && std::any_of(at->second.begin(), at->second.end(),
                                                  [](const auto& a) { return a.terminal; });
}

std::string field(const std::string& bytes, std::string_view segment, int number) {
  auto at = bytes.find(segment);
  for (int i = 0; at != std::string::npos && i < number; ++i) at = bytes.find('|', at + 1);
  if (at == std::string::npos) return {};
  return bytes.substr(at + 1, bytes.find_first_of("|\r", at + 1) - at - 1);
}

}  // namespace

unsigned Ledger::lot_of(const std::string& bytes) {
  unsigned sum = 7;
  for (char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
  return sum % 100;
}

std::string Ledger::count_line(const std::string& count) {
  return count.empty() ? "" : "ZCT|" + count + "\r";
}

std::string Ledger::without_count(const std::string& bytes) {
  return bytes.substr(0, bytes.find("ZCT|"));
}

int Ledger::count_of(std::string_view bytes) {
  const auto at = bytes.find("ZCT|");
  return at == std::string_view::npos ? 0 : std::atoi(std::string(bytes.substr(at + 4)).c_str());
}

std::size_t Ledger::parts_of(const std::string& bytes) const {
  return 1 + lot_of(bytes) / 5 % parts_max;
}

std::string Ledger::part(const std::string& bytes, bool transformed, std::size_t number) const {
  auto made = bytes + (transformed ? "ZEN|1|done\r" : "");
  return parts_of(bytes) == 1 ? made : made + "ZPT|" + std::to_string(number) + "\r";
}

std::string Ledger::control_id_of(const std::string& bytes) {
  return field(bytes, "MSH", 9);
}

bool Ledger::recorded_as(const test::MemoryDisk& disk, const WorkRef& work, Outcome outcome) {
  auto at = disk.attempts.find(work);
  return at != disk.attempts.end() &&
         std::any_of(at->second.begin(), at->second.end(), [&](const auto& a) {
           return a.event == WorkEvent::Settled && a.outcome == outcome;
         });
}

std::vector<std::string> Ledger::check(const test::MemoryDisk& disk) const {
  std::vector<std::string> broken;
  check_stored(disk, broken);
  check_ends(disk, broken);
  check_received(disk, broken);
  if (counting) check_counts(disk, broken);
  check_order(broken);
  return broken;
}

void Ledger::check_stored(const test::MemoryDisk& disk, std::vector<std::string>& broken) const {
  std::set<std::string> stored;
  for (const auto& [id, arrival] : disk.messages) {
    if (arrival.draft.hops > 0 || (arrival.flags & channel::edited_flag)) continue;
    auto at = sent.find(arrival.control_id);
    if (at == sent.end() || arrival.draft.body.view() != at->second.bytes)
      broken.push_back("stored bytes of " + to_string(id) + " are not what was sent");
    stored.insert(arrival.control_id);
  }
  for (const auto& [control_id, message] : sent)
    if (message.acknowledged && !stored.contains(control_id))
      broken.push_back("acknowledged but not stored: " + control_id);
}

void Ledger::check_ends(const test::MemoryDisk& disk, std::vector<std::string>& broken) const {
  for (const auto& [id, arrival] : disk.messages) {
    auto last = disk.passages.upper_bound({id, RunNumber{INT16_MAX}});
    const bool has_passage = last != disk.passages.begin() && std::prev(last)->first.first == id;
    const bool listed = disk.attention.lower_bound({id, {}, {}}) != disk.attention.end() &&
                        disk.attention.lower_bound({id, {}, {}})->first.message == id;
    if (!has_passage && !listed) broken.push_back("never run: " + to_string(id));
  }
  for (const auto& [key, row] : disk.passages)
    for (const auto& delivery : row.passage.deliveries) {
      WorkRef work{key.first, key.second, delivery.destination, delivery.part};
      if (!is_terminal(disk, work) && !disk.attention.contains(work))
        broken.push_back("neither ended nor listed: " + to_string(key.first) + " for " +
                         destinations.at(delivery.destination).name);
    }
  for (const auto& [key, row] : disk.passages) {
    if (row.passage.deliveries.empty()) continue;
    const auto& arrival = disk.messages.at(key.first);
    const auto expected =
        arrival.draft.hops > 0 ? 1 : parts_of(std::string(arrival.draft.body.view()));
    std::map<DestinationId, std::size_t> parts;
    for (const auto& delivery : row.passage.deliveries) ++parts[delivery.destination];
    for (const auto& [destination, count] : parts)
      if (count != expected)
        broken.push_back("not all parts of " + to_string(key.first) + " for " +
                         destinations.at(destination).name);
  }
  for (const auto& [key, row] : disk.passages)
    for (const auto& child : row.children)
      if (!disk.messages.contains(child.message))
        broken.push_back("a hop of " + to_string(key.first) + " has no message");
}

bool Ledger::is_as_made(const Received& item, const DestinationTerms& terms) const {
  const auto& original = sent.at(item.control_id).bytes;
  const auto bytes = without_count(item.bytes);
  if (!terms.beyond_a_hop) return bytes == part(original, terms.transformed, item.work.part);
  // Each part has become a message of its own.
  for (std::size_t number = 0; number < parts_of(original); ++number)
    if (bytes == part(original, terms.transformed, number)) return true;
  return false;
}

void Ledger::check_received(const test::MemoryDisk& disk, std::vector<std::string>& broken) const {
  for (const auto& [destination, list] : received) {
    const auto& terms = destinations.at(destination);
    std::map<WorkRef, int> accepted;
    for (const auto& item : list) {
      if (!is_as_made(item, terms))
        broken.push_back(terms.name + " got altered bytes of " + item.control_id);
      const bool by_person = decided_by_person.contains(item.work);
      if (item.after_rejection && !by_person)
        broken.push_back(terms.name + " was sent again what it rejected: " + item.control_id);
      if (!item.accepted) continue;
      if (++accepted[item.work] == 1 || by_person) continue;
      if (!terms.duplicates_harmless)
        broken.push_back(terms.name + " got twice: " + item.control_id);
      else if (!item.flagged)
        broken.push_back(terms.name + " got twice, unflagged: " + item.control_id);
    }
    for (const auto& [key, row] : disk.passages)
      for (const auto& delivery : row.passage.deliveries) {
        WorkRef work{key.first, key.second, delivery.destination, delivery.part};
        if (delivery.destination != destination) continue;
        if (recorded_as(disk, work, Outcome::Delivered) && accepted[work] == 0)
          broken.push_back(terms.name +
                           " is said to have accepted, and did not: " + to_string(key.first));
      }
  }
}

/// The counts of a lane have no gap and no double, and receivers saw those that are recorded.
void Ledger::check_counts(const test::MemoryDisk& disk, std::vector<std::string>& broken) const {
  std::map<std::uint64_t, int> last;
  std::map<WorkRef, int> recorded;
  for (const auto& [key, row] : disk.passages) {
    int count = 0;
    for (const auto& delivery : row.passage.deliveries) {
      if (!destinations.at(delivery.destination).transformed) continue;
      count = count_of(delivery.body.view());
      recorded[{key.first, key.second, delivery.destination, delivery.part}] = count;
    }
    if (count == 0) continue;
    const auto lane = disk.messages.at(key.first).order_keys.front();
    if (count != ++last[lane])
      broken.push_back("counted " + std::to_string(count) + " where " + std::to_string(last[lane]) +
                       " comes next: " + to_string(key.first));
    last[lane] = count;
  }
  for (const auto& [destination, list] : received)
    for (const auto& item : list)
      if (destinations.at(destination).transformed && count_of(item.bytes) != recorded[item.work])
        broken.push_back("another count was sent than is recorded: " + item.control_id);
}

void Ledger::check_order(std::vector<std::string>& broken) const {
  for (const auto& [destination, list] : received) {
    // The parts of a message, one after the other, before the lane's next message.
    std::map<std::string, std::pair<MessageId, std::uint16_t>> newest;
    std::set<WorkRef> seen;
    for (const auto& item : list) {
      if (!item.accepted || !seen.insert(item.work).second) continue;
      auto& last = newest[sent.at(item.control_id).patient];
      const auto place = std::pair(item.work.message, item.work.part);
      if (place < last && !decided_by_person.contains(item.work))
        broken.push_back(destinations.at(destination).name +
                         " got out of order: " + item.control_id);
      last = std::max(last, place);
    }
  }
}

}  // namespace causeway::simulation
