// causeway hl7 convert: the same messages in another character set, with other delimiters or
// segment ends, as v2 XML, or from it.
#include "engine/formats/hl7v2/convert.h"

#include <cstdio>

#include <fmt/format.h>

#include "engine/formats/hl7v2/rewrite.h"
#include "engine/formats/hl7v2/xml/v2_xml.h"
#include "engine/main/arguments.h"
#include "engine/main/hl7/commands.h"
#include "engine/main/hl7/input.h"

namespace causeway {
namespace {

constexpr const char* usage =
    "usage: causeway hl7 convert [OPTIONS] FILE ...\n"
    "  Prints the HL7 v2 messages of the files (\"-\": standard input) with what is asked for "
    "changed\n"
    "  and all else as it is. A file in v2 XML is made into messages; batches stay batches.\n"
    "  --to SET           into this character set, which MSH-18 then names: utf-8, 8859/1,\n"
    "                     windows-1252, iso-2022-jp …\n"
    "  --from SET         what the bytes are in; without it, what MSH-18 says\n"
    "  --ends cr|lf|crlf  segment ends; cr is what the standard says\n"
    "  --delimiters CHARS MSH-1 and MSH-2 in one: '|^~\\&'\n"
    "  --xml              as v2 XML, in UTF-8\n"
    "  Exits with 1 if something has no place in the new character set: it is kept as an escape\n"
    "  sequence (\\X..\\).\n";

struct Settings {
  const encoding::CharacterSet* from = nullptr;
  const encoding::CharacterSet* to = nullptr;
  hl7v2::Rewriting rewriting;
  bool rewrites = false;  // delimiters or ends are given
  bool xml = false;
};

Result<std::string_view> segment_end(const std::string& name) {
  if (name == "cr") return std::string_view("\r");
  if (name == "lf") return std::string_view("\n");
  if (name == "crlf") return std::string_view("\r\n");
  return Error{ErrorKind::Invalid, "--ends", "is cr, lf or crlf"};
}

Result<Settings> settings_of(const Arguments& arguments) {
  Settings settings;
  settings.xml = arguments.has("xml");
  for (const auto& [name, set] :
       {std::pair("from", &settings.from), std::pair("to", &settings.to)}) {
    const auto found = named_set(arguments.value(name));
    if (!found) return found.error();
    *set = *found;
  }
  if (settings.xml && settings.to && settings.to != &encoding::utf8())
    return Error{ErrorKind::Invalid, "--to", "v2 XML is UTF-8"};
  if (settings.xml) settings.to = &encoding::utf8();
  settings.rewrites = arguments.has("ends") || arguments.has("delimiters");
  if (arguments.has("ends")) {
    const auto end = segment_end(arguments.value("ends"));
    if (!end) return end.error();
    settings.rewriting.segment_end = *end;
  }
  if (!arguments.has("delimiters")) return settings;
  const auto delimiters = hl7v2::read_delimiters_text(arguments.value("delimiters"));
  if (!delimiters)
    return Error{ErrorKind::Invalid, "--delimiters",
                 "five characters, or six, that can be told apart: '|^~\\&'"};
  settings.rewriting.delimiters = *delimiters;
  return settings;
}

/// How the segment ends that is the text's first: what a rewriting keeps if it isn't asked for.
std::string_view end_of(std::string_view text) {
  const auto at = text.find_first_of("\r\n");
  if (at == std::string_view::npos) return "\r";
  return text[at] == '\n' ? "\n" : text.substr(at).starts_with("\r\n") ? "\r\n" : "\r";
}

class Conversion {
 public:
  Conversion(const Hl7Input& input, const Settings& settings, bool has_ends)
      : input_(input),
        settings_(settings),
        has_ends_(has_ends),
        converter_({input.set ? input.set : settings.from, settings.to}) {}

