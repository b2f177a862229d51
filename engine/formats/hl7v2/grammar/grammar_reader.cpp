#include "engine/formats/hl7v2/grammar/grammar_reader.h"

#include <charconv>

namespace causeway::hl7v2 {
namespace {

constexpr int group_depth_max = 12;
constexpr std::size_t line_bytes_max = 64 * 1024;

std::optional<Usage> usage_of(std::string_view letter) {
  if (letter == "R") return Usage::Required;
  if (letter == "O") return Usage::Optional;
  if (letter == "C") return Usage::Conditional;
  if (letter == "B") return Usage::Backward;
  if (letter == "W") return Usage::Withdrawn;
  return std::nullopt;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view or_none(std::string_view text) {
  return text == "-" ? std::string_view() : text;
}

void read_occurrence(std::string_view& text, NodeDef& node) {
  const char sign = text.empty() ? ' ' : text.front();
  if (sign != '?' && sign != '*' && sign != '+') return;
  node.min = sign == '+' ? 1 : 0;
  node.max = sign == '?' ? 1 : no_limit;
  text.remove_prefix(1);
}

}  // namespace

std::string_view GrammarReader::Columns::next() {
  const auto end = rest_.find('\t');
  const auto column = rest_.substr(0, end);
  more_ = end != std::string_view::npos;
  rest_ = more_ ? rest_.substr(end + 1) : std::string_view();
  return column;
}

Result<std::shared_ptr<const Grammar>> GrammarReader::read(std::string_view text) {
  grammar_ = std::shared_ptr<Grammar>(new Grammar);
  elements_ = nullptr;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (end > line_bytes_max || !read_line(text.substr(0, end)))
      return Error{ErrorKind::Invalid, "line " + std::to_string(number),
                   "not a line of an HL7 grammar"};
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (grammar_->version_.empty())
    return Error{ErrorKind::Invalid, "line 1", "an HL7 grammar begins with its version"};
  connect();
  return std::shared_ptr<const Grammar>(std::move(grammar_));
}

bool GrammarReader::read_line(std::string_view line) {
  Columns columns(line);
  const auto kind = columns.next();
  if (kind == "-") return read_element(columns);
  const auto name = columns.next();
  if (name.empty()) return false;
  if (kind == "v") {
    grammar_->version_ = name;
  } else if (kind == "t") {
    read_table(Columns(line.substr(2)));
  } else if (kind == "d") {
    auto& type = grammar_->data_types_[name] = {name, name, columns.next(), {}};
    elements_ = &type.components;
  } else if (kind == "s") {
    auto& segment = grammar_->segments_[name] = {name, name, columns.next(), {}};
    elements_ = &segment.fields;
  } else if (kind == "m") {
    return read_structure(Columns(line.substr(2)));
  } else if (kind == "e") {
    grammar_->events_[name] = columns.next();
  } else {
    return false;
  }
  return true;
}

void GrammarReader::read_table(Columns columns) {
  const auto id = columns.next();
  TableDef table{id, columns.next(), {}};
  while (columns.more()) table.codes.push_back(columns.next());
  std::sort(table.codes.begin(), table.codes.end());
  grammar_->tables_[id] = std::move(table);
}

bool GrammarReader::read_element(Columns columns) {
  const auto usage = usage_of(columns.next());
  ElementDef element;
  element.type_name = or_none(columns.next());
  const auto max = number_of(columns.next());
  const auto length = number_of(columns.next());
  element.table = or_none(columns.next());
  element.name = columns.next();
  if (!usage || !max || !length || !elements_) return false;
  element.usage = *usage;
  element.min = *usage == Usage::Required ? 1 : 0;
  element.max = *max;
  element.max_length = *length;
  elements_->push_back(element);
  return true;
}

bool GrammarReader::read_structure(Columns columns) {
  const auto name = columns.next();
  auto text = columns.next();
  StructureDef structure{name, {}};
  structure.root.name = name;
  if (!read_nodes(text, structure.root, 0) || !text.empty()) return false;
  grammar_->structures_[name] = std::move(structure);
  return true;
}

bool GrammarReader::read_nodes(std::string_view& text, NodeDef& parent, int depth) {
  if (depth > group_depth_max) return false;
  while (!text.empty() && text.front() != ')' && text.front() != '>') {
    NodeDef node;
    node.name = text.substr(0, text.find_first_of("()<>?*+ "));
    if (node.name.empty()) return false;
    text.remove_prefix(node.name.size());
    if (!text.empty() && (text.front() == '(' || text.front() == '<')) {
      node.choice = text.front() == '<';
      text.remove_prefix(1);
      if (!read_nodes(text, node, depth + 1) || node.children.empty()) return false;
      if (text.empty() || text.front() != (node.choice ? '>' : ')')) return false;
      text.remove_prefix(1);
    }
    read_occurrence(text, node);
    node.usage = node.min > 0 ? Usage::Required : Usage::Optional;
    parent.children.push_back(std::move(node));
    if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return !parent.children.empty();
}

namespace {

void connect_nodes(NodeDef& parent, const Grammar& grammar) {
  for (auto& node : parent.children) {
    if (node.is_group())
      connect_nodes(node, grammar);
    else
      node.segment = grammar.segment(node.name);
  }
}

}  // namespace

void GrammarReader::connect() {
  const auto connect_elements = [&](std::vector<ElementDef>& elements) {
    for (auto& element : elements) element.type = grammar_->data_type(element.type_name);
  };
  for (auto& [name, type] : grammar_->data_types_) connect_elements(type.components);
  for (auto& [name, segment] : grammar_->segments_) connect_elements(segment.fields);
  for (auto& [name, structure] : grammar_->structures_) connect_nodes(structure.root, *grammar_);
}

}  // namespace causeway::hl7v2
