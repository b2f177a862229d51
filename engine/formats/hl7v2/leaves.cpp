#include "engine/formats/hl7v2/leaves.h"

#include "engine/formats/hl7v2/guard.h"
#include "engine/formats/hl7v2/scan.h"

namespace causeway::hl7v2 {
namespace {

/// Calls for each part that is not empty, with its number, and whether there are several.
template <class Take>
void each_part(std::string_view text, char delimiter, const Take& take) {
  const bool several = delimiter != no_delimiter && text.find(delimiter) != std::string_view::npos;
  for (int number = 1;; ++number) {
    const auto found = part(text, delimiter, 1).value_or(text);
    if (!found.empty()) take(found, number, several);
    if (found.size() == text.size()) return;
    text.remove_prefix(found.size() + 1);
  }
}

class Divider {
 public:
  Divider(const Message& message, std::size_t segment)
      : delimiters_(message.delimiters()),
        text_(message.segment_text(segment)),
        scanned_(message.scanned_text(segment)) {}

  std::vector<Leaf> divide() {
    const bool header = declares_delimiters(scanned_);
    each_part(scanned_, delimiters_.field, [&](std::string_view field, int number, bool) {
      if (number == 1) return;
      leaf_ = Leaf{};
      leaf_.field = header ? number : number - 1;
      leaf_.verbatim = header && number == 2;
      if (leaf_.verbatim) {
        add_separator();
        add(field);
      } else {
        repetitions(field);
      }
    });
    return std::move(leaves_);
  }

 private:
  void add_separator() {
    leaf_.field = 1;
    add(scanned_.substr(3, 1));
    leaf_.field = 2;
  }

  void repetitions(std::string_view field) {
    each_part(field, delimiters_.repetition, [&](std::string_view text, int number, bool several) {
      leaf_.repetition = number;
      leaf_.repeats = several;
      components(text);
    });
  }

  void components(std::string_view repetition) {
    each_part(repetition, delimiters_.component,
              [&](std::string_view text, int number, bool several) {
                leaf_.component = number;
                leaf_.divided = several;
                subcomponents(text);
              });
  }

  void subcomponents(std::string_view component) {
    each_part(component, delimiters_.subcomponent,
              [&](std::string_view text, int number, bool several) {
                leaf_.subcomponent = number;
                leaf_.parted = several;
                add(text);
              });
  }

  void add(std::string_view scanned) {
    leaf_.scanned = scanned;
    leaf_.raw =
        text_.substr(static_cast<std::size_t>(scanned.data() - scanned_.data()), scanned.size());
    leaves_.push_back(leaf_);
  }

  const Delimiters& delimiters_;
  std::string_view text_, scanned_;
  Leaf leaf_;
  std::vector<Leaf> leaves_;
};

}  // namespace

std::vector<Leaf> leaves_of(const Message& message, std::size_t segment) {
  return Divider(message, segment).divide();
}

std::string decoded(const Leaf& leaf, const Delimiters& delimiters) {
  if (leaf.verbatim) return std::string(leaf.raw);
  return unescape(leaf.raw, leaf.scanned, delimiters);
}

Path path_of(const Leaf& leaf, std::string_view segment, int segment_index) {
  Path path;
  path.segment = segment;
  path.segment_index = segment_index > 1 ? segment_index : 0;
  path.field = leaf.field;
  path.repetition = leaf.repeats ? leaf.repetition : 0;
  if (leaf.divided || leaf.parted) path.component = leaf.component;
  if (leaf.parted) path.subcomponent = leaf.subcomponent;
  return path;
}

}  // namespace causeway::hl7v2
