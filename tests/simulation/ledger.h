// What the peers saw: kept apart from the engine, and compared with its store at the end.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/memory_store.h"

namespace causeway::simulation {

/// One message as its sender made it.
struct SentMessage {
  std::string control_id;
  std::string patient;
  int sequence = 0;  ///< Within the patient.
  std::string bytes;
  bool acknowledged = false;
};

/// One thing that a receiver did with a message.
struct Received {
  std::string control_id;
  std::string bytes;
  WorkRef work;
  bool accepted = false;         ///< Else rejected for good.
  bool flagged = false;          ///< As a possible duplicate.
  bool after_rejection = false;  ///< The engine's store already knew that it had been rejected.
};

struct DestinationTerms {
  std::string name;
  bool duplicates_harmless = false;  ///< on_ambiguous: retry
  bool transformed = false;
  bool beyond_a_hop = false;
};

class Ledger {
 public:
  std::map<std::string, SentMessage> sent;
  std::map<DestinationId, DestinationTerms> destinations;
  std::map<DestinationId, std::vector<Received>> received;
  /// Deliveries that a person let go on or closed: what they do is their word.
  std::set<WorkRef> decided_by_person;

  /// Into how many parts a script splits a message for each destination: decided by its bytes.
  std::size_t parts_max = 1;
  std::size_t parts_of(const std::string& bytes) const;
  /// Whether the script counts the messages of each lane that it passes on. What is sent to a
  /// destination that gets transformed messages ends with the count.
  bool counting = false;
  static std::string count_line(const std::string& count);
  static std::string without_count(const std::string& bytes);
  static int count_of(std::string_view bytes);  ///< 0: none.
  /// What one of the parts is, as the script makes it and the receiver is to get it.
  std::string part(const std::string& bytes, bool transformed, std::size_t number) const;

  /// Every broken promise, in words; empty if all hold.
  std::vector<std::string> check(const test::MemoryDisk& disk) const;

  static unsigned lot_of(const std::string& bytes);  ///< Below 100.
  static std::string control_id_of(const std::string& bytes);

  static bool recorded_as(const test::MemoryDisk& disk, const WorkRef& work, Outcome outcome);

 private:
  void check_stored(const test::MemoryDisk& disk, std::vector<std::string>& broken) const;
  void check_ends(const test::MemoryDisk& disk, std::vector<std::string>& broken) const;
  bool is_as_made(const Received& item, const DestinationTerms& terms) const;
  void check_received(const test::MemoryDisk& disk, std::vector<std::string>& broken) const;
  void check_counts(const test::MemoryDisk& disk, std::vector<std::string>& broken) const;
  void check_order(std::vector<std::string>& broken) const;
};

}  // namespace causeway::simulation
