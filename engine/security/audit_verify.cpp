#include "engine/security/audit_verify.h"

#include <map>

#include "engine/security/audit_heads.h"

namespace causeway::security {
namespace {

constexpr std::size_t page_rows = 2000;

std::string missing_text(std::int64_t from, std::int64_t to) {
  if (from == to) return "row " + std::to_string(from) + " is missing";
  return "rows " + std::to_string(from) + " to " + std::to_string(to) + " are missing";
}

std::string left_out_text(std::int64_t from, std::int64_t to) {
  const auto rows = from == to
                        ? "row " + std::to_string(from) + " was"
                        : "rows " + std::to_string(from) + " to " + std::to_string(to) + " were";
  return rows + " newer than the backup that was restored";
}

class Verification {
 public:
  explicit Verification(AuditStore& store) : store_(store) {}

  Status read_heads(const std::filesystem::path& file, const std::string& public_key) {
    auto read = AuditHeads::read(file);
    if (!read && read.error().kind == ErrorKind::NotFound) {
      find({}, 0, "the file of signed heads is missing: rows cut off the end would not be seen");
      return Done{};
    }
    if (!read) return read.error();
    if (read->broken_lines > 0)
      find({}, 0,
           "the file of signed heads has lines that are none: " +
               std::to_string(read->broken_lines));
    for (auto& head : read->heads) {
      ++verdict_.heads;
      if (!is_signed(head) || (!public_key.empty() && head.public_key != public_key))
        find(head.node, head.seq, "a head that is not signed by this installation's key");
      else
        heads_[head.node].emplace(head.seq, Head{std::move(head.hash), head.at});
    }
    add_restores(read->restores, public_key);
    return Done{};
  }

  void read_restores(const std::filesystem::path& own_file, const std::string& public_key) {
    if (auto read = AuditHeads::read(own_file)) add_restores(read->restores, public_key);
  }

  Status check_all() {
    auto nodes = store_.nodes();
    if (!nodes) return nodes.error();
    for (const auto node : *nodes) heads_[node];
    for (const auto& [node, heads] : heads_)
      if (auto checked = check_node(node); !checked) return checked;
    return Done{};
  }

  AuditVerdict take() { return std::move(verdict_); }

 private:
  struct Head {
    std::string hash;
    SystemTime at;
  };

  void add_restores(const std::vector<AuditHead>& restores, const std::string& public_key) {
    for (const auto& restore : restores)
      if (is_signed(restore) && (public_key.empty() || restore.public_key == public_key))
        restores_.push_back(restore);
  }

  /// The restore that left out the rows up to this one: a head of before it knew of them, and the
  /// backup did not.
  const AuditHead* left_out_by(NodeId node, std::int64_t from, std::int64_t to) {
    const auto& heads = heads_[node];
    const auto head = heads.lower_bound(to);
    if (head == heads.end()) return nullptr;
    for (const auto& restore : restores_)
      if (restore.node == node && from > restore.seq && head->second.at < restore.at)
        return &restore;
    return nullptr;
  }

  void missing(NodeId node, std::int64_t from, std::int64_t to) {
    if (!left_out_by(node, from, to)) return find(node, from, missing_text(from, to));
    if (verdict_.notes.size() < AuditVerdict::findings_max)
      verdict_.notes.push_back({node, from, left_out_text(from, to)});
  }

  Status check_node(NodeId node) {
    std::int64_t last = 0;
    Before before{first_hash(), {}};
    for (;;) {
      auto rows = store_.rows(node, last, page_rows);
      if (!rows) return rows.error();
      for (const auto& row : *rows) {
        before = check_row(row, last, before);
        last = row.seq;
      }
      if (rows->size() < page_rows) break;
    }
    const auto& heads = heads_[node];
    const auto newest = heads.empty() ? 0 : heads.rbegin()->first;
    if (newest > last) missing(node, last + 1, newest);
    return Done{};
  }

  /// What the next row is chained to: the hash that stands there and, if the row is not right, the
  /// one that its columns would have (it may be the hash that was changed).
  struct Before {
    std::string stored;
    std::string computed;
  };

  Before check_row(const AuditRow& row, std::int64_t last, const Before& before) {
    ++verdict_.rows;
    const auto& heads = heads_[row.node];
    auto stored = before.stored;
    bool known = true;
    if (row.seq != last + 1) {
      missing(row.node, last + 1, row.seq - 1);
      // Of what is gone, a head may still tell the hash that this row was chained to.
      const auto head = heads.find(row.seq - 1);
      known = head != heads.end();
      if (known) stored = head->second.hash;
    }
    const auto name = "row " + std::to_string(row.seq);
    auto computed = chain_hash(stored, row);
    const bool good = !known || computed == row.hash ||
                      (!before.computed.empty() && chain_hash(before.computed, row) == row.hash);
    const auto head = heads.find(row.seq);
    if (!good)
      find(row.node, row.seq, name + " was changed");
    else if (head != heads.end() && head->second.hash != row.hash)
      not_signed(row, head->second);
    return {row.hash, good ? std::string() : computed};
  }

  /// Its number was given out again after a restore, where the heads of before were not at hand.
  void not_signed(const AuditRow& row, const Head& head) {
    const auto* restore = left_out_by(row.node, row.seq, row.seq);
    if (!restore || row.at < restore->at || head.at >= restore->at)
      return find(row.node, row.seq,
                  "row " + std::to_string(row.seq) + " is not the one that was signed");
    if (verdict_.notes.size() < AuditVerdict::findings_max)
      verdict_.notes.push_back({row.node, row.seq, left_out_text(row.seq, row.seq)});
  }

  void find(NodeId node, std::int64_t seq, std::string text) {
    if (verdict_.findings.size() < AuditVerdict::findings_max)
      verdict_.findings.push_back({node, seq, std::move(text)});
  }

  AuditStore& store_;
  std::map<NodeId, std::map<std::int64_t, Head>> heads_;
  std::vector<AuditHead> restores_;
  AuditVerdict verdict_;
};

}  // namespace

Result<AuditVerdict> verify_audit(AuditStore& store, const std::filesystem::path& heads_file,
                                  const std::string& public_key,
                                  const std::filesystem::path& own_heads_file) {
  Verification verification(store);
  if (auto read = verification.read_heads(heads_file, public_key); !read) return read.error();
  if (!own_heads_file.empty()) verification.read_restores(own_heads_file, public_key);
  if (auto checked = verification.check_all(); !checked) return checked.error();
  return verification.take();
}

}  // namespace causeway::security
