# The dictionary (schemas/dicom/*.tsv) as a source file of formats, so that the program carries it.
set(dicom_folder ${CMAKE_SOURCE_DIR}/schemas/dicom)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/dicom_files.cpp @ONLY CONTENT
"#include \"engine/formats/dicom/dictionary_files.h\"

__asm__(
    \".section .rodata\\n\"
    \"dicom_attributes: .incbin \\\"@dicom_folder@/attributes.tsv\\\"\\n\"
    \"dicom_attributes_end: .byte 0\\n\"
    \"dicom_sop_classes: .incbin \\\"@dicom_folder@/sop_classes.tsv\\\"\\n\"
    \"dicom_sop_classes_end: .byte 0\\n\"
    \".global dicom_attributes, dicom_attributes_end, dicom_sop_classes, dicom_sop_classes_end\\n\"
    \".text\\n\");

extern \"C\" {
extern const char dicom_attributes[], dicom_attributes_end[];
extern const char dicom_sop_classes[], dicom_sop_classes_end[];
}

namespace causeway::dicom {

std::string_view attributes_file() {
  return {dicom_attributes, static_cast<std::size_t>(dicom_attributes_end - dicom_attributes)};
}

std::string_view sop_classes_file() {
  return {dicom_sop_classes, static_cast<std::size_t>(dicom_sop_classes_end - dicom_sop_classes)};
}

}  // namespace causeway::dicom
")
set_source_files_properties(${CMAKE_BINARY_DIR}/generated/dicom_files.cpp PROPERTIES
  OBJECT_DEPENDS "${dicom_folder}/attributes.tsv;${dicom_folder}/sop_classes.tsv")
target_sources(formats PRIVATE ${CMAKE_BINARY_DIR}/generated/dicom_files.cpp)
