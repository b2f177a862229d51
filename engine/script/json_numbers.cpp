#include "engine/script/json_numbers.h"

#include <charconv>

#include <js/Conversions.h>

namespace causeway::script {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// So many digits every double keeps.
constexpr std::size_t safe_digits = 15;
/// Numbers below 0.000001 are printed with an exponent.
constexpr std::size_t plain_zeros = 5;

/// True if it is clear at a glance that JavaScript prints the number as it stands.
bool is_plain(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text == "0") return false;  // what is left of "-0", or handled by the caller
  auto point = text.find('.');
  auto digits = text.size() - (point == std::string_view::npos ? 0 : 1);
  if (digits > safe_digits || text.find_first_of("eE") != std::string_view::npos) return false;
  if (point == std::string_view::npos) return true;
  auto first = text.find_first_not_of("0.");
  bool small = first != std::string_view::npos && first > point + plain_zeros + 1;
  return text.back() != '0' && text.back() != '.' && !small;
}

bool is_kept(std::string_view text) {
  if (text == "0" || is_plain(text)) return true;
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && printed(number) == text;
}

/// Digits without zeros at either end, and the power of ten of the last of them.
struct Decimal {
  bool negative = false;
  std::string digits;
  long long exponent = 0;
  bool operator==(const Decimal&) const = default;
};

Decimal decimal(std::string_view text) {
  Decimal value;
  if (text.starts_with('-')) {
    value.negative = true;
    text.remove_prefix(1);
  }
  auto e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    auto power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    // An exponent past all bounds leaves 0, as good as any: such a number equals none but itself.
    std::from_chars(power.data(), power.data() + power.size(), value.exponent);
    text = text.substr(0, e);
  }
  for (bool after_point = false; char c : text) {
    if (c == '.') after_point = true;
    if (!is_digit(c)) continue;
    value.digits += c;
    value.exponent -= after_point ? 1 : 0;
  }
  while (!value.digits.empty() && value.digits.back() == '0') {
    value.digits.pop_back();
    ++value.exponent;
  }
  value.digits.erase(0, value.digits.find_first_not_of('0'));
  if (value.digits.empty()) return {};
  return value;
}

class Scan {
 public:
  Scan(std::string_view text, int depth_max) : text_(text), depth_max_(depth_max) {}

  Result<std::vector<JsonNumber>> run() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == '"') {
        string();
      } else if (c == '-' || is_digit(c)) {
        number();
      } else {
        ++at_;
        if (!structure(c))
          return Error{ErrorKind::Limit, "",
                       "JSON that is nested deeper than " + std::to_string(depth_max_)};
      }
    }
    return std::move(numbers_);
  }

 private:
  /// False: too deep.
  bool structure(char c) {
    if (c == '{' || c == '[') {
      if (path_.size() == static_cast<std::size_t>(depth_max_)) return false;
      path_.push_back(c == '{' ? JsonStep(std::string_view()) : JsonStep(std::size_t{0}));
    } else if ((c == '}' || c == ']') && !path_.empty()) {
      path_.pop_back();
    } else if (c == ',' && !path_.empty()) {
      if (auto* place = std::get_if<std::size_t>(&path_.back())) ++*place;
    }
    return true;
  }

  void string() {
    auto begin = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    last_string_ = text_.substr(begin, at_ - begin);
    ++at_;
    auto next = text_.find_first_not_of(" \t\r\n", std::min(at_, text_.size()));
    if (next != std::string_view::npos && text_[next] == ':' && !path_.empty())
      path_.back() = last_string_;
  }

  void number() {
    auto begin = at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || is_part(text_[at_]))) ++at_;
    auto text = text_.substr(begin, at_ - begin);
    if (!is_kept(text)) numbers_.push_back({path_, text});
  }

  static bool is_part(char c) { return c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'; }

  std::string_view text_;
  int depth_max_;
  std::size_t at_ = 0;
  std::string_view last_string_;
  std::vector<JsonStep> path_;
  std::vector<JsonNumber> numbers_;
};

}  // namespace

Result<std::vector<JsonNumber>> unusual_numbers(std::string_view text, int depth_max) {
  return Scan(text, depth_max).run();
}

bool same_value(std::string_view a, std::string_view b) {
  return decimal(a) == decimal(b);
}

std::string printed(double number) {
  char text[JS::MaximumNumberToStringLength];
  JS::NumberToString(number, text);
  return text;
}

}  // namespace causeway::script
