#pragma once

#include "commands/feature.hpp"
#include "front/credentials.hpp"
#include "wire/json/writer.hpp"

#include <memory>
#include <string>
#include <vector>

namespace kith::gateway {

// What is told to all of an application alike, as JSON: made once.
struct Offer {
  std::string limits;
  std::string features;
};

Offer make_offer(const commands::AppSettings& settings,
                 std::size_t max_payload_bytes,
                 const commands::Features& features);

struct Greeting {
  const front::Identity& identity;
  std::uint64_t session = 0;
  base::Cid user_cid;
  const std::string& epoch;
  base::WallTime now;
  const Offer& offer;
};

// {user, app, session, user_cid, epoch, server_time, limits, features}
void append_hello(wire::json::Writer& json, const Greeting& greeting);

// {code, message, retryable, retry_after_ms?}
std::string fault_json(const base::Fault& fault);

}  // namespace kith::gateway
