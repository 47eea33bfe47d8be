#include "delivery/hubs_test.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

// How often memory is asked for while a message is delivered. An executable of its own: it replaces
// the global allocation functions.
namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(bytes > 0 ? bytes : 1);  // NOLINT
  if (memory == nullptr) std::abort();
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) {
  return counted(bytes);
}

void* operator new[](std::size_t bytes) {
  return counted(bytes);
}

void* operator new(std::size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return counted(bytes);
}

void operator delete(void* memory) noexcept {
  std::free(memory);  // NOLINT
}

void operator delete[](void* memory) noexcept {
  std::free(memory);  // NOLINT
}

void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);  // NOLINT
}

void operator delete[](void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);  // NOLINT
}

namespace kith::delivery {
namespace {

using testing::app;

// A client that counts what it is handed and keeps nothing.
struct Counting final : Sink {
  void send(const wire::engineio::OutMessage& message) override {
    ++messages;
    bytes += message.frame_bytes();
  }

  std::size_t queued_bytes() const noexcept override { return 0; }

  void close(CloseCode /*code*/) override {}

  void ask_proof() override {
    session->on_checkpoint(++proofs);
    session->on_proved(proofs);
  }

  Session* session = nullptr;
  std::uint64_t proofs = 0;
  std::size_t messages = 0;
  std::size_t bytes = 0;
};

// A group of so many members, each connected once.
class Crowd : public testing::Hubs {
 public:
  explicit Crowd(std::size_t members) : sinks(members) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < members; ++i)
      names.push_back("u" + std::to_string(i));
    key = make_group(7, names);
    for (std::size_t i = 0; i < members; ++i) {
      sessions.push_back(hubs[0]->make_session(sinks[i], {.user = {app, base::UserId{names[i]}}}));
      sinks[i].session = sessions.back().get();
      sessions.back()->start();
    }
    settle();
    deliver();  // what is kept from one message to the next is there now
  }

  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  ~Crowd() override {
    sessions.clear();
    settle();
  }

  // One committed message, from the home to every sink. Returns how often memory was asked for.
  std::uint64_t deliver() {
    ++seq;
    const conversations::Committed committed{
        .key = key,
        .event = {.seq = seq,
                  .no = seq,
                  .kind = domain::EventKind::message,
                  .actor = base::UserId{"u0"},
                  .client_id = base::ClientId{"c" + std::to_string(seq)},
                  .body = domain::make_body(R"("type":"text","text":"hello")")},
        .members = static_cast<std::uint32_t>(sinks.size())};
    const auto before = allocations.load();
    registries[0]->publish(committed);
    return allocations.load() - before;
  }

  std::size_t received() const {
    std::size_t all = 0;
    for (const auto& sink : sinks)
      all += sink.messages;
    return all;
  }

  base::ConversationKey key;
  Seq seq = 0;
  std::vector<Counting> sinks;
  std::vector<std::unique_ptr<Session>> sessions;
};

TEST(Allocations, a_message_is_delivered_to_any_number_without_one_for_each) {
  Crowd few{10};
  Crowd many{1'000};
  const auto before = many.received();
  const auto of_few = few.deliver();
  const auto of_many = many.deliver();
  EXPECT_EQ(many.received() - before, 1'000U);
  EXPECT_EQ(of_few, of_many);
  EXPECT_LE(of_many, 16U);
}

TEST(Allocations, that_a_proof_is_due_of_everybody_is_noted_without_one_for_each) {
  Crowd many{1'000};
  many.pass(std::chrono::seconds{5});
  ASSERT_EQ(many.sinks.front().proofs, 1U);  // so the next message is noted afresh
  EXPECT_LE(many.deliver(), 16U);
}

}  // namespace
}  // namespace kith::delivery
