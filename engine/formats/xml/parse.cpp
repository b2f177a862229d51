#include "engine/formats/xml/state.h"

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>

namespace causeway::xml {
namespace {

/// What a parse has come across so far; hangs on the parser's context.
struct Watch {
  std::size_t nodes = 0;
  std::string refused;
  ErrorKind kind = ErrorKind::Invalid;
};

Watch& watch_of(void* context) {
  return *static_cast<Watch*>(static_cast<xmlParserCtxtPtr>(context)->_private);
}

void refuse(void* context, ErrorKind kind, std::string text) {
  auto& watch = watch_of(context);
  if (!watch.refused.empty()) return;
  watch.kind = kind;
  watch.refused = std::move(text);
  xmlStopParser(static_cast<xmlParserCtxtPtr>(context));
}

void on_document_type(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
  refuse(context, ErrorKind::Invalid, "a document type declaration (DOCTYPE) is not accepted");
}

void on_element(void* context, const xmlChar* name, const xmlChar* prefix, const xmlChar* uri,
                int namespaces, const xmlChar** namespace_list, int attributes, int defaulted,
                const xmlChar** attribute_list) {
  auto& watch = watch_of(context);
  watch.nodes += 1 + static_cast<std::size_t>(attributes) + static_cast<std::size_t>(namespaces);
  if (watch.nodes > nodes_max)
    return refuse(context, ErrorKind::Limit,
                  "more than " + std::to_string(nodes_max) + " elements and attributes");
  xmlSAX2StartElementNs(context, name, prefix, uri, namespaces, namespace_list, attributes,
                        defaulted, attribute_list);
}

void on_comment(void* context, const xmlChar* text) {
  if (++watch_of(context).nodes > nodes_max)
    return refuse(context, ErrorKind::Limit, "too many comments");
  xmlSAX2Comment(context, text);
}

void on_instruction(void* context, const xmlChar* target, const xmlChar* data) {
  if (++watch_of(context).nodes > nodes_max)
    return refuse(context, ErrorKind::Limit, "too many processing instructions");
  xmlSAX2ProcessingInstruction(context, target, data);
}

void ignore_error(void*, xmlErrorPtr) {}

std::string trimmed(const char* message) {
  std::string text = message ? message : "it is not well-formed";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Error failure(xmlParserCtxtPtr context, const Watch& watch) {
  if (!watch.refused.empty()) {
    const auto* input = context->input;
    return {watch.kind, input ? std::to_string(input->line) + ":" + std::to_string(input->col) : "",
            watch.refused};
  }
  const auto* error = xmlCtxtGetLastError(context);
  if (!error) return {ErrorKind::Invalid, "", "it is not well-formed XML"};
  return {ErrorKind::Invalid, std::to_string(error->line) + ":" + std::to_string(error->int2),
          trimmed(error->message)};
}

}  // namespace

Result<Document> Document::parse(std::string_view bytes) {
  static const bool ready = (xmlInitParser(), true);
  (void)ready;
  if (bytes.size() > bytes_max)
    return Error{ErrorKind::Limit, "", "more than " + std::to_string(bytes_max) + " bytes of XML"};
  std::unique_ptr<xmlParserCtxt, decltype(&xmlFreeParserCtxt)> context(xmlNewParserCtxt(),
                                                                       &xmlFreeParserCtxt);
  if (!context) return Error{ErrorKind::Internal, "", "no memory for an XML parser"};
  Watch watch;
  context->_private = &watch;
  context->sax->internalSubset = on_document_type;
  context->sax->startElementNs = on_element;
  context->sax->comment = on_comment;
  context->sax->processingInstruction = on_instruction;
  context->sax->serror = ignore_error;
  // Neither XML_PARSE_HUGE (depth stays at 256) nor any option that loads or replaces entities.
  auto* parsed = xmlCtxtReadMemory(context.get(), bytes.data(), static_cast<int>(bytes.size()),
                                   nullptr, nullptr, XML_PARSE_NONET);
  auto state = std::make_unique<State>(parsed);
  if (!parsed || !watch.refused.empty() || !context->wellFormed)
    return failure(context.get(), watch);
  state->parsed_nodes = watch.nodes;
  return Document(std::move(state));
}

}  // namespace causeway::xml
