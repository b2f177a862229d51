// XML in scripts: a document or a node of it, read by XPath and edited. See
// engine/formats/xml/document.h.
#include <fmt/format.h>

#include <js/Array.h>
#include <js/Conversions.h>
#include <js/Object.h>
#include <js/PropertyAndElement.h>

#include "engine/script/handles.h"
#include "engine/script/interpreter.h"
#include "engine/script/json.h"
#include "engine/script/objects.h"
#include "engine/script/text.h"

namespace causeway::script {
namespace {

/// What a node takes, about: counted like bytes written, so that trees are bounded too.
constexpr std::size_t xml_node_bytes = 128;

/// One call of a method: its arguments checked, its failures named after it.
class XmlCall {
 public:
  XmlCall(JSContext* context, const JS::CallArgs& args, std::string_view method)
      : context_(context), args_(args), method_(method), run_(Interpreter::of(context).run()) {}

  bool has_node() {
    std::size_t index = 0;
    if (!is_handle(args_.thisv(), HandleKind::Xml)) return fail("it is not called on XML");
    if (!handle_index(context_, args_.thisv(), index)) return false;
    document_ = run_->xml_nodes[index].document;
    node_ = run_->xml_nodes[index].node;
    return true;
  }

  xml::Document& document() { return run_->xml_documents[document_]; }
  xml::Node node() const { return node_; }
  bool given(unsigned index) const { return !args_.get(index).isUndefined(); }
  bool is_null(unsigned index) const { return args_.get(index).isNull(); }

  bool text(unsigned index, std::string& out) {
    const auto& value = args_.get(index);
    JS::RootedString string(context_, exact_number_text(args_.get(index)));
    if (!string && !value.isString() && !value.isNumber() && !value.isBoolean())
      return fail(fmt::format("argument {} must be a string, not {}", index + 1,
                              kind_of(args_.get(index))));
    if (!string) string = JS::ToString(context_, args_.get(index));
    return string && to_bytes(context_, string, Encoding::Utf8, out) &&
           charge(context_, *run_, out.size());
  }

  /// Prefixes given as an object {prefix: uri}.
  bool namespaces(unsigned index, xml::Namespaces& out) {
    if (!given(index)) return true;
    if (!args_.get(index).isObject()) return fail("namespaces are an object {prefix: uri}");
    JS::RootedObject object(context_, &args_.get(index).toObject());
    JS::Rooted<JS::IdVector> keys(context_, JS::IdVector(context_));
    JS::RootedId key(context_);
    JS::RootedValue name(context_), uri(context_);
    JS::RootedString string(context_);
    if (!JS_Enumerate(context_, object, &keys)) return false;
    for (std::size_t i = 0; i < keys.length(); ++i) {
      key = keys[i];
      std::string prefix, value;
      if (!JS_IdToValue(context_, key, &name) || !JS_GetPropertyById(context_, object, key, &uri))
        return false;
      if (!name.isString() || !uri.isString())
        return fail("namespaces are an object {prefix: uri}");
      string = name.toString();
      if (!to_bytes(context_, string, Encoding::Utf8, prefix)) return false;
      string = uri.toString();
      if (!to_bytes(context_, string, Encoding::Utf8, value)) return false;
      out[prefix] = value;
    }
    return true;
  }

  bool find(unsigned namespaces_at, xml::Found& found) {
    std::string path;
    xml::Namespaces prefixes;
    if (!args_.get(0).isString()) return fail("give an XPath, as a string");
    if (!text(0, path) || !namespaces(namespaces_at, prefixes)) return false;
    auto result = document().find(node_, path, prefixes);
    if (!result) return fail(result.error().text);
    found = std::move(*result);
    return true;
  }
  bool find_nodes(unsigned namespaces_at, std::vector<xml::Node>& nodes) {
    xml::Found found;
    if (!find(namespaces_at, found)) return false;
    if (auto* list = std::get_if<std::vector<xml::Node>>(&found)) {
      nodes = std::move(*list);
      return true;
    }
    return fail("this XPath gives a value, not nodes; use get");
  }

  bool charge_node() { return charge(context_, *run_, xml_node_bytes); }

  JSObject* wrap(xml::Node node) { return make_xml_node(context_, *run_, {document_, node}); }

