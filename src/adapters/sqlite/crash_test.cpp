#include "adapters/sqlite/driven_store_test.hpp"
#include "adapters/sqlite/fault_vfs_test.hpp"
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
// The tails are short: every other batch moves events to rows, deletes rows of the log or saves the
// filter.
namespace kith::adapters::sqlite {

namespace {

using namespace ports;
using ports::contract::key;
using ports::contract::message;

constexpr std::string_view child_name = "kith_crash_child";
constexpr std::uint8_t conversations = 4;
constexpr Seq per_batch = 3;  // messages of each conversation

TailLimits short_tails() {
  TailLimits limits;
  limits.fold_events = 5;
  limits.log_events = 40;
  limits.filter_save_ids = 30;
  return limits;
}

WriteStep batch(Seq n) {
  WriteStep step;
  for (std::uint8_t c = 1; c <= conversations; ++c) {
    if (n == 0) step.conversations.emplace_back(key(c), contract::group(c));
    for (Seq i = 1; i <= per_batch; ++i) {
      const Seq seq = n * per_batch + i;
      step.events.push_back({key(c), message(seq, seq, "ann", "m" + std::to_string(seq))});
    }
    if (n == 0) step.members.push_back({key(c), contract::member("ann")});
    const Seq last = (n + 1) * per_batch;
    step.reads.push_back({key(c), contract::user("ann"), last, last});
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
[[noreturn]] void be_the_child(const std::string& path, const std::string& kill_at_write) {
  FaultyDisk disk;
  Surroundings world;
  auto options = world.options(path);
  options.tails = short_tails();
  auto store = open_sqlite(options);
  if (store.has_error()) std::_Exit(2);
  contract::ScriptFactory factory;
  (*store)->start(factory);
  const auto last = last_seq(**store);
  if (!last) std::_Exit(3);
  disk.writes_until_kill = std::stoi(kill_at_write);
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
  std::string kill_at_write;
  std::getline(arguments, name, '\0');
  std::getline(arguments, path, '\0');
  std::getline(arguments, kill_at_write, '\0');
  if (name == child_name) be_the_child(path, kill_at_write);
  return true;
}();

// Starts a child, reads `reports` of its reports, kills it; or it kills itself at a write. Gives
// all that it had reported.
std::size_t run_child(const std::string& path, std::size_t reports, int kill_at_write = 0) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  std::string name{child_name};
  std::string file = path;
  std::string write = std::to_string(kill_at_write);
  std::array<char*, 4> arguments{name.data(), file.data(), write.data(), nullptr};
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

// The batches that the file holds, each whole, in order, once, and known as sent.
std::size_t batches_in(const std::string& path) {
  std::size_t batches = 0;
  DrivenStore store{path, short_tails()};
  for (std::uint8_t c = 1; c <= conversations; ++c) {
    const auto seqs = store.seqs(key(c));
    EXPECT_EQ(seqs, up_to(seqs.size()));
    EXPECT_EQ(seqs.size() % per_batch, 0U);
    if (c == 1) batches = seqs.size() / per_batch;
    EXPECT_EQ(seqs.size() / per_batch, batches);
    if (seqs.empty()) continue;
    EXPECT_EQ(store.heads({key(c)}), std::vector<Seq>{seqs.size()});
    EXPECT_EQ(store.find_for(key(c), "ann")->member.read_seq, seqs.size());
    LookStep retries;
    for (const Seq seq : seqs)
      retries.keys.push_back(
          {key(c), contract::user("ann"), contract::client_id("m" + std::to_string(seq))});
    const auto results = store.run({LockStep{{key(c)}}, retries, CommitStep{}});
    const auto& found = std::get<Looked>(results.at(1)).found;
    for (std::size_t i = 0; i < found.size(); ++i)
      EXPECT_EQ(found[i] ? found[i]->seq : 0, i + 1);
  }
  return batches;
}

// Looked at in a copy first: the look itself would tidy up what the child left.
std::size_t batches_after_kill(const std::string& path) {
  const std::string copy = path + ".copy";
  for (const char* end : {"", "-wal"}) {
    std::filesystem::remove(copy + end);
    if (std::filesystem::exists(path + end)) std::filesystem::copy_file(path + end, copy + end);
  }
  return batches_in(copy);
}

TEST(SqliteCrash, a_killed_writer_leaves_whole_batches_and_all_that_it_reported) {
  ASSERT_TRUE(not_the_child);
  ScratchFolder folder;
  std::size_t before = 0;  // batches found after the kill before
  for (const std::size_t reports : {1, 7, 2, 20, 11}) {
    const std::size_t reported = run_child(folder.file(), reports);
    const std::size_t batches = batches_after_kill(folder.file());
    // The one in flight may stand too.
    EXPECT_GE(batches, before + reported);
    EXPECT_LE(batches, before + reported + 1);
    before = batches;
  }
  EXPECT_EQ(batches_in(folder.file()), before);
}

TEST(SqliteCrash, a_writer_killed_at_any_write_of_a_transaction_leaves_all_of_it_or_nothing) {
  ASSERT_TRUE(not_the_child);
  ScratchFolder folder;
  std::size_t before = 0;
  for (int write = 1; write <= 240; write += 6) {
    const std::size_t reported = run_child(folder.file(), 1'000'000, write);
    const std::size_t batches = batches_after_kill(folder.file());
    EXPECT_EQ(batches, before + reported) << write;
    before = batches;
  }
  EXPECT_GT(before, 20U);
}

}  // namespace

}  // namespace kith::adapters::sqlite
