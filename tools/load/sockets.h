// The few socket calls that both load programs make. IPv4 and IPv6; errors end the program.
#pragma once

#include <string>

namespace load {

/// A non-blocking connection, or -1.
int connect_to(const std::string& host, const std::string& port);

/// A non-blocking listening socket. `port` 0 takes a free one.
int listen_on(const std::string& host, int port);
int port_of(int socket);

[[noreturn]] void fail(const std::string& what);

}  // namespace load
