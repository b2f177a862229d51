#include "engine/store/journal/company.h"
#include <algorithm>
#include <catch2/catch.hpp>

using causeway::store::Company;

TEST_CASE("a sender alone waits for nobody") {
  Company company(32);
  for (int i = 0; i < 1000; ++i) {
    CHECK(company.wanted() == 1);
    company.taken(1 + static_cast<std::size_t>(i % 2));
  }
}

TEST_CASE("what came of late is waited for, and no more once the wait was in vain") {
  Company company(32);
  company.taken(8);
  CHECK(company.wanted() == 8);
  company.taken(5);
  CHECK(company.wanted() == 5);
  company.taken(2);
  CHECK(company.wanted() == 1);
}

TEST_CASE("now and then twice as many are tried, up to the bound") {
  Company company(32);
  std::size_t most = 0;
  for (int i = 0; i < 500; ++i) {
    company.taken(company.wanted() == 1 ? 6 : company.wanted());  // as many come as are waited for
    most = std::max(most, company.wanted());
  }
  CHECK(most == 32);

  Company crowded(32);
  std::size_t tried = 0;
  for (int i = 0; i < 640; ++i) {
    if (crowded.wanted() > 8) ++tried;
    crowded.taken(8);  // no more than eight ever come
  }
  CHECK(tried == 9);
}
