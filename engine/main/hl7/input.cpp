#include "engine/main/hl7/input.h"

#include <array>
#include <cstdio>

#include "engine/formats/encoding/converter.h"
#include "engine/formats/hl7v2/grammar/message_structure.h"

namespace causeway {
namespace {

using Kind = hl7v2::BatchItem::Kind;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

Status add_items(std::string_view text, std::vector<Hl7Item>& items) {
  hl7v2::BatchReader reader(hl7v2::bytes_max);
  std::size_t messages = 0;
  const auto add = [&](const hl7v2::BatchItem& found) -> Status {
    Hl7Item item{found.kind, std::string(found.text), 0, found.problem};
    if (item.is_message()) item.number = ++messages;
    items.push_back(std::move(item));
    return Done{};
  };
  auto pushed = reader.push(text, add);
  return pushed ? reader.finish(add) : pushed;
}

/// As UTF-8; bytes that mean nothing become escape sequences.
Result<std::string> narrowed(std::string_view text, const encoding::CharacterSet& from) {
  auto converter = encoding::Converter::make(from, encoding::utf8());
  if (!converter) return std::move(converter).error();
  std::string out;
  converter->convert(text, out, [](std::string_view bytes, std::string& stand_in) {
    hl7v2::append_hex_sequence(bytes, '\\', stand_in);
  });
  return out;
}

}  // namespace

bool Hl7Item::is_message() const {
  return kind == Kind::Message || kind == Kind::Unreadable;
}

std::vector<const Hl7Item*> Hl7Input::messages() const {
  std::vector<const Hl7Item*> found;
  for (const auto& item : items)
    if (item.is_message()) found.push_back(&item);
  return found;
}

Result<hl7v2::Message> Hl7Input::parse(const Hl7Item& item) const {
  auto message = hl7v2::Message::parse(make_bytes(item.text), set);
  if (message) message->use_groups(hl7v2::structure_groups());
  return message;
}

Result<std::string> read_whole(const std::string& name) {
  std::unique_ptr<std::FILE, CloseFile> file(name == "-" ? stdin : std::fopen(name.c_str(), "rb"));
  std::string text;
  std::array<char, 65536> block;
  std::size_t count = 0;
  while (file && (count = std::fread(block.data(), 1, block.size(), file.get())) > 0) {
    text.append(block.data(), count);
    if (text.size() > input_bytes_max)
      return Error{ErrorKind::Limit, name,
                   "it has over " + std::to_string(input_bytes_max) + " bytes"};
  }
  if (!file || std::ferror(file.get()) != 0)
    return Error{ErrorKind::NotFound, name, "it can't be read"};
  return text;
}

Result<Hl7Input> read_input(const std::string& name, const encoding::CharacterSet* set) {
  auto text = read_whole(name);
  if (!text) return std::move(text).error();
  return input_from(name, std::move(*text), set);
}

Result<Hl7Input> input_from(const std::string& name, std::string text,
                            const encoding::CharacterSet* set) {
  Hl7Input input{name, {}, set};
  if (const auto* wide = encoding::wide_character_set(text)) {
    auto narrow = narrowed(text, *wide);
    if (!narrow) return std::move(narrow).error();
    text = std::move(*narrow);
    input.set = &encoding::utf8();
  }
  auto added = add_items(text, input.items);
  if (!added) return Error{added.error().kind, name, added.error().str()};
  return input;
}

void print_problem(const std::string& name, const Error& error) {
  const auto text = error.place == name ? name + ": " + error.text : name + ": " + error.str();
  std::fprintf(stderr, "causeway hl7: %s\n", text.c_str());
}

Result<const encoding::CharacterSet*> named_set(const std::string& name) {
  if (name.empty()) return nullptr;
  if (const auto* set = encoding::find_character_set(name)) return set;
  return Error{ErrorKind::NotFound, "\"" + name + "\"",
               "no character set that is known; try UTF-8, 8859/1, windows-1252 …"};
}

}  // namespace causeway
