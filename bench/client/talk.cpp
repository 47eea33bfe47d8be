#include "client/talk.hpp"

#include <fmt/format.h>

#include <charconv>

namespace kith::bench {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  if (error == std::errc{}) out.append(digits, end);
}

}  // namespace

bool is_ok(std::string_view answer) {
  return answer.starts_with("[{\"ok\":true") || is_true(answer, "ok");
}

std::uint32_t Talk::add_stream(std::uint32_t conversation,
                               std::uint32_t user,
                               std::string_view target,
                               bool timed) {
  const std::uint32_t stream = verifier_.add_stream(conversation, user);
  Voice voice;
  voice.user = user;
  voice.timed = timed;
  voice.target = target;
  voice.head = fmt::format("{{{},\"client_id\":\"{}-{}-", target, run_.run_text, stream);
  voices_.push_back(std::move(voice));
  return stream;
}

bool Talk::send(std::uint32_t stream, std::int64_t due_ns) {
  Connection& connection = loop_.at(voices_[stream].user);
  if (!connection.is_ready() || connection.pending.full()) return false;
  const Asked asked{due_ns, stream, verifier_.next_number(stream), Asked::Kind::message};
  write(connection, asked);
  ++sent_;
  if (!tally_.measuring || !voices_[stream].timed) return true;
  ++tally_.sent;
  if (run_.options.rate > 0) tally_.late.add(now_ns() - due_ns);
  return true;
}

void Talk::type(std::uint32_t stream) {
  const Voice& voice = voices_[stream];
  Connection& connection = loop_.at(voice.user);
  if (voice.answered == 0 || !connection.is_ready()) return;
  scratch_.clear();
  begin_event(scratch_, "typing.start", -1);
  scratch_.append("{").append(voice.target).append("}]");
  loop_.send_text(connection, scratch_);
}

void Talk::write(Connection& connection, const Asked& asked) {
  const std::uint32_t id = connection.pending.push(asked);
  scratch_.clear();
  begin_event(scratch_, "message.send", id);
  scratch_ += voices_[asked.stream].head;
  append_number(scratch_, asked.number);
  scratch_ += "\",\"text\":\"";
  run_.marker.append_text(
      scratch_, {asked.due_ns, asked.stream, asked.number}, run_.options.payload);
  scratch_ += "\"}]";
  loop_.send_text(connection, scratch_);
}

void Talk::send_open_again(Connection& connection) {
  std::vector<Asked> open;
  connection.pending.each([&](const Asked& asked) {
    if (asked.kind == Asked::Kind::message) open.push_back(asked);
  });
  connection.pending.clear();
  for (const Asked& asked : open)
    write(connection, asked);
}

bool Talk::on_ack(const Asked& asked, const Packet& packet, std::int64_t now) {
  if (asked.kind != Asked::Kind::message) return false;
  ++voices_[asked.stream].answered;
  if (!is_ok(packet.body)) {
    verifier_.refused(asked.stream, asked.number);
    const std::string_view code = text_field(packet.body, "code");
    Tally::note(tally_.errors, code.empty() ? "no code" : code);
    return true;
  }
  verifier_.acked(asked.stream);
  ++acked_;
  if (tally_.measuring && voices_[asked.stream].timed) {
    ++tally_.acked;
    tally_.ack.add(now - asked.due_ns);
  }
  return true;
}

std::optional<std::uint32_t> Talk::on_message(Connection& connection,
                                              std::string_view body,
                                              std::int64_t now) {
  const auto mark = run_.marker.find_text(body, hint_);
  if (!mark) return std::nullopt;
  const auto seen =
      verifier_.received(mark->stream, connection.index, connection.session, mark->number);
  if (seen != Verifier::Seen::first && seen != Verifier::Seen::reordered) return std::nullopt;
  ++delivered_;
  if (!tally_.measuring || !voices_[mark->stream].timed) return mark->stream;
  ++tally_.delivered;
  // Who was away when it was due waited for himself.
  if (mark->due_ns >= connection.began_ns) tally_.delivery.add(now - mark->due_ns);
  return mark->stream;
}

void Talk::on_other(const Packet& packet) {
  Tally::note(tally_.others, packet.name);
  if (packet.name == "message.stored") ++tally_.stored;
  if (packet.name == "message.retracted") ++tally_.retracted;
  if (packet.name == "conversation.gap") ++tally_.gaps;
}

std::uint64_t Talk::in_flight(std::uint32_t stream) const noexcept {
  const std::uint64_t sent_here = verifier_.sent(stream);
  const std::uint64_t refused_here = verifier_.refused_count(stream);
  const std::uint64_t done =
      std::min(voices_[stream].answered, verifier_.complete(stream) + refused_here);
  return sent_here - std::min(done, sent_here);
}

void Talk::judge() {
  std::set<std::pair<std::uint32_t, std::uint32_t>> open;
  for (std::uint32_t i = 0; i < loop_.size(); ++i)
    loop_.at(i).pending.each([&](const Asked& asked) {
      if (asked.kind == Asked::Kind::message) open.insert({asked.stream, asked.number});
    });
  tally_.sums.add(verifier_.judge(open));
}

}  // namespace kith::bench
