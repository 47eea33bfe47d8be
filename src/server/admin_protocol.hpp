#pragma once

#include "server/admin.hpp"

#include <functional>
#include <string>
#include <string_view>

// The words spoken over DIR/kith.sock: one JSON object a line, no I/O here. A request names a
// command, as
// {"command":"app.create","name":"shop"}; the reply is {"ok":true,"result":"app",…} or
// {"ok":false,"error":…,"exit_code":1}.
namespace kith::server {

inline constexpr std::size_t control_line_bytes_max = 1024 * 1024;

// With the newline.
std::string encode_command(const AdminCommand& command);
Outcome<AdminCommand> decode_command(std::string_view line);
std::string encode_result(const Outcome<AdminResult>& result);
Outcome<AdminResult> decode_result(std::string_view line);

// The result alone as a JSON object, without newline: what `--json` prints.
std::string to_json(const AdminResult& result);

// The server's side: a request line in, a reply line out. Never fails: a bad request is a reply
// too.
std::string answer_admin(Admin& admin, std::string_view line);

// The other side: does everything by asking. `call` carries a line there and a line back.
class RemoteAdmin final : public Admin {
 public:
  using Call = std::function<Outcome<std::string>(std::string_view line)>;

  explicit RemoteAdmin(Call call) : call_(std::move(call)) {}

  Outcome<AdminResult> execute(const AdminCommand& command) override;

 private:
  Call call_;
};

}  // namespace kith::server
