#pragma once

#include "base/assert.hpp"
#include "ports/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kith::ports {

// A store that nobody may ask anything: tests override the little that theirs is asked.
class IdleStore : public Store {
 public:
  const StoreMeta& meta() const noexcept override { return meta_; }

  void start(BatchMachineFactory&) override { unused(); }

  std::size_t lanes() const noexcept override { return 1; }

  base::Result<void> submit(std::size_t, std::unique_ptr<LaneEntry>&) override { return unused(); }

  std::vector<std::unique_ptr<LaneEntry>> withdraw(std::size_t, base::Instant) override {
    unused();
    return {};
  }

  void drain() override { unused(); }

  void load(Reactor&, ConversationKey, Done<std::optional<LoadedConversation>>) override {
    unused();
  }

  void page(Reactor&, PageQuery, Done<std::vector<LogEvent>>) override { unused(); }

  void history(Reactor&, HistoryQuery, std::shared_ptr<MessageSink>, Done<bool>) override {
    unused();
  }

  void heads(Reactor&, std::vector<ConversationKey>, Done<std::vector<Seq>>) override { unused(); }

  bool never_sent(const ConversationKey&,
                  const UserId&,
                  const domain::ClientId&) const noexcept override {
    return false;
  }

  void find_send(Reactor&, SendKey, Done<std::optional<StoredSend>>) override { unused(); }

  void find_for(Reactor&,
                ConversationKey,
                UserId,
                Done<std::optional<ListedConversation>>) override {
    unused();
  }

  void memberships(Reactor&, UserKey, domain::DeviceId, Done<std::vector<Membership>>) override {
    unused();
  }

  void memberships_of(Reactor&,
                      UserKey,
                      domain::DeviceId,
                      std::vector<domain::Cid>,
                      Done<std::vector<Membership>>) override {
    unused();
  }

  void list(Reactor&, ListQuery, Done<std::vector<ListedConversation>>) override { unused(); }

  void members(Reactor&, MembersQuery, Done<std::vector<Member>>) override { unused(); }

  void find_external(Reactor&, ExternalKey, Done<std::optional<domain::Cid>>) override { unused(); }

  void unread_total(Reactor&, UserKey, Done<std::uint64_t>) override { unused(); }

  void users(Reactor&, UserKey, std::vector<UserId>, Done<std::vector<UserRow>>) override {
    unused();
  }

  base::Result<Directory> directory() override { return unused(); }

  base::Result<AppRow> create_app(std::string) override { return unused(); }

  base::Result<void> add_key(AppKeyRow) override { return unused(); }

  base::Result<void> retire_key(domain::AppId, std::string) override { return unused(); }

 private:
  static base::Fault unused() {
    KITH_ASSERT(false && "this test's store is not asked for that");
    return {};
  }

  StoreMeta meta_;
};

}  // namespace kith::ports
