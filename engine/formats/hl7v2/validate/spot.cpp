#include "engine/formats/hl7v2/validate/spot.h"

#include <charconv>
#include <unordered_map>

#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

constexpr std::size_t steps_max = 16;
constexpr std::size_t spots_max = 10'000;  // that one path can lead to

bool read_number(std::string_view text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

bool is_segment_name(std::string_view name) {
  return name.size() == 3 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

}  // namespace

bool read_steps(std::string_view text, Steps& steps) {
  steps.clear();
  if (text == "." || text.empty()) return true;
  while (!text.empty()) {
    const auto end = std::min(text.find('.'), text.size());
    auto one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    Step step;
    if (const auto bracket = one.find('['); bracket != std::string_view::npos) {
      if (!one.ends_with(']')) return false;
      const auto instance = one.substr(bracket + 1, one.size() - bracket - 2);
      if (instance != "*" && !read_number(instance, step.instance)) return false;
      one = one.substr(0, bracket);
    }
    if (!read_number(one, step.number) || steps.size() == steps_max) return false;
    steps.push_back(step);
  }
  return true;
}

bool is_empty(std::string_view text, const Delimiters& delimiters) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return c == delimiters.component || c == delimiters.repetition || c == delimiters.subcomponent;
  });
}

MessageView::MessageView(const Message& message, StructureTree tree)
    : message_(message), tree_(std::move(tree)) {
  std::unordered_map<std::string_view, int> seen;
  numbers_.reserve(message.segment_count());
  for (std::size_t i = 0; i < message.segment_count(); ++i)
    numbers_.push_back(++seen[message.segment_name(i)]);
}

Spot MessageView::segment(std::uint32_t node) const {
  Spot spot;
  spot.depth = Depth::Segment;
  spot.node = node;
  spot.text = message_.segment_text(tree_.nodes()[node].segment);
  return spot;
}

void MessageView::group_members(const Spot& group, Step step, std::vector<Spot>& found) const {
  const auto& nodes = tree_.nodes();
  const auto* def = nodes[group.node].def;
  const auto& members = (def ? *def : tree_.structure().root).children;
  if (static_cast<std::size_t>(step.number) > members.size()) return;
  const auto* member = &members[static_cast<std::size_t>(step.number) - 1];
  int instance = 0;
  for (auto i = group.node + 1; i < nodes[group.node].end; i = nodes[i].end) {
    if (nodes[i].def != member) continue;
    ++instance;
    if (step.instance != 0 && step.instance != instance) continue;
    if (nodes[i].segment != no_segment) {
      found.push_back(segment(i));
    } else {
      Spot spot;
      spot.node = i;
      found.push_back(spot);
    }
  }
}

void MessageView::repetitions(const Spot& segment, Step step, std::vector<Spot>& found) const {
  const auto field = field_of(segment.text, delimiters().field, step.number);
  if (!field || field->empty()) return;
  Spot spot = segment;
  spot.depth = Depth::Field;
  spot.field = step.number;
  const bool whole = declares_delimiters(segment.text) && step.number <= 2;
  for (int n = 1;; ++n) {
    const auto text =
        whole ? (n == 1 ? field : std::nullopt) : part(*field, delimiters().repetition, n);
    if (!text || n > static_cast<int>(repetitions_max)) return;
    if ((step.instance != 0 && step.instance != n) || text->empty()) continue;
    spot.text = *text;
    spot.repetition = n;
    found.push_back(spot);
  }
}

void MessageView::members(const Spot& spot, Step step, std::vector<Spot>& found) const {
  if (found.size() >= spots_max) return;
  if (spot.depth == Depth::Group) return group_members(spot, step, found);
  if (spot.depth == Depth::Segment) return repetitions(spot, step, found);
  Spot member = spot;
  std::optional<std::string_view> text = spot.text;
  if (spot.depth == Depth::Field) {
    member.depth = Depth::Component;
    member.component = step.number;
    text = part(spot.text, delimiters().component, step.number);
  } else if (spot.depth == Depth::Component) {
    member.depth = Depth::Subcomponent;
    member.subcomponent = step.number;
    text = part(spot.text, delimiters().subcomponent, step.number);
  } else if (step.number != 1) {
    return;
  }
  if (!text || text->empty() || step.instance > 1) return;
  member.text = *text;
  found.push_back(member);
}

std::vector<Spot> MessageView::find(const Spot& from, const Steps& steps) const {
  std::vector<Spot> spots = {from}, next;
  for (const auto& step : steps) {
    next.clear();
    for (const auto& spot : spots) members(spot, step, next);
    spots.swap(next);
  }
  return spots;
}

Location MessageView::location(const Spot& spot) const {
  Location location;
  const auto segment = tree_.nodes()[spot.node].segment;
  if (segment == no_segment) return location;
  // What is no name of a segment is content, which paths must not quote.
  const auto name = message_.segment_name(segment);
  location.segment = is_segment_name(name) ? name : "???";
  location.segment_number = numbers_[segment];
  location.field = spot.field;
  location.repetition = spot.repetition;
  location.component = spot.component;
  location.subcomponent = spot.subcomponent;
  return location;
}

std::string MessageView::group_of(const Spot& spot) const {
  const bool group = spot.depth == Depth::Group;
  return tree_.path_of(group ? spot.node : tree_.nodes()[spot.node].parent);
}

std::string MessageView::value(std::string_view text) const {
  const bool escaped = delimiters().escape != no_delimiter &&
                       text.find(delimiters().escape) != std::string_view::npos;
  return escaped ? unescape(text, delimiters()) : std::string(text);
}

}  // namespace causeway::hl7v2
