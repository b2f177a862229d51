// Prints what the store holds, opened, for comparison with what the peers have seen: it reads the
// tables by itself, without the engine's queries.
//
// One line per message above an id, tab-separated:
//   M  id  channel  control id  flags  hash of the body
//   D  id  channel  run  destination  hash of the bytes to send  armed
// Hashes are those of the load programs. With --body ID: the bytes of that message's first
// delivery.
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/store/data_key_table.h"
#include "engine/store/journal/records.h"
#include "engine/store/journal/sealed_rows.h"
#include "engine/store/sealing/aes_gcm_sealer.h"
#include "engine/store/sealing/master_keys.h"
#include "engine/store/stored_rows.h"
#include "tools/load/messages.h"

namespace causeway::store {
namespace {

constexpr std::int64_t page_rows = 500;
constexpr std::int64_t read_only_node = 0;  // nothing is sealed here

[[noreturn]] void fail(const std::string& text) {
  std::fprintf(stderr, "stored_ledger: %s\n", text.c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result, const char* what) {
  if (!result) fail(std::string(what) + ": " + result.error().str());
  return std::move(*result);
}

constexpr const char* messages_sql =
    "SELECT id, channel, flags, sealed, body, body_bytes FROM message"
    " WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint";

constexpr const char* deliveries_sql =
    "SELECT p.id, p.channel, p.run, p.destinations, p.deliveries, p.outputs, p.form, m.sealed,"
    "  m.body, m.body_bytes"
    " FROM passage p JOIN message m ON m.id = p.id WHERE p.destinations IS NOT NULL"
    "  AND (p.id, p.run) > ($1::bigint, $2::smallint) ORDER BY p.id, p.run LIMIT $3::bigint";

class StoredLedger {
 public:
  StoredLedger(const std::string& conninfo, const std::string& keys)
      : pool_({conninfo, "stored_ledger"}),
        table_(pool_),
        masters_(need(MasterKeys::open(keys), "master keys")),
        data_keys_(table_, *masters_),
        sealer_(need(AesGcmSealer::make(data_keys_, NodeId{read_only_node}, Epoch{1}), "sealer")) {}

  void print_messages(std::int64_t after) {
    for (;;) {
      auto rows =
          need(pool_.query(messages_sql, Params().integer(after).integer(page_rows)), "messages");
      for (std::size_t i = 0; i < rows.size(); ++i) print_message(rows, i);
      if (rows.empty()) return;
      after = rows.integer(rows.size() - 1, 0);
    }
  }

  void print_deliveries(std::int64_t after) {
    std::int64_t run = INT16_MAX;
    for (;;) {
      auto rows = need(
          pool_.query(
              deliveries_sql,
              Params().integer(after).small(static_cast<std::int16_t>(run)).integer(page_rows)),
          "deliveries");
      for (std::size_t i = 0; i < rows.size(); ++i)
        for (auto destination : rows.integers(i, 3)) print_delivery(rows, i, destination);
      if (rows.empty()) return;
      after = rows.integer(rows.size() - 1, 0);
      run = rows.integer(rows.size() - 1, 2);
    }
  }

  void print_body(std::int64_t id) {
    auto rows = need(pool_.query(deliveries_sql, Params().integer(id).small(0).integer(1)), "body");
    if (rows.empty() || rows.integer(0, 0) != id) fail("this message has no delivery");
    const auto destinations = rows.integers(0, 3);
    if (destinations.empty()) fail("this message has no delivery");
    const auto body =
        need(passage_of(rows, 0).find(work_of(rows, 0, destinations.front())), "body").body;
    std::fwrite(body.view().data(), 1, body.view().size(), stdout);
  }

 private:
  void print_message(const Rows& rows, std::size_t row) {
    const auto id = rows.integer(row, 0);
    const auto packed = need(sealer_->open({id, Role::Message, 0}, rows.bytes(row, 3)), "message");
    Arrival arrival;
    if (auto read = unpack_message(packed, arrival); !read) fail("message: " + read.error().str());
    std::printf("M\t%" PRId64 "\t%" PRId64 "\t%s\t%" PRId64 "\t%016" PRIx64 "\n", id,
                rows.integer(row, 1), arrival.control_id.c_str(), rows.integer(row, 2),
                load::hash_of(arrival.draft.body.view()));
  }

  /// The first delivery to this destination: the channels of these tests split nothing.
  static WorkRef work_of(const Rows& rows, std::size_t row, std::int64_t destination) {
    return {MessageId{rows.integer(row, 0)},
            RunNumber{static_cast<std::int16_t>(rows.integer(row, 2))},
            DestinationId{static_cast<std::int32_t>(destination)}};
  }

  PassageDeliveries passage_of(const Rows& rows, std::size_t row) {
    PassageCells cells;
    cells.id = MessageId{rows.integer(row, 0)};
    cells.run = RunNumber{static_cast<std::int16_t>(rows.integer(row, 2))};
    cells.destinations = rows.integers(row, 3);
    cells.deliveries = rows.bytes(row, 4);
    cells.against_input = (rows.integer(row, 6) & form_against_input) != 0;
    cells.outputs = rows.bytes(row, 5);
    cells.message = rows.bytes(row, 7);
    cells.message_body = BodyId{rows.integer(row, 8)};
    cells.message_bytes = static_cast<std::uint64_t>(rows.integer(row, 9));
    return {std::move(cells), *sealer_};
  }

  void print_delivery(const Rows& rows, std::size_t row, std::int64_t destination) {
    const auto ids = rows.integers(row, 3);
    const auto packed = need(unpack_deliveries(rows.bytes(row, 4)), "deliveries");
    const auto at =
        static_cast<std::size_t>(std::find(ids.begin(), ids.end(), destination) - ids.begin());
    const auto found =
        need(passage_of(rows, row).find(work_of(rows, row, destination)), "delivery");
    std::printf("D\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%016" PRIx64 "\t%d\n",
                rows.integer(row, 0), rows.integer(row, 1), rows.integer(row, 2), destination,
                load::hash_of(found.body.view()), packed.at(at).armed ? 1 : 0);
  }

  ConnectionPool pool_;
  DataKeyTable table_;
  std::unique_ptr<MasterKeys> masters_;
  DataKeys data_keys_;
  std::unique_ptr<AesGcmSealer> sealer_;
};

}  // namespace
}  // namespace causeway::store

int main(int argc, char** argv) {
  const bool body = argc == 5 && std::strcmp(argv[3], "--body") == 0;
  const bool all = argc == 5 && std::strcmp(argv[3], "--after") == 0;
  if (!body && !all) {
    std::fprintf(stderr, "usage: stored_ledger CONNINFO KEYS_FOLDER --after ID | --body ID\n");
    return 2;
  }
  causeway::store::StoredLedger ledger(argv[1], argv[2]);
  const auto id = std::strtoll(argv[4], nullptr, 10);
  if (body) {
    ledger.print_body(id);
  } else {
    ledger.print_messages(id);
    ledger.print_deliveries(id);
  }
}
