#include "delivery/hubs_test.hpp"
#include "domain/identity.hpp"
#include "features/receipts/receipts.hpp"

#include <gtest/gtest.h>

namespace kith::features::receipts {
namespace {

using delivery::testing::app;
using delivery::testing::Listening;

class SwitchWorld : public delivery::testing::Hubs {
 public:
  SwitchWorld() : key(make_group(1, {"ann", "bob"})) {
    const base::UserKey user{app, base::UserId{"bob"}};
    session = hubs[0]->make_session(
        bob,
        {.user = user, .user_cid = domain::user_cid(store.meta().id_key, user.app, user.user)});
    session->start();
    settle();
  }

  SwitchWorld(const SwitchWorld&) = delete;
  SwitchWorld& operator=(const SwitchWorld&) = delete;

  ~SwitchWorld() override {
    session.reset();
    settle();
  }

  // What Bob hears of how far Ann is.
  std::size_t ticks(base::Seq seq) {
    hubs[0]->tell({.key = key, .user = base::UserId{"ann"}, .delivered_seq = seq, .read_seq = seq});
    pass(std::chrono::seconds{2});
    std::size_t count = 0;
    for (const auto& line : bob.take())
      for (const auto* event : {"message.delivered", "message.read"})
        count += line.find(event) != std::string::npos ? 1 : 0;
    return count;
  }

  base::ConversationKey key;
  Listening bob;
  std::unique_ptr<delivery::Session> session;
};

TEST(ReceiptsSwitch, ticks_are_told_of_applications_that_have_receipts) {
  SwitchWorld w;
  Receipts receipts{*w.hubs[0]};
  EXPECT_EQ(w.ticks(1), 2U);
  receipts.set_served([](base::AppId of) { return of != app; });
  EXPECT_EQ(w.ticks(2), 0U);
  receipts.set_served([](base::AppId of) { return of == app; });
  EXPECT_EQ(w.ticks(3), 2U);
  w.session.reset();
}

TEST(ReceiptsSwitch, without_receipts_nobody_hears_ticks) {
  SwitchWorld w;
  w.hubs[0]->set_ticks_told(nullptr);
  EXPECT_EQ(w.ticks(1), 0U);
}

}  // namespace
}  // namespace kith::features::receipts
