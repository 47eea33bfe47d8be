#include "client/process.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace kith::bench {
namespace {

constexpr std::size_t proc_file_bytes_max = 8 * 1024;
constexpr int user_ticks_field = 11;  // behind the name of the program
constexpr int system_ticks_field = 12;

std::optional<std::string> read_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::string text(proc_file_bytes_max, '\0');
  const ssize_t size = ::read(fd, text.data(), text.size());
  ::close(fd);
  if (size < 0) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::uint64_t> number_at(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

// The value of a line `Name:   123 kB`, in bytes; 0 when there is none (a zombie has no memory).
std::uint64_t kilobytes(std::string_view status, std::string_view name) {
  const auto at = status.find(name);
  if (at == std::string_view::npos) return 0;
  return number_at(status.substr(at + name.size())).value_or(0) * 1024;
}

}  // namespace

std::optional<ProcessSample> parse_process(std::string_view stat, std::string_view status) {
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string_view::npos) return std::nullopt;
  stat.remove_prefix(name_end + 2);
  std::array<std::uint64_t, 2> ticks{};
  for (int field = 0; field <= system_ticks_field; ++field) {
    if (field >= user_ticks_field) {
      const auto value = number_at(stat);
      if (!value) return std::nullopt;
      ticks[static_cast<std::size_t>(field - user_ticks_field)] = *value;
    }
    const auto space = stat.find(' ');
    if (space == std::string_view::npos) return std::nullopt;
    stat.remove_prefix(space + 1);
  }
  const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return ProcessSample{static_cast<double>(ticks[0]) / per_second,
                       static_cast<double>(ticks[1]) / per_second,
                       kilobytes(status, "\nVmRSS:"),
                       kilobytes(status, "\nVmHWM:")};
}

std::optional<ProcessSample> sample_process(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto stat = read_file(folder + "/stat");
  const auto status = read_file(folder + "/status");
  if (!stat || !status) return std::nullopt;
  return parse_process(*stat, *status);
}

void sample_all(std::vector<ProcessWatch>& list, ProcessSample ProcessWatch::*point) {
  for (ProcessWatch& process : list) {
    if (const auto sample = sample_process(process.watched.pid)) {
      process.*point = *sample;
    } else {
      process.gone = true;
    }
  }
}

}  // namespace kith::bench
