#include "server/run.hpp"

#include "base/scratch_test.hpp"
#include "rest/openapi.hpp"
#include "runtime/clock.hpp"
#include "server/admin_protocol.hpp"
#include "server/control_socket.hpp"
#include "server/directory_store_test.hpp"
#include "server/store_admin.hpp"

#include <fstream>
#include <sstream>

namespace kith::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class RunTest : public ::testing::Test {
 protected:
  // Runs with --data and gives the exit code; what was printed is in out_ and err_.
  int kith(std::vector<std::string> words) {
    if (with_data_) words.insert(words.end(), {"--data", data_});
    out_.str("");
    err_.str("");
    World world{
        .clock = clock_,
        .random = random_,
        .environment = environment_,
        .out = out_,
        .err = err_,
        .serve =
            [this](const LoadedConfig& loaded, const ReadAgain& read_again, DataDir dir) {
              served_ = loaded.config;
              EXPECT_EQ(read_again().config.server.listen, loaded.config.server.listen);
              EXPECT_EQ(dir.path(), data_);
              EXPECT_TRUE(std::holds_alternative<DataDirBusy>(DataDir::open(data_)))
                  << "held while it serves";
              return 0;
            },
        .open_store = [this](const Config& config) -> Outcome<std::unique_ptr<ports::Store>> {
          EXPECT_EQ(config.store_path(), data_ + "/kith.db");
          auto store = std::make_unique<DirectoryStore>();
          store->rows = rows_;
          opened_ = store.get();
          return std::unique_ptr<ports::Store>{std::move(store)};
        },
        .do_with_store = [this](const Config& config,
                                const StoreCommand& command) -> Outcome<StoreReport> {
          EXPECT_EQ(config.store_path(), data_ + "/kith.db");
          held_ = std::holds_alternative<DataDirBusy>(DataDir::open(data_));
          if (std::holds_alternative<BackUpStore>(command))
            return Problem{.exit_code = 1, .text = "no"};
          return StoreReport{static_cast<int>(command.index()), "said\n"};
        },
        .pause = [this] { ++pauses_; },
    };
    return run(words, world);
  }

  runtime::SystemClock clock_;
  base::SeededRandom random_{3};
  std::vector<EnvironmentVariable> environment_;
  std::ostringstream out_;
  std::ostringstream err_;
  base::ScratchFolder folder_;
  const std::string data_ = folder_.path();
  bool with_data_ = true;
  ports::Directory rows_{{{static_cast<base::AppId>(1), "shop", {1'767'261'600'000}}}, {}};
  DirectoryStore* opened_ = nullptr;
  std::optional<Config> served_;
  int pauses_ = 0;
  bool held_ = false;
};

