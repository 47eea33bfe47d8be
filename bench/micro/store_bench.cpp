// What a message costs in the SQLite store, by batch size and by how many conversations the
// messages fall into; and what the reads of a connecting user cost. 10,000 conversations with 100
// messages each stand in the file beforehand, client ids are ordered by time, bodies have 200
// bytes.
// Of what is written before the reads, the newest are still in the log.
//   store_bench [folder for the database, default /tmp [messages in it, default 1000000]]
#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/reader.hpp"
#include "adapters/sqlite/sqlite.hpp"
#include "adapters/sqlite/writer.hpp"

#include <algorithm>
#include <atomic>
#include <benchmark/benchmark.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>

namespace {

using namespace kith;
using namespace kith::ports;

constexpr std::size_t conversations = 10'000;
std::size_t messages_before = 1'000'000;
constexpr domain::AppId app{1};

std::string sixteen_digits(std::size_t n) {
  const std::string digits = std::to_string(n);
  return std::string(16 - digits.size(), '0') + digits;
}

domain::Cid cid_of(std::size_t n) {
  return domain::Cid::from_view(sixteen_digits(n));
}

domain::ClientId client_id_of(std::size_t n) {
  return domain::ClientId{sixteen_digits(n)};
}

// One batch of messages, written as the conversations' machine does: lock, look, write, commit.
class BatchEntry final : public LaneEntry {
 public:
  std::size_t bytes() const noexcept override { return 1; }

  LockStep lock;
  LookStep look;
  WriteStep write;
  std::atomic<bool>* done = nullptr;
};

class BatchWriter final : public BatchMachine {
 public:
  explicit BatchWriter(std::vector<std::unique_ptr<LaneEntry>> entries)
      : entries_(std::move(entries)), entry_(static_cast<BatchEntry&>(*entries_.at(0))) {}

  Step first() override { return std::move(entry_.lock); }

  Step next(StepResult result) override {
    if (std::holds_alternative<Locked>(result)) return std::move(entry_.look);
    if (std::holds_alternative<Looked>(result)) return std::move(entry_.write);
    if (std::holds_alternative<Written>(result)) return CommitStep{};
    KITH_ASSERT(std::holds_alternative<Committed>(result));
    entry_.done->store(true);
    entry_.done->notify_one();
    return Finished{};
  }

 private:
  std::vector<std::unique_ptr<LaneEntry>> entries_;
  BatchEntry& entry_;
};

class BatchWriters final : public BatchMachineFactory {
 public:
  std::unique_ptr<BatchMachine> make(std::vector<std::unique_ptr<LaneEntry>> entries) override {
    return std::make_unique<BatchWriter>(std::move(entries));
  }
};

// A database filled once for all benchmarks of a run.
class Filled {
 public:
  explicit Filled(const std::string& folder) : path_(folder + "/store_bench.db") {
    remove();
    open();
    store_.reset();
    fill();
    open();
    store_->start(writers_);
  }

  ~Filled() {
    store_.reset();
    remove();
  }

  Filled(const Filled&) = delete;
  Filled& operator=(const Filled&) = delete;

  const std::string& path() const { return path_; }

  // The writer alone, on this thread, instead of the store.
  adapters::sqlite::Tails& tails() {
    if (tails_) return *tails_;
    store_.reset();
    tails_.emplace(adapters::sqlite::TailLimits{});
    auto writer = adapters::sqlite::Writer::open(path_, *tails_, logger_).value();
    for (std::size_t i = 0; i < 400; ++i) {
      const auto batch = this->batch(256, conversations, true);
      for (const Step& step : {Step{batch->lock}, Step{batch->write}, Step{CommitStep{}}})
        KITH_ASSERT(!std::holds_alternative<StepFailed>(writer->execute(step)));
    }
    return *tails_;
  }

