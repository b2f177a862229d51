#include "connectors/dicom/data_set_json.h"

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/dictionary.h"
#include "engine/formats/dicom/file.h"

namespace causeway::connectors::dicom {
namespace {

using causeway::dicom::DataSet;
using causeway::dicom::ItemNumber;
using causeway::dicom::Path;
using causeway::dicom::Tag;
using Values = std::vector<causeway::dicom::Value>;

constexpr std::string_view utf8_set = "ISO_IR 192";
const Path character_set{{{causeway::dicom::tags::specific_character_set}}};

Error invalid(const std::string& place, std::string text) {
  return {ErrorKind::Invalid, place, std::move(text)};
}

std::string name_of(Tag tag) {
  const auto keyword = causeway::dicom::keyword_of(tag);
  return keyword.empty() ? causeway::dicom::digits_of(tag) : std::string(keyword);
}

Result<DataSet> empty_data_set(std::string_view transfer_syntax, std::string_view content = {}) {
  auto file = causeway::dicom::make_file_head({.sop_class = {},
                                               .sop_instance = {},
                                               .transfer_syntax = std::string(transfer_syntax),
                                               .source_title = {}});
  file += content;
  return DataSet::parse(make_bytes(std::move(file)), DataSet::Extent::Whole);
}

bool is_sequence(const config::Value& value) {
  const auto* list = value.list();
  return list && !list->empty() && list->front().object();
}

/// False: neither text nor a number.
bool add_value(const config::Value& value, Values& values) {
  if (const auto* text = value.string())
    values.emplace_back(*text);
  else if (const auto* whole = value.integer())
    values.emplace_back(static_cast<double>(*whole));
  else if (const auto* real = value.real())
    values.emplace_back(*real);
  else
    return false;
  return true;
}

/// Writes the members of a JSON object into an item.
class Writer {
 public:
  explicit Writer(DataSet& set) : set_(set) {}

  Status write(ItemNumber item, const config::Value& object, const std::string& place) {
    for (const auto& [name, value] : *object.object()) {
      const auto at = place + name;
      const auto tag = causeway::dicom::read_tag_text(name);
      if (!tag) return invalid(at, "it is no keyword and no tag");
      const Path path{{{*tag}}};
      auto written = is_sequence(value) ? write_items(item, path, value, at)
                                        : write_values(item, path, value, at);
      if (!written) return written;
    }
    return Done{};
  }

 private:
  Status write_items(ItemNumber item, const Path& path, const config::Value& list,
                     const std::string& place) {
    for (std::size_t i = 0; i < list.list()->size(); ++i) {
      const auto at = place + "[" + std::to_string(i) + "]";
      const auto& member = (*list.list())[i];
      if (!member.object()) return invalid(at, "an item of a sequence is an object");
      const auto added = set_.append_item(item, path);
      if (!added) return Error{added.error().kind, at, added.error().text};
      if (auto written = write(*added, member, at + "."); !written) return written;
    }
    return Done{};
  }

  Status write_values(ItemNumber item, const Path& path, const config::Value& value,
                      const std::string& place) {
    const auto kind = causeway::dicom::vr_of(path.steps.front().tag);
    const auto* list = value.list();
    if (kind == causeway::dicom::vr("SQ") && (value.is_null() || (list && list->empty())))
      return write_empty_sequence(item, path, place);
    Values values;
    bool good = true;
    if (list)
      for (const auto& each : *list) good = good && add_value(each, values);
    else
      good = value.is_null() || add_value(value, values);
    if (!good) return invalid(place, "a value is text, a number, or a list of them");
    const auto set = set_.set(item, path, values);
    return set ? set : Status(Error{set.error().kind, place, set.error().text});
  }

  Status write_empty_sequence(ItemNumber item, const Path& path, const std::string& place) {
    const auto added = set_.append_item(item, path);
    if (!added) return Error{added.error().kind, place, added.error().text};
    auto first = path;
    first.steps.back().item = 0;
    const auto removed = set_.remove(item, first);
    return removed ? Status(Done{}) : Status(removed.error());
  }

