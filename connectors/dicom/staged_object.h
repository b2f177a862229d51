// A large object on its way into the store's staging, piece by piece, with a digest of all of it.
//
// Blocks; made anywhere, then used by one thread. Dropped before `finish`, what was staged is
// swept. Errors: those of BodyStaging.
#pragma once

#include "engine/core/store.h"

namespace causeway::connectors::dicom {

class StagedObject {
 public:
  explicit StagedObject(BodyStaging& staging);
  ~StagedObject();

  /// After an error, nothing more is written, and `finish` gives it.
  void append(std::string_view bytes);

  struct Finished {
    Body body;
    std::string digest;  ///< SHA-256, as hexadecimal digits.
  };
  Result<Finished> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace causeway::connectors::dicom
