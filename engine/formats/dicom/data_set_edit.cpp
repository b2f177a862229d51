// Editing: values, items and removals, as notes beside the index.
#include <algorithm>

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/dictionary.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t short_length_max = 0xFFFE;
constexpr Tag media_sop_class = 0x00020002;
constexpr Tag media_sop_instance = 0x00020003;
constexpr Tag source_title = 0x00020016;

Error refused(const Path& path, std::string text, ErrorKind kind = ErrorKind::Invalid) {
  return {kind, to_string(path), std::move(text)};
}

bool is_group_length(Tag tag) {
  return (tag & 0xFFFF) == 0;
}

}  // namespace

Result<ItemNumber> DataSet::owner_to_write(ItemNumber item, const Path& path) {
  auto owner = owner_of(item, path);
  if (!owner) return owner.error();
  if (!*owner) return refused(path, "there is no such item in a sequence", ErrorKind::NotFound);
  const auto tag = path.steps.back().tag;
  if (is_group_length(tag) || group_of(tag) == 0xFFFE || group_of(tag) == 0)
    return refused(path, "this element can't be written");
  if (group_of(tag) != 2) return **owner;
  if (tag != source_title || **owner != whole_data_set)
    return refused(path, "the meta group follows from the data set");
  return meta_group;
}

void DataSet::touch(ItemNumber item) {
  edited_ = true;
  items_[item].is_touched = true;
  while (item != whole_data_set && item != meta_group) {
    const auto sequence = items_[item].sequence;
    item = items_[item].owner;
    items_[item].is_touched = true;
    if (auto* node = find_node(item, sequence)) node->is_touched = true;
  }
}

DataSet::Node& DataSet::node_to_write(ItemNumber owner, Tag tag, Vr kind) {
  auto& nodes = items_[owner].nodes;
  auto at = std::find_if(nodes.begin(), nodes.end(),
                         [&](const Node& node) { return node.element.tag >= tag; });
  if (at == nodes.end() || at->element.tag != tag) {
    ++elements_;
    at = nodes.insert(at, Node{});
    at->element.tag = tag;
    at->element.vr = kind;
  }
  // One that was removed is made anew.
  if (at->state == Node::State::Removed) {
    const auto element = at->element;
    *at = Node{};
    at->element.tag = element.tag;
    at->element.vr = kind;
  }
  return *at;
}

Result<Vr> DataSet::kind_to_write(ItemNumber owner, const Path& path, std::optional<Vr> kind) {
  const auto tag = path.steps.back().tag;
  if (is_pixel_data(tag)) return refused(path, "pixel data is passed on, and can't be written");
  if (path.steps.back().item >= 0) return refused(path, "an item is no value");
  const auto* node = find_node(owner, tag);
  if (!kind && node && !(node->element.vr == vr("UN"))) kind = node->element.vr;
  if (!kind) kind = vr_of(tag);
  if (!kind && node) kind = node->element.vr;
  if (!kind) return refused(path, "of what kind (VR) this element is has to be said");
  if (*kind == vr("SQ") || (node && holds_items(node->element)))
    return refused(path, "it is a sequence: write to its items");
  if (elements_ >= elements_max) return refused(path, "too many elements", ErrorKind::Limit);
  return *kind;
}

Status DataSet::set(ItemNumber item, const Path& path, const std::vector<Value>& values,
                    std::optional<Vr> asked) {
  const auto owner = owner_to_write(item, path);
  if (!owner) return owner.error();
  const auto kind = kind_to_write(*owner, path, asked);
  if (!kind) return kind.error();
  auto bytes = encode_values(values, *kind, items_[*owner].encoding, codec_of(*owner));
  if (!bytes) return refused(path, bytes.error().text, bytes.error().kind);
  return write_value(*owner, path, std::move(*bytes), *kind);
}

Status DataSet::set_bytes(ItemNumber item, const Path& path, std::string bytes,
                          std::optional<Vr> asked) {
  const auto owner = owner_to_write(item, path);
  if (!owner) return owner.error();
  const auto kind = kind_to_write(*owner, path, asked);
  if (!kind) return kind.error();
  return write_value(*owner, path, padded(std::move(bytes), *kind), *kind);
}

Status DataSet::write_value(ItemNumber owner, const Path& path, std::string bytes, Vr kind) {
  const auto tag = path.steps.back().tag;
  if (items_[owner].encoding.explicit_vr && !has_long_length(kind) &&
      bytes.size() > short_length_max)
    return refused(path, "longer than the kind " + to_string(kind) + " can be", ErrorKind::Limit);
  if (owner == whole_data_set && tag == tags::sop_class_uid)
    put_value(meta_group, media_sop_class, bytes, kind);
  if (owner == whole_data_set && tag == tags::sop_instance_uid)
    put_value(meta_group, media_sop_instance, bytes, kind);
  put_value(owner, tag, std::move(bytes), kind);
  return Done{};
}

void DataSet::put_value(ItemNumber owner, Tag tag, std::string bytes, Vr kind) {
  auto& node = node_to_write(owner, tag, kind);
  node.element.vr = kind;
  node.element.undefined = false;
  node.state = Node::State::Written;
  node.value = std::move(bytes);
  if (tag == tags::specific_character_set) items_[owner].codec.reset();
  touch(owner);
}

Result<bool> DataSet::remove(ItemNumber item, const Path& path) {
  if (!has(item, path)) return false;
  const auto owner = owner_to_write(item, path);
  if (!owner) return owner.error();
  if (path.steps.back().item >= 0) return remove_item(*owner, path);
  auto* node = find_node(*owner, path.steps.back().tag);
  node->state = Node::State::Removed;
  if (path.steps.back().tag == tags::specific_character_set) items_[*owner].codec.reset();
  touch(*owner);
  return true;
}

Result<bool> DataSet::remove_item(ItemNumber owner, const Path& path) {
  auto* node = find_node(owner, path.steps.back().tag);
  if (auto opened = open(owner, *node); !opened) return opened.error();
  node->items.erase(node->items.begin() + path.steps.back().item);
  node->is_touched = true;
  touch(owner);
  return true;
}

Result<ItemNumber> DataSet::append_item(ItemNumber item, const Path& path) {
  const auto owner = owner_to_write(item, path);
  if (!owner) return owner.error();
  const auto tag = path.steps.back().tag;
  auto* node = find_node(*owner, tag);
  if (path.steps.back().item >= 0) return refused(path, "an item holds no items");
  const bool is_new = !node;
  if (is_new && vr_of(tag) != vr("SQ") && !is_private(tag))
    return refused(path, "it is no sequence");
  if (elements_ >= elements_max) return refused(path, "too many elements", ErrorKind::Limit);
  if (items_[*owner].depth == nesting_max)
    return refused(path, "nested too deeply", ErrorKind::Limit);
  if (is_new) {
    node = &node_to_write(*owner, tag, vr("SQ"));
    node->state = Node::State::Written;
    node->is_open = true;
  }
  if (auto opened = open(*owner, *node); !opened) return opened.error();
  ++elements_;
  auto& added = add_item(*owner, tag);
  added.encoding =
      is_new ? items_[*owner].encoding : encoding_within(node->element, items_[*owner].encoding);
  node->items.push_back(items_.size() - 1);
  touch(items_.size() - 1);
  return items_.size() - 1;
}

}  // namespace causeway::dicom
