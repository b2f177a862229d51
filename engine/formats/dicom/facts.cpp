#include "engine/formats/dicom/facts.h"

#include "engine/formats/dicom/data_set.h"
#include "engine/formats/dicom/dictionary.h"
#include "engine/formats/dicom/file.h"

namespace causeway::dicom {

Result<Facts> read_facts(const Bytes& file, const Path* order_by, const std::vector<Path>& search,
                         std::size_t values_max) {
  const auto head = read_file_head(*file);
  if (!head) return head.error();
  auto data_set = DataSet::parse(file, DataSet::Extent::Begin);
  if (!data_set) return data_set.error();
  const auto first = [&](const Path& path) {
    auto values = data_set->search(path, 1);
    return values.empty() ? std::string() : std::move(values.front());
  };
  Facts facts;
  facts.sender = head->source_title;
  facts.control_id = first({{{tags::sop_instance_uid}}});
  if (facts.control_id.empty()) facts.control_id = head->sop_instance;
  facts.type = first({{{tags::modality}}});
  if (!head->sop_class.empty()) facts.type.append("^").append(sop_class_name(head->sop_class));
  if (order_by) facts.order_value = first(*order_by);
  for (const auto& path : search) facts.found.push_back(data_set->search(path, values_max));
  return facts;
}

}  // namespace causeway::dicom
