#include "rest/record.hpp"

#include "base/names.hpp"

#include <algorithm>
#include <utility>

namespace kith::rest {
namespace {

std::string_view what_of(const Route& route) {
  switch (route.action) {
    case Action::make_token:
      return "token";
    case Action::revoke:
      return "sessions";
    default:
      return route.command;
  }
}

// What an answer begins with, up to `end`; nothing if it begins otherwise.
std::string first_of(std::string_view answer, std::string_view start, std::string_view end) {
  if (!answer.starts_with(start)) return {};
  answer.remove_prefix(start.size());
  return std::string{answer.substr(0, answer.find_first_of(end))};
}

// Of the event that it names first: {"seq":7}.
std::string seq_of(std::string_view answer) {
  return first_of(answer, R"({"seq":)", ",}");
}

// Of a conversation: {"cid":"c_..",...}.
std::string cid_of(std::string_view answer) {
  return first_of(answer, R"({"cid":")", "\"");
}

}  // namespace

Record::Record(base::Logger& logger, const Ask& ask) : logger_(nullptr), route_(ask.route) {
  const auto& access = *ask.access;
  if (!access.identity.application || !ask.route->takes_body()) return;
  logger_ = &logger;
  app_ = access.identity.app_name;
  kid_ = access.identity.kid;
  user_ = access.user.str();
  if (ask.route->element == Element::conversation) in_ = ask.element;
}

Record::Record(Record&& other) noexcept
    : logger_(std::exchange(other.logger_, nullptr)),
      route_(other.route_),
      app_(std::move(other.app_)),
      kid_(std::move(other.kid_)),
      user_(std::move(other.user_)),
      in_(std::move(other.in_)),
      seq_(std::move(other.seq_)) {}

Record::~Record() {
  say("unanswered");
}

void Record::close(const base::Result<commands::Answer>& result) {
  if (result.has_error()) return close(result.error().code);
  if (result->sent) {
    in_ = base::to_text(result->sent->key.cid);
    seq_ = std::to_string(result->sent->seq);
  } else {
    seq_ = seq_of(result->data);
    if (auto made = cid_of(result->data); !made.empty()) in_ = std::move(made);
  }
  close(std::nullopt);
}

void Record::close(std::optional<base::Errc> failed) {
  say(failed ? base::info(*failed).name : "ok");
}

void Record::say(std::string_view code) {
  if (logger_ == nullptr) return;
  std::exchange(logger_, nullptr)
      ->log(base::LogLevel::audit,
            user_.empty() ? "acted" : "acted_for",
            {{"app", app_},
             {"kid", kid_},
             {"user", user_},
             {"what", what_of(*route_)},
             {"in", in_},
             {"seq", seq_},
             {"code", code}});
}

}  // namespace kith::rest
