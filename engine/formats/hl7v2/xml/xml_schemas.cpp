#include <set>

#include "engine/formats/hl7v2/xml/v2_xml.h"

namespace causeway::hl7v2 {
namespace {

std::string document(const std::string& inside) {
  const auto space = std::string(v2_xml_namespace);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<xsd:schema xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"" +
         space + "\" targetNamespace=\"" + space + "\" elementFormDefault=\"qualified\">\n" +
         inside + "</xsd:schema>\n";
}

std::string include(const std::string& file) {
  return "<xsd:include schemaLocation=\"" + file + "\"/>\n";
}

std::string occurs(std::uint32_t min, std::uint32_t max) {
  return " minOccurs=\"" + std::to_string(min) + "\" maxOccurs=\"" +
         (max == no_limit ? "unbounded" : std::to_string(max)) + "\"";
}

std::string type_of(const ElementDef& element) {
  return element.type_name.empty() ? "varies" : std::string(element.type_name);
}

std::string sequence_of(const std::vector<ElementDef>& elements, const std::string& prefix) {
  std::string text = "<xsd:sequence>\n";
  int number = 0;
  for (const auto& element : elements)
    text += "<xsd:element ref=\"" + prefix + "." + std::to_string(++number) + "\"" +
            occurs(element.min, element.usage == Usage::Withdrawn ? no_limit : element.max) +
            "/>\n";
  return text + "</xsd:sequence>\n";
}

/// A value with escape sequences in it.
std::string primitive(const std::string& name) {
  return "<xsd:complexType name=\"" + name +
         "\" mixed=\"true\"><xsd:sequence><xsd:element ref=\"escape\" minOccurs=\"0\" "
         "maxOccurs=\"unbounded\"/></xsd:sequence></xsd:complexType>\n";
}

std::string data_types(const Grammar& grammar) {
  std::string text =
      "<xsd:element name=\"escape\"><xsd:complexType><xsd:attribute name=\"V\" "
      "type=\"xsd:string\" use=\"required\"/></xsd:complexType></xsd:element>\n"
      "<xsd:complexType name=\"varies\" mixed=\"true\"><xsd:sequence><xsd:any "
      "processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/></xsd:sequence>"
      "</xsd:complexType>\n";
  std::set<std::string> primitives;
  const auto note = [&](const std::vector<ElementDef>& elements) {
    for (const auto& element : elements)
      if (!element.type && type_of(element) != "varies") primitives.insert(type_of(element));
  };
  for (const auto& [name, segment] : grammar.segments()) note(segment.fields);
  for (const auto& [name, type] : grammar.data_types()) note(type.components);
  for (const auto& name : primitives) text += primitive(name);
  for (const auto& [name, type] : grammar.data_types()) {
    const auto prefix = std::string(name);
    int number = 0;
    for (const auto& component : type.components)
      text += "<xsd:element name=\"" + prefix + "." + std::to_string(++number) + "\" type=\"" +
              type_of(component) + "\"/>\n";
    text += "<xsd:complexType name=\"" + prefix + "\">\n" + sequence_of(type.components, prefix) +
            "</xsd:complexType>\n";
  }
  return document(text);
}

std::string fields(const Grammar& grammar) {
  std::string text = include("datatypes.xsd");
  for (const auto& [name, segment] : grammar.segments()) {
    int number = 0;
    for (const auto& field : segment.fields)
      text += "<xsd:element name=\"" + std::string(name) + "." + std::to_string(++number) +
              "\" type=\"" + type_of(field) + "\"/>\n";
  }
  return document(text);
}

std::string segments(const Grammar& grammar) {
  std::string text = include("fields.xsd");
  for (const auto& [name, segment] : grammar.segments())
    text += "<xsd:element name=\"" + std::string(name) + "\">\n<xsd:complexType>\n" +
            sequence_of(segment.fields, std::string(name)) + "</xsd:complexType>\n</xsd:element>\n";
  return document(text);
}

std::string node_text(const NodeDef& node, const Grammar& grammar, const std::string& message) {
  const auto often = occurs(node.min, node.max);
  if (!node.is_group()) {
    if (grammar.segment(node.name))
      return "<xsd:element ref=\"" + std::string(node.name) + "\"" + often + "/>\n";
    return "<xsd:any processContents=\"lax\"" + occurs(0, node.max) + "/>\n";
  }
  std::string inside;
  for (const auto& child : node.children) inside += node_text(child, grammar, message);
  if (node.choice) return "<xsd:choice" + often + ">\n" + inside + "</xsd:choice>\n";
  return "<xsd:element name=\"" + message + "." + std::string(node.name) + "\"" + often +
         ">\n<xsd:complexType>\n<xsd:sequence>\n" + inside +
         "</xsd:sequence>\n</xsd:complexType>\n</xsd:element>\n";
}

std::string structure_text(const StructureDef& structure, const Grammar& grammar) {
  const auto name = std::string(structure.name);
  std::string inside;
  for (const auto& child : structure.root.children) inside += node_text(child, grammar, name);
  return document(include("segments.xsd") + "<xsd:element name=\"" + name +
                  "\">\n<xsd:complexType>\n<xsd:sequence>\n" + inside +
                  "</xsd:sequence>\n</xsd:complexType>\n</xsd:element>\n");
}

}  // namespace

std::vector<SchemaFile> xml_schemas(const Grammar& grammar) {
  std::vector<SchemaFile> files = {{"datatypes.xsd", data_types(grammar)},
                                   {"fields.xsd", fields(grammar)},
                                   {"segments.xsd", segments(grammar)}};
  for (const auto& [name, structure] : grammar.structures())
    files.push_back({std::string(name) + ".xsd", structure_text(structure, grammar)});
  return files;
}

}  // namespace causeway::hl7v2
