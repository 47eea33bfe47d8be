#pragma once

#include "gateway/client.hpp"
#include "wire/http/query.hpp"

namespace kith::gateway {

// From the payload of CONNECT: {token | user, device?, epoch?, cursors?: [{cid, seq}]}.
base::Result<ConnectRequest> connect_request(wire::json::Value auth);
// From the query of a protocol 4 handshake: token | user, device.
base::Result<ConnectRequest> connect_request(const wire::http::Query& query);

}  // namespace kith::gateway
