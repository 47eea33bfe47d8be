#include "adapters/sqlite/scratch_test.hpp"
#include "ports/store_fixture_test.hpp"

#include <array>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

// A process that writes batches is killed at any moment; what it had reported is there afterwards.
namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::message;

constexpr std::string_view child_name = "kith_crash_child";
constexpr std::uint8_t conversations = 4;
constexpr Seq per_batch = 3;  // messages of each conversation

WriteStep batch(Seq n) {
  WriteStep step;
  for (std::uint8_t c = 1; c <= conversations; ++c) {
    if (n == 0) step.conversations.emplace_back(key(c), contract::group(c));
    for (Seq i = 1; i <= per_batch; ++i) {
      const Seq seq = n * per_batch + i;
      step.events.push_back({key(c), message(seq, seq, "ann", "m" + std::to_string(seq))});
    }
  }
  return step;
}

std::optional<Seq> last_seq(Store& store) {
  auto outcome = std::make_shared<contract::Outcome>();
  std::unique_ptr<LaneEntry> entry = std::make_unique<contract::ScriptEntry>(
      contract::Script{[] { return LockStep{{key(1)}}; }, [] { return CommitStep{}; }}, outcome);
  if (store.submit(0, entry).has_error() || !outcome->finished.wait()) return {};
  const auto& found = std::get<Locked>(outcome->results.at(0)).found.at(0);
  return found ? found->last_seq : 0;
}

// Writes until it is killed; after each commit, a byte to its standard output.
[[noreturn]] void be_the_child(const char* path) {
  Surroundings world;
  auto store = open_sqlite(world.options(path));
  if (store.has_error()) std::_Exit(2);
  contract::ScriptFactory factory;
  (*store)->start(factory);
  const auto last = last_seq(**store);
  if (!last) std::_Exit(3);
  for (Seq n = *last / per_batch;; ++n) {
    auto outcome = std::make_shared<contract::Outcome>();
    std::unique_ptr<LaneEntry> entry = std::make_unique<contract::ScriptEntry>(
        contract::Script{
            [] { return LockStep{}; }, [n] { return batch(n); }, [] { return CommitStep{}; }},
        outcome);
    if ((*store)->submit(0, entry).has_error() || !outcome->finished.wait()) std::_Exit(4);
    if (!std::holds_alternative<Committed>(outcome->results.back())) std::_Exit(5);
    if (::write(STDOUT_FILENO, ".", 1) != 1) std::_Exit(6);
  }
}

// Before main: this very executable is the child when the parent started it by that name.
const bool not_the_child = [] {
  std::ifstream arguments{"/proc/self/cmdline"};
  std::string name;
  std::string path;
  std::getline(arguments, name, '\0');
  std::getline(arguments, path, '\0');
  if (name == child_name) be_the_child(path.c_str());
  return true;
}();

// Starts a child, reads `reports` of its reports, kills it; gives all that it had reported.
std::size_t run_child(const std::string& path, std::size_t reports) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  std::string name{child_name};
  std::string file = path;
  std::array<char*, 3> arguments{name.data(), file.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t child = 0;
  EXPECT_EQ(::posix_spawn(
                &child, "/proc/self/exe", &actions, nullptr, arguments.data(), environment.data()),
            0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  std::size_t seen = 0;
  bool killed = false;
  std::array<char, 64> buffer{};
  for (;;) {
    const auto got = ::read(pipe[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    seen += static_cast<std::size_t>(got);
    if (seen < reports || killed) continue;
    EXPECT_EQ(::kill(child, SIGKILL), 0);
    killed = true;
  }
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
  return seen;
}

TEST(SqliteCrash, a_killed_writer_leaves_whole_batches_and_all_that_it_reported) {
  ASSERT_TRUE(not_the_child);
  ScratchFolder folder;
  Surroundings world;
  std::size_t before = 0;  // batches found after the kill before
  for (const std::size_t reports : {1, 7, 2, 20, 11}) {
    const std::size_t reported = run_child(folder.file(), reports);
    auto store = open_sqlite(world.options(folder.file()));
    ASSERT_TRUE(store.has_value());
    std::size_t batches = 0;
    for (std::uint8_t c = 1; c <= conversations; ++c) {
      contract::PretendReactor reactor;
      std::vector<LogEvent> events;
      (*store)->page(reactor, {key(c), 0, base::seq_max, 100'000}, [&](auto result) {
        ASSERT_TRUE(result.has_value());
        events = std::move(result).value();
      });
      ASSERT_TRUE(reactor.run_one());
      for (std::size_t i = 0; i < events.size(); ++i)
        ASSERT_EQ(events[i].seq, i + 1);
      ASSERT_EQ(events.size() % per_batch, 0U);
      if (c == 1) batches = events.size() / per_batch;
      EXPECT_EQ(events.size() / per_batch, batches);
    }
    // The one in flight may stand too.
    EXPECT_GE(batches, before + reported);
    EXPECT_LE(batches, before + reported + 1);
    before = batches;
  }
}

}  // namespace

}  // namespace kith::adapters::sqlite
