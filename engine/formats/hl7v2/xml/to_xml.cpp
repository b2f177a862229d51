#include "engine/formats/hl7v2/grammar/structure_tree.h"
#include "engine/formats/hl7v2/scan.h"
#include "engine/formats/hl7v2/xml/v2_xml.h"
#include "engine/formats/hl7v2/xml/xml_text.h"

namespace causeway::hl7v2 {
namespace {

class XmlWriter {
 public:
  XmlWriter(const Message& message, const Grammar& grammar, const StructureTree& tree)
      : message_(message), grammar_(grammar), tree_(tree) {}

  std::string write() {
    const auto root = std::string(tree_.structure().name);
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<" + root + " xmlns=\"" +
           std::string(v2_xml_namespace) + "\">\n";
    members(0, 1);
    out_ += "</" + root + ">\n";
    return std::move(out_);
  }

 private:
  void members(std::uint32_t group, int depth) {
    const auto& nodes = tree_.nodes();
    for (auto i = group + 1; i < nodes[group].end; i = nodes[i].end) {
      if (nodes[i].segment != no_segment) {
        segment(message_.segment_text(nodes[i].segment), tree_.name(nodes[i]), depth);
        continue;
      }
      const auto name = std::string(tree_.structure().name) + "." + std::string(nodes[i].def->name);
      indent(depth);
      out_ += "<" + name + ">\n";
      members(i, depth + 1);
      indent(depth);
      out_ += "</" + name + ">\n";
    }
  }

  void indent(int depth) { out_.append(static_cast<std::size_t>(depth), ' '); }

  void segment(std::string_view text, std::string_view name, int depth) {
    const auto element = xml_name(name, "ZZZ");
    const auto* def = grammar_.segment(name);
    const char separator = message_.delimiters().field;
    indent(depth);
    out_ += "<" + element + ">\n";
    int number = 0;
    if (declares_delimiters(text)) {
      field(element, def, ++number, std::string_view(&separator, 1), depth + 1, true);
    }
    auto rest = text.substr(std::min(text.size(), text.find(separator)));
    while (!rest.empty()) {
      rest.remove_prefix(1);
      const auto value = rest.substr(0, rest.find(separator));
      rest.remove_prefix(value.size());
      ++number;
      field(element, def, number, value, depth + 1, number == 2 && declares_delimiters(text));
    }
    indent(depth);
    out_ += "</" + element + ">\n";
    value_type_ = {};
  }

  void field(const std::string& segment, const SegmentDef* def, int number, std::string_view text,
             int depth, bool verbatim) {
    const auto index = static_cast<std::size_t>(number) - 1;
    const auto* element = def && index < def->fields.size() ? &def->fields[index] : nullptr;
    const auto* type = element ? element->type : nullptr;
    if (segment == "OBX" && number == 2) value_type_ = text;
    if (segment == "OBX" && number == 5) type = grammar_.data_type(value_type_);
    const auto name = segment + "." + std::to_string(number);
    if (!verbatim) text = without_empty_end(text);
    while (!text.empty()) {
      const auto end = verbatim
                           ? text.size()
                           : std::min(text.find(message_.delimiters().repetition), text.size());
      indent(depth);
      out_ += "<" + name + ">";
      if (verbatim)
        xml_escape(text, out_);
      else
        value(without_empty_end(text.substr(0, end)), type, message_.delimiters().component);
      out_ += "</" + name + ">\n";
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  /// Delimiters that only empty values stand behind are not written.
  std::string_view without_empty_end(std::string_view text) const {
    const auto& all = message_.delimiters();
    while (!text.empty() && (text.back() == all.repetition || text.back() == all.component ||
                             text.back() == all.subcomponent))
      text.remove_suffix(1);
    return text;
  }

  static bool is_divided(std::string_view text, char delimiter) {
    return delimiter != no_delimiter && text.find(delimiter) != std::string_view::npos;
  }

  /// A value of a type, or of none that is known: then its parts are called by their numbers.
  void value(std::string_view text, const DataTypeDef* type, char delimiter) {
    const bool inner = delimiter == message_.delimiters().subcomponent;
    const bool composite = type && !type->components.empty();
    const bool divided = is_divided(text, delimiter) ||
                         (!inner && is_divided(text, message_.delimiters().subcomponent));
    if (!composite && !divided) return leaf(text);
    const auto prefix = composite ? std::string(type->name) : std::string(inner ? "SUB" : "CM");
    for (int number = 1; !text.empty(); ++number) {
      const auto end =
          delimiter == no_delimiter ? text.size() : std::min(text.find(delimiter), text.size());
      const auto part = text.substr(0, end);
      const auto index = static_cast<std::size_t>(number) - 1;
      const auto* part_type =
          composite && index < type->components.size() ? type->components[index].type : nullptr;
      if (!without_empty_end(part).empty()) {
        const auto name = prefix + "." + std::to_string(number);
        out_ += "<" + name + ">";
        if (inner)
          leaf(part);
        else
          value(part, part_type, message_.delimiters().subcomponent);
        out_ += "</" + name + ">";
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

  void leaf(std::string_view text) { xml_value(text, message_.delimiters(), out_); }

  const Message& message_;
  const Grammar& grammar_;
  const StructureTree& tree_;
  std::string out_;
  std::string_view value_type_;  // OBX-2 of the segment being written
};

}  // namespace

Result<std::string> to_xml(const Message& message) {
  static const Path type_field = *parse_path("MSH-9"), version_field = *parse_path("MSH-12.1");
  for (std::size_t i = 0; i < message.segment_count(); ++i)
    if (!is_utf8(message.segment_text(i)))
      return Error{ErrorKind::Invalid, "segment " + std::to_string(i + 1),
                   "its bytes are no UTF-8, which XML needs"};
  const auto* grammar = Grammar::find(message.get(version_field));
  if (!grammar) return Error{ErrorKind::Invalid, "MSH-12", "it names no version of HL7 v2"};
  const auto names = segment_names(message);
  const auto chosen =
      choose_structure(*grammar, message.raw(type_field), message.delimiters().component, names);
  if (!chosen.structure) return Error{ErrorKind::Invalid, "MSH-9", "no message structure fits"};
  const auto tree = StructureTree::build(names, *chosen.structure);
  return XmlWriter(message, *grammar, tree).write();
}

}  // namespace causeway::hl7v2
