#pragma once

#include "client/stage.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kith::bench {

// Messages of one thread: writes them with their marks, and judges what comes back. Users are the
// numbers of their connections.
class Talk {
 public:
  Talk(Run& run, Loop& loop, Tally& tally) : run_(run), loop_(loop), tally_(tally) {}

  std::uint32_t add_conversation(Audience members) {
    return verifier_.add_conversation(std::move(members));
  }

  // `target`: how the sender names the conversation, as `"to":"ann"`. `timed`: its times count.
  std::uint32_t add_stream(std::uint32_t conversation,
                           std::uint32_t user,
                           std::string_view target,
                           bool timed = true);

  // False when the connection is not there or holds too many.
  bool send(std::uint32_t stream, std::int64_t due_ns);
  // `typing.start` before a message, without an acknowledgement as pages do it. Where he has not
  // written yet there may be no conversation, and nothing is said.
  void type(std::uint32_t stream);
  // After a reconnect: what was not answered goes out once more, in its order.
  void send_open_again(Connection& connection);

  // The answer to a message, when that is what it is.
  bool on_ack(const Asked& asked, const Packet& packet, std::int64_t now);
  // `message.new`: the stream it is of; nothing when it is none of this run's, or known already.
  std::optional<std::uint32_t> on_message(Connection& connection,
                                          std::string_view body,
                                          std::int64_t now);
  // Any other event: counted.
  void on_other(const Packet& packet);

  // In flight of one stream: neither acked nor, of what was acked, with everybody.
  std::uint64_t in_flight(std::uint32_t stream) const noexcept;

  bool settled() const noexcept { return verifier_.settled(); }

  void judge();

  Verifier& verifier() noexcept { return verifier_; }

  // Of the whole run, so far.
  std::uint64_t sent() const noexcept { return sent_; }

  std::uint64_t acked() const noexcept { return acked_; }

  std::uint64_t delivered() const noexcept { return delivered_; }

 private:
  struct Voice {
    std::uint32_t user = 0;
    bool timed = true;
    std::uint64_t answered = 0;
    std::string target;
    std::string head;  // of the body, up to the number in `client_id`
  };

  void write(Connection& connection, const Asked& asked);

  Run& run_;
  Loop& loop_;
  Tally& tally_;
  Verifier verifier_;
  std::vector<Voice> voices_;  // by stream
  std::string scratch_;
  std::size_t hint_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t delivered_ = 0;
};

// `{"ok":true` begins the answer, or stands somewhere in it.
bool is_ok(std::string_view answer);

}  // namespace kith::bench
