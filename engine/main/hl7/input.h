// The messages of a file, for `causeway hl7`: one, several, batches, or captured MLLP traffic.
//
// UTF-16 and UTF-32 are read as UTF-8. No thread rule. Errors: NotFound (it can't be read), Limit.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/message.h"

namespace causeway {

inline constexpr std::size_t input_bytes_max = hl7v2::bytes_max;

struct Hl7Item {
  hl7v2::BatchItem::Kind kind = hl7v2::BatchItem::Kind::Message;
  std::string text;
  std::size_t number = 0;  ///< Of a message, from 1; what is unreadable has the next one's.
  hl7v2::BatchProblem problem = hl7v2::BatchProblem::None;

  bool is_message() const;  ///< Also what is unreadable: somebody meant it to be one.
};

struct Hl7Input {
  std::string name;
  std::vector<Hl7Item> items;
  const encoding::CharacterSet* set = nullptr;  ///< What holds whatever MSH-18 says; null: none.

  std::vector<const Hl7Item*> messages() const;
  /// An item as a message, which knows its groups.
  Result<hl7v2::Message> parse(const Hl7Item& item) const;
};

/// The whole of a file; "-" is standard input.
Result<std::string> read_whole(const std::string& name);

/// `set` overrules MSH-18; null: it doesn't.
Result<Hl7Input> read_input(const std::string& name, const encoding::CharacterSet* set);
/// From a file's text.
Result<Hl7Input> input_from(const std::string& name, std::string text,
                            const encoding::CharacterSet* set);

/// Says what went wrong with a file on standard error.
void print_problem(const std::string& name, const Error& error);
/// "--charset NAME" as a set; NotFound if there is none of that name, null if `name` is empty.
Result<const encoding::CharacterSet*> named_set(const std::string& name);

}  // namespace causeway
