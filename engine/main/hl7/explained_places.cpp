#include "engine/main/hl7/explained_places.h"

#include "engine/formats/hl7v2/leaves.h"

namespace causeway {
namespace {

using hl7v2::Leaf;

/// The headings over a leaf that the one before it didn't have.
class Headings {
 public:
  Headings(const hl7v2::SegmentWords& words, std::string_view segment, int number)
      : words_(words), segment_(segment), number_(number) {}

  void add_over(const Leaf& leaf, std::vector<ExplainedPlace>& places) {
    const bool in_components = leaf.divided || leaf.parted;
    const bool same_field = leaf.field == last_.field && leaf.repetition == last_.repetition;
    if (in_components && !same_field) {
      auto whole = leaf;
      whole.divided = whole.parted = false;
      places.push_back({path(whole), 0, words_.field(leaf.field), {}, {}});
    }
    if (leaf.parted && !(same_field && leaf.component == last_.component)) {
      auto component = leaf;
      component.divided = true;
      component.parted = false;
      places.push_back({path(component), 1, words_.component(leaf.field, leaf.component), {}, {}});
    }
    last_ = leaf;
  }

  std::string path(const Leaf& leaf) const { return to_string(path_of(leaf, segment_, number_)); }

 private:
  const hl7v2::SegmentWords& words_;
  const std::string_view segment_;
  const int number_;
  Leaf last_;
};

}  // namespace

std::vector<ExplainedPlace> explained_places(const hl7v2::Message& message, std::size_t index,
                                             int number, const hl7v2::SegmentWords& words) {
  std::vector<ExplainedPlace> places;
  Headings headings(words, message.segment_name(index), number);
  for (const auto& leaf : leaves_of(message, index)) {
    headings.add_over(leaf, places);
    ExplainedPlace place;
    place.path = headings.path(leaf);
    place.level = leaf.parted ? 2 : leaf.divided ? 1 : 0;
    place.words = leaf.parted    ? words.subcomponent(leaf.field, leaf.component, leaf.subcomponent)
                  : leaf.divided ? words.component(leaf.field, leaf.component)
                                 : words.field(leaf.field);
    place.value = decoded(leaf, message.delimiters());
    place.meaning = hl7v2::code_meaning(place.words.table, *place.value);
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace causeway
