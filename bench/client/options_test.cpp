#include "client/options.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <unistd.h>

namespace kith::bench {
namespace {

ParsedOptions parse(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> arguments;
  for (std::string word; words >> word;)
    arguments.push_back(word);
  return parse_options(arguments);
}

std::string error_of(const std::string& line) {
  return parse(line).error;
}

TEST(Options, of_a_plain_run_are_those_of_the_page) {
  const auto parsed = parse("pairs --dev");
  ASSERT_EQ(parsed.error, "");
  const Options& options = parsed.options;
  EXPECT_EQ(options.scenario, ScenarioName::pairs);
  EXPECT_EQ(options.pairs, 100U);
  EXPECT_EQ(options.window, 8U);
  EXPECT_EQ(options.servers, (std::vector<net::Endpoint>{{"127.0.0.1", 8080}}));
  EXPECT_EQ(options.rest, options.servers.front());
  EXPECT_EQ(options.label, "pairs");
}

TEST(Options, are_read_with_a_space_or_an_equals_sign) {
  const auto parsed =
      parse("group --dev --server-key sk_1 --groups=3 --size 7 --senders 2 --rate 12.5");
  ASSERT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.groups, 3U);
  EXPECT_EQ(parsed.options.size, 7U);
  EXPECT_EQ(parsed.options.rate, 12.5);
}

TEST(Options, several_servers_and_processes_may_be_named) {
  const std::string pid = std::to_string(::getpid());
  const auto parsed =
      parse("idle --dev --server 127.0.0.1:1 --server [::1]:2 --pid a=" + pid + " --pid b=" + pid);
  ASSERT_EQ(parsed.error, "");
  EXPECT_EQ(parsed.options.servers.size(), 2U);
  ASSERT_EQ(parsed.options.watched.size(), 2U);
  EXPECT_EQ(parsed.options.watched[1].name, "b");
  EXPECT_EQ(parsed.options.watched[1].pid, ::getpid());
}

TEST(Options, a_number_outside_its_bounds_is_refused_with_the_bounds) {
  EXPECT_EQ(error_of("pairs --dev --pairs 0"), "--pairs takes 1 to 9500, not `0`");
  for (const char* wrong : {"--pairs 9501",
                            "--pairs -1",
                            "--pairs 1x",
                            "--pairs 1.5",
                            "--window 0",
                            "--rate nan",
                            "--rate 1e7",
                            "--seconds 0",
                            "--payload 47",
                            "--threads 65",
                            "--warmup -1"})
    EXPECT_NE(error_of(std::string("pairs --dev ") + wrong).find(" takes "), std::string::npos)
        << wrong;
}

TEST(Options, what_a_scenario_does_not_take_is_refused) {
  EXPECT_EQ(error_of("pairs --dev --groups 3"), "pairs takes no --groups");
  EXPECT_NE(error_of("pairs --dev --nothing 3").find("no option --nothing"), std::string::npos);
  EXPECT_NE(error_of("pairs --dev 3").find("no option"), std::string::npos);
  EXPECT_EQ(error_of("pairs --dev --pairs"), "--pairs lacks its value");
  EXPECT_EQ(error_of("pairs --dev=1"), "--dev takes no value");
}

TEST(Options, without_a_scenario_the_scenarios_are_named) {
  for (const char* line : {"", "--dev", "pair --dev"})
    EXPECT_NE(error_of(line).find("pairs, group, idle, storm"), std::string::npos) << line;
}

TEST(Options, who_one_is_must_be_said_one_way) {
  EXPECT_NE(error_of("pairs").find("--dev"), std::string::npos);
  EXPECT_NE(error_of("pairs --dev --key k").find("not both"), std::string::npos);
  EXPECT_EQ(error_of("pairs --key k --kid 1"), "");
}

TEST(Options, groups_need_a_server_key) {
  for (const char* line : {"group --dev",
                           "mixed --dev",
                           "catchup --dev",
                           "history --dev",
                           "idle --dev --memberships 1",
                           "idle --dev --further 1"})
    EXPECT_NE(error_of(line).find("--server-key"), std::string::npos) << line;
  EXPECT_EQ(error_of("history --dev --conversation filled"), "");
  EXPECT_EQ(error_of("idle --dev"), "");
}

TEST(Options, that_do_not_fit_together_are_refused) {
  EXPECT_NE(error_of("group --dev --server-key k --size 3 --senders 4").find("--senders"),
            std::string::npos);
  EXPECT_NE(error_of("storm --dev --messages 3").find("--memberships"), std::string::npos);
  EXPECT_NE(error_of("storm --dev --server-key k --memberships 1 --messages 1001").find("1000"),
            std::string::npos);
  EXPECT_NE(error_of("catchup --dev --server-key k --messages 9001").find("9000"),
            std::string::npos);
  EXPECT_NE(error_of("history --dev --server-key k --messages 99").find("two pages"),
            std::string::npos);
  EXPECT_NE(error_of("room --dev --size 1001").find("1000"), std::string::npos);
  EXPECT_NE(error_of("pairs --dev --ready now").find("--ready"), std::string::npos);
  EXPECT_NE(error_of("pairs --dev --tag a/b").find("--tag"), std::string::npos);
  EXPECT_NE(error_of("pairs --dev --path x").find("--path"), std::string::npos);
}

TEST(Options, a_process_that_does_not_run_or_no_address_is_refused) {
  EXPECT_NE(error_of("pairs --dev --pid kith=1999999999").find("no such process"),
            std::string::npos);
  for (const char* wrong : {"kith", "=1", "kith=", "kith=0", "kith=-4", "kith=1x"})
    EXPECT_NE(error_of(std::string("pairs --dev --pid ") + wrong).find("NAME=PID"),
              std::string::npos)
        << wrong;
  EXPECT_NE(error_of("pairs --dev --server nowhere").find("ADDRESS:PORT"), std::string::npos);
}

TEST(Options, no_more_servers_or_processes_than_the_bound) {
  std::string line = "pairs --dev";
  for (std::size_t i = 0; i <= servers_max; ++i)
    line += " --server 127.0.0.1:80";
  EXPECT_NE(error_of(line).find("16 times"), std::string::npos);
}

TEST(Options, are_shown_without_keys) {
  const auto parsed = parse("group --key secret --server-key sk_hidden --groups 3");
  bool has_groups = false;
  for (const auto& [name, value] : shown_options(parsed.options)) {
    EXPECT_EQ(value.find("secret"), std::string::npos);
    EXPECT_EQ(value.find("sk_hidden"), std::string::npos);
    has_groups = has_groups || (name == "groups" && value == "3");
  }
  EXPECT_TRUE(has_groups);
}

TEST(Options, of_connections_tell_how_many_files_are_needed) {
  EXPECT_EQ(connections_of(parse("pairs --dev --pairs 7").options), 14U);
  EXPECT_EQ(connections_of(parse("pairs --dev --pairs 7 --bystanders 5").options), 19U);
  EXPECT_EQ(connections_of(parse("room --dev --rooms 3 --size 8").options), 24U);
  EXPECT_EQ(connections_of(parse("room --dev --players 300").options), 300U);
  EXPECT_EQ(connections_of(parse("group --dev --groups 3 --size 5").options), 15U);
  EXPECT_EQ(connections_of(parse("idle --dev --connections 9").options), 10U);
}

TEST(Usage, names_every_scenario_and_the_bounds) {
  const std::string text = usage();
  for (const char* word : {"pairs",
                           "group",
                           "idle",
                           "storm",
                           "catchup",
                           "room",
                           "history",
                           "mixed",
                           "--server-key",
                           "[100; 1 to 9500]",
                           "exit: 0"})
    EXPECT_NE(text.find(word), std::string::npos) << word;
  EXPECT_TRUE(parse("--help").options.help);
  EXPECT_TRUE(parse("pairs --help").options.help);
}

}  // namespace
}  // namespace kith::bench
