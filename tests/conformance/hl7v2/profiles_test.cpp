// Conformance profiles from elsewhere: a message made valid by each, then broken in one known way
// at a time. Each break must be found where it is and by its rule, and nothing else with it but
// what the profile makes depend on that place.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "tests/conformance/hl7v2/corpus.h"
#include "tests/conformance/hl7v2/profile_messages.h"

namespace causeway::hl7v2 {
namespace {

namespace fs = std::filesystem;
using conformance::MessageMaker;

constexpr int repetitions_tried = 20;
constexpr std::uint32_t length_tried = 2000;

std::string key_of(const Finding& finding) {
  const auto place = to_string(finding.location);
  return finding.rule + " " + (place.empty() ? finding.text : place);
}

/// What a break is expected to be found as, and how far around it other findings may be.
struct Expected {
  std::string rule;
  Location at;
  std::string in_text;  ///< Of findings that have no place: the segment's name.
};

class Breaking {
 public:
  Breaking(const MessageMaker& maker, const Message& valid, const Profile& profile)
      : maker_(maker), valid_(valid), profile_(profile) {
    for (const auto& finding : maker.check(valid).findings) ++before_[key_of(finding)];
  }

  void break_segment(const SegmentDef& def, int number) {
    segment_ = Location{std::string(def.name), number, 0, 0, 0, 0};
    for (std::size_t i = 0; i < def.fields.size(); ++i) {
      const int field = static_cast<int>(i) + 1;
      if (def.name == "MSH" && (field <= 2 || field == 9 || field == 12)) continue;
      break_field(def.fields[i], field);
    }
    if (const auto* rules = profile_.for_segment(def.id)) {
      for (const auto& constant : rules->constants)
        if (constant.target.size() == 1)
          write({"constant", at(constant.target[0].number), ""}, "ZZ-OTHER");
      for (const auto& binding : rules->bindings) break_code(binding);
    }
  }

  /// Without this segment.
  void remove(std::size_t index, const Expected& expected) {
    auto message = valid_;
    if (message.remove_segment(index)) check(message, expected);
  }

  void repeat(std::size_t index, const Expected& expected) {
    auto message = valid_;
    if (message.insert_copy(index + 1, valid_, index)) check(message, expected);
  }

  int breaks() const { return breaks_; }
  const std::map<std::string, int>& by_rule() const { return by_rule_; }

 private:
  Location at(int field, int component = 0) const {
    auto place = segment_;
    place.field = field;
    place.repetition = 1;
    place.component = component;
    return place;
  }

  static bool is_primitive(const ElementDef& element) {
    return !element.type || element.type->components.empty();
  }

  void break_field(const ElementDef& def, int field) {
    Path whole = conformance::path_of(at(field));
    whole.repetition = 0;
    const std::string value(valid_.raw(whole));
    if (value.empty()) {
      if (def.usage == Usage::NotSupported) write({"field-not-supported", at(field), ""}, "x");
      return;
    }
    if (def.usage == Usage::Required) write({"field-missing", at(field), ""}, "");
    if (def.max != no_limit && def.max < repetitions_tried) {
      std::string many = value;
      for (std::uint32_t i = 0; i < def.max; ++i) many += "~" + value;
      write({"field-too-many", at(field), ""}, many);
    }
    if (is_primitive(def))
      break_primitive(def, at(field));
    else
      break_components(def, field);
  }

  void break_components(const ElementDef& def, int field) {
    const auto valued = [&](const Location& place) {
      const auto text = valid_.raw(conformance::path_of(place));
      return text.find_first_not_of('&') != std::string_view::npos;
    };
    int count = 0;
    for (std::size_t i = 0; i < def.type->components.size(); ++i)
      count += valued(at(field, static_cast<int>(i) + 1)) ? 1 : 0;
    for (std::size_t i = 0; i < def.type->components.size(); ++i) {
      const auto& component = def.type->components[i];
      const auto place = at(field, static_cast<int>(i) + 1);
      const bool present = valued(place);
      if (!present && component.usage == Usage::NotSupported)
        write({"component-not-supported", place, ""}, "x");
      if (present && component.usage == Usage::Required && count > 1)
        write({"component-missing", place, ""}, "");
      if (present && is_primitive(component)) break_primitive(component, place);
    }
  }

  void break_primitive(const ElementDef& def, const Location& place) {
    if (def.max_length != no_limit && def.max_length < length_tried)
      write({"too-long", place, ""}, std::string(def.max_length + 1, '1'));
    const std::string type(def.type ? def.type->name : def.type_name);
    for (const auto* with_format : {"NM", "SI", "DT", "TM", "DTM", "TS"})
      if (type == with_format) write({"type-" + type, place, ""}, "?");
  }

  /// Only where every value set is known, and has codes alone.
  void break_code(const Binding& binding) {
    if (binding.target.size() != 1 || binding.locations.size() != 1 || binding.sets.empty()) return;
    for (const auto& name : binding.sets) {
      const auto* set = profile_.value_set(name);
      if (!set || set->open || !set->patterns.empty()) return;
    }
    const auto& steps = binding.locations.front().first;
    if (steps.size() > 1) return;
    const auto place = at(binding.target[0].number, steps.empty() ? 0 : steps[0].number);
    if (!valid_.raw(conformance::path_of(place)).empty())
      write({"code-unknown", place, ""}, "ZZ-NO-CODE");
  }

  void write(const Expected& expected, const std::string& value) {
    auto message = valid_;
    auto path = conformance::path_of(expected.at);
    if (path.component == 0) path.repetition = 0;
    if (message.set_raw(path, value)) check(message, expected);
  }

