#pragma once

#include "commands/feature.hpp"
#include "front/credentials.hpp"
#include "wire/json/writer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kith::gateway {

struct Greeting {
  const front::Identity& identity;
  std::uint64_t session = 0;
  base::Cid user_cid;
  const std::string& epoch;
  base::WallTime now;
  std::size_t max_payload_bytes = 0;
  const commands::AppSettings& settings;
  const std::vector<std::unique_ptr<commands::Feature>>& features;
};

// {user, app, session, user_cid, epoch, server_time, limits, features}
void append_hello(wire::json::Writer& json, const Greeting& greeting);

// {code, message, retryable, retry_after_ms?}
std::string fault_json(const base::Fault& fault);

}  // namespace kith::gateway
