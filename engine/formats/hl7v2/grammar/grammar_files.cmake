# The grammar files (schemas/hl7v2/*.tsv) as a source file of formats, so that the program carries
# them: the assembler takes them in as they are.
file(GLOB grammar_paths CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schemas/hl7v2/*.tsv)
set(grammar_sections "")
set(grammar_symbols "")
set(grammar_rows "")
foreach(grammar_path ${grammar_paths})
  get_filename_component(grammar_name ${grammar_path} NAME)
  string(REGEX REPLACE "\\.tsv$" "" grammar_name ${grammar_name})
  string(MAKE_C_IDENTIFIER "grammar_${grammar_name}" grammar_symbol)
  string(APPEND grammar_sections
    "    \".global ${grammar_symbol}, ${grammar_symbol}_end\\n\"\n"
    "    \"${grammar_symbol}: .incbin \\\"${grammar_path}\\\"\\n${grammar_symbol}_end: .byte 0\\n\"\n")
  string(APPEND grammar_symbols
    "extern const char ${grammar_symbol}[], ${grammar_symbol}_end[];\n")
  string(APPEND grammar_rows "      {\"${grammar_name}\", between(${grammar_symbol}, ${grammar_symbol}_end)},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/grammar_files.cpp @ONLY CONTENT
"#include \"engine/formats/hl7v2/grammar/grammar_files.h\"

__asm__(
    \".section .rodata\\n\"
@grammar_sections@    \".text\\n\");

extern \"C\" {
@grammar_symbols@}

namespace causeway::hl7v2 {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

const std::vector<GrammarFile>& grammar_files() {
  static const std::vector<GrammarFile> all = {
@grammar_rows@  };
  return all;
}

}  // namespace causeway::hl7v2
")
set_source_files_properties(${CMAKE_BINARY_DIR}/generated/grammar_files.cpp PROPERTIES
  OBJECT_DEPENDS "${grammar_paths}")
target_sources(formats PRIVATE ${CMAKE_BINARY_DIR}/generated/grammar_files.cpp)
