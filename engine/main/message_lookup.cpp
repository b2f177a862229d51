#include "engine/main/message_lookup.h"

#include "engine/api/message_json.h"
#include "engine/api/queue_json.h"
#include "engine/api/target.h"
#include "engine/core/clock.h"
#include "engine/core/limits.h"
#include "engine/main/api_client.h"
#include "engine/main/installation.h"

namespace causeway {
namespace {

class ByEngine final : public MessageLookup {
 public:
  explicit ByEngine(std::unique_ptr<ApiClient> client) : client_(std::move(client)) {}

  Result<Page> find(const api::MessageQuery& query, std::size_t limit,
                    const std::string& next) override {
    auto target = next;
    if (target.empty()) {
      target = "/api/messages?limit=" + std::to_string(limit);
      for (const auto& [name, value] :
           {std::pair<const char*, const std::string&>{"channel", query.channel},
            {"term", query.term},
            {"type", query.type},
            {"peer", query.peer},
            {"cause", query.cause},
            {"from", query.from},
            {"to", query.to}})
        if (!value.empty()) target = api::with_parameter(target, name, value);
      for (const auto& state : query.states) target += "&state=" + api::percent_encoded(state);
      for (const auto& kind : query.kinds) target += "&kind=" + api::percent_encoded(kind);
    }
    auto answer = client_->ask_json("GET", target);
    if (!answer) return answer.error();
    return Page{list_of(*answer, "items"), text_of(*answer, "next")};
  }

  Result<std::string> show(MessageId id) override {
    auto answer = client_->ask("GET", "/api/messages/" + to_string(id) + "/content");
    return answer ? std::move(answer) : in_words(answer.error());
  }

  Status body(MessageId id, const std::function<bool(std::string_view)>& take) override {
    auto done = client_->stream("/api/messages/" + to_string(id) + "/body", take);
    return done ? done : in_words(done.error());
  }

  Result<std::vector<config::Value>> queues(const std::string& path, std::size_t rows) override {
    const auto query = "?rows=" + std::to_string(rows) + "&channel=" + api::percent_encoded(path);
    auto answer = client_->ask_json("GET", "/api/queues/content" + query);
    if (!answer && answer.error().kind == ErrorKind::NotPermitted)
      answer = client_->ask_json("GET", "/api/queues" + query);
    if (!answer) return answer.error();
    return list_of(*answer, "items");
  }

 private:
  static Error in_words(Error error) {
    if (error.kind == ErrorKind::NotFound) error.text = "no such message";
    return error;
  }

  std::unique_ptr<ApiClient> client_;
};

class InDatabase final : public MessageLookup {
 public:
  explicit InDatabase(std::unique_ptr<Installation> installation)
      : installation_(std::move(installation)), names_(installation_->store().registry()) {}

  Result<Page> find(const api::MessageQuery& query, std::size_t limit,
                    const std::string& next) override {
    auto from_here = query;
    from_here.after = next;
    auto request = api::search_request(names_, from_here, MachineClock().now());
    if (!request) return request.error();
    request->rows = limit;
    auto found = installation_->store().search().find(*request);
    if (!found) return found.error();
    Page page;
    for (const auto& each : found->found) {
      auto value = config::parse_json(api::found_json(names_, each), "message");
      if (!value) return value.error();
      page.found.push_back(std::move(*value));
    }
    if (found->next) page.next = to_string(found->next);
    return page;
  }

  Result<std::string> show(MessageId id) override {
    auto view = installation_->store().messages().show(id);
    if (!view) return view.error();
    return api::message_json(names_, *view, api::Content::Shown);
  }

  Status body(MessageId id, const std::function<bool(std::string_view)>& take) override {
    auto message = installation_->store().work().message(id);
    if (!message) return message.error();
    const auto& stored = message->arrival.draft.body;
    if (!stored.is_staged()) {
      take(stored.view());
      return Done{};
    }
    for (std::uint64_t at = 0; at < stored.size(); at += limits::staged_chunk_bytes) {
      auto chunk =
          installation_->store().read_body(stored.staged(), at, limits::staged_chunk_bytes);
      if (!chunk) return chunk.error();
      if (!take(*chunk)) break;
    }
    return Done{};
  }

  Result<std::vector<config::Value>> queues(const std::string& path, std::size_t rows) override {
    auto& store = installation_->store();
    const api::Reads reads{
        names_, store.search(), store.messages(), store.queues(), store.work(), store.holds(), {}};
    auto queues = api::queues_with_work(reads, {.path = path, .scopes = {""}, .rows = rows});
    if (!queues) return queues.error();
    std::vector<config::Value> found;
    for (const auto& queue : *queues) {
      auto value = config::parse_json(api::queue_json(names_, queue, api::Content::Shown), "queue");
      if (!value) return value.error();
      found.push_back(std::move(*value));
    }
    return found;
  }

 private:
  std::unique_ptr<Installation> installation_;
  api::Names names_;
};

}  // namespace

// An access file that a killed engine left names an address where nobody answers, or another.
Result<std::unique_ptr<MessageLookup>> MessageLookup::open(const Arguments& arguments) {
  using Found = std::unique_ptr<MessageLookup>;
  if (!arguments.has("database")) {
    auto client = ApiClient::open(arguments);
    const bool answers =
        client && ((*client)->is_remote() || (*client)->ask("GET", "/api/session"));
    if (answers) return Found(new ByEngine(std::move(*client)));
    if (arguments.has("url")) return client.error();
  }
  auto installation = Installation::open(arguments);
  if (!installation) return installation.error();
  return Found(new InDatabase(std::move(*installation)));
}

}  // namespace causeway
