#include "client/report.hpp"

#include "client/json_text.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace kith::bench {

double own_share(const Outcome& outcome) {
  const OwnUse& from = outcome.conductor.begun();
  const OwnUse& to = outcome.conductor.ended();
  const double seconds = outcome.conductor.measured_s();
  if (seconds <= 0) return 0;
  return (to.user_s + to.system_s - from.user_s - from.system_s) / seconds;
}

double per_second(const Outcome& outcome, std::uint64_t count) {
  const double seconds = outcome.conductor.measured_s();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

namespace {

constexpr double million = 1e6;

std::string histogram_json(const Histogram& histogram) {
  JsonObject json;
  json.count("count", histogram.count()).number("p50", histogram.quantile_ms(0.5));
  json.number("p90", histogram.quantile_ms(0.9)).number("p99", histogram.quantile_ms(0.99));
  json.number("p99_9", histogram.quantile_ms(0.999)).number("max", histogram.max_ms());
  json.number("mean", histogram.mean_ms());
  return std::move(json).take();
}

std::string counts_json(const std::map<std::string, std::uint64_t, std::less<>>& counts) {
  JsonObject json;
  for (const auto& [name, count] : counts)
    json.count(name, count);
  return std::move(json).take();
}

std::string totals_json(const Tally& tally) {
  const Sums& sums = tally.sums;
  JsonObject json;
  json.count("sent", sums.sent).count("acked", sums.acked).count("delivered", sums.delivered);
  json.count("expected", sums.expected).count("lost", sums.lost);
  json.count("duplicated", sums.duplicated).count("reordered", sums.reordered);
  json.count("refused", sums.refused).count("unanswered", sums.unanswered);
  json.count("again", sums.again).count("strange", sums.strange);
  json.count("not_sent", tally.not_sent).count("not_offered", tally.not_offered);
  json.count("wrong_pages", tally.wrong_pages).count("gaps", tally.gaps);
  json.count("stored", tally.stored).count("retracted", tally.retracted);
  return std::move(json).take();
}

void add_costs(JsonObject& json, const Outcome& outcome, double cpu_s) {
  const auto add = [&](std::string_view name, std::uint64_t count) {
    if (count > 0) json.number(name, cpu_s * million / static_cast<double>(count));
  };
  add("us_per_message", outcome.tally.acked);
  add("us_per_delivery", outcome.tally.delivered);
  add("us_per_page", outcome.tally.pages);
  if (outcome.tally.connecting_s > 0) add("us_per_connect", outcome.tally.connects);
}

double growth(std::uint64_t from, std::uint64_t to) {
  return static_cast<double>(to) - static_cast<double>(from);
}

std::string process_json(const Outcome& outcome, const ProcessWatch& process) {
  const double cpu_s = process.user_s() + process.system_s();
  const double seconds = outcome.conductor.measured_s();
  JsonObject json;
  json.count("pid", static_cast<std::uint64_t>(process.watched.pid));
  json.number("user_s", process.user_s()).number("system_s", process.system_s());
  json.number("cpu_s", cpu_s).number("utilisation", seconds > 0 ? cpu_s / seconds : 0);
  add_costs(json, outcome, cpu_s);
  json.count("resident_before", process.before.resident).count("resident", process.end.resident);
  json.count("peak", process.end.peak);
  const auto connected = static_cast<double>(outcome.tally.connected);
  if (outcome.options.scenario == ScenarioName::idle && connected > 0) {
    json.number("bytes_per_connection",
                growth(process.before.resident, process.end.resident) / connected);
    if (outcome.options.further > 0)
      json.number("bytes_per_membership",
                  growth(process.end.resident, process.later.resident) / connected /
                      outcome.options.further);
  }
  return std::move(json).take();
}

std::string own_json(const Outcome& outcome) {
  const OwnUse& from = outcome.conductor.begun();
  const OwnUse& to = outcome.conductor.ended();
  JsonObject json;
  json.number("utilisation", own_share(outcome));
  json.number("user_s", to.user_s - from.user_s).number("system_s", to.system_s - from.system_s);
  if (const auto own = sample_process(static_cast<int>(::getpid())))
    json.count("resident", own->resident);
  return std::move(json).take();
}

std::string servers_json(const Outcome& outcome) {
  JsonObject json;
  for (const ProcessWatch& process : outcome.conductor.processes())
    json.raw(process.watched.name, process_json(outcome, process));
  return std::move(json).take();
}

double servers_cpu_s(const Outcome& outcome) {
  double cpu_s = 0;
  for (const ProcessWatch& process : outcome.conductor.processes())
    cpu_s += process.user_s() + process.system_s();
  return cpu_s;
}

std::string rounds_json(const std::vector<Round>& rounds) {
  std::string list = "[";
  for (const Round& round : rounds) {
    JsonObject json;
    json.number("online_s", round.online_s).number("complete_s", round.complete_s);
    json.count("again", round.again);
    if (list.size() > 1) list += ',';
    list += std::move(json).take();
  }
  return list + "]";
}

void add_rates(JsonObject& json, const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  const auto add = [&](std::string_view name, std::uint64_t count) {
    if (count > 0) json.number(name, per_second(outcome, count));
  };
  add("sent_per_s", tally.sent);
  add("acked_per_s", tally.acked);
  add("delivered_per_s", tally.delivered);
  add("pages_per_s", tally.pages);
  if (tally.connects > 0 && tally.connecting_s > 0)
    json.number("connects_per_s", static_cast<double>(tally.connects) / tally.connecting_s);
  const auto add_times = [&](std::string_view name, const Histogram& histogram) {
    if (histogram.count() > 0) json.raw(name, histogram_json(histogram));
  };
  add_times("late_ms", tally.late);
  add_times("ack_ms", tally.ack);
  add_times("delivery_ms", tally.delivery);
  add_times("page_ms", tally.page);
  add_times("catchup_ms", tally.catchup);
  add_times("connect_ms", tally.connect);
}

std::string options_json(const Options& options) {
  JsonObject json;
  for (const auto& [name, value] : shown_options(options))
    json.raw(name, value);
  return std::move(json).take();
}

std::string list_json(const std::vector<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts)
    list += (list.size() > 1 ? "," : "") + json_quoted(text);
  return list + "]";
}

}  // namespace

