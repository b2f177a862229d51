// Any bytes, taken for a conformance profile: an error, or a profile that messages can be checked
// against.
#include <cstdint>
#include <cstdlib>

#include "engine/formats/hl7v2/validate/profile.h"
#include "engine/formats/hl7v2/validate/validate.h"

namespace {

using namespace causeway::hl7v2;

constexpr const char* message_text =
    "MSH|^~\\&|LAB|H|EMR|H|20240102||ORU^R01^ORU_R01|1|P|2.5.1\r"
    "PID|1||A1^^^H&1.2&ISO~B2||Doe^John||19800101|M\r"
    "OBR|1||F1|718-7^Hb^LN\rOBX|1|NM|718-7^Hb^LN||13.5|g/dL|||||F\r";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // One document may hold several files of a profile, apart by a zero byte.
  std::vector<std::string> texts(1);
  for (std::size_t i = 0; i < size; ++i) {
    if (data[i] == 0)
      texts.emplace_back();
    else
      texts.back() += static_cast<char>(data[i]);
  }
  auto profile = Profile::parse(texts);
  if (!profile) {
    if (profile.error().text.empty()) std::abort();
    return 0;
  }
  static const auto message = Message::parse(causeway::make_bytes(message_text));
  ValidationOptions options;
  options.profile = *profile;
  const auto report = validate(*message, options);
  if (report.findings.size() > findings_max) std::abort();
  return 0;
}
