// Result<T>: what anything that a peer, user, script, file or network can make fail returns.
// An Error names its class (for policies and metrics), the place, and what happened, in words for
// an operator. Error texts may quote content of messages: they are sealed when stored and never
// logged; `Error::kind` may be logged. Values; no thread rule.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace causeway {

/// The class of a failure. The number is stored: append only, never renumber.
enum class ErrorKind : std::uint8_t {
  None = 0,
  Invalid = 1,        ///< Input that breaks its format or a declared rule.
  Limit = 2,          ///< A size, depth, count or time limit was reached.
  NotFound = 3,       ///< The named thing does not exist.
  Conflict = 4,       ///< It exists already, or in another state than assumed.
  Unavailable = 5,    ///< A peer, the database or the disk is away; trying again may help.
  Refused = 6,        ///< The other side understood and said no.
  Script = 7,         ///< A mapping threw, or returned what it may not.
  ScriptLimit = 8,    ///< A mapping ran past its time, memory or output limit.
  LeaseLost = 9,      ///< Another engine owns this node's work now.
  Damaged = 10,       ///< Stored bytes do not open: wrong key, or altered.
  NotPermitted = 11,  ///< The caller may not do this.
  Stopped = 12,       ///< The part asked is stopping or stopped.
  TimedOut = 13,      ///< An answer did not come in time.
  Internal = 14,      ///< A library failed in a way that has no better class.
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string place;  ///< File:line, JSON pointer, field path or peer; empty where there is none.
  std::string text;   ///< What happened, for an operator.

  /// "place: text", or the text alone.
  std::string str() const { return place.empty() ? text : place + ": " + text; }
};

/// Either a T or an Error. Reading the wrong one throws std::bad_variant_access: a bug of ours.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::move(error)) {}  // NOLINT

  explicit operator bool() const { return ok(); }
  bool ok() const { return state_.index() == 0; }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

/// The value of a Result that has nothing to say but "done".
struct Done {};
using Status = Result<Done>;

}  // namespace causeway
