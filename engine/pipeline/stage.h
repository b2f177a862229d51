// One step of a pipeline, and what goes from step to step. Values and ports; a Stage is used by one
// thread at a time, a StageFactory by all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/transformation.h"
#include "engine/script/script_instance.h"

namespace causeway {
class BodyStaging;
}

namespace causeway::pipeline {

struct Content {
  ContentType type = ContentType::Binary;
  Body body;
};

/// A message on its way through the stages, or a part of it.
struct Part {
  Content content;
  /// The destinations that get what comes out of the last stage. None given: all.
  std::optional<std::vector<std::string>> chosen;
  SharedAttributes attributes = {};  ///< The message's own, with what stages have changed.
  /// What the enrich stages before have been told, for this part.
  std::vector<script::Enriched> enriched = {};
};

/// What a destination is sent, decided before the last stage.
struct Sent {
  std::string destination;
  Content content;
  SharedAttributes attributes = {};
};

/// What a stage makes of a part.
struct StageResult {
  std::vector<Part> parts;  ///< What goes on, in order. None: it is filtered, or has been sent.
  std::vector<Sent> sent;   ///< In order, before what comes of `parts`.
  Bytes reply;              ///< For the sender; null: the stage has none.
  std::vector<StateChange> changes;
  SharedAttributes reply_attributes;
  bool again = false;  ///< What it needs is away: the run is void, and to be run again.
};

struct StageInput {
  const RunInput& run;
  const Part& part;
  std::uint32_t number = 0;      ///< Which part in this run the stage works on, from 0.
  StateReader* state = nullptr;  ///< As the stages and parts before have left it. Null: none.
  /// What stages have been told in this run so far; look-ups are added.
  std::vector<RecordedInput>& told;
};

class Stage {
 public:
  virtual ~Stage() = default;
  /// Fills `step.log`. An error fails the run. Whatever it does must follow from its input alone.
  virtual Result<StageResult> apply(const StageInput& input, Step& step) = 0;
};

class StageFactory {
 public:
  virtual ~StageFactory() = default;
  virtual const std::string& name() const = 0;  ///< For steps: "transform.js".
  virtual std::unique_ptr<Stage> make() const = 0;
};

}  // namespace causeway::pipeline
