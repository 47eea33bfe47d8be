#pragma once

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "conversations/home.hpp"
#include "ports/store.hpp"
#include "wire/json/value.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A command is what a caller may ask: over the socket, over REST, with the same rights. One file
// each.
namespace kith::commands {

using base::Errc;
using base::Fault;
using base::Result;
using conversations::Origin;
using domain::Cid;
using domain::ConversationKey;
using domain::Seq;
using domain::UserId;
using domain::UserKey;
using wire::json::Value;

// What an application may set for itself.
struct AppSettings {
  std::size_t text_bytes_max = base::limits::text_bytes_max;
  std::size_t custom_bytes_max = base::limits::custom_bytes_max;
  std::size_t members_max = base::limits::members_max;
  // How long a message waits for the commit before it is shown; nothing: until then.
  std::optional<base::Duration> deliver_within = std::chrono::milliseconds{5};
};

// How often something may be done; shared by all sessions of one user.
class Budget {
 public:
  Budget() = default;
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;
  virtual ~Budget() = default;
  // 0: it may be done now, and is counted. Otherwise how many milliseconds to wait.
  virtual std::uint32_t take(base::Instant now) = 0;
};

// Who asks.
struct Caller {
  base::AppId app{};
  UserId user;               // empty: the application itself
  bool application = false;  // a server key that names no user
  const AppSettings* settings = nullptr;
  Budget* messages = nullptr;  // none: not limited
  Origin origin;               // the connection, if it is one
  bool answered = true;        // somebody hears what is replied
};

struct Input {
  Value args;  // an object; lives until `run` returns
  std::span<const std::string> attachments;
};

// A message of the caller that was stored: his connection does not get it as an event.
struct Sent {
  ConversationKey key;
  Seq seq = 0;
  domain::MessageId id;
};

struct Answer {
  std::string data;  // JSON
  std::optional<Sent> sent;
};

// It was done, and there is nothing to say.
inline Answer empty_answer() {
  return {.data = "{}"};
}

// Called once, on the reactor that asked.
using Reply = base::MoveOnlyFunction<void(Result<Answer>)>;

// Messages that are still in memory, for a connection that listens to their conversation: what is
// served while the database does not answer.
class RecentMessages {
 public:
  struct Page {
    std::vector<std::string> messages;  // JSON, ascending
    Seq head = 0;                       // as far as is known here
  };

  RecentMessages() = default;
  RecentMessages(const RecentMessages&) = delete;
  RecentMessages& operator=(const RecentMessages&) = delete;
  virtual ~RecentMessages() = default;
  // The newest below `before`, at most `limit`. Nothing: the caller does not listen there.
  virtual std::optional<Page> find(const Caller& caller,
                                   const ConversationKey& key,
                                   Seq before,
                                   std::size_t limit) = 0;
};

class Resolver;

// What commands stand on; one for each reactor.
struct Context {
  ports::Reactor& reactor;
  ports::Store& store;
  const conversations::Homes& homes;
  std::vector<conversations::Home*> home_of;  // by reactor
  Resolver& resolver;
  RecentMessages* recent = nullptr;  // none: nothing is served from memory

  conversations::Home& home() const noexcept { return *home_of[reactor.index()]; }
};

using Run = std::function<void(Context&, const Caller&, const Input&, Reply)>;

// The commands of a node by name: those of this folder and those of the features.
class Table {
 public:
  void add(std::string_view name, Run run);
  // Nothing: `unknown_event`.
  const Run* find(std::string_view name) const;
  std::vector<std::string_view> names() const;

 private:
  boost::unordered_flat_map<std::string_view, Run> runs_;
};

// Adds every command of this folder.
void add_all(Table& table);

// Sends `request` to the home of its conversation.
void send_home(Context& context, conversations::SendRequest request);

}  // namespace kith::commands
