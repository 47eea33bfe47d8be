#include "base/crypto.hpp"
#include "rest/api.hpp"

#include <utility>

// Writes under an Idempotency-Key. Whatever connection they come over, those of one key are decided
// by one reactor, its keeper.
namespace kith::rest {

using base::Result;
using commands::Answer;

// Says what came of a write to the keeper of its key, once, however it ends.
class Api::Settling {
 public:
  Settling(std::weak_ptr<Api*> api, std::size_t keeper, std::string key)
      : api_(std::move(api)), keeper_(keeper), key_(std::move(key)) {}

  Settling(Settling&&) noexcept = default;
  Settling& operator=(Settling&&) = delete;
  Settling(const Settling&) = delete;
  Settling& operator=(const Settling&) = delete;

  ~Settling() { settle(std::nullopt); }

  void settle(std::optional<KeptAnswer> answer) {
    const auto api = std::exchange(api_, {}).lock();
    if (!api) return;
    (*api)->at(keeper_, [key = std::move(key_), answer = std::move(answer)](Api& keeper) mutable {
      keeper.settle(key, std::move(answer));
    });
  }

 private:
  std::weak_ptr<Api*> api_;
  std::size_t keeper_;
  std::string key_;
};

// Runs `call` with the API of a reactor, there.
template <class Call>
void Api::at(std::size_t reactor, Call call) {
  auto* const api = parts_.network.apis[reactor];
  if (api == this) return call(*this);
  parts_.context.homes.reactors[reactor]->post(
      [api, call = std::move(call)]() mutable { call(*api); });
}

// A key is its user's, or the application's own.
void Api::ask_keeper(Waiting waiting) {
  const auto& access = *waiting.ask.access;
  const auto& route = *waiting.ask.route;
  const auto app = std::to_string(static_cast<std::uint32_t>(access.identity.app));
  waiting.key = app + '\n' + access.user.str() + '\n' + waiting.key;
  std::string request{route.method};
  for (const std::string_view part : {route.path, std::string_view{waiting.ask.element}})
    request.append("\n").append(part);
  const auto fingerprint = base::sha256(request.append("\n").append(waiting.text));
  waiting.keeper = base::hash_bytes(waiting.key) % parts_.network.apis.size();
  const KeptAnswers::Asker asker{parts_.context.reactor.index(), next_waiting_++};
  const auto& [number, mine] = *waiting_.emplace(asker.number, std::move(waiting)).first;
  at(mine.keeper,
     [key = mine.key, fingerprint, asker](Api& keeper) { keeper.decide(key, fingerprint, asker); });
}

void Api::decide(const std::string& key, const std::string& fingerprint, KeptAnswers::Asker asker) {
  auto verdict = kept_.ask(key, fingerprint, asker, parts_.context.reactor.clock().now());
  if (verdict) tell(asker, std::move(*verdict));
}

void Api::settle(const std::string& key, std::optional<KeptAnswer> answer) {
  auto told = kept_.settle(key, std::move(answer), parts_.context.reactor.clock().now());
  for (auto& [asker, verdict] : told)
    tell(asker, std::move(verdict));
}

// Posted here too: what comes to nothing at once would have the next of many try from within.
void Api::tell(KeptAnswers::Asker asker, KeptAnswers::Verdict verdict) {
  auto* const api = parts_.network.apis[asker.reactor];
  parts_.context.homes.reactors[asker.reactor]->post(
      [api, number = asker.number, verdict = std::move(verdict)]() mutable {
        api->hear(number, std::move(verdict));
      });
}

void Api::hear(std::uint64_t number, KeptAnswers::Verdict verdict) {
  auto waiting = std::move(waiting_.extract(number).mapped());
  if (const auto* fault = std::get_if<base::Fault>(&verdict)) return waiting.reply(*fault);
  if (auto* answer = std::get_if<KeptAnswer>(&verdict))
    return waiting.reply(Answer{std::move(answer->body), {}});
  perform(waiting.ask,
          waiting.text,
          [settling = Settling{self_, waiting.keeper, waiting.key},
           reply = std::move(waiting.reply)](Result<Answer> result) mutable {
            settling.settle(result.has_value() ? std::optional{KeptAnswer{result->data}}
                                               : std::nullopt);
            reply(std::move(result));
          });
}

}  // namespace kith::rest
