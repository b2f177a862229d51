#include "connectors/http/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

namespace causeway::connectors::http {
namespace beast = boost::beast::http;

namespace {

/// Between chunks at least so much of a message is left; Beast takes it for granted when it goes
/// on.
constexpr std::size_t chunk_bytes_least = 5;

}  // namespace

class Parser::State {
 public:
  virtual ~State() = default;
  virtual std::size_t put(std::string_view bytes, boost::beast::error_code& error) = 0;
  virtual bool put_end() = 0;

  Head head;
  std::string_view body;
  std::string fault;
  std::size_t header_bytes_max = 0;
  bool too_large = false;
  bool no_body = false;
  bool begun = false;
  bool head_came = false, head_told = false;
  bool body_came = false;
  bool ended = false;
  bool waits = false;  // the last bytes weren't enough

  void restart() {
    head = {};
    body = {};
    fault.clear();
    too_large = begun = head_came = head_told = body_came = ended = no_body = waits = false;
    reset();
  }

 protected:
  virtual void reset() = 0;
};

template <bool is_request>
class Parser::Beast final : public Parser::State {
 public:
  Beast() { reset(); }

  std::size_t put(std::string_view bytes, boost::beast::error_code& error) override {
    if (no_body) parser_->skip(true);
    return parser_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  }
  bool put_end() override {
    if (!parser_->is_header_done() || parser_->is_done()) return false;
    boost::beast::error_code error;
    parser_->put_eof(error);
    return !error && parser_->is_done();
  }

 protected:
  void reset() override {
    parser_ = std::make_unique<Callbacks>(*this);
    parser_->eager(false);
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());  // the caller counts
    if (header_bytes_max > 0) parser_->header_limit(static_cast<std::uint32_t>(header_bytes_max));
  }

 private:
  using Base = beast::basic_parser<is_request>;
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  class Callbacks final : public Base {
   public:
    explicit Callbacks(State& of) : state_(of) {}

   private:
    void on_request_impl(beast::verb, Text method, Text target, int version, Error&) override {
      state_.head.method.assign(method.data(), method.size());
      state_.head.target.assign(target.data(), target.size());
      state_.head.version = version;
    }
    void on_response_impl(int code, Text reason, int version, Error&) override {
      state_.head.status = code;
      state_.head.reason.assign(reason.data(), reason.size());
      state_.head.version = version;
    }
    void on_field_impl(beast::field, Text name, Text value, Error&) override {
      if (state_.head_came) return;  // of a trailer
      state_.head.headers.push_back(
          {lower_case({name.data(), name.size()}), std::string(value.data(), value.size())});
    }
    void on_header_impl(Error&) override {
      state_.head_came = true;
      const auto coding = state_.head.header_or_empty("transfer-encoding");
      if (!coding.empty() && lower_case(coding) != "chunked")
        state_.fault = "a transfer coding other than chunked";
      state_.head.keeps_alive = Base::keep_alive();
      if (const auto length = Base::content_length()) state_.head.content_length = *length;
    }
    void on_body_init_impl(boost::optional<std::uint64_t> const&, Error&) override {}
    std::size_t on_body_impl(Text body, Error&) override { return piece(body); }
    void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override {
      return piece(body);
    }
    void on_finish_impl(Error&) override { state_.ended = true; }

    std::size_t piece(Text body) {
      state_.body = {body.data(), body.size()};
      state_.body_came = !body.empty();
      return body.size();
    }

    State& state_;
  };

  std::unique_ptr<Callbacks> parser_;
};

Parser::Parser(Kind kind, std::size_t header_bytes_max) {
  if (kind == Kind::Request)
    state_ = std::make_unique<Beast<true>>();
  else
    state_ = std::make_unique<Beast<false>>();
  state_->header_bytes_max = header_bytes_max;
  restart();
}

Parser::~Parser() = default;

Parser::Event Parser::next(std::string_view& bytes) {
  auto& state = *state_;
  for (;;) {
    if (!state.fault.empty()) return Event::Fault;
    if (state.head_came && !state.head_told) {
      state.head_told = true;
      return Event::Head;
    }
    if (std::exchange(state.body_came, false)) return Event::Body;
    if (state.ended) return Event::End;
    if (bytes.empty()) return Event::NeedMore;
    if (state.waits && state.head_came && bytes.size() < chunk_bytes_least) return Event::NeedMore;
    state.begun = true;
    boost::beast::error_code error;
    const auto taken = state.put(bytes, error);
    bytes.remove_prefix(taken);
    const bool more = error == beast::error::need_more;
    state.waits = more;
    if (error && !more) {
      state.too_large = error == beast::error::header_limit;
      state.fault = error.message();
      return Event::Fault;
    }
    const bool nothing_new =
        !state.body_came && !state.ended && (!state.head_came || state.head_told);
    if (!nothing_new) continue;
    if (more || taken == 0) {
      // Beast bounds the head; a chunk's line and trailers are bounded here.
      if (bytes.size() <= state.header_bytes_max) return Event::NeedMore;
      state.too_large = true;
      state.fault = "a head or a chunk's line is too long";
      return Event::Fault;
    }
  }
}

bool Parser::ends_here() {
  return !state_->ended && state_->put_end();
}

void Parser::restart() {
  state_->restart();
}

void Parser::without_body(bool none) {
  state_->no_body = none;
}

const Head& Parser::head() const {
  return state_->head;
}

std::string_view Parser::body() const {
  return state_->body;
}

const std::string& Parser::fault() const {
  return state_->fault;
}

bool Parser::head_too_large() const {
  return state_->too_large;
}

bool Parser::in_message() const {
  return state_->begun && !state_->ended;
}

}  // namespace causeway::connectors::http
