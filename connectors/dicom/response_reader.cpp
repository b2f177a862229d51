#include "connectors/dicom/response_reader.h"

#include <utility>

namespace causeway::connectors::dicom {

ResponseReader::Step ResponseReader::take(const DataValue& value) {
  if (value.is_command == awaits_data_) return Step::Breach;
  auto& into = value.is_command ? command_ : data_set_;
  const auto most = value.is_command ? command_bytes_max : answer_data_bytes_max;
  if (value.is_command && command_.empty()) data_set_.clear();
  if (into.size() + value.fragment.size() > most) return Step::Breach;
  into += value.fragment;
  if (!value.is_last) return Step::More;
  if (awaits_data_) {
    awaits_data_ = false;
    return Step::Whole;
  }
  auto command = read_command(std::exchange(command_, {}));
  if (!command || !command->is_response()) return Step::Breach;
  response_ = std::move(*command);
  awaits_data_ = response_.has_data_set;
  return awaits_data_ ? Step::More : Step::Whole;
}

void ResponseReader::reset() {
  command_.clear();
  data_set_.clear();
  awaits_data_ = false;
}

}  // namespace causeway::connectors::dicom
