// How fast HL7 v2 messages are read and edited, on one core: used by `tools/bench --formats`.
//
// Usage: hl7v2_bench FILE [SECONDS]     FILE: messages in MLLP frames
// Prints one JSON object: "whole" is parse, read ten fields, set one, write; "index" is parsing
// alone; both with what a message takes of the heap.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>

#include "engine/formats/hl7v2/message.h"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace {

using causeway::Bytes;
using namespace causeway::hl7v2;
using Clock = std::chrono::steady_clock;

constexpr const char* fields_read[] = {"MSH-9.1", "MSH-10", "PID-3.1", "PID-5.1", "PID-5.2",
                                       "PID-7",   "PID-8",  "PV1-2",   "OBX-3.1", "OBX-5"};

std::vector<Bytes> messages_of(const std::string& framed) {
  std::vector<Bytes> messages;
  for (std::size_t at = 0; (at = framed.find('\x0B', at)) != std::string::npos;) {
    const auto end = framed.find("\x1C\r", at);
    if (end == std::string::npos) break;
    auto bytes = causeway::make_bytes(framed.substr(at + 1, end - at - 1));
    if (Message::parse(bytes)) messages.push_back(std::move(bytes));
    at = end;
  }
  return messages;
}

struct Work {
  std::vector<Path> paths;
  std::size_t check = 0;  // so that nothing is optimised away

  void index(const Bytes& bytes) { check += Message::parse(bytes)->segment_count(); }

  void whole(const Bytes& bytes) {
    auto message = Message::parse(bytes);
    for (const auto& path : paths) check += message->get(path).size();
    static const Path sex = *parse_path("PID-8"), receiver = *parse_path("MSH-5");
    if (!message->set(sex, "U")) check += message->set(receiver, "U").ok() ? 1 : 0;
    check += message->bytes()->size();
  }
};

void measure(const char* name, const std::vector<Bytes>& messages, double seconds, Work& work,
             void (Work::*one)(const Bytes&)) {
  std::size_t count = 0, bytes = 0;
  for (const auto& message : messages) (work.*one)(message);  // warm
  const auto allocated = allocations;
  const auto begin = Clock::now();
  double took = 0;
  while (took < seconds) {
    for (const auto& message : messages) {
      (work.*one)(message);
      bytes += message->size();
    }
    count += messages.size();
    took = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  std::printf("\"%s\": {\"messages\": %zu, \"us\": %.4f, \"mb_s\": %.1f, \"allocations\": %.2f}",
              name, messages.size(), took * 1e6 / static_cast<double>(count),
              static_cast<double>(bytes) / took / 1e6,
              static_cast<double>(allocations - allocated) / static_cast<double>(count));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: hl7v2_bench FILE [SECONDS]\n");
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::ostringstream framed;
  framed << file.rdbuf();
  const auto messages = messages_of(framed.str());
  const double seconds = argc > 2 ? std::atof(argv[2]) : 1;
  if (messages.empty()) {
    std::fprintf(stderr, "hl7v2_bench: no message in %s\n", argv[1]);
    return 1;
  }
  Work work;
  for (const auto* text : fields_read) work.paths.push_back(*parse_path(text));
  std::printf("{");
  measure("whole", messages, seconds, work, &Work::whole);
  std::printf(", ");
  measure("index", messages, seconds, work, &Work::index);
  std::printf(", \"check\": %zu}\n", work.check % 10);
  return 0;
}
