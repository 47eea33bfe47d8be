#include "server/admin_protocol.hpp"

#include <boost/json.hpp>

#include <optional>

namespace kith::server {
namespace {

namespace json = boost::json;

constexpr const char* not_understood =
    "the control socket was spoken to in words it does not know; are both sides of one version?";

// --- values to JSON
json::object object_of(const CreateApp& wish) {
  return {{"command", "app.create"}, {"name", wish.name}};
}

json::object object_of(const ListApps&) {
  return {{"command", "app.list"}};
}

json::object object_of(const AddKey& wish) {
  return {{"command", "key.add"}, {"app", wish.app}, {"kind", to_text(wish.kind)}};
}

json::object object_of(const ListKeys& wish) {
  return {{"command", "key.list"}, {"app", wish.app}};
}

json::object object_of(const RetireKey& wish) {
  return {{"command", "key.retire"}, {"app", wish.app}, {"kid", wish.kid}};
}

json::object object_of(const MakeToken& wish) {
  return {{"command", "token"}, {"app", wish.app}, {"user", wish.user}, {"ttl_s", wish.ttl_s}};
}

json::object object_of(const AppInfo& app) {
  return {{"name", app.name}, {"created_at", app.created_at}};
}

json::object object_of(const AppList& list) {
  json::array apps;
  for (const auto& app : list.apps)
    apps.push_back(object_of(app));
  return {{"apps", std::move(apps)}};
}

json::object object_of(const NewKey& key) {
  return {{"kid", key.kid}, {"kind", to_text(key.kind)}, {"secret", key.secret}};
}

json::object object_of(const KeyInfo& key) {
  json::object object{
      {"kid", key.kid}, {"kind", to_text(key.kind)}, {"created_at", key.created_at}};
  if (!key.retired_at.empty()) object["retired_at"] = key.retired_at;
  return object;
}

json::object object_of(const KeyList& list) {
  json::array keys;
  for (const auto& key : list.keys)
    keys.push_back(object_of(key));
  return {{"keys", std::move(keys)}};
}

json::object object_of(const KeyRetired& key) {
  return {{"kid", key.kid}};
}

json::object object_of(const TokenMade& made) {
  return {{"token", made.token}, {"expires_at", made.expires_at}};
}

// Which of AdminResult a reply holds, in its order.
constexpr std::array<std::string_view, std::variant_size_v<AdminResult>> result_names{
    "app", "apps", "key", "keys", "retired", "token"};

// --- JSON to values. A field that is absent or of another type makes the reader bad.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const auto* value = object_.if_contains(key);
    if (value == nullptr || !value->is_string()) return bad_ = true, std::string{};
    return std::string{value->get_string()};
  }

  std::string text_or_none(std::string_view key) {
    return object_.contains(key) ? text(key) : std::string{};
  }

  std::uint32_t number(std::string_view key) {
    const auto* value = object_.if_contains(key);
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
        value->get_int64() > token_ttl_s_max)
      return bad_ = true, 0U;
    return static_cast<std::uint32_t>(value->get_int64());
  }

  AdminKeyKind kind() {
    const auto name = text("kind");
    if (name != "signing" && name != "server") bad_ = true;
    return name == "server" ? AdminKeyKind::server : AdminKeyKind::signing;
  }

  template <class T, class Read>
  std::vector<T> list(std::string_view key, Read read) {
    std::vector<T> out;
    const auto* value = object_.if_contains(key);
    if (value == nullptr || !value->is_array()) return bad_ = true, out;
    for (const auto& element : value->get_array()) {
      if (!element.is_object()) return bad_ = true, out;
      Reader inner{element.get_object()};
      out.push_back(read(inner));
      bad_ = bad_ || inner.bad_;
    }
    return out;
  }

  bool bad() const noexcept { return bad_; }

 private:
  const json::object& object_;
  bool bad_ = false;
};

// Members are read in the order of the struct: braces keep it.
AppInfo read_app(Reader& in) {
  return AppInfo{in.text("name"), in.text("created_at")};
}

KeyInfo read_key(Reader& in) {
  return KeyInfo{in.text("kid"), in.kind(), in.text("created_at"), in.text_or_none("retired_at")};
}

std::optional<AdminCommand> read_command(Reader& in) {
  const auto name = in.text("command");
  if (name == "app.create") return CreateApp{in.text("name")};
  if (name == "app.list") return ListApps{};
  if (name == "key.add") return AddKey{in.text("app"), in.kind()};
  if (name == "key.list") return ListKeys{in.text("app")};
  if (name == "key.retire") return RetireKey{in.text("app"), in.text("kid")};
  if (name == "token") return MakeToken{in.text("app"), in.text("user"), in.number("ttl_s")};
  return std::nullopt;
}

std::optional<AdminResult> read_result(std::string_view name, Reader& in) {
  if (name == "app") return read_app(in);
  if (name == "apps") return AppList{in.list<AppInfo>("apps", read_app)};
  if (name == "key") return NewKey{in.text("kid"), in.kind(), in.text("secret")};
  if (name == "keys") return KeyList{in.list<KeyInfo>("keys", read_key)};
  if (name == "retired") return KeyRetired{in.text("kid")};
  if (name == "token") return TokenMade{in.text("token"), in.text("expires_at")};
  return std::nullopt;
}

std::optional<json::object> parse_line(std::string_view line) {
  boost::system::error_code error;
  auto value = json::parse({line.data(), line.size()}, error);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::string line_of(const json::object& object) {
  return json::serialize(object) + "\n";
}

}  // namespace

std::string encode_command(const AdminCommand& command) {
  return std::visit([](const auto& wish) { return line_of(object_of(wish)); }, command);
}

Outcome<AdminCommand> decode_command(std::string_view line) {
  if (const auto object = parse_line(line)) {
    Reader reader{*object};
    auto command = read_command(reader);
    if (command && !reader.bad()) return std::move(*command);
  }
  return Problem{.exit_code = 1, .text = not_understood};
}

std::string encode_result(const Outcome<AdminResult>& result) {
  if (result.has_error())
    return line_of(
        {{"ok", false}, {"error", result.error().text}, {"exit_code", result.error().exit_code}});
  auto object = std::visit([](const auto& value) { return object_of(value); }, result.value());
  object["ok"] = true;
  object["result"] = result_names[result.value().index()];
  return line_of(object);
}

Outcome<AdminResult> decode_result(std::string_view line) {
  const Problem unclear{.exit_code = 1, .text = not_understood};
  const auto object = parse_line(line);
  if (!object) return unclear;
  Reader reader{*object};
  const auto* ok = object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) return unclear;
  if (!ok->get_bool()) {
    Problem problem{.exit_code = static_cast<int>(reader.number("exit_code")),
                    .text = reader.text("error")};
    return reader.bad() ? unclear : problem;
  }
  auto result = read_result(reader.text("result"), reader);
  if (!result || reader.bad()) return unclear;
  return std::move(*result);
}

std::string to_json(const AdminResult& result) {
  return std::visit([](const auto& value) { return json::serialize(object_of(value)); }, result);
}

std::string answer_admin(Admin& admin, std::string_view line) {
  auto command = decode_command(line);
  if (command.has_error()) return encode_result(command.error());
  return encode_result(admin.execute(command.value()));
}

Outcome<AdminResult> RemoteAdmin::execute(const AdminCommand& command) {
  auto reply = call_(encode_command(command));
  if (reply.has_error()) return reply.error();
  return decode_result(reply.value());
}

}  // namespace kith::server
