#include "ports/memory/broker.hpp"

#include "base/assert.hpp"

#include <variant>

namespace kith::ports {
namespace {

constexpr MemoryBroker::Way ways[]{MemoryBroker::Way::connecting,
                                   MemoryBroker::Way::commands,
                                   MemoryBroker::Way::answers,
                                   MemoryBroker::Way::subscriptions,
                                   MemoryBroker::Way::messages};

template <class T>
T take_front(std::deque<T>& queue) {
  T front = std::move(queue.front());
  queue.pop_front();
  return front;
}

}  // namespace

MemoryBroker::~MemoryBroker() {
  KITH_ASSERT(links_.empty());
}

std::unique_ptr<MemoryLink> MemoryBroker::connect(Reactor& reactor) {
  const LinkId id{++connected_};
  auto link = std::make_unique<MemoryLink>(*this, id, reactor);
  links_[id].link = link.get();
  return link;
}

std::vector<MemoryBroker::LinkId> MemoryBroker::links() const {
  std::vector<LinkId> found;
  for (const auto& [id, at] : links_)
    found.push_back(id);
  return found;
}

// --- the pump

std::size_t MemoryBroker::waiting(LinkId link, Way way) const {
  const Connection& at = links_.at(link);
  switch (way) {
    case Way::connecting:
      return at.wants_up ? 1 : 0;
    case Way::commands:
      return at.commands.size();
    case Way::answers:
      return at.answers.size();
    case Way::subscriptions:
      return at.subscriptions.size();
    case Way::messages:
      return at.messages.size();
  }
  return 0;
}

bool MemoryBroker::can_step(LinkId link, Way way) const {
  if (way == Way::connecting && !(reachable_ && links_.at(link).reachable)) return false;
  return waiting(link, way) > 0;
}

bool MemoryBroker::step(LinkId link, Way way) {
  Connection& at = links_.at(link);
  if (!can_step(link, way)) return false;
  switch (way) {
    case Way::connecting:
      establish(at);
      break;
    case Way::commands:
      obey(at);
      break;
    case Way::answers:
      at.link->post(take_front(at.answers));
      break;
    case Way::subscriptions:
      hear(at);
      break;
    case Way::messages:
      at.link->hear(take_front(at.messages));
      break;
  }
  return true;
}

bool MemoryBroker::step(LinkId link) {
  for (const Way way : ways)
    if (step(link, way)) return true;
  return false;
}

std::vector<std::pair<MemoryBroker::LinkId, MemoryBroker::Way>> MemoryBroker::ready() const {
  std::vector<std::pair<LinkId, Way>> found;
  for (const auto& [id, at] : links_)
    for (const Way way : ways)
      if (can_step(id, way)) found.emplace_back(id, way);
  return found;
}

bool MemoryBroker::run() {
  bool moved = false;
  for (auto all = ready(); !all.empty(); all = ready()) {
    moved = true;
    for (const auto& [link, way] : all)
      step(link, way);
  }
  return moved;
}

void MemoryBroker::establish(Connection& at) {
  forget(at);
  at.wants_up = false;
  at.obeyed = true;
  at.heard = true;
  at.server = server_;
  at.link->come_up(server_);
}

// --- the server

void MemoryBroker::obey(Connection& at) {
  auto command = take_front(at.commands);
  if (!at.obeyed) return;
  if (auto* message = std::get_if<Publish>(&command)) return publish(at, std::move(*message));
  auto& question = std::get<Ask>(command);
  std::vector<std::size_t> found;
  for (const auto& channel : question.channels)
    found.push_back(count(at, channel));
  push(at,
       at.answers,
       base::Task{[counts = std::move(question.counts), found = std::move(found)]() mutable {
         if (counts) counts(std::move(found));
       }});
}

void MemoryBroker::publish(Connection& at, Publish publish) {
  const std::size_t receivers = count(at, publish.channel);
  for (auto& [id, other] : links_)
    if (other.server == at.server && other.channels.contains(publish.channel))
      push(other, other.messages, Message{publish.channel, publish.payload});
  push(at, at.answers, base::Task{[told = std::move(publish.receivers), receivers]() mutable {
         if (told) told(receivers);
       }});
}

std::size_t MemoryBroker::count(const Connection& at, const std::string& channel) const {
  std::size_t found = 0;
  for (const auto& [id, other] : links_)
    if (other.server == at.server && other.channels.contains(channel)) ++found;
  return found;
}

void MemoryBroker::hear(Connection& at) {
  auto subscription = take_front(at.subscriptions);
  if (!at.heard) return;
  for (auto& channel : subscription.channels) {
    if (!subscription.wanted) {
      at.channels.erase(channel);
      continue;
    }
    at.channels.insert(channel);
    push(at, at.messages, Message{std::move(channel), {}, true});
    if (!at.heard) return;
  }
}

template <class Queue, class Entry>
void MemoryBroker::push(Connection& at, Queue& queue, Entry entry) {
  queue.push_back(std::move(entry));
  if (queue.size() > way_entries_max) notice(at.link->id());
}

void MemoryBroker::forget(Connection& at) {
  at.obeyed = false;
  at.heard = false;
  at.server.clear();
  at.channels.clear();
  at.commands.clear();
  at.answers.clear();
  at.subscriptions.clear();
  at.messages.clear();
}

// --- faults

void MemoryBroker::break_link(LinkId link) {
  Connection& at = links_.at(link);
  at.heard = false;
  at.channels.clear();
  at.messages.clear();
}

void MemoryBroker::cut_link(LinkId link) {
  break_link(link);
  Connection& at = links_.at(link);
  at.obeyed = false;
  at.answers.clear();
}

void MemoryBroker::notice(LinkId link) {
  Connection& at = links_.at(link);
  if (at.server.empty()) return;  // it knows, or soon will
  forget(at);
  at.link->go_down();
}

void MemoryBroker::restart(std::string name) {
  server_ = std::move(name);
  for (const auto& [id, at] : links_)
    cut_link(id);
}

void MemoryBroker::set_reachable(bool reachable) {
  reachable_ = reachable;
  if (reachable) return;
  for (const auto& [id, at] : links_)
    cut_link(id);
}

void MemoryBroker::set_reachable(LinkId link, bool reachable) {
  links_.at(link).reachable = reachable;
  if (!reachable) cut_link(link);
}

bool MemoryBroker::lose(LinkId link, std::size_t index) {
  auto& messages = links_.at(link).messages;
  if (index >= messages.size() || messages[index].confirmation) return false;
  messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(index));
  return true;
}

