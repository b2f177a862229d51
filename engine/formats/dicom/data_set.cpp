// Reading: from bytes to an index, and values by path.
#include "engine/formats/dicom/data_set.h"

#include <algorithm>

#include "engine/formats/dicom/deflate.h"
#include "engine/formats/dicom/dictionary.h"
#include "engine/formats/dicom/file.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t preamble_and_prefix = 132;

Error too_many() {
  return {ErrorKind::Limit, "data set", "more elements than are looked at"};
}

}  // namespace

Result<DataSet> DataSet::parse(Bytes file, Extent extent) {
  auto head = read_file_head(*file);
  if (!head) return head.error();
  DataSet set;
  set.file_ = std::move(file);
  set.data_set_begin_ = head->data_set_begin;
  set.encoding_ = encoding_of(head->transfer_syntax);
  if (set.encoding_.deflated) {
    auto bytes = inflate(std::string_view(*set.file_).substr(head->data_set_begin),
                         inflated_bytes_max, extent == Extent::Begin);
    if (!bytes) return bytes.error();
    set.inflated_ = make_bytes(std::move(*bytes));
  }
  set.items_.resize(2);
  set.items_[whole_data_set].encoding = set.encoding_;
  const auto begin = set.inflated_ ? 0 : set.data_set_begin_;
  const auto size = set.source_of(whole_data_set).size();
  for (auto read :
       {set.read_elements(meta_group, preamble_and_prefix, set.data_set_begin_, Extent::Whole),
        set.read_elements(whole_data_set, begin, size, extent)})
    if (!read) return read.error();
  return set;
}

std::string_view DataSet::source_of(ItemNumber item) const {
  return item == meta_group || !inflated_ ? *file_ : *inflated_;
}

Status DataSet::read_elements(ItemNumber number, std::size_t at, std::size_t to, Extent extent) {
  auto& item = items_[number];
  ElementReader reader(source_of(number), item.encoding, at, to);
  for (;;) {
    auto element = reader.next();
    if (!element) {
      if (extent == Extent::Begin) return Done{};
      return element.error();
    }
    if (!*element) break;
    if (++elements_ > elements_max) return too_many();
    item.nodes.emplace_back().element = **element;
  }
  if (reader.cut_off() && extent == Extent::Whole)
    return Error{ErrorKind::Invalid,
                 reader.cut_element() ? to_string(reader.cut_element()->tag) : "data set",
                 "the data set is cut off here"};
  return Done{};
}

Status DataSet::open(ItemNumber owner, Node& node) {
  if (node.is_open) return Done{};
  if (!holds_items(node.element))
    return Error{ErrorKind::Invalid, to_string(node.element.tag), "it is no sequence"};
  if (items_[owner].depth == nesting_max)
    return Error{ErrorKind::Limit, to_string(node.element.tag), "nested too deeply"};
  ItemReader reader(source_of(owner), node.element, items_[owner].encoding);
  std::vector<ItemNumber> numbers;
  for (;;) {
    auto found = reader.next();
    if (!found) return found.error();
    if (!*found) break;
    if (++elements_ > elements_max) return too_many();
    auto& item = add_item(owner, node.element.tag);
    item.encoding = reader.encoding();
    item.element = **found;
    numbers.push_back(items_.size() - 1);
    const auto begin = (*found)->value;
    if (auto read = read_elements(numbers.back(), begin, begin + (*found)->length, Extent::Whole);
        !read)
      return read;
  }
  node.items = std::move(numbers);
  node.is_open = true;
  return Done{};
}

DataSet::Item& DataSet::add_item(ItemNumber owner, Tag sequence) {
  auto& item = items_.emplace_back();
  item.owner = owner;
  item.sequence = sequence;
  item.depth = items_[owner].depth + 1;
  return item;
}

DataSet::Node* DataSet::find_node(ItemNumber number, Tag tag) {
  if (number == whole_data_set && group_of(tag) == 2) number = meta_group;
  for (auto& node : items_[number].nodes)
    if (node.element.tag == tag && node.state != Node::State::Removed) return &node;
  return nullptr;
}

Result<std::optional<ItemNumber>> DataSet::owner_of(ItemNumber item, const Path& path) {
  for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
    const auto& step = path.steps[i];
    auto* node = find_node(item, step.tag);
    if (!node) return std::optional<ItemNumber>();
    if (auto opened = open(item, *node); !opened) return opened.error();
    const auto place = static_cast<std::size_t>(std::max(step.item, 0));
    if (place >= node->items.size()) return std::optional<ItemNumber>();
    item = node->items[place];
  }
  return std::optional<ItemNumber>(item);
}

