// The data set of a DICOM file, read and edited by path. What is not written to stays byte for byte
// as it was: a file is an index over its bytes, and edits are recorded as edits.
//
// What changes besides an edited element: the lengths of the sequences and items that it lies in,
// where those are given; the group length of its group is left out (it is retired, and would be
// wrong); and the meta group, where it repeats the SOP class and instance. A deflated data set is
// deflated anew.
//
// Pixel data is there, can be removed, and is neither read nor written. Not thread-safe.
// Errors: Invalid, Limit, NotFound; place: the path, or the tag and its offset.
// Standard: DICOM PS3.5 sections 6 and 7, PS3.10 section 7.
#pragma once

#include <deque>
#include <optional>

#include "engine/core/body.h"
#include "engine/formats/dicom/elements.h"
#include "engine/formats/dicom/path.h"
#include "engine/formats/dicom/values.h"

namespace causeway::dicom {

inline constexpr std::size_t elements_max = 200'000;  ///< Of a file, looked at or made.
inline constexpr std::size_t inflated_bytes_max = 64 * 1024 * 1024;

/// An item of a sequence; the data set itself is the item 0. Good as long as the data set is.
using ItemNumber = std::size_t;
inline constexpr ItemNumber whole_data_set = 0;

class DataSet {
 public:
  /// How much of the file is at hand.
  enum class Extent : std::uint8_t {
    Whole,
    Begin,  ///< Perhaps its first bytes alone; elements that aren't whole are not there.
  };
  static Result<DataSet> parse(Bytes file, Extent extent);

  bool is_edited() const { return edited_; }
  /// The file as it is now; the very bytes that came if nothing was edited.
  Result<Bytes> write() const;

  // Reading: an absent element is no error.
  bool has(ItemNumber item, const Path& path);
  std::optional<Vr> kind(ItemNumber item, const Path& path);
  Result<std::vector<Value>> values(ItemNumber item, const Path& path);
  /// The value's bytes as they stand; for kinds that are neither text nor numbers, too.
  Result<std::optional<std::string>> bytes(ItemNumber item, const Path& path);
  Result<std::vector<ItemNumber>> items(ItemNumber item, const Path& path);
  std::vector<Tag> tags(ItemNumber item) const;
  /// Every value at the path as text, in every item of the sequences where none is named.
  std::vector<std::string> search(const Path& path, std::size_t most);

  // Writing.
  /// Values in place of those that are there. `kind` is needed where neither the data set nor the
  /// dictionary knows it.
  Status set(ItemNumber item, const Path& path, const std::vector<Value>& values,
             std::optional<Vr> kind = std::nullopt);
  Status set_bytes(ItemNumber item, const Path& path, std::string bytes,
                   std::optional<Vr> kind = std::nullopt);
  /// An element, or the item that the path ends with. False: it isn't there.
  Result<bool> remove(ItemNumber item, const Path& path);
  /// A new last item of a sequence, which is made if it isn't there.
  Result<ItemNumber> append_item(ItemNumber item, const Path& path);

 private:
  struct Node {
    Element element;  // where it was, if it was
    enum class State : std::uint8_t { AsItWas, Written, Removed } state = State::AsItWas;
    std::string value;              // Written: its bytes, padded
    bool is_open = false;           // its items are in `items`
    bool is_touched = false;        // something in its items was written to
    std::vector<ItemNumber> items;  // those that are there
  };
  struct Item {
    ItemNumber owner = whole_data_set;  // the item that its sequence is in
    Tag sequence = 0;
    Encoding encoding;
    Element element;  // where it was; `end` is 0 if it is new
    std::size_t depth = 0;
    std::vector<Node> nodes;
    std::optional<TextCodec> codec;
    bool is_touched = false;
  };
  static constexpr ItemNumber meta_group = 1;

  DataSet() = default;
  static Result<Bytes> inflated(std::string_view bytes, Extent extent);
  std::string_view source_of(ItemNumber item) const;
  Status read_elements(ItemNumber item, std::size_t at, std::size_t to, Extent extent);
  Status open(ItemNumber owner, Node& node);
  Node* find_node(ItemNumber item, Tag tag);
  /// Goes down to the item that has the last step; nullopt: it isn't there.
  Result<std::optional<ItemNumber>> owner_of(ItemNumber item, const Path& path);
  Result<Node*> find(ItemNumber& item, const Path& path);
  /// That of its values: of UN, the dictionary's if that knows better.
  Vr kind_of(ItemNumber item, const Node& node) const;
  TextCodec& codec_of(ItemNumber item);
  void search_in(ItemNumber item, const Path& path, std::size_t step, std::size_t most,
                 std::vector<std::string>& found);
  std::string_view value_of(ItemNumber item, const Node& node) const;

  Result<ItemNumber> owner_to_write(ItemNumber item, const Path& path);
  Result<Vr> kind_to_write(ItemNumber owner, const Path& path, std::optional<Vr> kind);
  Status write_value(ItemNumber owner, const Path& path, std::string bytes, Vr kind);
  void put_value(ItemNumber owner, Tag tag, std::string bytes, Vr kind);
  Node& node_to_write(ItemNumber owner, Tag tag, Vr kind);
  Result<bool> remove_item(ItemNumber owner, const Path& path);
  Item& add_item(ItemNumber owner, Tag sequence);
  void touch(ItemNumber item);

  std::string written_nodes(ItemNumber item) const;
  void write_node(ItemNumber item, const Node& node, std::string& out) const;
  void write_sequence(ItemNumber item, const Node& node, std::string& out) const;
  std::string written_head() const;

  Bytes file_;
  Bytes inflated_;  // of a deflated data set
  std::size_t data_set_begin_ = 0;
  Encoding encoding_;
  std::deque<Item> items_;  // the data set, the meta group, then items as they are looked at
  std::size_t elements_ = 0;
  bool edited_ = false;
};

}  // namespace causeway::dicom
