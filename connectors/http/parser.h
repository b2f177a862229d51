// Requests and answers out of bytes, however they are split and joined. Without I/O, and without
// copies of bodies. Used by one thread.
// Standard: RFC 9112; what it calls an error that must be refused (two lengths, a length beside
// chunks, a broken chunk) is one here. Boost.Beast does the parsing.
#pragma once

#include <memory>

#include "connectors/http/head.h"

namespace causeway::connectors::http {

class Parser {
 public:
  enum class Kind : std::uint8_t { Request, Answer };
  enum class Event : std::uint8_t {
    NeedMore,  ///< What is left of the bytes has to come again, with more behind it.
    Head,
    Body,  ///< A piece of the body, in `body`.
    End,   ///< Of the message. `restart` before the next one.
    Fault,
  };

  Parser(Kind kind, std::size_t header_bytes_max);
  ~Parser();

  /// The next event in `bytes`, which begins behind what it took.
  Event next(std::string_view& bytes);
  /// The peer sends no more. True: that ends the message (an answer without a length).
  bool ends_here();
  void restart();
  /// Before Head is asked for: the answer to a HEAD request has no body.
  void without_body(bool none);

  const Head& head() const;
  std::string_view body() const;     ///< Lies in the bytes given to `next`.
  const std::string& fault() const;  ///< Never quotes what came.
  bool head_too_large() const;       ///< Why it is a fault.
  bool in_message() const;           ///< Something of it has come.

 private:
  class State;
  template <bool is_request>
  class Beast;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors::http