std::vector<std::string> reasons(const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  std::vector<std::string> list;
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) list.push_back(fmt::format("{} {}", count, what));
  };
  add(tally.sums.lost, "lost");
  add(tally.sums.duplicated, "duplicated");
  add(tally.sums.reordered, "reordered");
  add(tally.sums.refused, "refused");
  add(tally.sums.unanswered, "unanswered");
  add(tally.sums.strange, "deliveries of what was not sent there");
  add(tally.not_sent, "due and not sent: the server can not keep up with --rate");
  add(tally.wrong_pages, "pages that were not what was asked for");
  add(tally.gaps, "gaps instead of messages");
  add(tally.connect_failed, "not connected");
  add(tally.closed_early, "connections ended early");
  std::uint64_t refusals = 0;
  for (const auto& [code, count] : tally.errors)
    refusals += count;
  if (refusals > tally.sums.refused) add(refusals - tally.sums.refused, "requests refused");
  if (tally.connected == 0) list.emplace_back("nobody connected");
  for (const ProcessWatch& process : outcome.conductor.processes())
    if (process.gone) list.push_back("the process " + process.watched.name + " ended");
  if (!list.empty() && !tally.problem.empty()) list.push_back("first problem: " + tally.problem);
  return list;
}

std::string to_json(const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  const std::vector<std::string> wrong = reasons(outcome);
  JsonObject json;
  json.text("scenario", to_text(outcome.options.scenario)).text("label", outcome.options.label);
  json.text("started", outcome.started).raw("options", options_json(outcome.options));
  json.text("verdict", wrong.empty() ? "ok" : "failed").raw("reasons", list_json(wrong));
  json.number("seconds", outcome.conductor.measured_s());
  json.count("connections", tally.wanted).count("connected", tally.connected);
  json.count("connect_failed", tally.connect_failed).count("closed_early", tally.closed_early);
  json.count("paced", tally.paced);
  add_rates(json, outcome);
  json.raw("totals", totals_json(tally)).raw("errors", counts_json(tally.errors));
  json.raw("other_events", counts_json(tally.others));
  if (tally.ticks_due > 0) {
    JsonObject ticks;
    ticks.count("due", tally.ticks_due).count("late", tally.ticks_late);
    ticks.count("lost", tally.sums.lost);
    json.raw("ticks", std::move(ticks).take());
  }
  if (!tally.rounds.empty()) json.raw("rounds", rounds_json(tally.rounds));
  json.raw("servers", servers_json(outcome));
  JsonObject cpu;
  add_costs(cpu, outcome, servers_cpu_s(outcome));
  json.raw("server_cpu", std::move(cpu).take()).raw("generator", own_json(outcome));
  return std::move(json).take();
}

}  // namespace kith::bench
