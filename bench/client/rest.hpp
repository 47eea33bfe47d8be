#pragma once

#include "client/options.hpp"
#include "runtime/fd.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench {

struct Group {
  std::string external_id;
  std::vector<std::string> members;  // the first is its owner
};

// Makes groups over HTTP, one request after the other on one connection.
class Rest {
 public:
  static constexpr std::size_t members_per_request_max = 1'000;
  static constexpr std::size_t answer_bytes_max = 1024 * 1024;
  static constexpr int answer_timeout_s = 30;

  explicit Rest(const Options& options) : options_(options) {}

  // What went wrong; empty when it is there.
  std::string make(const Group& group);

 private:
  std::string post(std::string_view path, std::string_view owner, const std::string& body);
  std::string open();
  bool send_all(std::string_view bytes);
  std::string read_answer();

  const Options& options_;
  runtime::Fd fd_;
};

// The body of the request that makes a group with these members, without its owner.
std::string group_body(const Group& group, std::size_t members);

}  // namespace kith::bench
