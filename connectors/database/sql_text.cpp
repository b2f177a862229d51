#include "connectors/database/sql_text.h"

namespace causeway::connectors::database {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool continues_name(char c) {
  return begins_name(c) || is_digit(c);
}

}  // namespace

class SqlText::Reader {
 public:
  Reader(std::string_view text, Marks marks) : text_(text), marks_(marks) {}

  Result<SqlText> read() {
    while (at_ < text_.size())
      if (auto read = read_one(); !read) return read.error();
    return std::move(made_);
  }

 private:
  Status read_one() {
    const char c = text_[at_];
    const auto rest = text_.substr(at_);
    if (c == '\'' || c == '"' || c == '`') return quoted(c);
    if (rest.starts_with("--")) return copy_to(text_.find('\n', at_), 1);
    if (rest.starts_with("/*")) return comment();
    if (c == '$') return dollar();
    if (rest.starts_with("::")) return copy(2);
    if (c == ':' && rest.size() > 1 && begins_name(rest[1])) return parameter();
    if (c == '?' && marks_ == Marks::Questions)
      return invalid("parameters are written :name, and not ?");
    if (continues_name(c)) return name();
    return copy(1);
  }

  /// As one: it may have a $ in it.
  Status name() {
    auto end = at_ + 1;
    while (end < text_.size() && (continues_name(text_[end]) || text_[end] == '$')) ++end;
    return copy(end - at_);
  }

  /// With doubled quotes inside. Whether a backslash escapes one depends on the server, so it is
  /// not allowed to matter.
  Status quoted(char quote) {
    for (auto end = at_ + 1; end < text_.size(); ++end) {
      if (text_[end] != quote) continue;
      if (end + 1 < text_.size() && text_[end + 1] == quote) {
        ++end;
        continue;
      }
      if (text_[end - 1] == '\\')
        return invalid("a backslash before a quote means different things to different servers");
      return copy(end + 1 - at_);
    }
    return invalid(std::string("a ") + quote + " has no end");
  }

  Status comment() {
    const auto end = text_.find("*/", at_ + 2);
    if (end == text_.npos) return invalid("a comment has no end");
    return copy_to(end, 2);
  }

  Status dollar() {
    auto end = at_ + 1;
    if (end < text_.size() && is_digit(text_[end]) && marks_ == Marks::Numbered)
      return invalid("parameters are written :name, and not $1");
    while (end < text_.size() && continues_name(text_[end])) ++end;
    if (end >= text_.size() || text_[end] != '$') return copy(1);
    const auto tag = text_.substr(at_, end + 1 - at_);
    const auto closing = text_.find(tag, end + 1);
    if (closing == text_.npos) return invalid("a " + std::string(tag) + " has no end");
    return copy_to(closing, tag.size());
  }

  Status parameter() {
    auto end = at_ + 2;
    while (end < text_.size() &&
           (continues_name(text_[end]) ||
            (text_[end] == '.' && end + 1 < text_.size() && begins_name(text_[end + 1]))))
      ++end;
    std::string name(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end;
    auto& names = made_.names_;
    auto found = names.end();
    if (marks_ == Marks::Numbered) found = std::find(names.begin(), names.end(), name);
    const auto number = found - names.begin() + 1;
    if (found == names.end()) {
      if (names.size() >= sql_parameters_max) return invalid("too many parameters");
      names.push_back(std::move(name));
    }
    made_.sql_ += marks_ == Marks::Numbered ? "$" + std::to_string(number) : "?";
    return Done{};
  }

  Status copy(std::size_t count) {
    made_.sql_ += text_.substr(at_, count);
    at_ += count;
    return Done{};
  }

  Status copy_to(std::size_t found, std::size_t more) {
    return copy(found == text_.npos ? text_.size() - at_ : found + more - at_);
  }

  Error invalid(std::string what) const {
    const auto before = text_.substr(0, at_);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return {ErrorKind::Invalid, "line " + std::to_string(line), std::move(what)};
  }

  const std::string_view text_;
  const Marks marks_;
  std::size_t at_ = 0;
  SqlText made_;
};

Result<SqlText> SqlText::parse(std::string_view text, Marks marks) {
  if (text.size() > sql_bytes_max)
    return Error{ErrorKind::Limit, "", "a statement has more than 64 KiB"};
  if (text.find('\0') != text.npos)
    return Error{ErrorKind::Invalid, "", "a statement can't hold a zero character"};
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    return Error{ErrorKind::Invalid, "", "the statement is empty"};
  return Reader(text, marks).read();
}

}  // namespace causeway::connectors::database
