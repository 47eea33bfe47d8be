#include "base/limits.hpp"
#include "features/presence/presence.hpp"

#include <algorithm>
#include <utility>

// Who watches whom, looked at again once one of the two is out of a conversation.
namespace kith::features::presence {

namespace limits = base::limits;

namespace {

constexpr base::Duration review_again = std::chrono::milliseconds{limits::presence_interval_ms};

}  // namespace

void Presences::on_removed(const delivery::Session& session, const base::Cid& /*cid*/) {
  watchers_.doubt(session.id());
  review();
}

void Presences::on_member_removed(const base::UserKey& removed) {
  watchers_.doubt(who(removed.app, removed.user).own_log);
  review();
}

void Presences::on_placed(const delivery::Session& session) {
  watchers_.doubt(session.id());
  review();
  // It counts among his connections from now on.
  judge_away({{session.user().app, session.user_cid()}, session.user().user});
}

// One question at a time: doubts that come meanwhile are put together.
void Presences::review() {
  while (!reviewing_) {
    auto doubt = watchers_.take_doubt(limits::users_per_request_max);
    if (doubt.whom.empty()) return;
    const auto* session = hub_.find_session(doubt.session);
    if (session == nullptr) continue;  // what it watches ends with it
    reviewing_ = true;
    reads_.enter([this, asking = session->user(), doubt = std::move(doubt)] {
      std::vector<base::UserId> users;
      users.reserve(doubt.whom.size());
      for (const auto& one : doubt.whom)
        users.push_back(one.user);
      hub_.store().users(hub_.reactor(), asking, std::move(users), [this, doubt](const auto& rows) {
        reads_.end();
        reviewing_ = false;
        judge(doubt, rows);
      });
      return true;
    });
  }
}

void Presences::judge(const Watchers::Doubt& doubt,
                      const base::Result<std::vector<ports::UserRow>>& rows) {
  if (rows.has_error()) {
    for (const auto& one : doubt.whom)
      watchers_.doubt(doubt.session, one.own_log);
    return hub_.reactor().arm(review_alarm_, review_again);
  }
  for (const auto& one : doubt.whom) {
    const bool visible = std::any_of(
        rows->begin(), rows->end(), [&](const auto& row) { return row.user == one.user; });
    if (visible || watchers_.doubts(doubt.session, one.own_log)) continue;  // it is asked again
    if (watchers_.drop(doubt.session, one.own_log)) unwatch(one.own_log);
  }
  review();
}

}  // namespace kith::features::presence
