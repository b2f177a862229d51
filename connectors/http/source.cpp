#include "connectors/http/source.h"

#include "connectors/http/reply.h"
#include "connectors/support/staged_body.h"
#include "engine/core/check.h"
#include "engine/core/limits.h"

namespace causeway::connectors::http {
namespace {

constexpr std::size_t idempotency_key_bytes_max = 255;

std::string channel_label(const std::string& channel) {
  return "channel=\"" + channel + "\"";
}

Reply not_stored(const Error& error) {
  Reply reply;
  reply.verdict.code = Verdict::Code::Reject;
  reply.verdict.kind = error.kind;
  reply.verdict.text = "not stored, send it again";
  reply.bytes = make_bytes(compose(reply.verdict));
  return reply;
}

}  // namespace

HttpSource::Instruments::Instruments(Metrics& metrics, const std::string& channel)
    : messages(metrics.counter("causeway_source_messages_total", channel_label(channel))),
      message_bytes(metrics.counter("causeway_source_message_bytes_total", channel_label(channel))),
      replies_lost(metrics.counter("causeway_source_replies_lost_total", channel_label(channel))) {}

HttpSource::HttpSource(SourceSettings settings, const Name& name, const Environment& environment)
    : settings_(std::move(settings)),
      name_(name),
      environment_(environment),
      instruments_(environment.metrics, name.channel),
      gate_(environment.loop,
            [this] {
              if (server_) server_->resume_all();
            }),
      port_(settings_.listener.port) {
  Receiver& receiver = *this;
  route_ = std::make_shared<const Route>(
      Route{name_.channel, settings_.path, settings_.methods, &receiver});
}

HttpSource::~HttpSource() {
  stop(Milliseconds(0));
}

Status HttpSource::start(Intake& intake) {
  Status status = Done{};
  environment_.loop.run_and_wait([&] { status = listen(intake); });
  return status;
}

Status HttpSource::listen(Intake& intake) {
  if (gate_.intake()) return Done{};
  if (!server_) {
    auto shared = Server::share(settings_.listener, name_.channel, environment_);
    if (!shared) return shared.error();
    if (auto added = (*shared)->add(route_); !added) return added;
    server_ = std::move(*shared);
  }
  gate_.open(intake);
  inbox_ = std::make_shared<Replies>(environment_.loop, *this);
  stager_ = std::make_unique<Background>();
  {
    std::lock_guard lock(mutex_);
    listening_ = true;
    port_ = server_->port();
    sharing_ = server_->routes() - 1;
  }
  environment_.log.info("source_listening",
                        {{"channel", name_.channel}, {"address", this->address()}});
  server_->resume_all();
  return Done{};
}

bool HttpSource::take_over(Source& earlier) {
  auto* other = dynamic_cast<HttpSource*>(&earlier);
  if (!other || other == this) return false;
  const auto &mine = settings_.listener, &theirs = other->settings_.listener;
  if (mine.host != theirs.host || mine.port != theirs.port) return false;
  bool taken = false;
  environment_.loop.run_and_wait([&] { taken = take_route(*other); });
  return taken;
}

bool HttpSource::take_route(HttpSource& earlier) {
  if (!earlier.server_ || !earlier.server_->has(*earlier.route_)) return false;
  auto server = earlier.server_;
  if (!server->replace(*earlier.route_, route_, settings_.listener)) return false;
  server_ = std::move(server);
  {
    std::lock_guard lock(earlier.mutex_);
    earlier.listening_ = false;
  }
  std::lock_guard lock(mutex_);
  listening_ = gate_.intake() != nullptr;
  port_ = server_->port();
  return true;
}

void HttpSource::stop(Milliseconds grace) {
  CHECK(!environment_.loop.on_loop_thread());
  environment_.loop.run_and_wait([this] { begin_stop(); });
  under_way_.wait_for_none(grace);
  std::unique_ptr<Background> stager;
  environment_.loop.run_and_wait([&] {
    end_all();
    stager = std::move(stager_);
  });
}

void HttpSource::begin_stop() {
  {
    std::lock_guard lock(mutex_);
    listening_ = false;
  }
  if (server_ && server_->has(*route_)) server_->remove(*route_);
}

void HttpSource::end_all() {
  if (server_) server_->close_unanswered(*route_);
  server_.reset();
  if (inbox_) inbox_->close();
  inbox_.reset();
  gate_.close();
}

Probe HttpSource::probe() {
  std::lock_guard lock(mutex_);
  if (!listening_) return {false, "not listening"};
  std::string methods;
  for (const auto& method : settings_.methods) methods += (methods.empty() ? "" : ", ") + method;
  auto text = "listening on " + host_and_port(settings_.listener.host, port_) + " for " + methods +
              " " + settings_.path.text();
  if (sharing_ > 0) text += ", shared with other channels";
  return {true, text + (gate_.is_paused() ? ", paused" : "")};
}

std::string HttpSource::address() const {
  std::lock_guard lock(mutex_);
  return (settings_.listener.tls ? "https://" : "http://") +
         host_and_port(settings_.listener.host, port_);
}

std::string HttpSource::compose_reply(std::string_view, const Verdict& verdict) const {
  return composed(verdict);
}

std::string HttpSource::composed(const Verdict& verdict) const {
  return settings_.soap == Soap::None ? compose(verdict) : compose_soap(verdict, settings_.soap);
}

BodyCollector::Places HttpSource::places() {
  return {environment_.loop, *stager_, environment_.staging};
}

void HttpSource::refused(int status, std::string_view word) {
  environment_.metrics
      .counter("causeway_source_requests_refused_total",
               channel_label(name_.channel) + ",status=\"" + std::to_string(status) +
                   "\",reason=\"" + std::string(word) + "\"")
      .add();
}

void HttpSource::reply_sent(MessageId message, ReplyState state) {
  if (state == ReplyState::Lost) instruments_.replies_lost.add();
  if (auto* intake = gate_.intake()) intake->reply_sent(message, state);
}

void HttpSource::offer(const RequestPlace& place, Request request) {
  const auto type = request.head.header_or_empty("content-type");
  const bool is_form = settings_.multipart != SourceSettings::Multipart::Whole &&
                       lower_case(type).starts_with("multipart/form-data");
  if (settings_.soap != Soap::None) return offer_envelope(place, std::move(request));
  if (is_form) return offer_form(place, std::move(request));
  accept(draft_of(std::move(request)), {place});
}

/// Taken apart beside the loop, which a large envelope would hold up.
void HttpSource::offer_envelope(const RequestPlace& place, Request request) {
  const auto bytes = request.body.body.bytes();
  const auto draft = draft_of(std::move(request));
  stager_->run([inbox = inbox_, staging = environment_.staging, version = settings_.soap, bytes,
                draft, place] {
    auto content = take_off_envelope(bytes ? std::string_view(*bytes) : "", version);
    auto inner = draft;
    inner.content_type = ContentType::Xml;
    Result<Body> body = Body();
    if (content) {
      inner.at_hand = make_bytes(std::move(content->xml));
      const bool large = staging && inner.at_hand->size() > limits::inline_body_bytes;
      body = large ? stage(*staging, *inner.at_hand) : Result<Body>(Body(inner.at_hand));
    } else {
      body = Error{ErrorKind::Invalid, "", content.error().text};
    }
    if (body) inner.body = *body;
    if (!inner.body.is_staged()) inner.at_hand.reset();
    std::optional<Error> error;
    if (!body) error = body.error();
    ReplyPlace where;
    where.request = place;
    inbox->post([inner = std::move(inner), error, where](HttpSource& self) {
      if (error)
        self.inbox_->put({where, self.not_taken(*error)});
      else
        self.accept(inner, where);
    });
  });
}

Reply HttpSource::not_taken(const Error& error) const {
  auto reply = not_stored(error);
  if (error.kind == ErrorKind::Invalid) reply.verdict.text = error.text;
  reply.bytes = make_bytes(composed(reply.verdict));
  return reply;
}

void HttpSource::offer_form(const RequestPlace& place, Request request) {
  const auto bytes = request.body.body.bytes();
  auto parts = parse_form(request.head.header_or_empty("content-type"),
                          bytes ? std::string_view(*bytes) : std::string_view());
  if (!parts) return answer_at_once(place, 400, parts.error().text);
  if (settings_.multipart == SourceSettings::Multipart::OnePart)
    std::erase_if(*parts, [&](const auto& part) { return part.name != settings_.part; });
  if (parts->empty()) return answer_at_once(place, 400, "the form has no part that is taken");
  const auto form = std::make_shared<FormRequest>(bytes, std::move(*parts));
  const auto like = draft_of(std::move(request));
  for (std::size_t i = 0; i < form->parts().size(); ++i)
    offer_part(like, {place, form, i}, form->parts()[i]);
}

void HttpSource::offer_part(const Draft& like, const ReplyPlace& place, const FormPart& part) {
  Draft draft;
  draft.sender = like.sender;
  draft.content_type = settings_.content.value_or(content_type_of(
      part.content_type.empty() ? std::string_view("text/plain") : part.content_type));
  draft.attributes = merged(like.attributes, {{"part", part.name}, {"file_name", part.file_name}});
  draft.batch_place = static_cast<std::uint32_t>(place.part + 1);
  if (like.origin) draft.origin = Origin{like.origin->source, place.part};
  auto bytes = make_bytes(std::string(part.body));
  if (!environment_.staging || bytes->size() <= limits::inline_body_bytes) {
    draft.body = Body(std::move(bytes));
    return accept(std::move(draft), place);
  }
  draft.at_hand = bytes;
  stager_->run([inbox = inbox_, staging = environment_.staging, draft = std::move(draft), place] {
    inbox->post([=, body = stage(*staging, *draft.at_hand)](HttpSource& self) {
      if (!body) return void(self.inbox_->put({place, not_stored(body.error())}));
      auto staged = draft;
      staged.body = *body;
      self.accept(std::move(staged), place);
    });
  });
}

void HttpSource::accept(Draft draft, const ReplyPlace& place) {
  instruments_.messages.add();
  instruments_.message_bytes.add(draft.body.size());
  if (draft.attributes && !fits(*draft.attributes)) {
    Reply reply = not_stored({ErrorKind::Invalid, "", ""});
    reply.verdict.text = "path, query and headers are too long together";
    reply.bytes = make_bytes(compose(reply.verdict));
    return void(inbox_->put({place, std::move(reply)}));
  }
  gate_.intake()->accept(std::move(draft), {}, [inbox = inbox_, place](Reply reply) {
    inbox->put({place, std::move(reply)});
  });
}

Draft HttpSource::draft_of(Request request) const {
  Draft draft;
  draft.attributes = attributes_of(request);
  const auto* key = request.head.header("idempotency-key");
  // Of one sender, or of all that are nameless.
  if (key && settings_.heeds_idempotency_key && key->size() <= idempotency_key_bytes_max)
    draft.origin =
        Origin{"http " + request.sender.name + "\n" + request.target.path + "\n" + *key, 0};
  draft.sender = std::move(request.sender);
  draft.content_type =
      settings_.content.value_or(content_type_of(request.head.header_or_empty("content-type")));
  // A GET has nothing that a script could read as JSON.
  if (request.body.body.empty()) draft.content_type = ContentType::Text;
  draft.body = std::move(request.body.body);
  draft.at_hand = std::move(request.body.at_hand);
  return draft;
}

SharedAttributes HttpSource::attributes_of(const Request& request) const {
  Attributes all{{"method", request.head.method}, {"path", request.target.path}};
  if (!request.target.query.empty()) all.push_back({"query", request.target.query});
  for (const auto& [name, value] : request.path_values) all.push_back({"path." + name, value});
  for (const auto& [name, value] : request.target.parameters)
    all.push_back({"query." + name, value});
  if (const auto* type = request.head.header("content-type"))
    all.push_back({"content_type", *type});
  if (const auto* action = request.head.header("soapaction");
      action && settings_.soap != Soap::None)
    all.push_back({"soap_action", *action});
  for (const auto& name : settings_.headers)
    if (const auto* value = request.head.header(name)) all.push_back({"header." + name, *value});
  return std::make_shared<const Attributes>(std::move(all));
}

void HttpSource::answer_at_once(const RequestPlace& place, int status, std::string_view detail) {
  refused(status, "form");
  server_->answer(place, {make_bytes(problem(status, detail)), {}, {}});
  inbox_->post([connection = place.connection](HttpSource& self) {
    if (self.server_) self.server_->send(connection);
  });
}

Answer HttpSource::answer_of(const Reply& reply) const {
  Answer answer;
  answer.composed = reply.bytes ? reply.bytes : make_bytes(composed(reply.verdict));
  if (!reply.message) return answer;
  answer.messages.push_back(reply.message);
  if (!settings_.status_url.empty() && take_apart(*answer.composed).status == 202) {
    auto url = settings_.status_url;
    if (const auto at = url.find("{message}"); at != url.npos)
      url.replace(at, 9, to_string(reply.message));
    answer.headers = "location: " + url + "\r\n";
  }
  return answer;
}

/// A form is answered when all its messages are.
void HttpSource::take(std::vector<ReplyFor> replies) {
  std::vector<std::uint64_t> answered;
  for (auto& [place, reply] : replies) {
    if (place.form && !place.form->answer(place.part, std::move(reply))) continue;
    auto answer = answer_of(place.form ? place.form->worst() : reply);
    if (place.form) answer.messages = place.form->messages();
    const auto messages = answer.messages;
    if (!server_->answer(place.request, std::move(answer))) {
      for (auto message : messages) reply_sent(message, ReplyState::Lost);
      continue;
    }
    if (answered.empty() || answered.back() != place.request.connection)
      answered.push_back(place.request.connection);
  }
  for (auto connection : answered)
    if (server_) server_->send(connection);
}

}  // namespace causeway::connectors::http
