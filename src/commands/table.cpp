#include "base/assert.hpp"
#include "commands/command.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace kith::commands {

// A command with its hooks.
struct Table::Hooked : std::enable_shared_from_this<Table::Hooked> {
  static bool applies(FeatureBits feature, const Caller& caller) noexcept {
    return (caller.settings->features_off & feature) == 0;
  }

  Result<void> judge(const Caller& caller, const Input& input) const {
    for (const auto& hook : before) {
      if (!applies(hook.feature, caller)) continue;
      KITH_TRY(verdict, hook.ask(caller, input));
      if (verdict == Verdict::allow) break;
    }
    return {};
  }

  // The reply itself when nobody wants to know: it is the usual case, and costs no allocation.
  Reply watched(const Caller& caller, Reply reply) const {
    std::uint32_t wanted = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const auto& [command, feature, hook] = after[i];
      if (applies(feature, caller) && (!hook.wants || hook.wants(caller)))
        wanted |= std::uint32_t{1} << i;
    }
    if (wanted == 0) return reply;
    auto asked = caller;
    asked.messages = nullptr;  // lives until the command was begun
    return [self = shared_from_this(), wanted, asked = std::move(asked), reply = std::move(reply)](
               Result<Answer> result) mutable {
      for (std::size_t i = 0; i < self->after.size(); ++i)
        if (((wanted >> i) & 1U) != 0) self->after[i].hook.tell({self->name, asked, result});
      reply(std::move(result));
    };
  }

  void operator()(Context& context, const Caller& caller, const Input& input, Reply reply) const {
    if (const auto judged = judge(caller, input); judged.has_error()) return reply(judged.error());
    run(context, caller, input, watched(caller, std::move(reply)));
  }

  std::string_view name;
  Run run;
  std::vector<BeforeHook> before;
  std::vector<AfterHook> after;  // at most as many as `wanted` has bits
};

void Table::add(std::string_view name, Run run) {
  const bool fresh = runs_.emplace(name, std::move(run)).second;
  KITH_ASSERT(fresh);
  if (feature_ == 0) return;
  const auto offered = [feature = feature_](const Caller& caller,
                                            const Input& /*input*/) -> Result<Verdict> {
    if ((caller.settings->features_off & feature) == 0) return Verdict::pass;
    return Fault{Errc::feature_disabled,
                 "the application does without this: `features` of `hello` lists what it has"};
  };
  KITH_ASSERT(!closed_);
  before_.push_back({name, 0, Stage::offer, offered});
}

void Table::add_before(std::string_view command, Stage stage, Before before) {
  KITH_ASSERT(!closed_);
  before_.push_back({command, feature_, stage, std::move(before)});
}

void Table::add_after(std::string_view command, After after) {
  KITH_ASSERT(!closed_);
  after_.push_back({command, feature_, std::move(after)});
}

void Table::close() {
  closed_ = true;
  std::stable_sort(before_.begin(), before_.end(), [](const auto& a, const auto& b) {
    return a.stage < b.stage;
  });
  for (auto& [name, run] : runs_) {
    const auto is_mine = [&, mine = name](const auto& hook) {
      return hook.command == mine || hook.command == every_command;
    };
    auto hooked = std::make_shared<Hooked>();
    std::copy_if(before_.begin(), before_.end(), std::back_inserter(hooked->before), is_mine);
    std::copy_if(after_.begin(), after_.end(), std::back_inserter(hooked->after), is_mine);
    if (hooked->before.empty() && hooked->after.empty()) continue;
    KITH_ASSERT(hooked->after.size() <= features_max);
    hooked->name = name;
    hooked->run = std::exchange(run, nullptr);
    run = [hooked](auto& context, const auto& caller, const auto& input, Reply reply) {
      (*hooked)(context, caller, input, std::move(reply));
    };
  }
  before_.clear();
  after_.clear();
}

const Run* Table::find(std::string_view name) const {
  const auto it = runs_.find(name);
  return it == runs_.end() ? nullptr : &it->second;
}

bool Table::takes_attachments(std::string_view name) const noexcept {
  return std::find(with_attachments_.begin(), with_attachments_.end(), name) !=
         with_attachments_.end();
}

std::vector<std::string_view> Table::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, run] : runs_)
    names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace kith::commands
