// A CSV file whose first column is looked up. It is read when it is first asked, and again when it
// has changed; it should be replaced whole (written beside, then renamed).
#include <mutex>
#include <system_error>

#include "engine/config/text_file.h"
#include "engine/pipeline/enrich/answer_text.h"
#include "engine/pipeline/enrich/lookup.h"
#include "engine/script/code_tables.h"

namespace causeway::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t table_bytes_max = 64 * 1024 * 1024;
/// Whether it has changed is looked at no more often than this.
constexpr Milliseconds look_every{1000};

class TableLookup final : public Lookup {
 public:
  explicit TableLookup(const config::EnrichConfig& config)
      : path_(config.settings.text("path")), answer_bytes_max_(config.answer_bytes_max) {}

  Result<std::string> ask(const config::Value& request, SteadyTime) override {
    std::string key;
    if (request.string())
      key = *request.string();
    else if (request.integer())
      key = std::to_string(*request.integer());
    else
      return Error{ErrorKind::Invalid, "",
                   "a table is asked for a text or a whole number: what its first column has"};
    auto table = present();
    if (!table) return std::move(table).error();
    auto row = row_of(**table, key);
    if (row.size() > answer_bytes_max_)
      return Error{ErrorKind::Limit, "", "the row is larger than answer_bytes_max"};
    return row;
  }

 private:
  using Table = std::shared_ptr<const script::CodeTable>;
  struct Stamp {
    fs::file_time_type written{};
    std::uintmax_t bytes = 0;
    bool operator==(const Stamp&) const = default;
  };

  /// The table as the file now has it. Reading is under the lock: all who ask would read the same.
  Result<Table> present() {
    std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (table_ && now < look_again_) return table_;
    std::error_code failed;
    Stamp stamp;
    stamp.written = fs::last_write_time(path_, failed);
    if (!failed) stamp.bytes = fs::file_size(path_, failed);
    if (failed) return Error{ErrorKind::Unavailable, path_, failed.message()};
    look_again_ = now + look_every;
    if (table_ && stamp == stamp_) return table_;
    table_.reset();
    auto text = config::read_text_file(path_, table_bytes_max);
    if (!text) return Error{ErrorKind::Unavailable, path_, text.error().text};
    auto read = script::CodeTable::read(path_, *text);
    // Its text may quote the file.
    if (!read) return Error{ErrorKind::Unavailable, read.error().place, "the table is malformed"};
    table_ = std::make_shared<const script::CodeTable>(std::move(*read));
    stamp_ = stamp;
    return table_;
  }

  static std::string row_of(const script::CodeTable& table, const std::string& key) {
    const auto row = table.find(key);
    if (!row) return "null";
    std::string json;
    for (std::size_t i = 0; i < table.columns().size(); ++i)
      json += (i ? "," : "{") + json_string(table.columns()[i]) + ":" +
              json_string(table.cell(*row, i));
    return json + "}";
  }

  const std::string path_;
  const std::size_t answer_bytes_max_;
  std::mutex mutex_;
  // Guarded by mutex_:
  Table table_;
  Stamp stamp_;
  SteadyTime look_again_{};
};

}  // namespace

Result<std::unique_ptr<Lookup>> make_table_lookup(const config::EnrichConfig& config) {
  return std::unique_ptr<Lookup>(std::make_unique<TableLookup>(config));
}

}  // namespace causeway::pipeline