  Result<std::string> convert(const Hl7Item& item) {
    if (!item.is_message()) return convert_envelope(item);
    auto bytes = in_set(item);
    if (!bytes) return std::move(bytes).error();
    if (!settings_.rewrites && !settings_.xml) return std::string(**bytes);
    const auto* set = settings_.to ? settings_.to : input_.set ? input_.set : settings_.from;
    auto message = hl7v2::Message::parse(*bytes, set);
    if (!message) return std::move(message).error();
    if (settings_.xml) return hl7v2::to_xml(*message);
    return hl7v2::rewrite(*message, rewriting_for(item.text));
  }

  bool lost() const { return lost_; }

 private:
  hl7v2::Rewriting rewriting_for(std::string_view text) const {
    auto rewriting = settings_.rewriting;
    if (!has_ends_) rewriting.segment_end = end_of(text);
    return rewriting;
  }

  Result<std::string> convert_envelope(const Hl7Item& item) const {
    if (settings_.xml) return std::string();
    if (!settings_.rewrites || item.text.empty()) return item.text;
    return hl7v2::rewrite_envelope(item.text, rewriting_for(item.text));
  }

  Result<Bytes> in_set(const Hl7Item& item) {
    auto bytes = make_bytes(item.text);
    // ASCII is UTF-8 already, and old versions have no MSH-18 to say so.
    const bool plain = encoding::ascii_prefix(item.text) == item.text.size() &&
                       item.text.find('\x1b') == std::string::npos;
    if (!settings_.to || (settings_.xml && plain)) return bytes;
    auto converted = converter_.convert(bytes);
    if (!converted) return std::move(converted).error();
    if (!converted->losses.none()) {
      lost_ = true;
      std::fprintf(stderr,
                   "causeway hl7: %s, message %zu: %zu bytes that mean nothing, %zu characters "
                   "without a place, first in %s; kept as \\X..\\\n",
                   input_.name.c_str(), item.number, converted->losses.undecodable,
                   converted->losses.unmappable, converted->first_loss.c_str());
    }
    return converted->bytes;
  }

  const Hl7Input& input_;
  const Settings& settings_;
  const bool has_ends_;
  hl7v2::MessageConverter converter_;
  bool lost_ = false;
};

/// Exit code.
int convert_items(const Hl7Input& input, const Settings& settings, bool has_ends) {
  Conversion conversion(input, settings, has_ends);
  int code = 0;
  for (const auto& item : input.items) {
    const auto text = conversion.convert(item);
    if (text) {
      std::fwrite(text->data(), 1, text->size(), stdout);
    } else {
      print_problem(
          item.is_message() ? fmt::format("{}, message {}", input.name, item.number) : input.name,
          text.error());
      code = 2;
    }
  }
  return code != 0 ? code : conversion.lost() ? 1 : 0;
}

int convert_file(const std::string& name, const Settings& settings, bool has_ends) {
  auto text = read_whole(name);
  if (text && text->find_first_not_of(" \t\r\n\xEF\xBB\xBF") != std::string::npos &&
      (*text)[text->find_first_not_of(" \t\r\n\xEF\xBB\xBF")] == '<')
    text = hl7v2::from_xml(*text);
  auto input = text ? input_from(name, std::move(*text), settings.from)
                    : Result<Hl7Input>(std::move(text).error());
  if (input) return convert_items(*input, settings, has_ends);
  print_problem(name, input.error());
  return 2;
}

}  // namespace

int hl7_convert(const Words& words) {
  const auto arguments =
      Arguments::parse(words, {{"to", "from", "ends", "delimiters"}, {"xml", "help"}});
  const bool asked = arguments && !arguments->has("help") && !arguments->words().empty();
  const auto settings = asked ? settings_of(*arguments) : Result<Settings>(Settings{});
  if (!asked || !settings) {
    if (!arguments || !settings)
      std::fprintf(stderr, "causeway hl7: %s\n",
                   (arguments ? settings.error() : arguments.error()).str().c_str());
    if (!asked) std::fputs(usage, stderr);
    return 2;
  }
  int code = 0;
  for (const auto& name : arguments->words())
    code = std::max(code, convert_file(name, *settings, arguments->has("ends")));
  return code;
}

}  // namespace causeway
