#include "engine/channel/control.h"

namespace causeway::channel {

std::string_view to_string(Change change) {
  switch (change) {
    case Change::Unchanged:
      return "unchanged";
    case Change::Added:
      return "added";
    case Change::Changed:
      return "changed";
    case Change::Refused:
      return "refused";
  }
  return "";
}

std::string_view to_string(PartState state) {
  switch (state) {
    case PartState::Started:
      return "started";
    case PartState::Paused:
      return "paused";
    case PartState::Stopped:
      return "stopped";
    case PartState::Failed:
      return "failed";
  }
  return "";
}

}  // namespace causeway::channel