  bool give(std::string_view text) {
    auto* string = to_string(context_, text, Encoding::Utf8);
    if (string) args_.rval().setString(string);
    return string != nullptr;
  }
  bool give(const JS::Value& value) {
    args_.rval().set(value);
    return true;
  }
  bool give(const Status& status) {
    return status ? give(JS::UndefinedValue()) : fail(status.error().text);
  }
  bool give(xml::Node node) {
    auto* object = wrap(node);
    return object && give(JS::ObjectValue(*object));
  }
  bool give(const std::vector<xml::Node>& nodes) {
    JS::RootedObject array(context_, JS::NewArrayObject(context_, nodes.size()));
    JS::RootedObject item(context_);
    if (!array) return false;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      item = wrap(nodes[i]);
      if (!item ||
          !JS_DefineElement(context_, array, static_cast<std::uint32_t>(i), item, JSPROP_ENUMERATE))
        return false;
    }
    return give(JS::ObjectValue(*array));
  }

  bool give_text() {
    ScriptContent content;
    return xml_content(context_, *run_, {document_, node_}, content) && give(*content.bytes);
  }

  bool fail(std::string_view text) {
    return script::fail(context_, fmt::format("xml.{}: {}", method_, text));
  }

 private:
  JSContext* context_;
  const JS::CallArgs& args_;
  std::string_view method_;
  CurrentRun* run_;
  std::size_t document_ = 0;
  xml::Node node_;
};

bool get(XmlCall& call) {
  xml::Found found;
  if (!call.find(1, found)) return false;
  if (const auto* text = std::get_if<std::string>(&found)) return call.give(*text);
  const auto& nodes = std::get<std::vector<xml::Node>>(found);
  return call.give(nodes.empty() ? std::string() : call.document().text(nodes.front()));
}

bool all(XmlCall& call) {
  std::vector<xml::Node> nodes;
  return call.find_nodes(1, nodes) && call.give(nodes);
}

bool find(XmlCall& call) {
  std::vector<xml::Node> nodes;
  if (!call.find_nodes(1, nodes)) return false;
  return nodes.empty() ? call.give(JS::UndefinedValue()) : call.give(nodes.front());
}

bool set(XmlCall& call) {
  std::vector<xml::Node> nodes;
  std::string value;
  if (!call.find_nodes(2, nodes) || !call.text(1, value)) return false;
  if (nodes.empty()) return call.fail("there is nothing at this path");
  return call.give(call.document().set_text(nodes.front(), value));
}

bool name(XmlCall& call) {
  return call.give(call.document().name(call.node()));
}

bool namespace_uri(XmlCall& call) {
  return call.give(call.document().namespace_of(call.node()));
}

bool text(XmlCall& call) {
  return call.give(call.document().text(call.node()));
}

bool set_text(XmlCall& call) {
  std::string value;
  return call.text(0, value) && call.give(call.document().set_text(call.node(), value));
}

bool children(XmlCall& call) {
  return call.give(call.document().children(call.node()));
}

bool attribute(XmlCall& call) {
  std::string wanted;
  if (!call.text(0, wanted)) return false;
  if (!call.document().has_attribute(call.node(), wanted)) return call.give(JS::UndefinedValue());
  return call.give(call.document().attribute(call.node(), wanted));
}

bool set_attribute(XmlCall& call) {
  std::string wanted, value;
  if (!call.text(0, wanted)) return false;
  if (call.is_null(1)) return call.give(call.document().remove_attribute(call.node(), wanted));
  return call.text(1, value) && call.charge_node() &&
         call.give(call.document().set_attribute(call.node(), wanted, value));
}

bool append(XmlCall& call) {
  std::string wanted, value;
  if (!call.text(0, wanted) || (call.given(1) && !call.text(1, value)) || !call.charge_node())
    return false;
  auto made = call.document().append(call.node(), wanted);
  if (!made) return call.fail(made.error().text);
  if (call.given(1)) {
    auto status = call.document().set_text(*made, value);
    if (!status) return call.give(status);
  }
  return call.give(*made);
}

bool remove(XmlCall& call) {
  return call.give(call.document().remove(call.node()));
}

bool to_text(XmlCall& call) {
  return call.give_text();
}

template <bool (*method)(XmlCall&), const char* name>
bool native(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  XmlCall call(context, args, name);
  return call.has_node() && method(call);
}

constexpr char name_of_get[] = "get", name_of_all[] = "all", name_of_find[] = "find",
               name_of_set[] = "set", name_of_name[] = "name",
               name_of_namespace_uri[] = "namespace", name_of_text[] = "text",
               name_of_set_text[] = "setText", name_of_children[] = "children",
               name_of_attribute[] = "attribute", name_of_set_attribute[] = "setAttribute",
               name_of_append[] = "append", name_of_remove[] = "remove",
               name_of_to_text[] = "toString";

const JSFunctionSpec methods[] = {
    JS_FN("get", (native<get, name_of_get>), 2, JSPROP_ENUMERATE),
    JS_FN("all", (native<all, name_of_all>), 2, JSPROP_ENUMERATE),
    JS_FN("find", (native<find, name_of_find>), 2, JSPROP_ENUMERATE),
    JS_FN("set", (native<set, name_of_set>), 3, JSPROP_ENUMERATE),
    JS_FN("name", (native<name, name_of_name>), 0, JSPROP_ENUMERATE),
    JS_FN("namespace", (native<namespace_uri, name_of_namespace_uri>), 0, JSPROP_ENUMERATE),
    JS_FN("text", (native<text, name_of_text>), 0, JSPROP_ENUMERATE),
    JS_FN("setText", (native<set_text, name_of_set_text>), 1, JSPROP_ENUMERATE),
    JS_FN("children", (native<children, name_of_children>), 0, JSPROP_ENUMERATE),
    JS_FN("attribute", (native<attribute, name_of_attribute>), 1, JSPROP_ENUMERATE),
    JS_FN("setAttribute", (native<set_attribute, name_of_set_attribute>), 2, JSPROP_ENUMERATE),
    JS_FN("append", (native<append, name_of_append>), 2, JSPROP_ENUMERATE),
    JS_FN("remove", (native<remove, name_of_remove>), 0, JSPROP_ENUMERATE),
    JS_FN("toString", (native<to_text, name_of_to_text>), 0, JSPROP_ENUMERATE),
    JS_FS_END};

bool parse(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  if (!run) return fail(context, "ctx.parseXml: there is no message while modules are loaded");
  if (!args.get(0).isString())
    return fail(context, fmt::format("ctx.parseXml: give a string, not {}", kind_of(args.get(0))));
  JS::RootedString string(context, args[0].toString());
  std::string text_given;
  return to_bytes(context, string, Encoding::Utf8, text_given) &&
         parse_xml(context, *run, text_given, args.rval());
}

bool content(JSContext* context, unsigned count, JS::Value* vp) {
  auto args = JS::CallArgsFromVp(count, vp);
  auto* run = Interpreter::of(context).run();
  std::size_t index = 0;
  if (!run) return fail(context, "ctx.xml: there is no message while modules are loaded");
  if (!is_handle(args.get(0), HandleKind::Xml))
    return fail(context, fmt::format("ctx.xml: give XML (msg, or what ctx.parseXml made), not {}",
                                     kind_of(args.get(0))));
  ScriptContent made;
  if (!handle_index(context, args[0], index) ||
      !xml_content(context, *run, run->xml_nodes[index], made))
    return false;
  run->contents.push_back(std::move(made));
  auto* object = make_handle(context, HandleKind::Content, run->contents.size() - 1);
  if (object) args.rval().setObject(*object);
  return object != nullptr;
}

}  // namespace