  std::unique_ptr<BatchEntry> batch(std::size_t size, std::size_t among, bool marks) {
    auto entry = std::make_unique<BatchEntry>();
    std::map<std::size_t, Seq> touched;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t c = random_.next_u64() % among;
      const ConversationKey key{app, cid_of(c)};
      LogEvent event;
      event.seq = event.no = ++seqs_[c];
      event.actor = domain::UserId{"u" + std::to_string(c % 1'000)};
      event.client_id = client_id_of(messages_before + 1 + ++written_);
      event.ts = {static_cast<std::int64_t>(written_)};
      event.body.assign(200, 'x');
      touched[c] = event.seq;
      entry->look.keys.push_back({key, event.actor, event.client_id});
      entry->write.events.push_back({key, std::move(event)});
    }
    for (const auto& [c, seq] : touched) {
      entry->lock.conversations.push_back({app, cid_of(c)});
      if (!marks) continue;
      entry->write.reads.push_back(
          {{app, cid_of(c)}, domain::UserId{"u" + std::to_string(c % 1'000)}, seq, seq});
    }
    return entry;
  }

  void write(std::unique_ptr<BatchEntry> batch) {
    done_ = false;
    batch->done = &done_;
    std::unique_ptr<LaneEntry> entry = std::move(batch);
    KITH_ASSERT(store_->submit(0, entry).has_value());
    done_.wait(false);
  }

 private:
  void open() {
    auto store = adapters::sqlite::open_sqlite({path_, logger_, clock_, random_});
    KITH_ASSERT(store.has_value());
    store_ = std::move(store).value();
  }

  void remove() {
    for (const char* end : {"", "-wal", "-shm", "-lock"})
      std::filesystem::remove(path_ + end);
  }

  // As it would have come about: as many messages of a conversation at a time as the log holds of
  // each when all write.
  void fill() {
    auto connection =
        adapters::sqlite::Connection::open(path_, adapters::sqlite::Access::write).value();
    const std::string last = std::to_string(messages_before - 1);
    const std::string at_once =
        std::to_string(std::clamp<std::size_t>(messages_before / conversations, 1, 20));
    const std::string in_round = std::to_string(conversations) + " * " + at_once;
    const std::string c = "(i % (" + in_round + ") / " + at_once + ")";
    const std::string no = "(i / (" + in_round + ") * " + at_once + " + i % " + at_once + " + 1)";
    const auto done = connection.run_script(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
        " INSERT INTO user(id, app, name_id) SELECT i + 1, 1, 'u' || i FROM n;"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)"
        " INSERT INTO conversation SELECT i + 1, 1, CAST(printf('%016d', i) AS BLOB), 2, '', '',"
        " NULL, 0, 2, 0 FROM n;"
        // u0 is in the first thousand; everybody writes in every thousandth.
        "INSERT INTO member SELECT id, 1 + (id - 1) % 1000, 1, 1, 0, 100, 100, 0"
        " FROM conversation;"
        "INSERT OR IGNORE INTO member SELECT id, 1, 1, 1, 0, 0, 0, 0 FROM conversation"
        " WHERE id <= 1000;"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        last + ") INSERT INTO entry SELECT i + 1, " + c + " + 1, " + no + ", " + no + ", 1, 1 + " +
        c +
        " % 1000, i, printf('%016d', i), NULL, NULL, NULL, zeroblob(200) FROM n;"
        "INSERT INTO run SELECT max(conv << 32 | seq), n, count(*), no, ts FROM entry"
        " GROUP BY (conv << 32 | seq) - n ORDER BY 1;"
        "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    KITH_ASSERT(done.has_value());
  }

  std::string path_;
  std::optional<adapters::sqlite::Tails> tails_;
  base::NullLogger logger_;
  base::ManualClock clock_;
  base::SeededRandom random_{42};
  BatchWriters writers_;
  std::unique_ptr<Store> store_;
  std::vector<Seq> seqs_ = std::vector<Seq>(conversations, messages_before / conversations);
  std::size_t written_ = 0;
  std::atomic<bool> done_{false};
};

Filled* filled = nullptr;

double cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(usage.ru_utime) + us(usage.ru_stime);
}

void write_batches(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const auto among = static_cast<std::size_t>(state.range(1));
  double cpu = 0;
  for (auto _ : state) {
    auto batch = filled->batch(size, among, state.range(2) != 0);
    const double cpu_before = cpu_us();
    const auto before = std::chrono::steady_clock::now();
    filled->write(std::move(batch));
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count());
    cpu += cpu_us() - cpu_before;
  }
  const auto messages = static_cast<double>(state.iterations()) * static_cast<double>(size);
  state.SetItemsProcessed(static_cast<std::int64_t>(messages));
  state.counters["cpu_us_per_message"] = cpu / messages;
}

// Messages in a batch, conversations they fall into, whether the senders' reading marks rise too
// (as they do). Beforehand as many messages as the log holds, so that all costs of a message are
// in: the writing of its row, the checkpoints.
bool register_rounds() {
  struct Round {
    std::int64_t size = 0;
    std::int64_t batches = 0;
  };

  for (const std::int64_t among : {100, 10'000}) {
    const auto add = [&](const char* name, const Round& round) {
      benchmark::RegisterBenchmark(name, write_batches)
          ->ArgNames({"batch", "conversations", "marks"})
          ->Args({round.size, among, 1})
          ->UseManualTime()
          ->Iterations(round.batches);
    };
    add("warm_up", {256, 1'000});
    for (const Round& round :
         {Round{256, 1'000}, Round{64, 3'000}, Round{16, 4'000}, Round{2, 4'000}, Round{1, 4'000}})
      add("write_batches", round);
  }
  return true;
}

const bool rounds_registered = register_rounds();  // before the reads: in this order they run

adapters::sqlite::Reader reader() {
  auto& tails = filled->tails();
  return adapters::sqlite::Reader::open(filled->path(), tails).value();
}

// Takes fifty messages and does nothing with them.
class Fifty final : public MessageSink {
 public:
  void begin(Seq /*first*/, Seq /*last*/) override { left_ = 50; }

  bool add(const MessageView& message) override {
    benchmark::DoNotOptimize(message.body.back());
    return --left_ != 0;
  }

 private:
  int left_ = 0;
};

void page_of_50(benchmark::State& state) {
  auto on = reader();
  Fifty fifty;
  std::size_t n = 0;
  for (auto _ : state) {
    HistoryQuery query{{app, cid_of(n)}, domain::UserId{"u" + std::to_string(n % 1'000)}};
    query.newest = true;
    query.to = state.range(0) != 0 ? messages_before / conversations / 2 + 25 : base::seq_max;
    n = (n + 7) % conversations;
    benchmark::DoNotOptimize(on.history(query, fifty).value());
  }
}

BENCHMARK(page_of_50)->ArgName("middle")->Arg(0)->Arg(1);

void list_of_1000(benchmark::State& state) {
  auto on = reader();
  for (auto _ : state)
    benchmark::DoNotOptimize(on.list({{app, domain::UserId{"u0"}}, 1'000, {}}).value());
}

BENCHMARK(list_of_1000)->Unit(benchmark::kMillisecond);

void memberships_of_1000(benchmark::State& state) {
  auto on = reader();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        on.memberships({app, domain::UserId{"u0"}}, domain::DeviceId{"d"}).value());
}

BENCHMARK(memberships_of_1000)->Unit(benchmark::kMillisecond);

// From opening the file to being able to write and read: `killed`, with a hundred thousand messages
// in the log; otherwise with none.
void open_again(benchmark::State& state) {
  filled->tails();
  const std::string copy = filled->path() + "-copy";
  for (const char* end : {"", "-wal"})
    if (std::filesystem::exists(filled->path() + end))
      std::filesystem::copy_file(filled->path() + end, copy + end);
  base::NullLogger logger;
  base::ManualClock clock;
  base::SeededRandom random{1};
  BatchWriters writers;
  const auto open = [&] {
    auto store = adapters::sqlite::open_sqlite({copy, logger, clock, random});
    KITH_ASSERT(store.has_value());
    return std::move(store).value();
  };
  if (state.range(0) == 0) open()->start(writers);
  for (auto _ : state)
    open();
  for (const char* end : {"", "-lock", "-wal", "-shm"})
    std::filesystem::remove(copy + end);
}

BENCHMARK(open_again)->ArgName("killed")->Arg(1)->Arg(0)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc > 2) messages_before = std::strtoul(argv[2], nullptr, 10);
  Filled database{argc > 1 ? argv[1] : "/tmp"};
  filled = &database;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