  DataSet& set_;
};

config::Value scalar(const causeway::dicom::Value& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    const auto whole = static_cast<std::int64_t>(*number);
    if (static_cast<double>(whole) == *number) return {whole, {}};
    return {*number, {}};
  }
  return {std::get<std::string>(value), {}};
}

/// nullopt: it has no place in JSON.
Result<std::optional<config::Value>> element_as_json(DataSet& set, ItemNumber item, Tag tag);

Result<config::Value> item_as_json(DataSet& set, ItemNumber item) {
  config::Value::Object members;
  for (const auto tag : set.tags(item)) {
    auto value = element_as_json(set, item, tag);
    if (!value) return value.error();
    if (*value) members.emplace_back(name_of(tag), std::move(**value));
  }
  return config::Value(std::move(members), {});
}

Result<std::optional<config::Value>> element_as_json(DataSet& set, ItemNumber item, Tag tag) {
  const Path path{{{tag}}};
  const auto kind = set.kind(item, path);
  if (!kind || causeway::dicom::is_pixel_data(tag)) return std::optional<config::Value>();
  if (*kind == causeway::dicom::vr("SQ")) {
    const auto items = set.items(item, path);
    if (!items) return items.error();
    config::Value::List list;
    for (const auto each : *items) {
      auto member = item_as_json(set, each);
      if (!member) return member.error();
      list.push_back(std::move(*member));
    }
    return std::optional(config::Value(std::move(list), {}));
  }
  if (!causeway::dicom::has_values(*kind)) return std::optional<config::Value>();
  const auto values = set.values(item, path);
  if (!values) return values.error();
  if (values->empty()) return std::optional(config::Value());
  if (values->size() == 1) return std::optional(scalar(values->front()));
  config::Value::List list;
  for (const auto& each : *values) list.push_back(scalar(each));
  return std::optional(config::Value(std::move(list), {}));
}

}  // namespace

Result<std::string> encode_data_set(const config::Value& object, std::string_view transfer_syntax) {
  if (!object.object()) return invalid("", "a data set is an object");
  auto set = empty_data_set(transfer_syntax);
  if (!set) return set.error();
  const auto* named = object.find(causeway::dicom::keyword_of(character_set.steps.front().tag));
  const auto* name = named ? named->string() : nullptr;
  auto written = set->set(causeway::dicom::whole_data_set, character_set,
                          {std::string(name ? *name : utf8_set)});
  if (written) written = Writer(*set).write(causeway::dicom::whole_data_set, object, "");
  if (!written) return written.error();
  const auto file = set->write();
  if (!file) return file.error();
  const auto head = causeway::dicom::read_file_head(**file);
  if (!head) return head.error();
  return (*file)->substr(head->data_set_begin);
}

Result<std::vector<std::string>> encode_data_sets(std::string_view json,
                                                  std::string_view transfer_syntax) {
  const auto parsed = config::parse_json(json, "answer");
  if (!parsed) return parsed.error();
  std::vector<std::string> all;
  const auto* list = parsed->list();
  const auto count = list ? list->size() : 1;
  if (count > data_sets_max)
    return Error{ErrorKind::Limit, "", "more than " + std::to_string(data_sets_max) + " data sets"};
  for (std::size_t i = 0; i < count; ++i) {
    auto encoded = encode_data_set(list ? (*list)[i] : *parsed, transfer_syntax);
    if (!encoded)
      return Error{encoded.error().kind, "[" + std::to_string(i) + "] " + encoded.error().place,
                   encoded.error().text};
    all.push_back(std::move(*encoded));
  }
  return all;
}

Result<config::Value> data_set_as_json(std::string_view data_set,
                                       std::string_view transfer_syntax) {
  auto set = empty_data_set(transfer_syntax, data_set);
  if (!set) return set.error();
  return item_as_json(*set, causeway::dicom::whole_data_set);
}

}  // namespace causeway::connectors::dicom
