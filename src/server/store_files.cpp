#include "server/store_files.hpp"

#include "adapters/sqlite/backup.hpp"
#include "adapters/sqlite/check.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace kith::server {
namespace {

using adapters::sqlite::CheckReport;

Problem cannot(std::string_view what, const std::string& file, const base::Fault& fault) {
  return {.exit_code = 1, .text = fmt::format("{} {}: {}", what, file, fault.text)};
}

std::string extent_of(const CheckReport& report) {
  return fmt::format("{} conversations, {} events, {} members",
                     report.conversations,
                     report.events,
                     report.members);
}

// A line for each finding, then how many there are.
StoreReport to_report(const CheckReport& report, std::string_view when_good) {
  const auto& findings = report.findings;
  if (findings.none()) return {0, fmt::format("{}: {}\n", when_good, extent_of(report))};
  std::string text;
  for (const auto& line : findings.kept())
    text += line + "\n";
  if (findings.count() > findings.kept().size())
    text += fmt::format("and {} more\n", findings.count() - findings.kept().size());
  return {1, text + fmt::format("found {}: {}\n", findings.count(), extent_of(report))};
}

class Doing {
 public:
  Doing(const Config& config, const base::Clock& clock, base::Random& random)
      : database_(config.store_path()), clock_(clock), random_(random) {}

  Outcome<StoreReport> operator()(const CheckStore& wish) const {
    const auto& file = wish.file.empty() ? database_ : wish.file;
    const auto report = adapters::sqlite::check_database(file);
    if (report.has_error()) return cannot("can not check", file, report.error());
    return to_report(*report, "good");
  }

  Outcome<StoreReport> operator()(const BackUpStore& wish) const {
    const auto report = adapters::sqlite::back_up(
        {.database = database_, .to = wish.file, .overwrite = wish.overwrite}, random_);
    if (report.has_error())
      return cannot("can not back up", database_ + " to " + wish.file, report.error());
    return to_report(*report, "backed up to " + wish.file);
  }

  Outcome<StoreReport> operator()(const RestoreStore& wish) const {
    const auto done = adapters::sqlite::restore(
        {.backup = wish.file, .database = database_, .stamp = stamp()}, clock_, random_);
    if (done.has_error())
      return cannot("can not restore", database_ + " from " + wish.file, done.error());
    auto report = to_report(done->report, "restored " + database_);
    if (!done->kept_as.empty())
      report.text += fmt::format("the former database is kept: {}\n", done->kept_as);
    return report;
  }

 private:
  // A time that may stand in a file's name.
  std::string stamp() const {
    auto text = base::to_rfc3339(clock_.wall());
    std::erase_if(text, [](char c) { return c == ':' || c == '-'; });
    return text;
  }

  std::string database_;
  const base::Clock& clock_;
  base::Random& random_;
};

}  // namespace

Outcome<StoreReport> do_with_store(const Config& config,
                                   const StoreCommand& command,
                                   const base::Clock& clock,
                                   base::Random& random) {
  return std::visit(Doing{config, clock, random}, command);
}

}  // namespace kith::server
