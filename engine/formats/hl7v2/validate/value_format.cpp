#include "engine/formats/hl7v2/validate/value_format.h"

#include <algorithm>

namespace causeway::hl7v2 {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// The next two digits as a number from low to high, taken off `text`; false: they aren't.
bool take_two(std::string_view& text, int low, int high) {
  if (text.size() < 2 || !all_digits(text.substr(0, 2))) return false;
  const int number = 10 * (text[0] - '0') + (text[1] - '0');
  text.remove_prefix(2);
  return number >= low && number <= high;
}

int days_in(int year, int month) {
  constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[month - 1];
}

/// Takes a zone ("+0100") off the end; false: there is a sign, but no zone after it.
bool take_zone(std::string_view& text) {
  const auto sign = text.find_first_of("+-");
  if (sign == std::string_view::npos) return true;
  auto zone = text.substr(sign + 1);
  text = text.substr(0, sign);
  return take_two(zone, 0, 14) && take_two(zone, 0, 59) && zone.empty();
}

bool is_time_of_day(std::string_view text) {
  if (!take_two(text, 0, 23)) return false;
  if (text.empty()) return true;
  if (!take_two(text, 0, 59)) return false;
  if (text.empty()) return true;
  if (!take_two(text, 0, 60)) return false;  // leap seconds
  if (text.empty()) return true;
  return text.front() == '.' && text.size() <= 5 && all_digits(text.substr(1));
}

}  // namespace

bool is_date(std::string_view value) {
  if (value.size() < 4 || !all_digits(value)) return false;
  int year = 0;
  for (int i = 0; i < 4; ++i) year = 10 * year + (value[static_cast<std::size_t>(i)] - '0');
  auto rest = value.substr(4);
  if (rest.empty()) return true;
  const int month = rest.size() < 2 ? 0 : 10 * (rest[0] - '0') + (rest[1] - '0');
  if (!take_two(rest, 1, 12)) return false;
  return rest.empty() || (take_two(rest, 1, days_in(year, month)) && rest.empty());
}

bool is_time(std::string_view value) {
  return take_zone(value) && is_time_of_day(value);
}

bool is_date_time(std::string_view value) {
  if (!take_zone(value)) return false;
  if (value.size() <= 8) return is_date(value);
  return is_date(value.substr(0, 8)) && is_time_of_day(value.substr(8));
}

bool is_number(std::string_view value) {
  if (!value.empty() && (value.front() == '+' || value.front() == '-')) value.remove_prefix(1);
  const auto point = value.find('.');
  const auto whole = value.substr(0, point);
  const auto fraction =
      point == std::string_view::npos ? std::string_view() : value.substr(point + 1);
  if (whole.empty() && fraction.empty()) return false;
  return (whole.empty() || all_digits(whole)) && (fraction.empty() || all_digits(fraction));
}

bool has_format(std::string_view type, std::string_view value) {
  if (type == "NM") return is_number(value);
  if (type == "SI") return all_digits(value);
  if (type == "DT") return is_date(value);
  if (type == "TM") return is_time(value);
  if (type == "DTM" || type == "TS") return is_date_time(value);
  if (type == "SNM")
    return std::all_of(value.begin(), value.end(),
                       [](char c) { return is_digit(c) || c == ' ' || c == '+'; });
  return true;
}

}  // namespace causeway::hl7v2
