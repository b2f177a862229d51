#include "engine/security/audit.h"

namespace causeway::security {
namespace {

std::string_view proof_word(Proof proof) {
  static constexpr std::string_view words[] = {"none", "local", "session", "token"};
  return words[static_cast<std::size_t>(proof)];
}

/// Cut at a character's end, so that it stays UTF-8.
std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most));
}

}  // namespace

Audit::Audit(AuditStore& store, NodeId node, std::unique_ptr<AuditKey> key,
             std::unique_ptr<AuditHeads> heads, const Clock& clock, Log& log)
    : store_(store),
      node_(node),
      key_(std::move(key)),
      clock_(clock),
      log_(log),
      heads_(std::move(heads)) {}

Result<std::unique_ptr<Audit>> Audit::open(AuditStore& store, const Place& place,
                                           const Clock& clock, Log& log) {
  auto key = AuditKey::open(place.key_file);
  if (!key) return key.error();
  auto heads = AuditHeads::open(place.heads_file);
  if (!heads) return heads.error();
  std::unique_ptr<Audit> audit(
      new Audit(store, place.node, std::move(*key), std::move(*heads), clock, log));
  if (auto found = audit->find_end(); !found) return found.error();
  return audit;
}

Status Audit::find_end() {
  auto last = store_.last(node_);
  if (!last) return last.error();
  const auto head = heads_->last(node_);
  last_seq_ = last->seq;
  last_hash_ = last->seq > 0 ? last->hash : first_hash();
  if (head.seq > last->seq) {
    log_.error("audit.rows_missing", {{"from", std::to_string(last->seq + 1)},
                                      {"to", std::to_string(head.seq)},
                                      {"see", "causeway audit verify"}});
    last_seq_ = head.seq;
    last_hash_ = head.hash;
  }
  return Done{};
}

Status Audit::write(const Caller& caller, const AuditEvent& event) {
  AuditRow row;
  row.node = node_;
  row.actor = cut(caller.name, text_bytes_max);
  row.proof = proof_word(caller.proof);
  row.peer = cut(event.peer, text_bytes_max);
  row.action = event.action;
  row.channel = cut(event.channel, text_bytes_max);
  row.target = cut(event.target, text_bytes_max);
  row.outcome = event.outcome;

  std::lock_guard lock(mutex_);
  row.seq = last_seq_ + 1;
  row.at = clock_.now();
  if (!event.reason.empty()) {
    auto sealed = store_.seal(row, cut(event.reason, reason_bytes_max));
    if (!sealed) return sealed.error();
    row.detail = std::move(*sealed);
  }
  row.hash = chain_hash(last_hash_, row);
  if (auto added = store_.append(row); !added) return added;
  last_seq_ = row.seq;
  last_hash_ = row.hash;
  AuditHead head{node_, row.seq, row.at, row.hash, {}, {}, false};
  key_->sign(head);
  if (auto written = heads_->write(head); !written)
    log_.error("audit.head_not_written", {{"file", "audit.heads"}});
  return Done{};
}

}  // namespace causeway::security
