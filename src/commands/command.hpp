#pragma once

#include "base/limits.hpp"
#include "base/log.hpp"
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

// Features by their place in a node's list.
using FeatureBits = std::uint32_t;
inline constexpr std::size_t features_max = 32;

constexpr FeatureBits feature_bit(std::size_t place) noexcept {
  return FeatureBits{1} << place;
}

// What an application may set for itself.
struct AppSettings {
  std::size_t text_bytes_max = base::limits::text_bytes_max;
  std::size_t custom_bytes_max = base::limits::custom_bytes_max;
  std::size_t members_max = base::limits::members_max;
  // How long a message waits for the commit before it is shown; nothing: until then.
  std::optional<base::Duration> deliver_within = std::chrono::milliseconds{5};
  // Of all its users and keys together, on this node; 0: not limited.
  std::uint32_t messages_per_s = 0;
  std::uint32_t commands_per_s = 0;
  FeatureBits features_off = 0;  // what it does without
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
  bool server_key = false;   // asks with one, in whosever name
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
  base::Logger& logger;
  RecentMessages* recent = nullptr;  // none: nothing is served from memory
  // Of the database's history, as this reactor knows it; none: it never changes.
  const std::string* current_epoch = nullptr;

  conversations::Home& home() const noexcept { return *home_of[reactor.index()]; }

  const std::string& epoch() const noexcept {
    return current_epoch != nullptr ? *current_epoch : store.meta().epoch;
  }
};

using Run = std::function<void(Context&, const Caller&, const Input&, Reply)>;

// --- What features have to say about commands, their own and others': docs/extending.md. Hooks are
// plain calls on the reactor that asks: no I/O, no waiting, and nothing is kept of the input.

// The order in which hooks are asked; within a stage it is that of the features.
enum class Stage : std::uint8_t {
  offer,    // does the application have this at all?
  rights,   // may this one?
  pace,     // may he now?
  content,  // and that?
};

enum class Verdict : std::uint8_t {
  pass,   // no opinion: the next one is asked
  allow,  // no other is asked; the command has rules of its own all the same
};

// A fault denies: it is the answer, and the command is not run.
using Before = std::function<Result<Verdict>(const Caller&, const Input&)>;

// A command that was run, when its answer is there and not yet given.
struct Done {
  std::string_view command;
  const Caller& caller;  // without his budget
  const Result<Answer>& result;
};

struct After {
  // Asked before the command is run: is the outcome of interest? Empty: always.
  std::function<bool(const Caller&)> wants;
  std::function<void(const Done&)> tell;
};

inline constexpr std::string_view every_command = "*";

// The commands of a node by name: those of this folder and those of the features. Names are static
// text.
class Table {
 public:
  // Whose commands and hooks are added next; 0: nobody's who can be switched off. An application
  // without the feature gets `feature_disabled`, and its hooks are not asked.
  void begin_feature(FeatureBits feature) noexcept { feature_ = feature; }

  void add(std::string_view name, Run run);
  // Hooks of a command that this node does not have are none. Once closed, no more are taken.
  void add_before(std::string_view command, Stage stage, Before before);
  void add_after(std::string_view command, After after);
  // Everything was added: hooks count from now on. A command that has none stays as it is.
  void close();

  // The command's events may come with binary attachments: others would lose them.
  void take_attachments(std::string_view name) { with_attachments_.push_back(name); }

  // Nothing: `unknown_event`.
  const Run* find(std::string_view name) const;
  bool takes_attachments(std::string_view name) const noexcept;
  std::vector<std::string_view> names() const;

 private:
  struct BeforeHook {
    std::string_view command;
    FeatureBits feature;
    Stage stage;
    Before ask;
  };

  struct AfterHook {
    std::string_view command;
    FeatureBits feature;
    After hook;
  };

  struct Hooked;

  boost::unordered_flat_map<std::string_view, Run> runs_;
  std::vector<std::string_view> with_attachments_;
  std::vector<BeforeHook> before_;
  std::vector<AfterHook> after_;
  FeatureBits feature_ = 0;
  bool closed_ = false;
};

// Adds every command of this folder.
void add_all(Table& table);

// Sends `request` to the home of its conversation.
void send_home(Context& context, conversations::SendRequest request);

}  // namespace kith::commands
