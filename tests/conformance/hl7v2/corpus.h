// Real HL7 v2 messages, from the folder that CORPUS names (default: ../shared/corpus).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace causeway::hl7v2::conformance {

/// Empty: there is none.
std::filesystem::path corpus_folder();
std::string read_file(const std::filesystem::path& path);

/// Each distinct message once; a file is cut before each line that begins with MSH.
std::vector<std::string> corpus_messages();

}  // namespace causeway::hl7v2::conformance
