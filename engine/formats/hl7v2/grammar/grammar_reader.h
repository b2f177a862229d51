// Reads a grammar file into a Grammar. Internal to this folder. One use, one thread.
// The format is described in tools/hl7v2_grammar.py.
#pragma once

#include "engine/formats/hl7v2/grammar/grammar.h"

namespace causeway::hl7v2 {

class GrammarReader {
 public:
  Result<std::shared_ptr<const Grammar>> read(std::string_view text);

 private:
  /// The columns of one line, apart by tabs.
  class Columns {
   public:
    explicit Columns(std::string_view line) : rest_(line) {}
    std::string_view next();
    bool more() const { return more_; }

   private:
    std::string_view rest_;
    bool more_ = true;
  };

  bool read_line(std::string_view line);
  void read_table(Columns columns);
  bool read_element(Columns columns);
  bool read_structure(Columns columns);
  bool read_nodes(std::string_view& text, NodeDef& parent, int depth);
  void connect();

  std::shared_ptr<Grammar> grammar_;
  std::vector<ElementDef>* elements_ = nullptr;  // of the segment or type being read
};

}  // namespace causeway::hl7v2