/// `item` becomes the one that the element is in. Null: it isn't there.
Result<DataSet::Node*> DataSet::find(ItemNumber& item, const Path& path) {
  auto owner = owner_of(item, path);
  if (!owner) return owner.error();
  if (!*owner) return static_cast<Node*>(nullptr);
  item = **owner;
  auto* node = find_node(item, path.steps.back().tag);
  if (item == whole_data_set && group_of(path.steps.back().tag) == 2) item = meta_group;
  return node;
}

bool DataSet::has(ItemNumber item, const Path& path) {
  const auto node = find(item, path);
  if (!node || !*node) return false;
  const auto wanted = path.steps.back().item;
  if (wanted < 0) return true;
  return open(item, **node).ok() && static_cast<std::size_t>(wanted) < (*node)->items.size();
}

std::optional<Vr> DataSet::kind(ItemNumber item, const Path& path) {
  const auto node = find(item, path);
  if (!node || !*node) return std::nullopt;
  return kind_of(item, **node);
}

std::string_view DataSet::value_of(ItemNumber item, const Node& node) const {
  if (node.state == Node::State::Written) return node.value;
  return node.element.of(source_of(item));
}

Vr DataSet::kind_of(ItemNumber item, const Node& node) const {
  const auto& element = node.element;
  // Converted by somebody who didn't know it, from an implicit encoding: little endian.
  if (element.vr != vr("UN") || element.undefined || items_[item].encoding.big_endian)
    return element.vr;
  const auto known = vr_of(element.tag);
  return known && has_values(*known) ? *known : element.vr;
}

TextCodec& DataSet::codec_of(ItemNumber number) {
  auto& item = items_[number];
  if (item.codec) return *item.codec;
  const auto* named = find_node(number, tags::specific_character_set);
  if (!named && number != whole_data_set && number != meta_group) return codec_of(item.owner);
  return item.codec.emplace(named && number != meta_group ? value_of(number, *named)
                                                          : std::string_view());
}

Result<std::vector<Value>> DataSet::values(ItemNumber item, const Path& path) {
  const auto node = find(item, path);
  if (!node) return node.error();
  if (!*node) return std::vector<Value>();
  const auto kind = kind_of(item, **node);
  if (!has_values(kind))
    return Error{ErrorKind::Invalid, to_string(path),
                 is_pixel_data((*node)->element.tag)
                     ? "pixel data is passed on, and can't be read"
                     : "its values are of the kind " + to_string(kind) + ", not text or numbers"};
  return decode_values(value_of(item, **node), kind, items_[item].encoding, codec_of(item));
}

Result<std::optional<std::string>> DataSet::bytes(ItemNumber item, const Path& path) {
  const auto node = find(item, path);
  if (!node) return node.error();
  if (!*node) return std::optional<std::string>();
  if (is_pixel_data((*node)->element.tag))
    return Error{ErrorKind::Invalid, to_string(path), "pixel data is passed on, and can't be read"};
  if (holds_items((*node)->element))
    return Error{ErrorKind::Invalid, to_string(path), "it is a sequence"};
  return std::optional<std::string>(value_of(item, **node));
}

Result<std::vector<ItemNumber>> DataSet::items(ItemNumber item, const Path& path) {
  const auto node = find(item, path);
  if (!node) return node.error();
  if (!*node) return std::vector<ItemNumber>();
  if (auto opened = open(item, **node); !opened) return opened.error();
  return (*node)->items;
}

std::vector<Tag> DataSet::tags(ItemNumber item) const {
  std::vector<Tag> tags;
  for (const auto& node : items_[item].nodes)
    if (node.state != Node::State::Removed) tags.push_back(node.element.tag);
  return tags;
}

std::vector<std::string> DataSet::search(const Path& path, std::size_t most) {
  std::vector<std::string> found;
  search_in(whole_data_set, path, 0, most, found);
  return found;
}

void DataSet::search_in(ItemNumber item, const Path& path, std::size_t place, std::size_t most,
                        std::vector<std::string>& found) {
  const auto& step = path.steps[place];
  auto* node = find_node(item, step.tag);
  if (!node || found.size() >= most) return;
  if (place + 1 == path.steps.size()) {
    const auto where = item == whole_data_set && group_of(step.tag) == 2 ? meta_group : item;
    const auto kind = kind_of(where, *node);
    for (const auto& value :
         decode_values(value_of(where, *node), kind, items_[where].encoding, codec_of(where)))
      if (auto text = to_text(value); !text.empty() && found.size() < most)
        found.push_back(std::move(text));
    return;
  }
  if (!open(item, *node)) return;
  const auto numbers = node->items;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (step.item < 0 || static_cast<std::size_t>(step.item) == i)
      search_in(numbers[i], path, place + 1, most, found);
}

}  // namespace causeway::dicom
