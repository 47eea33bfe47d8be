#include "client.hpp"
#include "wire/json/writer.hpp"

#include <fmt/format.h>

#include <algorithm>

// What a client wishes for, and what it makes of the answers.
namespace kith::simulation {

using wire::json::Writer;

namespace {

constexpr std::size_t outgoing_most = 40;
constexpr int history_limit = 40;

}  // namespace

void Client::act_later() {
  in_session(world_.between(Duration{1ms}, habits_.pause_most), [this] { act(); });
}

void Client::act() {
  if (town_.calm) return;
  const auto wishes = 1 + world_.below(habits_.burst_most);
  for (std::size_t i = 0; i < wishes && session_; ++i)
    wish();
  if (session_) act_later();
}

void Client::wish() {
  if (world_.chance(habits_.hangs_up)) return drop("hangs up", true);
  if (world_.chance(habits_.cut)) {
    world_.tell([&] { return name() + " ! cut"; });
    return wire_->cut();
  }
  if (world_.chance(habits_.falls_silent)) {
    world_.tell([&] { return name() + " ! silence"; });
    return wire_->fall_silent();
  }
  if (world_.chance(habits_.stops_reading)) return stop_reading();
  if (world_.chance(habits_.makes_groups)) return make_group();
  if (world_.chance(habits_.changes_members)) return change_members();
  if (world_.chance(habits_.reads)) return mark_read();
  say_something();
}

void Client::stop_reading() {
  if (!reading_) return;
  world_.tell([&] { return name() + " ! stops reading"; });
  reading_ = false;
  wire_->set_reading(false);
  world_.at(world_.between(Duration{50ms}, habits_.unread_most),
            [self = self_, connection = connection_] {
              if (*self == nullptr || (*self)->connection_ != connection) return;
              auto& me = **self;
              me.reading_ = true;
              me.heard_at_ = me.world_.now();
              if (const auto wire = me.wire_) wire->set_reading(true);
            });
}

void Client::heal() {
  if (wire_ && !reading_) {
    reading_ = true;
    heard_at_ = world_.now();
    const auto wire = wire_;
    wire->set_reading(true);
  }
  habits_.tries_again = true;
  if (!wire_ && !coming_back_) come_back();
}

void Client::leave() {
  drop("leaves", true);
}

std::string Client::some_user() {
  return town_.users[world_.below(town_.users.size())];
}

std::optional<std::string> Client::some_conversation(bool group) {
  std::vector<const std::string*> found;
  const bool also_left = world_.chance(0.1);
  for (const auto& [cid, known] : known_)
    if (cid != own_log_ && (!group || known.group) && (!known.left || also_left))
      found.push_back(&cid);
  if (found.empty()) return std::nullopt;
  return *found[world_.below(found.size())];
}

// ------------------------------------------------------------------------------------------------
// messages

void Client::say_something() {
  if (outgoing_.size() >= outgoing_most) return;
  auto message = std::make_shared<Outgoing>();
  const auto number = town_.next_message++;
  message->client_id = fmt::format("{}-{}", user_, number);
  message->text = fmt::format("m{}.", number);
  message->silent = number % 8 == 0;  // drawn by nothing: worlds stay as they were
  message->filler.assign(world_.below(habits_.text_bytes_most + 1), 'x');
  const auto cid = world_.chance(0.1) ? std::nullopt : some_conversation(false);
  if (cid) {
    message->cid = *cid;
  } else {
    message->to = some_user();
    if (message->to == user_) return;
  }
  outgoing_.push_back(message);
  say(message);
}

void Client::say(const std::shared_ptr<Outgoing>& message) {
  if (!session_ || message->sending) return;
  message->sending = true;
  observer_.sent(*session_, message->client_id, message->text);
  std::string body;
  Writer json{body};
  json.begin_object();
  if (message->cid.empty())
    json.field("to", message->to);
  else
    json.field("cid", message->cid);
  json.field("client_id", message->client_id).field("text", message->text + message->filler);
  if (message->silent) json.field("silent", true);
  json.end_object();
  ask("message.send", body, [this, message, attempt = ++attempts_](bool ok, Json data) {
    on_said(message, attempt, ok, data);
  });
}

void Client::on_said(const std::shared_ptr<Outgoing>& message,
                     std::uint64_t attempt,
                     bool ok,
                     Json data) {
  message->sending = false;
  Answered answer;
  answer.ok = ok;
  if (ok) {
    const auto heard = heard_of("ack", data);
    answer.cid = heard.cid;
    answer.id = heard.id;
    answer.seq = heard.seq.value_or(0);
    answer.no = heard.no;
    const auto duplicate = data.find("duplicate");
    answer.duplicate = duplicate && duplicate->as_bool().value_or(false);
    known_[answer.cid].advance(answer.seq);
  } else {
    const auto code = data.find("code");
    answer.code = code ? std::string{code->as_string().value_or("")} : "";
    const auto retryable = data.find("retryable");
    answer.final = !retryable || !retryable->as_bool().value_or(false);
  }
  observer_.answered(*session_, attempt, message->client_id, answer);
  if (answer.ok || answer.final) {
    std::erase(outgoing_, message);
    return;
  }
  if (!habits_.tries_again) {
    observer_.abandoned(message->client_id);
    std::erase(outgoing_, message);
    return;
  }
  const auto wait = data.find("retry_after_ms");
  const auto least = std::chrono::milliseconds{wait ? wait->as_int().value_or(50) : 50};
  in_session(world_.between(Duration{least}, Duration{least} * 2),
             [this, message] { say(message); });
}

void Client::mark_read() {
  const auto cid = some_conversation(false);
  if (!cid || known_[*cid].at == 0) return;
  const auto seq = known_[*cid].at;
  ask("receipt.read",
      fmt::format(R"({{"cursors":[{{"cid":"{}","seq":{}}}]}})", *cid, seq),
      [this](bool ok, Json data) {
        if (!ok) return;
        const auto cursors = data.find("cursors");
        if (!cursors) return;
        for (const auto cursor : cursors->items()) {
          const auto mark = heard_of("mark", cursor);
          observer_.marked(*session_, mark.cid, mark.seq.value_or(0));
        }
      });
}

// ------------------------------------------------------------------------------------------------
// groups

void Client::change_members() {
  const auto cid = some_conversation(true);
  if (!cid) return;
  const auto learn = [this, cid = *cid](bool ok, Json error) {
    if (ok) return;
    const auto code = error.find("code");
    if (code && code->as_string() == "forbidden" && known_.contains(cid) && world_.chance(0.3))
      known_[cid].group = false;  // direct, or not his to change
  };
  if (world_.chance(0.5))
    return ask(
        "member.add", fmt::format(R"({{"cid":"{}","users":["{}"]}})", *cid, some_user()), learn);
  const auto gone = world_.chance(0.3) ? user_ : some_user();
  ask("member.remove", fmt::format(R"({{"cid":"{}","user":"{}"}})", *cid, gone), learn);
}

void Client::make_group() {
  std::string body;
  Writer json{body};
  json.begin_object().field("kind", "group");
  json.field("client_id", fmt::format("g{}", town_.next_message++)).key("members").begin_array();
  std::set<std::string> members;
  for (std::uint64_t i = 1 + world_.below(4); i > 0; --i)
    members.insert(some_user());
  members.erase(user_);
  for (const auto& member : members)
    json.string(member);
  json.end_array().end_object();
  ask("conversation.create", body, [](bool, Json) {});
}

// ------------------------------------------------------------------------------------------------
// what was left out, and the list

void Client::read_gaps() {
  if (!session_) return;
  for (auto& [cid, known] : known_)
    for (auto& gap : known.gaps)
      if (!std::exchange(gap.reading, true)) read_gap(cid, gap.from, gap.to, gap.from - 1);
}

void Client::read_gap(const std::string& cid, Seq from, Seq to, Seq after) {
  const auto ended = [this, cid, from, to](bool read) {
    auto& gaps = known_[cid].gaps;
    if (read) observer_.gap_closed(*session_, cid, from, to);
    std::erase_if(gaps, [&](const auto& gap) { return gap.from == from && gap.to == to; });
  };
  ask("message.history",
      fmt::format(R"({{"cid":"{}","after":{},"limit":{}}})", cid, after, history_limit),
      [this, cid, from, to, after, ended](bool ok, Json data) {
        if (!ok) {
          const auto retryable = data.find("retryable");
          if (!retryable || !retryable->as_bool().value_or(false)) return ended(false);
          return in_session(200ms,
                            [this, cid, from, to, after] { read_gap(cid, from, to, after); });
        }
        std::vector<Heard> messages;
        if (const auto list = data.find("messages"))
          for (const auto message : list->items())
            messages.push_back(heard_of("history", message));
        observer_.history(*session_, cid, messages);
        const auto next = data.find("next");
        const auto place = next ? next->as_uint().value_or(0) : 0;
        if (place == 0 || place >= to) return ended(true);
        read_gap(cid, from, to, place);
      });
}

void Client::list_conversations() {
  if (!session_ || listing_ == connection_) return;
  listing_ = connection_;
  list_.clear();
  rows_asked_ = observer_.rows();
  list_page("");
}

void Client::list_page(const std::string& next) {
  std::string body;
  Writer json{body};
  json.begin_object().field("limit", 100);
  if (!next.empty()) json.field("next", next);
  json.end_object();
  ask("conversation.list", body, [this](bool ok, Json data) {
    if (!ok) {
      listing_ = 0;  // asked again
      return;
    }
    if (const auto list = data.find("conversations"))
      for (const auto row : list->items()) {
        const auto about = heard_of("row", row);
        const auto last = row.find("last_seq");
        const auto unread = row.find("unread");
        list_.push_back({about.cid,
                         last ? last->as_uint().value_or(0) : 0,
                         unread ? unread->as_uint().value_or(0) : 0});
      }
    const auto more = data.find("next");
    if (more) return list_page(std::string{more->as_string().value_or("")});
    listed_ = observer_.listed(*session_, list_, rows_asked_);
    if (!listed_) listing_ = 0;  // asked again
  });
}

}  // namespace kith::simulation
