// What shows only when all channels are seen: lint_together.
#include <set>

#include "engine/config/lint.h"

namespace causeway::config {

namespace fs = std::filesystem;

namespace {

bool is_any_address(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

/// Where a source listens, as far as its fields say so.
struct Listening {
  std::string host, path;
  std::vector<std::string> methods;
  std::int64_t port = 0;
};

std::optional<Listening> listening(const ChannelConfig& channel) {
  const auto& settings = channel.source.settings;
  if (!settings.has("port", FieldType::Integer) || settings.integer("port") == 0)
    return std::nullopt;
  // A source that connects: several may read from one server.
  if (settings.has("connect_timeout_ms", FieldType::Integer)) return std::nullopt;
  Listening found;
  found.port = settings.integer("port");
  if (settings.has("host", FieldType::Text)) found.host = settings.text("host");
  if (settings.has("path", FieldType::Text)) found.path = settings.text("path");
  if (settings.has("methods", FieldType::TextList)) found.methods = settings.text_list("methods");
  return found;
}

/// Sources that tell requests apart by their path or method may share a port.
bool collide(const Listening& a, const Listening& b) {
  const bool same_host = a.host == b.host || is_any_address(a.host) || is_any_address(b.host);
  const bool same_methods =
      a.methods.empty() || b.methods.empty() ||
      std::find_first_of(a.methods.begin(), a.methods.end(), b.methods.begin(), b.methods.end()) !=
          a.methods.end();
  return a.port == b.port && same_host && a.path == b.path && same_methods;
}

void lint_ports(const std::vector<ChannelConfig>& channels, const fs::path& root,
                Problems& problems) {
  std::multimap<std::int64_t, std::pair<const ChannelConfig*, Listening>> seen;
  for (const auto& channel : channels) {
    const auto here = listening(channel);
    if (!here) continue;
    const auto [begin, end] = seen.equal_range(here->port);
    for (auto other = begin; other != end; ++other) {
      if (!collide(other->second.second, *here)) continue;
      const auto* port = channel.source.declaration.find("port");
      problems.file = (root / channel.path / "channel.json").string();
      problems.add(port ? *port : channel.source.declaration, "/source/port",
                   "port " + std::to_string(here->port) + " is the source of " +
                       in_quotes(other->second.first->path) +
                       " too; give one of them another port");
      break;
    }
    seen.emplace(here->port, std::pair(&channel, *here));
  }
}

/// Finds the first way round from each channel by depth first search; each circle is told once.
class HopCircles {
 public:
  HopCircles(const std::vector<ChannelConfig>& channels, const fs::path& root, Problems& problems)
      : root_(root), problems_(problems) {
    for (const auto& channel : channels) by_path_.emplace(channel.path, &channel);
  }

  void find() {
    for (const auto& [path, channel] : by_path_) visit(*channel);
  }

 private:
  void visit(const ChannelConfig& channel) {
    if (!done_.insert(channel.path).second || way_.size() > channels_max) return;
    way_.push_back(channel.path);
    for (const auto& destination : channel.destinations) {
      if (destination.type != "channel") continue;
      const auto begin = std::find(way_.begin(), way_.end(), destination.channel);
      if (begin != way_.end()) report(channel, destination, begin - way_.begin());
      const auto next = by_path_.find(destination.channel);
      if (next != by_path_.end()) visit(*next->second);
    }
    way_.pop_back();
  }

  void report(const ChannelConfig& channel, const DestinationConfig& destination,
              std::ptrdiff_t begin) {
    std::string round;
    for (auto at = way_.begin() + begin; at != way_.end(); ++at) round += *at + " -> ";
    const auto* at = destination.declaration.find("channel");
    problems_.file = (root_ / channel.path / "channel.json").string();
    problems_.add(at ? *at : destination.declaration,
                  pointer_to(pointer_to("/destinations", destination.name), "channel"),
                  "messages would go round in a circle: " + round + destination.channel +
                      "; take out one of these hops");
  }

  const fs::path& root_;
  Problems& problems_;
  std::map<std::string, const ChannelConfig*> by_path_;
  std::set<std::string> done_;
  std::vector<std::string> way_;
};

}  // namespace

void lint_together(const std::vector<ChannelConfig>& channels, const fs::path& root,
                   Problems& problems) {
  lint_ports(channels, root, problems);
  HopCircles(channels, root, problems).find();
}

}  // namespace causeway::config
