// What a profile's condition says of a message.
#include "engine/formats/hl7v2/validate/profile_rules.h"
#include "engine/formats/hl7v2/validate/value_format.h"

namespace causeway::hl7v2 {
namespace {

Judgement of(bool passes) {
  return passes ? Judgement::Pass : Judgement::Fail;
}

bool same_text(std::string_view a, std::string_view b, bool ignore_case) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) {
           return x == y || (ignore_case && lower(x) == lower(y));
         });
}

std::vector<std::string> values(const MessageView& view, const Spot& context, const Steps& path) {
  std::vector<std::string> all;
  for (const auto& spot : view.find(context, path))
    if (spot.depth != Depth::Group && !is_empty(spot.text, view.delimiters()))
      all.push_back(view.value(spot.text));
  return all;
}

bool present(const MessageView& view, const Spot& context, const Steps& path) {
  const auto spots = view.find(context, path);
  return std::any_of(spots.begin(), spots.end(), [&](const Spot& spot) {
    return spot.depth == Depth::Group || !is_empty(spot.text, view.delimiters());
  });
}

Judgement if_absent(const Condition& condition) {
  switch (condition.if_absent) {
    case Condition::IfAbsent::Pass:
      return Judgement::Pass;
    case Condition::IfAbsent::Fail:
      return Judgement::Fail;
    case Condition::IfAbsent::Inconclusive:
      break;
  }
  return Judgement::Inconclusive;
}

/// Every value passes, or, where one is enough, any.
template <class Test>
Judgement judge_values(const MessageView& view, const Spot& context, const Condition& condition,
                       const Test& test) {
  const auto all = values(view, context, condition.path);
  if (all.empty()) return if_absent(condition);
  bool undecided = false;
  for (const auto& value : all) {
    const std::optional<bool> passes = test(value);
    if (!passes)
      undecided = true;
    else if (*passes == condition.at_least_once)
      return of(*passes);
  }
  return undecided ? Judgement::Inconclusive : of(!condition.at_least_once);
}

std::optional<bool> compares(const std::string& a, const std::string& b, const Condition& rule) {
  if (rule.comparison == "EQ") return same_text(a, b, rule.ignore_case);
  if (rule.comparison == "NE") return !same_text(a, b, rule.ignore_case);
  int order = 0;
  if (is_number(a) && is_number(b)) {
    const double x = std::strtod(a.c_str(), nullptr), y = std::strtod(b.c_str(), nullptr);
    order = x < y ? -1 : x > y ? 1 : 0;
  } else {
    return std::nullopt;
  }
  if (rule.comparison == "LT") return order < 0;
  if (rule.comparison == "LE") return order <= 0;
  if (rule.comparison == "GT") return order > 0;
  if (rule.comparison == "GE") return order >= 0;
  return std::nullopt;
}

Judgement judge_pair(const MessageView& view, const Spot& context, const Condition& condition) {
  const auto first = values(view, context, condition.path);
  const auto second = values(view, context, condition.other);
  if (first.empty() && second.empty()) return if_absent(condition);
  if (first.empty() || second.empty())
    return condition.if_absent == Condition::IfAbsent::Inconclusive ? Judgement::Fail
                                                                    : if_absent(condition);
  for (const auto& a : first)
    for (const auto& b : second) {
      const auto holds = compares(a, b, condition);
      if (!holds) return Judgement::Inconclusive;
      if (*holds == condition.at_least_once) return of(*holds);
    }
  return of(!condition.at_least_once);
}

/// Set ids count the group (or segment) that they are in.
Judgement judge_set_id(const MessageView& view, const Spot& context, const Condition& condition) {
  const auto number = std::to_string(view.tree().nodes()[context.node].number);
  const auto all = values(view, context, condition.path);
  if (all.empty()) return Judgement::Fail;
  return of(all.front() == number);
}

Judgement all_of(const MessageView& view, const Spot& context, const std::vector<Condition>& parts,
                 Judgement decisive) {
  bool undecided = false;
  for (const auto& part : parts) {
    const auto one = judge(view, context, part);
    if (one == decisive) return decisive;
    undecided = undecided || one == Judgement::Inconclusive;
  }
  if (undecided) return Judgement::Inconclusive;
  return of(decisive == Judgement::Fail);
}

Judgement inverse(Judgement judgement) {
  if (judgement == Judgement::Inconclusive) return judgement;
  return of(judgement == Judgement::Fail);
}

Judgement judge_parts(const MessageView& view, const Spot& context, const Condition& condition) {
  using Kind = Condition::Kind;
  const auto& parts = condition.parts;
  if (condition.kind == Kind::And) return all_of(view, context, parts, Judgement::Fail);
  if (condition.kind == Kind::Or) return all_of(view, context, parts, Judgement::Pass);
  if (parts.empty()) return Judgement::Inconclusive;
  const auto first = judge(view, context, parts[0]);
  if (condition.kind == Kind::Not) return inverse(first);
  if (parts.size() < 2) return Judgement::Inconclusive;
  if (condition.kind == Kind::Imply) {
    if (first == Judgement::Fail) return Judgement::Pass;
    return first == Judgement::Pass ? judge(view, context, parts[1]) : first;
  }
  const auto second = judge(view, context, parts[1]);
  if (first == Judgement::Inconclusive || second == Judgement::Inconclusive)
    return Judgement::Inconclusive;
  return of(first != second);
}

}  // namespace

Judgement judge(const MessageView& view, const Spot& context, const Condition& condition) {
  using Kind = Condition::Kind;
  switch (condition.kind) {
    case Kind::Presence:
      return of(present(view, context, condition.path));
    case Kind::PlainText:
    case Kind::StringList:
      return judge_values(view, context, condition, [&](const std::string& value) {
        return std::any_of(condition.texts.begin(), condition.texts.end(), [&](const auto& text) {
          return same_text(value, text, condition.ignore_case);
        });
      });
    case Kind::Format:
      return judge_values(view, context, condition, [&](const std::string& value) {
        return condition.pattern->matches(value);
      });
    case Kind::PathValue:
      return judge_pair(view, context, condition);
    case Kind::SetId:
      return judge_set_id(view, context, condition);
    case Kind::And:
    case Kind::Or:
    case Kind::Xor:
    case Kind::Not:
    case Kind::Imply:
      return judge_parts(view, context, condition);
    case Kind::NotJudged:
      break;
  }
  return Judgement::Inconclusive;
}

}  // namespace causeway::hl7v2