bool MemoryBroker::repeat(LinkId link, std::size_t index, std::size_t to) {
  auto& messages = links_.at(link).messages;
  if (index >= messages.size() || messages[index].confirmation) return false;
  KITH_ASSERT(to <= messages.size());
  Message copy = messages[index];
  messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(to), std::move(copy));
  return true;
}

bool MemoryBroker::move(LinkId link, std::size_t index, std::size_t to) {
  auto& messages = links_.at(link).messages;
  if (index >= messages.size() || messages[index].confirmation) return false;
  KITH_ASSERT(to < messages.size());
  Message moved = std::move(messages[index]);
  messages.erase(messages.begin() + static_cast<std::ptrdiff_t>(index));
  messages.insert(messages.begin() + static_cast<std::ptrdiff_t>(to), std::move(moved));
  return true;
}

// --- what links call

void MemoryBroker::want_up(LinkId link) {
  links_.at(link).wants_up = true;
}

void MemoryBroker::leave(LinkId link) {
  links_.erase(link);
}

void MemoryBroker::send(LinkId link, std::variant<Publish, Ask> command) {
  Connection& at = links_.at(link);
  push(at, at.commands, std::move(command));
}

void MemoryBroker::send(LinkId link, Subscription subscription) {
  Connection& at = links_.at(link);
  push(at, at.subscriptions, std::move(subscription));
}

}  // namespace kith::ports
