// SHA-256 of what streams by. Not thread-safe. Standard: FIPS 180-4.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace causeway::connectors::folder {

class Digest {
 public:
  Digest();
  ~Digest();
  void add(std::string_view bytes);
  std::string hex();  ///< Ends it: 64 digits.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors::folder
