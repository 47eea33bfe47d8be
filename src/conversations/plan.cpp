#include "conversations/plan.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "base/simulation.hpp"
#include "conversations/entry_kinds.hpp"
#include "domain/identity.hpp"

#include <algorithm>
#include <tuple>

namespace kith::conversations {
Plan::Plan(const BatchContext& context, Segment segment)
    : context_(context), segment_(segment), outcome_(*context.homes, 2 * segment.size()) {
  writes_.events.reserve(segment.size());
  places_.reserve(segment.size());
  const auto touch = [&](const ConversationKey& key) {
    if (places_.try_emplace(key).second) keys_.push_back(key);
  };
  for (const auto& entry : segment_)
    visit_entry(*entry, [&](auto& it) {
      using T = std::decay_t<decltype(it)>;
      if constexpr (requires { it.key; }) touch(it.key);
      if constexpr (std::is_same_v<T, SendEntry>) {
        if (it.direct) {
          touch(own_log(it.key.app, it.direct->first));
          touch(own_log(it.key.app, it.direct->second));
        }
      } else if constexpr (std::is_same_v<T, CreateEntry>) {
        for (const auto& [user, role] : it.members)
          touch(own_log(it.key.app, user));
      } else if constexpr (std::is_same_v<T, AddEntry>) {
        for (const auto& user : it.users)
          touch(own_log(it.key.app, user));
      } else if constexpr (std::is_same_v<T, RemoveEntry>) {
        touch(own_log(it.key.app, it.user));
      } else if constexpr (std::is_same_v<T, ReadEntry>) {
        for (const auto& [cid, seq] : it.marks)
          touch({it.user.app, cid});
      }
    });
  std::sort(keys_.begin(), keys_.end());
  works_.resize(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i)
    places_[keys_[i]] = i;
}

ConversationKey Plan::own_log(domain::AppId app, const UserId& user) const {
  return {app, domain::user_cid(context_.id_key, app, user)};
}

ports::LockStep Plan::lock() const {
  return {keys_};
}

ports::LookStep Plan::look() {
  ports::LookStep step;
  looked_for_.clear();
  for (const auto& entry : segment_)
    if (const auto* send = entry_as<SendEntry>(*entry); send != nullptr && !send->server_made_key &&
                                                        work(send->key).exists &&
                                                        !KITH_MUTANT(dedupe_outside_lock)) {
      looked_for_.push_back(send);
      step.keys.push_back({send->key, send->sender, send->client_id});
    }
  return step;
}

bool Plan::asks_member(const SendEntry& entry) const {
  const auto& work = this->work(entry.key);
  return work.exists && work.row.access_rev != entry.access_rev;
}

ports::MembersStep Plan::members() {
  ports::MembersStep step;
  const auto ask = [&](const ConversationKey& key, const UserId& user) {
    if (work(key).exists && members_.try_emplace({key, user}).second)
      step.keys.push_back({key, user});
  };
  for (const auto& entry : segment_)
    visit_entry(*entry, [&](auto& it) {
      using T = std::decay_t<decltype(it)>;
      if constexpr (std::is_same_v<T, SendEntry>) {
        if (asks_member(it)) ask(it.key, it.sender);
      } else if constexpr (std::is_same_v<T, AddEntry>) {
        ask(it.key, it.actor.user);
        for (const auto& user : it.users)
          ask(it.key, user);
      } else if constexpr (std::is_same_v<T, RemoveEntry> || std::is_same_v<T, RoleEntry>) {
        ask(it.key, it.actor.user);
        ask(it.key, it.user);
      } else if constexpr (std::is_same_v<T, UpdateEntry>) {
        ask(it.key, it.actor.user);
      } else if constexpr (std::is_same_v<T, ReadEntry>) {
        for (const auto& [cid, seq] : it.marks)
          ask({it.user.app, cid}, it.user.user);
      }
    });
  return step;
}

ports::CountStep Plan::count() {
  ports::CountStep step;
  for (const auto& entry : segment_) {
    const auto* read = entry_as<ReadEntry>(*entry);
    if (read == nullptr) continue;
    for (const auto& [cid, seq] : read->marks) {
      const ConversationKey key{read->user.app, cid};
      const auto& row = work(key).row;
      const CountKey place{key, std::min(seq, row.last_seq)};
      if (counts_.try_emplace(place).second) step.places.push_back(place);
    }
  }
  return step;
}

ports::ExternalStep Plan::external() {
  ports::ExternalStep step;
  for (const auto& entry : segment_)
    if (const auto* create = entry_as<CreateEntry>(*entry);
        create != nullptr && !create->external_id.empty())
      step.keys.push_back({create->key.app, create->external_id});
  return step;
}

std::optional<ports::SuccessorStep> Plan::successor() {
  for (const auto& entry : segment_) {
    const auto* remove = entry_as<RemoveEntry>(*entry);
    if (remove == nullptr || !work(remove->key).exists) continue;
    const auto& target = member(remove->key, remove->user);
    if (target && target->active() && target->role == Role::owner)
      return ports::SuccessorStep{remove->key, remove->user};
  }
  return std::nullopt;
}

void Plan::take(const ports::LockStep& asked, ports::Locked found) {
  KITH_ASSERT(asked.conversations.size() == found.found.size());
  for (std::size_t i = 0; i < found.found.size(); ++i) {
    if (!found.found[i]) continue;
    auto& entry = work(asked.conversations[i]);
    entry.exists = true;
    entry.row = std::move(*found.found[i]);
    entry.stored_seq = entry.row.last_seq;
  }
}

void Plan::take(ports::Looked found) {
  KITH_ASSERT(looked_for_.size() == found.found.size());
  looked_ = std::move(found);
  sends_.reserve(segment_.size());
  for (std::size_t i = 0; i < looked_for_.size(); ++i)
    if (const auto& stored = looked_.found[i])
      sends_.insert_or_assign(place_of(*looked_for_[i]),
                              KnownSend{stored->seq, stored->no, stored->ts, stored->body});
}

void Plan::take(const ports::MembersStep& asked, ports::MembersFound found) {
  KITH_ASSERT(asked.keys.size() == found.found.size());
  for (std::size_t i = 0; i < found.found.size(); ++i)
    members_.insert_or_assign(asked.keys[i], std::move(found.found[i]));
}

void Plan::take(const ports::CountStep& asked, ports::Counted found) {
  KITH_ASSERT(asked.places.size() == found.found.size());
  for (std::size_t i = 0; i < found.found.size(); ++i)
    counts_.insert_or_assign(asked.places[i], found.found[i]);
}

void Plan::take(const ports::ExternalStep& asked, ports::ExternalFound found) {
  KITH_ASSERT(asked.keys.size() == found.found.size());
  for (std::size_t i = 0; i < found.found.size(); ++i)
    if (found.found[i])
      externals_.insert_or_assign({asked.keys[i].app, asked.keys[i].external_id}, *found.found[i]);
}

base::Result<void> Plan::room_for(const Work& work, std::size_t events) {
  if (work.row.last_seq + events > base::seq_max)
    return base::Fault{base::Errc::quota_exceeded, "this conversation is full: go on in a new one"};
  return {};
}

std::size_t Plan::place_in_works(const ConversationKey& key) const {
  const auto it = places_.find(key);
  KITH_ASSERT(it != places_.end());
  return it->second;
}

const std::optional<domain::Member>& Plan::member(const ConversationKey& key,
                                                  const UserId& user) const {
  static const std::optional<domain::Member> nobody;
  const auto it = members_.find({key, user});
  return it == members_.end() ? nobody : it->second;
}

void Plan::decide() {
  for (const auto& entry : segment_)
    visit_entry(*entry, [&](auto& it) { decide(it); });
  for (std::size_t i = 0; i < works_.size(); ++i) {
    const auto& key = keys_[i];
    const auto& work = works_[i];
    if (work.is_new) writes_.conversations.emplace_back(key, work.row);
    if (work.updated && !work.is_new)
      writes_.updates.push_back({key,
                                 work.row.access_rev,
                                 work.row.members,
                                 work.renamed
                                     ? std::optional{ports::Naming{work.row.title, work.row.custom}}
                                     : std::nullopt});
  }
  for (auto& [key, read] : reads_)
    writes_.reads.push_back(std::move(read));
  nothing_to_write_ = writes_.conversations.empty() && writes_.events.empty() &&
                      writes_.updates.empty() && writes_.members.empty() && writes_.reads.empty() &&
                      writes_.cursors.empty() && writes_.users.empty();
}

ports::WriteStep Plan::take_writes() {
  return std::move(writes_);
}

void Plan::make_conversation(Work& work,
                             const ConversationKey& key,
                             domain::Kind kind,
                             WallTime ts) {
  work.exists = true;
  work.is_new = true;
  work.row.cid = key.cid;
  work.row.kind = kind;
  work.row.created_at = ts;
  work.row.access_rev = 1;
}

LogEvent& Plan::append(Work& work, const ConversationKey& key, LogEvent event, const Sent& sent) {
  event.seq = ++work.row.last_seq;
  if (event.kind == domain::EventKind::message && sent.counted) ++work.row.last_no;
  event.no = work.row.last_no;
  outcome_.add(
      {key, work.row.kind, event, work.row.access_rev, work.row.members, sent.origin, sent.id});
  writes_.events.push_back({key, std::move(event), sent.server_made_key});
  return writes_.events.back().event;
}

void Plan::append_to_own_log(const ConversationKey& about,
                             const UserId& user,
                             domain::EventKind kind,
                             WallTime ts,
                             std::string body) {
  const auto key = own_log(about.app, user);
  auto& log = work(key);
  if (!log.exists) {
    make_conversation(log, key, domain::Kind::user_log, ts);
    log.row.members = 1;
    put_member(key, {.user = user, .role = Role::member, .joined_at = ts});
  }
  append(log,
         key,
         {.kind = kind, .actor = user, .ts = ts, .target = about.cid, .body = std::move(body)});
}

void Plan::put_member(const ConversationKey& key, domain::Member member) {
  writes_.members.push_back({key, std::move(member)});
}

ports::ReadWrite Plan::marks_of(const ConversationKey& key, const domain::Member& member) const {
  ports::ReadWrite marks{key, member.user, member.read_seq, member.read_no};
  if (const auto it = reads_.find({key, member.user}); it != reads_.end()) {
    marks.read_seq = std::max(marks.read_seq, it->second.read_seq);
    marks.read_no = std::max(marks.read_no, it->second.read_no);
  }
  return marks;
}

void Plan::put_read(const ConversationKey& key, const UserId& user, Seq seq, No no) {
  auto& read = reads_[{key, user}];
  read.conversation = key;
  read.user = user;
  read.read_seq = std::max(read.read_seq, seq);
  read.read_no = std::max(read.read_no, no);
}

}  // namespace kith::conversations
