#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "front/credentials.hpp"
#include "front/revocations.hpp"
#include "wire/http/request.hpp"
#include "wire/json/parser.hpp"

namespace kith::rest {

// Who asks, and for whom.
struct Access {
  front::Identity identity;
  // The user whose rights count: he who asks, or whom a server key acts for. Empty: the
  // application.
  base::UserId user;
};

// What says whether somebody is who he says he is.
struct Judges {
  const front::Credentials& credentials;
  const front::Revocations& revocations;
};

// `Authorization: Bearer` with a user's token or a server key; with the latter `On-Behalf-Of` may
// name the user it acts for, written as in a path (percent-encoded).
base::Result<Access> authenticate(const wire::http::Request& request,
                                  const Judges& judges,
                                  base::WallTime now,
                                  wire::json::Parser& parser);

// Access to what is under `/v1/users/USER`: a user's own, and everyone's for a server key.
base::Result<void> act_for(Access& access, std::string_view user);

}  // namespace kith::rest
