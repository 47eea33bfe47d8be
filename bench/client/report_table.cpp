#include "client/report.hpp"

#include <fmt/format.h>

namespace kith::bench {
namespace {

constexpr double busy_share = 0.9;  // of a core for each thread: above, the generator is the limit
constexpr double megabyte = 1e6;
constexpr double million = 1e6;

// 1234567 as 1,234,567.
std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, 1, ',');
  return digits;
}

std::string grouped(std::uint64_t value) {
  return grouped(static_cast<double>(value));
}

std::string row(std::string_view name, double rate, const Histogram& times) {
  std::string text = fmt::format("  {:<11}{:>12}", name, rate > 0 ? grouped(rate) : "");
  if (times.count() > 0) {
    for (const double share : {0.5, 0.9, 0.99, 0.999})
      text += fmt::format("{:>10.3f}", times.quantile_ms(share));
    text += fmt::format("{:>10.3f}", times.max_ms());
  }
  return text + "\n";
}

std::string rates(const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  std::string text = fmt::format("  {:<11}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
                                 "",
                                 "a second",
                                 "p50 ms",
                                 "p90",
                                 "p99",
                                 "p99.9",
                                 "max");
  const auto add = [&](std::string_view name, std::uint64_t count, const Histogram& times) {
    if (count > 0 || times.count() > 0) text += row(name, per_second(outcome, count), times);
  };
  add("sent", tally.sent, tally.late);
  add("acked", tally.acked, tally.ack);
  add("delivered", tally.delivered, tally.delivery);
  add("pages", tally.pages, tally.page);
  add("caught up", 0, tally.catchup);
  const bool storm = tally.connects > 0 && tally.connecting_s > 0;
  text += row("connected",
              storm ? static_cast<double>(tally.connects) / tally.connecting_s : 0,
              tally.connect);
  return text;
}

std::string costs(const Outcome& outcome, const ProcessWatch& process) {
  const double cpu_s = process.user_s() + process.system_s();
  std::string text;
  const auto add = [&](std::string_view what, std::uint64_t count) {
    if (count > 0)
      text += fmt::format(", {:.2f} us a {}", cpu_s * million / static_cast<double>(count), what);
  };
  add("message", outcome.tally.acked);
  add("delivery", outcome.tally.delivered);
  add("page", outcome.tally.pages);
  if (outcome.tally.connecting_s > 0) add("connect", outcome.tally.connects);
  return text;
}

std::string memory(const Outcome& outcome, const ProcessWatch& process) {
  const auto mb = [](std::uint64_t bytes) { return static_cast<double>(bytes) / megabyte; };
  std::string text = fmt::format("{:.1f} MB before, {:.1f} after, {:.1f} at most",
                                 mb(process.before.resident),
                                 mb(process.end.resident),
                                 mb(process.end.peak));
  const auto connected = static_cast<double>(outcome.tally.connected);
  if (outcome.options.scenario != ScenarioName::idle || connected <= 0) return text;
  const auto grown = [&](const ProcessSample& from, const ProcessSample& to) {
    return (static_cast<double>(to.resident) - static_cast<double>(from.resident)) / connected;
  };
  text += fmt::format(": {} bytes a connection", grouped(grown(process.before, process.end)));
  if (outcome.options.further > 0)
    text += fmt::format(", {:.1f} bytes a further membership",
                        grown(process.end, process.later) / outcome.options.further);
  return text;
}

std::string processes(const Outcome& outcome) {
  std::string text;
  const double seconds = outcome.conductor.measured_s();
  for (const ProcessWatch& process : outcome.conductor.processes()) {
    const double cpu_s = process.user_s() + process.system_s();
    text += fmt::format("  {:<11}{:.2f} s user + {:.2f} s system, {:.0f} % of a core{}\n",
                        process.watched.name,
                        process.user_s(),
                        process.system_s(),
                        seconds > 0 ? 100 * cpu_s / seconds : 0,
                        costs(outcome, process));
    text += fmt::format("  {:<11}{}\n", "", memory(outcome, process));
  }
  const double share = own_share(outcome);
  text += fmt::format("  {:<11}{:.0f} % of a core", "generator", 100 * share);
  if (share > busy_share * outcome.options.threads)
    text += ": IT IS THE LIMIT, give it --threads or another core";
  return text + "\n";
}

std::string totals(const Tally& tally) {
  const Sums& sums = tally.sums;
  std::string text;
  if (sums.sent > 0)
    text += fmt::format(
        "  {:<11}{} sent, {} acked, {} of {} deliveries\n"
        "  {:<11}{} lost, {} duplicated, {} reordered, {} refused, {} unanswered\n",
        "totals",
        grouped(sums.sent),
        grouped(sums.acked),
        grouped(sums.delivered),
        grouped(sums.expected),
        "",
        sums.lost,
        sums.duplicated,
        sums.reordered,
        sums.refused,
        sums.unanswered);
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("  {:<11}{} {}\n", "", grouped(count), what);
  };
  add(sums.again, "sent again after a reconnect");
  add(tally.ticks_late, "ticks later than one interval");
  add(tally.stored, "shown before they were stored");
  add(tally.retracted, "shown and retracted");
  add(tally.not_offered, "requests the server does not offer");
  add(tally.paced, "connects refused with Retry-After, and tried again");
  for (const auto& [code, count] : tally.errors)
    add(count, "refused: " + code);
  for (std::size_t i = 0; i < tally.rounds.size(); ++i)
    text += fmt::format("  {:<11}all connected after {:.2f} s, all complete after {:.2f} s\n",
                        fmt::format("round {}", i + 1),
                        tally.rounds[i].online_s,
                        tally.rounds[i].complete_s);
  return text;
}

}  // namespace

std::string to_table(const Outcome& outcome) {
  const Tally& tally = outcome.tally;
  std::string text = fmt::format("{}: {:.1f} s measured, {} of {} connected\n",
                                 outcome.options.label,
                                 outcome.conductor.measured_s(),
                                 grouped(tally.connected),
                                 grouped(tally.wanted));
  text += rates(outcome) + processes(outcome) + totals(tally);
  const std::vector<std::string> wrong = reasons(outcome);
  if (wrong.empty()) return text + "  verified   ok\n";
  for (const std::string& reason : wrong)
    text += fmt::format("  {:<11}{}\n", "FAILED", reason);
  return text;
}

}  // namespace kith::bench
