#include "server/control_socket.hpp"

#include "base/scratch_test.hpp"
#include "runtime/clock.hpp"
#include "server/admin_protocol.hpp"

#include <atomic>
#include <cstring>
#include <filesystem>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace kith::server {
namespace {

using ::testing::HasSubstr;

class ControlSocketTest : public ::testing::Test {
 protected:
  std::unique_ptr<ControlServer> start(ControlServer::Options options = {}) {
    auto server = ControlServer::start(
        path_, clock_, [this](std::string_view line) { return handler_(line); }, options);
    EXPECT_TRUE(server.has_value()) << (server.has_error() ? server.error().text : "");
    return std::move(server).value();
  }

  sockaddr_un socket_address() const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    return address;
  }

  runtime::Fd connect() const {
    runtime::Fd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto address = socket_address();
    EXPECT_EQ(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    return socket;
  }

  // What comes until the other side closes.
  static std::string read_all(int fd) {
    std::string all;
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = ::read(fd, chunk.data(), chunk.size())) > 0;)
      all.append(chunk.data(), static_cast<std::size_t>(got));
    return all;
  }

  runtime::SystemClock clock_;
  base::ScratchFolder folder_;
  const std::string path_ = folder_.file("kith.sock");
  std::function<std::string(std::string_view)> handler_ = [](std::string_view line) {
    return "heard " + std::string{line};
  };
};

TEST_F(ControlSocketTest, ALineIsAnsweredWithALine) {
  const auto server = start();
  EXPECT_EQ(control_call(path_, "one\n", clock_).value(), "heard one\n");
  EXPECT_EQ(control_call(path_, "two\n", clock_).value(), "heard two\n");
}

TEST_F(ControlSocketTest, OnlyItsOwnerMaySpeakToIt) {
  const auto server = start();

  struct stat info {};

  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(ControlSocketTest, LongLinesTravelWhole) {
  const auto server = start();
  const std::string line = std::string(300'000, 'x') + "\n";
  EXPECT_EQ(control_call(path_, line, clock_).value(), "heard " + line);
}

TEST_F(ControlSocketTest, ALineThatNeverEndsIsCutOff) {
  std::atomic<int> asked = 0;
  handler_ = [&](std::string_view) { return ++asked, std::string{"x\n"}; };
  const auto server = start();
  const auto reply =
      control_call(path_, std::string(control_line_bytes_max + 100'000, 'x'), clock_);
  ASSERT_TRUE(reply.has_error());
  EXPECT_THAT(reply.error().text, HasSubstr("did not answer"));
  EXPECT_EQ(asked, 0);
  handler_ = [](std::string_view) { return std::string{"still here\n"}; };
  EXPECT_EQ(control_call(path_, "x\n", clock_).value(), "still here\n");
}

TEST_F(ControlSocketTest, OneWhoSaysNothingIsClosedAndOthersAreServed) {
  const auto server = start({.timeout_ms = 20});
  const auto silent = connect();
  EXPECT_EQ(control_call(path_, "x\n", clock_).value(), "heard x\n");
  EXPECT_EQ(read_all(silent.get()), "") << "closed without an answer";
}

TEST_F(ControlSocketTest, OneWhoLeavesInTheMiddleHarmsNobody) {
  const auto server = start();
  {
    const auto rude = connect();
    EXPECT_EQ(::send(rude.get(), "half", 4, MSG_NOSIGNAL), 4);
  }
  EXPECT_EQ(control_call(path_, "x\n", clock_).value(), "heard x\n");
}

TEST_F(ControlSocketTest, OneWhoComesWhenNoDescriptorIsFreeIsAnsweredOnceOneIs) {
  const auto server = start();
  const auto address = socket_address();
  const runtime::Fd late{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const runtime::Fd next{::dup(late.get())};
  const rlimit none{static_cast<rlim_t>(next.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_EQ(::connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::write(late.get(), "one\n", 4), 4);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(read_all(late.get()), "heard one\n");
}

TEST_F(ControlSocketTest, PiecesOfALineAreOneLine) {
  const auto server = start();
  const auto socket = connect();
  for (const char c : std::string_view{"abc\n"})
    EXPECT_EQ(::send(socket.get(), &c, 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(read_all(socket.get()), "heard abc\n");
}

TEST_F(ControlSocketTest, EndsAtOnceEvenWhenSomebodyIsConnected) {
  auto server = start();
  const auto silent = connect();
  server.reset();
  EXPECT_EQ(read_all(silent.get()), "");
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, NobodyListensIsToldFromOtherProblems) {
  EXPECT_EQ(control_call(path_, "x\n", clock_).error().exit_code, exit_nobody_listens);
  {
    runtime::Fd dead{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  EXPECT_EQ(control_call(path_, "x\n", clock_).error().exit_code, exit_nobody_listens);
}

TEST_F(ControlSocketTest, TheSocketOfADeadProcessIsReplaced) {
  {
    runtime::Fd dead{::socket(AF_UNIX, SOCK_STREAM, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ASSERT_EQ(::bind(dead.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  const auto server = start();
  EXPECT_EQ(control_call(path_, "x\n", clock_).value(), "heard x\n");
}

TEST_F(ControlSocketTest, APathThatIsTooLongIsAProblem) {
  const std::string path(200, 'x');
  EXPECT_TRUE(ControlServer::start(path, clock_, handler_).has_error());
  EXPECT_EQ(control_call(path, "x\n", clock_).error().exit_code, 1);
}

TEST_F(ControlSocketTest, AFolderThatIsNotThereIsAProblem) {
  const auto server = ControlServer::start(folder_.file("none/kith.sock"), clock_, handler_);
  ASSERT_TRUE(server.has_error());
  EXPECT_THAT(server.error().text, HasSubstr("/none/kith.sock"));
}

}  // namespace
}  // namespace kith::server