TEST_F(RunTest, ChecksTheStoreBesideAServerAndRestoresItAlone) {
  EXPECT_EQ(kith({"store", "check"}), 0);
  EXPECT_EQ(out_.str(), "said\n");
  EXPECT_FALSE(held_);
  EXPECT_EQ(kith({"store", "restore", "a.db"}), 2) << "the exit code is the report's";
  EXPECT_TRUE(held_);
  EXPECT_EQ(kith({"store", "backup", "a.db"}), 1);
  EXPECT_EQ(err_.str(), "kith: no\n");
  const auto server = DataDir::open(data_);
  EXPECT_EQ(kith({"store", "check"}), 0);
  EXPECT_EQ(kith({"store", "restore", "a.db"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("in use by process"));
}

TEST_F(RunTest, SaysItsVersion) {
  EXPECT_EQ(kith({"version"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("kith 0."));
}

TEST_F(RunTest, ServesWithTheConfigurationOfAllSources) {
  environment_ = {{"KITH_SOCKETIO_PING_INTERVAL_MS", "1500"}, {"PATH", "/bin"}};
  EXPECT_EQ(kith({"serve", "--listen", "127.0.0.1:0"}), 0) << err_.str();
  ASSERT_TRUE(served_.has_value());
  EXPECT_EQ(served_->server.listen, "127.0.0.1:0");
  EXPECT_EQ(served_->server.data_dir, data_);
  EXPECT_EQ(served_->socketio.ping_interval_ms, 1500U);
  EXPECT_FALSE(served_->dev);
  EXPECT_EQ(kith({"serve", "--dev"}), 0);
  EXPECT_TRUE(served_->dev);
}

TEST_F(RunTest, DoesNotServeWithABadConfiguration) {
  environment_ = {{"KITH_SERVER_LISTN", "127.0.0.1:1"}};
  EXPECT_EQ(kith({"serve"}), 2);
  EXPECT_FALSE(served_.has_value());
  EXPECT_THAT(err_.str(), HasSubstr("did you mean KITH_SERVER_LISTEN?"));
}

TEST_F(RunTest, DoesNotServeFromAFolderInUse) {
  const auto held = DataDir::open(data_);
  EXPECT_EQ(kith({"serve"}), 1);
  EXPECT_FALSE(served_.has_value());
  EXPECT_THAT(err_.str(), HasSubstr("in use by process"));
}

TEST_F(RunTest, WorksOnTheStoreWhenNobodyServes) {
  EXPECT_EQ(kith({"app", "create", "game"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "created application game\n");
  EXPECT_EQ(kith({"app", "list"}), 0);
  EXPECT_EQ(out_.str(), "2026-01-01T10:00:00.000Z  shop\n");
  EXPECT_EQ(kith({"app", "key", "add", "shop", "--kind", "server"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\nsecret: sk_"));
  EXPECT_THAT(out_.str(), HasSubstr("only a hash"));
}

TEST_F(RunTest, KeysAndTokensPrintForPeopleAndForMachines) {
  rows_.keys.push_back(
      {rows_.apps[0].id, "k1", ports::KeyKind::signing, "secret", {1'767'261'600'000}, {}});
  rows_.keys.push_back({rows_.apps[0].id,
                        "k2",
                        ports::KeyKind::server,
                        "hash",
                        {1'767'261'600'000},
                        {1'767'261'600'000}});
  EXPECT_EQ(kith({"app", "key", "list", "shop"}), 0);
  EXPECT_EQ(out_.str(),
            "k1  signing  created 2026-01-01T10:00:00.000Z  in use\n"
            "k2  server   created 2026-01-01T10:00:00.000Z  retired 2026-01-01T10:00:00.000Z\n");
  EXPECT_EQ(kith({"app", "key", "list", "shop", "--json"}), 0);
  EXPECT_THAT(out_.str(), StartsWith(R"({"keys":[{"kid":"k1")"));
  EXPECT_EQ(kith({"app", "key", "retire", "shop", "k1"}), 0);
  EXPECT_EQ(out_.str(), "retired key k1\n");
  EXPECT_EQ(kith({"token", "shop", "ann"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("ey"));
  EXPECT_EQ(out_.str().find('\n'), out_.str().size() - 1) << "the token and nothing else";
}

TEST_F(RunTest, AProblemGoesToStandardErrorWithItsExitCode) {
  EXPECT_EQ(kith({"app", "create", "shop"}), 1);
  EXPECT_THAT(err_.str(), StartsWith("kith: there is an application"));
  EXPECT_EQ(kith({"app", "create", "a b"}), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(RunTest, AsksTheServerThatHoldsTheFolder) {
  const auto held = DataDir::open(data_);
  DirectoryStore store;
  StoreAdmin admin{store, clock_, random_};
  const auto server =
      ControlServer::start(control_socket_path(data_).value(), clock_, [&](std::string_view line) {
        return answer_admin(admin, line);
      });
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(kith({"app", "create", "game"}), 0) << err_.str();
  EXPECT_EQ(kith({"app", "create", "game"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("already"));
  ASSERT_EQ(store.rows.apps.size(), 1U);
  EXPECT_EQ(store.rows.apps[0].name, "game");
  EXPECT_EQ(opened_, nullptr) << "the store was left to the server";
  EXPECT_EQ(pauses_, 0);
}

TEST_F(RunTest, WaitsForAHolderThatDoesNotAnswerAndGivesUp) {
  const auto held = DataDir::open(data_);
  EXPECT_EQ(kith({"app", "list"}), 1);
  EXPECT_GT(pauses_, 10);
  EXPECT_THAT(err_.str(), HasSubstr("does not answer"));
}

TEST_F(RunTest, ChecksAConfiguration) {
  const auto file = data_ + "/kith.toml";
  std::ofstream{file} << "[server]\nreactors = 2\n";
  EXPECT_EQ(kith({"check-config", file}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("server.reactors = 2  # " + file + ":2\n"));
  EXPECT_TRUE(out_.str().ends_with("\nok\n"));
  EXPECT_EQ(kith({"check-config", "--config", file}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("server.reactors = 2"));
  std::ofstream{file} << "[server]\nreactor = 2\n";
  EXPECT_EQ(kith({"check-config", file}), 2);
  EXPECT_THAT(
      err_.str(),
      HasSubstr(file + ":2: unknown setting server.reactor; did you mean server.reactors?"));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(RunTest, PrintsTheReference) {
  with_data_ = false;
  EXPECT_EQ(kith({"check-config", "--reference"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("# Configuration\n"));
}

TEST_F(RunTest, PrintsWhatTheRestApiIs) {
  with_data_ = false;
  EXPECT_EQ(kith({"openapi"}), 0);
  EXPECT_EQ(out_.str(), rest::openapi_json());
}

TEST_F(RunTest, HelpAndWrongWordsComeFromTheCommandLine) {
  with_data_ = false;
  EXPECT_EQ(kith({"--help"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("serve"));
  EXPECT_EQ(kith({"dance"}), 2);
  EXPECT_NE(err_.str(), "");
}

}  // namespace
}  // namespace kith::server
