// Does a value have the format of its primitive data type? Pure functions; thread-safe.
// Standard: HL7 v2.x chapter 2.A: DT, TM, DTM (and TS before 2.6), NM, SI, SNM.
#pragma once

#include <string_view>

namespace causeway::hl7v2 {

/// True also for types that have no format of their own (ST, TX, FT, ID, IS, …).
bool has_format(std::string_view type, std::string_view value);

bool is_date(std::string_view value);       ///< YYYY[MM[DD]]
bool is_time(std::string_view value);       ///< HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ]
bool is_date_time(std::string_view value);  ///< The two together; the time only after a day.
bool is_number(std::string_view value);     ///< [+-]digits[.digits]

}  // namespace causeway::hl7v2
