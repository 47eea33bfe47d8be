#include "gateway/connect_request.hpp"

#include "base/limits.hpp"
#include "base/names.hpp"
#include "commands/arguments.hpp"

namespace kith::gateway {
namespace {

using base::Errc;
using base::Fault;
namespace limits = base::limits;

base::Result<std::string> text_of(wire::json::Value auth,
                                  std::string_view name,
                                  std::size_t bytes_max) {
  const auto value = auth.find(name);
  if (!value || value->is_null()) return std::string{};
  const auto text = value->as_string();
  if (!text || text->size() > bytes_max)
    return Fault{Errc::validation_failed,
                 "`token`, `user`, `device` and `epoch` of auth are short strings"};
  return std::string{*text};
}

// Who it is: said wrongly, it is nobody.
base::Result<std::string> credential_of(wire::json::Value auth,
                                        std::string_view name,
                                        std::size_t bytes_max) {
  auto text = text_of(auth, name, bytes_max);
  if (text.has_error())
    return Fault{Errc::unauthenticated,
                 "`token` is a string of at most token_bytes_max: io(url, {auth: {token}})"};
  return text;
}

base::Result<std::string> device_of(std::string text) {
  if (!text.empty()) KITH_CHECK(base::parse_device(text));
  return text;
}

// Of a client that recovers. What is no short string is ignored, as other servers do.
std::string recovery_text(wire::json::Value auth, std::string_view name) {
  const auto value = auth.find(name);
  const auto text = value ? value->as_string() : std::nullopt;
  return text && text->size() <= limits::pid_bytes_max ? std::string{*text} : std::string{};
}

}  // namespace

base::Result<ConnectRequest> connect_request(wire::json::Value auth) {
  ConnectRequest request;
  KITH_TRY(token, credential_of(auth, "token", limits::token_bytes_max));
  KITH_TRY(user, credential_of(auth, "user", limits::user_chars_max * 4));
  KITH_TRY(device_text, text_of(auth, "device", limits::device_bytes_max));
  KITH_TRY(device, device_of(std::move(device_text)));
  KITH_TRY(epoch, text_of(auth, "epoch", limits::device_bytes_max));
  request.token = std::move(token);
  request.dev_user = std::move(user);
  request.device = std::move(device);
  request.epoch = std::move(epoch);
  request.pid = recovery_text(auth, "pid");
  request.offset = recovery_text(auth, "offset");
  // One that names nothing is passed over: the client may remember a conversation he has left.
  KITH_TRY(cursors, commands::cursors_of(auth, commands::Unreadable::passed_over));
  request.cursors = std::move(cursors);
  return request;
}

base::Result<ConnectRequest> connect_request(const wire::http::Query& query) {
  ConnectRequest request;
  request.token = query.find("token").value_or("");
  request.dev_user = query.find("user").value_or("");
  KITH_TRY(device, device_of(std::string{query.find("device").value_or("")}));
  request.device = std::move(device);
  return request;
}

}  // namespace kith::gateway