  static bool is_at(const Finding& finding, const Expected& expected) {
    const auto& here = finding.location;
    const auto& there = expected.at;
    if (!expected.in_text.empty()) return finding.text.find(expected.in_text) != std::string::npos;
    return here.segment == there.segment && here.segment_number == there.segment_number &&
           here.field == there.field && here.component == there.component;
  }

  void check(const Message& message, const Expected& expected) {
    const auto report = maker_.check(message);
    auto before = before_;
    bool told = false;
    std::string others;
    for (const auto& finding : report.findings) {
      if (before[key_of(finding)]-- > 0) continue;
      if (finding.rule == expected.rule && is_at(finding, expected)) told = true;
      if (!may_follow(finding, expected)) others += key_of(finding) + ": " + finding.text + "\n";
    }
    INFO(expected.rule << " at " << to_string(expected.at) << expected.in_text);
    INFO((told ? std::string() : *message.bytes()));
    CHECK(told);
    CHECK(others.empty());
    if (!others.empty()) WARN(others);
    ++breaks_;
    ++by_rule_[expected.rule];
  }

  /// Findings at the same field, and those of conditions and statements, which look elsewhere.
  static bool may_follow(const Finding& finding, const Expected& expected) {
    if (finding.rule_class == RuleClass::Conformance) return true;
    if (finding.text.find("under the condition") != std::string::npos) return true;
    if (!expected.in_text.empty()) return true;
    const auto& here = finding.location;
    const bool same_segment =
        here.segment == expected.at.segment && here.segment_number == expected.at.segment_number;
    // Another type in OBX-2 is another type of OBX-5.
    return same_segment && (here.field == expected.at.field ||
                            (here.segment == "OBX" && expected.at.field == 2 && here.field == 5));
  }

  const MessageMaker& maker_;
  const Message& valid_;
  const Profile& profile_;
  Location segment_;
  std::map<std::string, int> before_, by_rule_;
  int breaks_ = 0;
};

void break_structure(Breaking& breaking, const StructureTree& tree) {
  const auto& nodes = tree.nodes();
  for (std::uint32_t i = 1; i < nodes.size(); ++i) {
    const auto& node = nodes[i];
    if (node.segment == no_segment || node.segment == 0 || !node.def) continue;
    const std::string name(tree.name(node));
    const bool alone = nodes[node.parent].end == i + 1 && node.parent + 1 == i;
    if (node.def->usage == Usage::Required && node.def->min == 1 && node.number == 1 && !alone)
      breaking.remove(node.segment, {"segment-missing", {}, "segment " + name});
    if (node.parent == 0 && node.def->max == 1)
      breaking.repeat(node.segment, {"segment-surplus", {}, "segment " + name});
  }
}

std::vector<fs::path> profiles() {
  std::vector<fs::path> found;
  for (const auto* folder : {"nist-profiles-nndss", "reportstream-elr-profiles"}) {
    const auto root = conformance::corpus_folder() / "hl7v2-dict" / folder;
    if (!fs::is_directory(root)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root))
      if (entry.path().filename() == "PROFILE.xml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The maker puts one value into one place at a time. What a profile's own conditions and
/// statements ask of several places at once, or of a segment that hangs on the value of another, it
/// may leave undone; what structure, usage, lengths, types and value sets ask for it has to reach.
bool may_be_left(const Finding& finding) {
  return finding.rule_class == RuleClass::Conformance ||
         finding.text.find("under the condition") != std::string::npos;
}

TEST_CASE("messages made valid by a profile and broken in one known way are found out") {
  if (conformance::corpus_folder().empty()) {
    WARN("skipped: no corpus");
    return;
  }
  int breaks = 0, valid_messages = 0, messages = 0;
  std::map<std::string, int> by_rule;
  for (const auto& path : profiles()) {
    const auto profile = Profile::load(path);
    INFO(path);
    REQUIRE(profile.ok());
    for (const auto& wanted : (*profile)->messages()) {
      MessageMaker maker(*profile, wanted);
      const auto valid = maker.make();
      const auto report = maker.check(valid);
      ++messages;
      if (report.findings.empty()) ++valid_messages;
      for (const auto& finding : report.findings) {
        INFO(key_of(finding) << ": " << finding.text);
        CHECK(may_be_left(finding));
      }
      if (std::getenv("CAUSEWAY_VERBOSE") && !report.findings.empty())
        for (const auto& finding : report.findings)
          WARN(path.parent_path().filename() << ": " << key_of(finding) << ": " << finding.text);
      Breaking breaking(maker, valid, **profile);
      const auto tree = StructureTree::build(segment_names(valid), wanted.structure);
      std::map<std::string_view, int> numbers;
      for (const auto& node : tree.nodes())
        if (node.segment != no_segment) {
          const int number = ++numbers[tree.name(node)];
          if (node.def && node.def->segment) breaking.break_segment(*node.def->segment, number);
        }
      break_structure(breaking, tree);
      breaks += breaking.breaks();
      for (const auto& [rule, count] : breaking.by_rule()) by_rule[rule] += count;
    }
  }
  std::string text;
  for (const auto& [rule, count] : by_rule) text += " " + rule + " " + std::to_string(count);
  WARN(messages << " messages, " << valid_messages << " wholly valid, " << breaks
                << " breaks:" << text);
  CHECK(breaks > 1000);
  CHECK(2 * valid_messages > messages);
}

}  // namespace
}  // namespace causeway::hl7v2
