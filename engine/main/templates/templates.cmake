# The files of templates/, and the declarations for editors, as a source file of the program.
file(GLOB_RECURSE template_files CONFIGURE_DEPENDS LIST_DIRECTORIES false
     RELATIVE ${CMAKE_CURRENT_LIST_DIR} ${CMAKE_CURRENT_LIST_DIR}/*/*)
list(SORT template_files)
set(template_rows "")
foreach(template_file ${template_files})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${CMAKE_CURRENT_LIST_DIR}/${template_file})
  file(READ ${CMAKE_CURRENT_LIST_DIR}/${template_file} template_text)
  string(APPEND template_rows
         "    {\"${template_file}\", R\"__file__(${template_text})__file__\"},\n")
endforeach()
foreach(script_types causeway.d.ts library.d.ts)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
               ${CMAKE_SOURCE_DIR}/mappings/lib/${script_types})
  file(READ ${CMAKE_SOURCE_DIR}/mappings/lib/${script_types} template_text)
  string(APPEND template_rows
         "    {\"every/.editor/${script_types}\", R\"__file__(${template_text})__file__\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/templates.cpp @ONLY CONTENT
"#include \"engine/main/authoring/templates.h\"

namespace causeway {

const std::vector<TemplateFile>& template_files() {
  static const std::vector<TemplateFile> all = {
@template_rows@  };
  return all;
}

}  // namespace causeway
")
target_sources(engine_main PRIVATE ${CMAKE_BINARY_DIR}/generated/templates.cpp)
