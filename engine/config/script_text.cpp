#include "engine/config/script_text.h"

namespace causeway::config {

namespace {

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  std::vector<ScriptWord> words() {
    while (pass_blank(), at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"' || c == '\'')
        quoted(c, ScriptWord::Kind::String);
      else if (c == '`')
        quoted(c, ScriptWord::Kind::Template);
      else if (is_name_byte(c))
        name();
      else if (c == '/' && expression_may_begin())
        expression();
      else
        add(ScriptWord::Kind::Sign, at_, at_ + 1, at_ + 1);
    }
    return std::move(words_);
  }

 private:
  void add(ScriptWord::Kind kind, std::size_t begin, std::size_t end, std::size_t next) {
    words_.push_back({kind, text_.substr(begin, end - begin), place_});
    move_to(next);
  }

  void move_to(std::size_t next) {
    for (; at_ < next; ++at_) {
      ++place_.column;
      if (text_[at_] == '\n') place_ = {place_.line + 1, 1};
    }
  }

  void pass_blank() {
    while (at_ < text_.size()) {
      const auto rest = text_.substr(at_);
      if (rest.starts_with("//"))
        move_to(std::min(text_.find('\n', at_), text_.size()));
      else if (rest.starts_with("/*"))
        move_to(after("*/", at_ + 2));
      else if (std::string_view(" \t\r\n\v\f").find(rest[0]) != std::string_view::npos)
        move_to(at_ + 1);
      else
        return;
    }
  }

  std::size_t after(std::string_view end, std::size_t from) const {
    const auto found = text_.find(end, std::min(from, text_.size()));
    return found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void quoted(char quote, ScriptWord::Kind kind) {
    const auto begin = at_ + 1;
    auto end = begin;
    while (end < text_.size() && text_[end] != quote) {
      if (text_[end] == '\n' && kind == ScriptWord::Kind::String) break;  // it isn't ended
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    add(kind, begin, end, std::min(end + 1, text_.size()));
  }

  void name() {
    auto end = at_;
    while (end < text_.size() && is_name_byte(text_[end])) ++end;
    add(is_digit(text_[at_]) ? ScriptWord::Kind::Number : ScriptWord::Kind::Name, at_, end, end);
  }

  /// Otherwise it is a division: after a value.
  bool expression_may_begin() const {
    if (words_.empty()) return true;
    const auto& last = words_.back();
    if (last.kind == ScriptWord::Kind::Name)
      return last.text == "return" || last.text == "typeof" || last.text == "case";
    return last.kind == ScriptWord::Kind::Sign && last.text != ")" && last.text != "]" &&
           last.text != "}";
  }

  void expression() {
    const auto begin = at_ + 1;
    auto end = begin;
    bool in_class = false;
    while (end < text_.size() && text_[end] != '\n' && (in_class || text_[end] != '/')) {
      if (text_[end] == '[') in_class = true;
      if (text_[end] == ']') in_class = false;
      end += text_[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, text_.size());
    add(ScriptWord::Kind::Expression, begin, end, std::min(end + 1, text_.size()));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Place place_{1, 1};
  std::vector<ScriptWord> words_;
};

bool is_sign(const ScriptWord& word, std::string_view text) {
  return word.kind == ScriptWord::Kind::Sign && word.text == text;
}

bool is_name(const ScriptWord& word, std::string_view text) {
  return word.kind == ScriptWord::Kind::Name && word.text == text;
}

}  // namespace

std::vector<ScriptWord> words_of_script(std::string_view text) {
  return Scanner(text).words();
}

std::vector<Named> imports_of(const std::vector<ScriptWord>& words) {
  std::vector<Named> found;
  for (std::size_t i = 1; i < words.size(); ++i)
    if (words[i].kind == ScriptWord::Kind::String &&
        (is_name(words[i - 1], "from") || is_name(words[i - 1], "import")))
      found.push_back({std::string(words[i].text), words[i].place});
  return found;
}

std::vector<Named> context_calls(const std::vector<ScriptWord>& words, std::string_view method) {
  std::vector<Named> found;
  for (std::size_t i = 4; i < words.size(); ++i)
    if (words[i].kind == ScriptWord::Kind::String && is_sign(words[i - 1], "(") &&
        is_name(words[i - 2], method) && is_sign(words[i - 3], ".") && is_name(words[i - 4], "ctx"))
      found.push_back({std::string(words[i].text), words[i].place});
  return found;
}

}  // namespace causeway::config
