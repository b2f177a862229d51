// Writing: what was edited anew, all else as it came.
#include <algorithm>

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/deflate.h"

namespace causeway::dicom {
namespace {

constexpr std::size_t preamble_and_prefix = 132;
constexpr Tag meta_length = 0x00020000;

void put_tag(std::string& out, Tag tag, Encoding encoding) {
  encoding.put_u16(out, group_of(tag));
  encoding.put_u16(out, tag & 0xFFFF);
}

/// Of an item, or what ends one.
void put_delimiter(std::string& out, Tag tag, std::uint32_t length, Encoding encoding) {
  put_tag(out, tag, encoding);
  encoding.put_u32(out, length);
}

void put_header(std::string& out, Tag tag, Vr kind, std::uint32_t length, Encoding encoding) {
  put_tag(out, tag, encoding);
  if (!encoding.explicit_vr) return encoding.put_u32(out, length);
  out.append(kind.data(), kind.size());
  if (!has_long_length(kind)) return encoding.put_u16(out, length);
  encoding.put_u16(out, 0);
  encoding.put_u32(out, length);
}

std::uint32_t length_of(const std::string& bytes) {
  return static_cast<std::uint32_t>(bytes.size());
}

}  // namespace

Result<Bytes> DataSet::write() const {
  if (!edited_) return file_;
  auto head = written_head();
  auto data = written_nodes(whole_data_set);
  if (data.size() >= undefined_length)
    return Error{ErrorKind::Limit, "data set", "too large to be written"};
  return make_bytes(head + (encoding_.deflated ? deflate(data) : data));
}

std::string DataSet::written_nodes(ItemNumber number) const {
  const auto& nodes = items_[number].nodes;
  const auto group_is_edited = [&](Tag tag) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
      return group_of(node.element.tag) == group_of(tag) &&
             (node.state != Node::State::AsItWas || node.is_touched);
    });
  };
  std::string out;
  for (const auto& node : nodes) {
    const bool is_group_length = (node.element.tag & 0xFFFF) == 0;
    if (is_group_length && group_is_edited(node.element.tag)) continue;
    write_node(number, node, out);
  }
  return out;
}

void DataSet::write_node(ItemNumber item, const Node& node, std::string& out) const {
  const auto& element = node.element;
  if (node.state == Node::State::Removed) return;
  if (node.is_open && (node.is_touched || node.state == Node::State::Written))
    return write_sequence(item, node, out);
  if (node.state == Node::State::AsItWas) {
    out += source_of(item).substr(element.begin, element.end - element.begin);
    return;
  }
  put_header(out, element.tag, element.vr, length_of(node.value), items_[item].encoding);
  out += node.value;
}

void DataSet::write_sequence(ItemNumber owner, const Node& node, std::string& out) const {
  const auto& element = node.element;
  const auto encoding = encoding_within(element, items_[owner].encoding);
  std::string content;
  for (const auto number : node.items) {
    const auto& item = items_[number];
    if (!item.is_touched) {
      content += source_of(owner).substr(item.element.begin, item.element.end - item.element.begin);
      continue;
    }
    const auto inside = written_nodes(number);
    put_delimiter(content, tags::item,
                  item.element.undefined ? undefined_length : length_of(inside), encoding);
    content += inside;
    if (item.element.undefined) put_delimiter(content, tags::item_end, 0, encoding);
  }
  put_header(out, element.tag, element.vr,
             element.undefined ? undefined_length : length_of(content), items_[owner].encoding);
  out += content;
  if (element.undefined) put_delimiter(out, tags::sequence_end, 0, encoding);
}

std::string DataSet::written_head() const {
  if (!items_[meta_group].is_touched) return file_->substr(0, data_set_begin_);
  std::string group;
  for (const auto& node : items_[meta_group].nodes)
    if (node.element.tag != meta_length) write_node(meta_group, node, group);
  const auto encoding = items_[meta_group].encoding;
  auto out = file_->substr(0, preamble_and_prefix);
  put_header(out, meta_length, vr("UL"), 4, encoding);
  encoding.put_u32(out, length_of(group));
  return out + group;
}

}  // namespace causeway::dicom
