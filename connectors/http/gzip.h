// Bodies packed by gzip, both ways. Used by one thread.
// Standard: RFC 1952, RFC 9110 section 8.4.1.3.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace causeway::connectors::http {

/// Unpacks piece by piece, in steps that are small whatever the bytes claim to hold.
class Inflater {
 public:
  /// At most so many bytes are added to `out` by one step, about.
  static constexpr std::size_t step_bytes = 1024 * 1024;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;

  /// Takes from the front of `packed` until it is empty or the step is full. False: malformed.
  bool step(std::string_view& packed, std::string& out);
  bool at_end() const;  ///< The last byte of a whole has come, and nothing behind it.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string gzip(std::string_view bytes);

}  // namespace causeway::connectors::http
