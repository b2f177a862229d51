#include "tools/load/messages.h"

#include <array>
#include <charconv>
#include <cstring>

namespace load {
namespace {

constexpr std::array<const char*, 8> surnames{"Nakamura", "Okafor", "Lindqvist", "Moreau",
                                              "Petrov",   "Silva",  "Haddad",    "Kowalska"};
constexpr std::array<const char*, 8> given_names{"Aiko", "Chidi", "Elin",  "Luc",
                                                 "Vera", "Bruno", "Layla", "Zofia"};
constexpr std::array<const char*, 8> streets{"Harbour Rd", "Mill Lane", "Station St", "Quarry Ave",
                                             "Elm Court",  "Dock Row",  "Abbey Wk",   "Ferry Ln"};
struct Analyte {
  const char* code;
  const char* unit;
  const char* range;
};
constexpr std::array<Analyte, 8> analytes{{{"2345-7^Glucose^LN", "mg/dL", "70-99"},
                                           {"2160-0^Creatinine^LN", "mg/dL", "0.6-1.2"},
                                           {"2951-2^Sodium^LN", "mmol/L", "136-145"},
                                           {"2823-3^Potassium^LN", "mmol/L", "3.5-5.1"},
                                           {"718-7^Hemoglobin^LN", "g/dL", "12.0-15.5"},
                                           {"6690-2^Leukocytes^LN", "10*3/uL", "4.5-11.0"},
                                           {"777-3^Platelets^LN", "10*3/uL", "150-400"},
                                           {"1742-6^ALT^LN", "U/L", "7-56"}}};

std::uint64_t mix(std::uint64_t value) {  // splitmix64
  value += 0x9E3779B97F4A7C15u;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
  return value ^ (value >> 31);
}

/// Numbers that differ by patient and message, but not by when they are asked for.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint64_t below(std::uint64_t n) { return (state_ = mix(state_)) % n; }
  template <class T, std::size_t N>
  const T& one_of(const std::array<T, N>& list) {
    return list[below(N)];
  }

 private:
  std::uint64_t state_;
};

void append_number(std::string& out, std::uint64_t value, std::size_t width = 0) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  auto length = static_cast<std::size_t>(end - digits);
  if (length < width) out.append(width - length, '0');
  out.append(digits, length);
}

/// A time of 2026 that moves on with the sequence.
void append_time(std::string& out, std::uint64_t sequence) {
  out += "2026";
  append_number(out, sequence / 86400 / 28 % 12 + 1, 2);
  append_number(out, sequence / 86400 % 28 + 1, 2);
  append_number(out, sequence / 3600 % 24, 2);
  append_number(out, sequence / 60 % 60, 2);
  append_number(out, sequence % 60, 2);
}

void append_patient(std::string& out, MessageKey key) {
  Draws draws(mix(static_cast<std::uint64_t>(key.run) << 32 | key.patient));
  std::string mrn = mrn_of(key);
  out += "PID|1||" + mrn + "^^^GENERAL&2.16.840.1.113883.19.5&ISO^MR~";
  append_number(out, 100000000 + draws.below(899999999));
  out += "^^^USSSA^SS||";
  out += draws.one_of(surnames);
  out += '^';
  out += draws.one_of(given_names);
  out += "^Q^^^^L||19";
  append_number(out, 30 + draws.below(69));
  append_number(out, 1 + draws.below(12), 2);
  append_number(out, 1 + draws.below(28), 2);
  out += draws.below(2) ? "|F|||" : "|M|||";
  append_number(out, 1 + draws.below(999));
  out += ' ';
  out += draws.one_of(streets);
  out += "^^Riverton^OH^";
  append_number(out, 43000 + draws.below(999));
  out += "^USA^H||^PRN^PH^^1^555^";
  append_number(out, 1000000 + draws.below(8999999));
  out += "||EN|M|CHR|V" + mrn;
  append_number(out, key.sequence / 8);
  out += "^^^GENERAL^VN\r";
  out += "PV1|1|I|4WEST^";
  append_number(out, 400 + draws.below(60));
  out +=
      "^A^GENERAL||||1043^Varga^Ines^^^Dr|2207^Osei^Kwame^^^Dr||MED||||7|||1043^Varga^Ines"
      "^^^Dr|IP\r";
}

