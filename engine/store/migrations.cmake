# The migrations (schemas/store/*.sql) as a source file of the store, so that the program carries
# them.
file(GLOB migration_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/schemas/store/*.sql)
set(migration_rows "")
foreach(migration_file ${migration_files})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${migration_file})
  get_filename_component(migration_name ${migration_file} NAME_WE)
  file(READ ${migration_file} migration_text)
  string(APPEND migration_rows "    {\"${migration_name}\", R\"__sql__(${migration_text})__sql__\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/migrations.cpp @ONLY CONTENT
"#include \"engine/store/schema.h\"

namespace causeway::store {

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = {
@migration_rows@  };
  return all;
}

}  // namespace causeway::store
")
target_sources(store PRIVATE ${CMAKE_BINARY_DIR}/generated/migrations.cpp)
