#pragma once

#include "ports/store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kith::server {

// A store that knows applications and keys only: all that the command line asks of one.
class DirectoryStore final : public ports::Store {
 public:
  ports::Directory rows;
  bool broken = false;

  const ports::StoreMeta& meta() const noexcept override { return meta_; }

  base::Result<ports::Directory> directory() override {
    if (broken) return fault();
    return rows;
  }

  base::Result<ports::AppRow> create_app(std::string name) override {
    if (broken) return fault();
    for (const auto& app : rows.apps)
      if (app.name == name) return base::Fault{base::Errc::conflict, "taken"};
    rows.apps.push_back(
        {static_cast<base::AppId>(rows.apps.size() + 1), std::move(name), {1'767'261'600'000}});
    return rows.apps.back();
  }

  base::Result<void> add_key(ports::AppKeyRow key) override {
    if (broken) return fault();
    rows.keys.push_back(std::move(key));
    return {};
  }

  base::Result<void> retire_key(base::AppId app, std::string kid) override {
    for (auto& key : rows.keys) {
      if (key.app != app || key.kid != kid || key.retired_at.ms != 0) continue;
      key.retired_at.ms = 1'767'265'200'000;
      return {};
    }
    return base::Fault{base::Errc::not_found, "no such key"};
  }

  void start(ports::BatchMachineFactory&) override { unused(); }

  std::size_t lanes() const noexcept override { return 1; }

  base::Result<void> submit(std::size_t, std::unique_ptr<ports::LaneEntry>&) override {
    return fault();
  }

  void drain() override { unused(); }

  void load(ports::Reactor&,
            ports::ConversationKey,
            ports::Done<std::optional<ports::LoadedConversation>>) override {
    unused();
  }

  void page(ports::Reactor&, ports::PageQuery, ports::Done<std::vector<ports::LogEvent>>) override {
    unused();
  }

  void find_for(ports::Reactor&,
                ports::ConversationKey,
                ports::UserId,
                ports::Done<std::optional<ports::ListedConversation>>) override {
    unused();
  }

  void memberships(ports::Reactor&,
                   ports::UserKey,
                   domain::DeviceId,
                   ports::Done<std::vector<ports::Membership>>) override {
    unused();
  }

  void memberships_of(ports::Reactor&,
                      ports::UserKey,
                      domain::DeviceId,
                      std::vector<domain::Cid>,
                      ports::Done<std::vector<ports::Membership>>) override {
    unused();
  }

  void list(ports::Reactor&,
            ports::ListQuery,
            ports::Done<std::vector<ports::ListedConversation>>) override {
    unused();
  }

  void members(ports::Reactor&,
               ports::MembersQuery,
               ports::Done<std::vector<ports::Member>>) override {
    unused();
  }

  void find_external(ports::Reactor&,
                     ports::ExternalKey,
                     ports::Done<std::optional<domain::Cid>>) override {
    unused();
  }

  void unread_total(ports::Reactor&, ports::UserKey, ports::Done<std::uint64_t>) override {
    unused();
  }

  void users(ports::Reactor&,
             ports::UserKey,
             std::vector<ports::UserId>,
             ports::Done<std::vector<ports::UserRow>>) override {
    unused();
  }

 private:
  static void unused() { KITH_ASSERT(false && "the command line asks for applications only"); }

  static base::Fault fault() { return {base::Errc::unavailable, "the disk is full"}; }

  ports::StoreMeta meta_;
};

}  // namespace kith::server