void append_admission(std::string& out, MessageKey key, std::string_view event) {
  Draws draws(mix(key.patient * 1000003u + key.sequence));
  out += "EVN|";
  out += event;
  out += '|';
  append_time(out, key.sequence);
  out += "|||SCHED^Clerk^Front\r";
  append_patient(out, key);
  out += "NK1|1|";
  out += draws.one_of(surnames);
  out += '^';
  out += draws.one_of(given_names);
  out += "|SPO^Spouse^HL70063||^PRN^PH^^1^555^";
  append_number(out, 1000000 + draws.below(8999999));
  out +=
      "\rAL1|1|DA^Drug allergy^HL70127|7980^Penicillin G^RXNORM|SV|Hives\r"
      "DG1|1||I10^Essential hypertension^I10||";
  append_time(out, key.sequence);
  out += "|A\rIN1|1|PPO^Preferred^L|8841|Northwind Mutual|PO Box 77^^Riverton^OH^43001||||G-";
  append_number(out, draws.below(99999), 5);
  out += "|||20260101\r";
}

void append_results(std::string& out, MessageKey key, std::size_t bytes) {
  Draws draws(mix(key.patient * 1000003u + key.sequence));
  append_patient(out, key);
  out += "ORC|RE|";
  append_number(out, 1000000 + draws.below(8999999));
  out += "^CPOE|L";
  append_number(out, 1000000 + draws.below(8999999));
  out += "^LAB||CM\rOBR|1|||24323-8^Comprehensive panel^LN|||";
  append_time(out, key.sequence);
  out += "|||||||||1043^Varga^Ines^^^Dr\r";
  for (unsigned i = 1; out.size() + 110 < bytes && i <= analytes.size(); ++i) {
    const auto& analyte = analytes[(i + key.sequence) % analytes.size()];
    out += "OBX|";
    append_number(out, i);
    out += "|NM|";
    out += analyte.code;
    out += "||";
    append_number(out, draws.below(400));
    out += '.';
    append_number(out, draws.below(10));
    out += '|';
    out += analyte.unit;
    out += '|';
    out += analyte.range;
    out += "|N|||F|||";
    append_time(out, key.sequence);
    out += '\r';
  }
}

/// Fills up to `bytes` with words; drawn, so that it doesn't compress better than real notes do.
void append_note(std::string& out, MessageKey key, std::size_t bytes) {
  static constexpr std::array<const char*, 24> words{
      "patient",  "reports",  "stable",  "chest",   "since",    "overnight", "denies",   "fever",
      "advised",  "follow",   "weeks",   "dose",    "reviewed", "clinic",    "improved", "left",
      "moderate", "swelling", "without", "tonight", "repeat",   "imaging",   "pending",  "noted"};
  constexpr std::string_view head = "NTE|1||";
  if (out.size() + head.size() + 1 >= bytes) return;
  Draws draws(mix(key.sequence * 7919u + key.patient));
  out += head;
  while (out.size() + 1 < bytes) {
    out += draws.one_of(words);
    out += draws.below(9) == 0 ? ", " : " ";
    if (draws.below(5) == 0) append_number(out, draws.below(1000));
  }
  out.resize(bytes - 1);
  out += '\r';
}

}  // namespace

std::string mrn_of(MessageKey key) {
  std::string text;
  append_number(text, static_cast<std::uint64_t>(key.run), 3);
  append_number(text, key.patient, 7);
  return text;
}

std::string control_id_of(MessageKey key) {
  std::string text = mrn_of(key) + '-';
  append_number(text, key.sequence);
  return text;
}

bool parse_control_id(std::string_view text, MessageKey& key) {
  auto read = [](std::string_view digits, auto& value) {
    auto end = digits.data() + digits.size();
    auto result = std::from_chars(digits.data(), end, value);
    return !digits.empty() && result.ec == std::errc() && result.ptr == end;
  };
  return text.size() > 11 && text[10] == '-' && read(text.substr(0, 3), key.run) &&
         read(text.substr(3, 7), key.patient) && read(text.substr(11), key.sequence);
}

std::string make_message(MessageKey key, std::size_t bytes) {
  auto kind = key.sequence % 3;
  std::string_view type = kind == 1   ? "ADT^A01^ADT_A01"
                          : kind == 2 ? "ADT^A08^ADT_A01"
                                      : "ORU^R01^ORU_R01";
  std::string out;
  out.reserve(bytes + 200);
  out += "MSH|^~\\&|EMR|GENERAL|ENGINE|GENERAL|";
  append_time(out, key.sequence);
  out += "||";
  out += type;
  out += '|';
  out += control_id_of(key);
  out += "|P|2.5.1\r";
  if (kind == 0)
    append_results(out, key, bytes);
  else
    append_admission(out, key, type.substr(4, 3));
  append_note(out, key, bytes);
  return out;
}

std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    auto length = bytes.size() < 8 ? bytes.size() : std::size_t{8};
    std::memcpy(&word, bytes.data(), length);
    hash = (hash ^ word) * 0x100000001B3u;
    hash ^= hash >> 29;
    bytes.remove_prefix(length);
  }
  return hash;
}

}  // namespace load
