// One step of a pipeline, and what goes from step to step. Values and ports; a Stage is used by one
// thread at a time, a StageFactory by all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/transformation.h"

namespace causeway {
class BodyStaging;
}

namespace causeway::pipeline {

struct Content {
  ContentType type = ContentType::Binary;
  Body body;
};

/// A destination that a stage named.
struct Chosen {
  std::string destination;
  std::optional<Content> content;  ///< None: what comes out of the last stage.
};

/// A message on its way through the stages of one run.
struct Flow {
  const StoredMessage& message;
  Content content;
  std::vector<Chosen> chosen;  ///< Empty: all destinations.
  Bytes reply;
  bool ended = false;     ///< No further stage is to see it.
  bool filtered = false;  ///< `content` is dropped; what was sent before stays sent.
};

class Stage {
 public:
  virtual ~Stage() = default;
  /// Changes `flow`; fills `step.log`. An error fails the run. Whatever it does must follow from
  /// its arguments alone.
  virtual Status apply(Flow& flow, Step& step) = 0;
};

class StageFactory {
 public:
  virtual ~StageFactory() = default;
  virtual const std::string& name() const = 0;  ///< For steps: "transform.js".
  virtual std::unique_ptr<Stage> make() const = 0;
};

}  // namespace causeway::pipeline
