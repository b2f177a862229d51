#include "connectors/registry.h"

#include <catch2/catch.hpp>
#include <set>

namespace causeway::connectors {
namespace {

TEST_CASE("registry: every kind has its own name, and fields for each end that it can make") {
  std::set<std::string_view> names;
  for (const auto& kind : all_kinds()) {
    CHECK(names.insert(kind.name).second);
    CHECK(find_kind(kind.name) == &kind);
    CHECK_FALSE(kind.summary.empty());
    CHECK((kind.source_fields != nullptr) == (kind.make_source != nullptr));
    CHECK((kind.sink_fields != nullptr) == (kind.make_sink != nullptr));
    CHECK((kind.source_fields != nullptr || kind.sink_fields != nullptr));
  }
  CHECK(find_kind("no such") == nullptr);
}

TEST_CASE("registry: every field of every kind is documented") {
  for (const auto& kind : all_kinds())
    for (const auto* fields : {kind.source_fields, kind.sink_fields}) {
      if (!fields) continue;
      for (const auto& field : *fields) CHECK(field.doc().size() > 5);
      CHECK_FALSE(config::json_schema(*fields, kind.name).empty());
    }
}

}  // namespace
}  // namespace causeway::connectors