const JSFunctionSpec xml_makers[] = {JS_FN("xml", content, 1, JSPROP_ENUMERATE),
                                     JS_FN("parseXml", parse, 1, JSPROP_ENUMERATE), JS_FS_END};

bool define_xml(JSContext* context) {
  return define_handle(context, HandleKind::Xml, methods);
}

JSObject* make_xml_node(JSContext* context, CurrentRun& run, const XmlNode& node) {
  if (run.xml_nodes.size() == xml_nodes_max) {
    Interpreter::of(context).stop("it asks for too many nodes of XML");
    return nullptr;
  }
  run.xml_nodes.push_back(node);
  return make_handle(context, HandleKind::Xml, run.xml_nodes.size() - 1);
}

bool parse_xml(JSContext* context, CurrentRun& run, std::string_view text,
               JS::MutableHandleValue value) {
  if (run.xml_documents.size() == xml_documents_max)
    return Interpreter::of(context).stop("it parses too many XML documents");
  if (!charge(context, run, text.size())) return false;
  auto document = xml::Document::parse(text);
  if (!document) return fail(context, "XML: " + document.error().str());
  if (!charge(context, run, xml_node_bytes * document->parsed_nodes())) return false;
  run.xml_documents.push_back(std::move(*document));
  auto* object =
      make_xml_node(context, run, {run.xml_documents.size() - 1, run.xml_documents.back().top()});
  if (object) value.setObject(*object);
  return object != nullptr;
}

bool xml_content(JSContext* context, CurrentRun& run, const XmlNode& node, ScriptContent& content) {
  auto& document = run.xml_documents[node.document];
  if (node.node == document.top() || node.node == document.root()) {
    content = {ContentType::Xml, make_bytes(document.write())};
  } else {
    auto copy = document.copy(node.node);
    if (!copy) return fail(context, "XML: " + copy.error().text);
    content = {ContentType::Xml, make_bytes(copy->write())};
  }
  return charge(context, run, content.bytes->size());
}

}  // namespace causeway::script
