#include "rest/metrics.hpp"

#include "rest/api_test_world.hpp"
#include "rest/probes.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace kith::rest {
namespace {

using testing::get_request;
using testing::post_request;

constexpr Metric connections{"kith_connections", MetricType::gauge, "Open connections."};
constexpr Metric messages{
    "kith_messages_total", MetricType::counter, "Messages\nstored \\ \"all\"."};

TEST(RestMetrics, samples_of_one_metric_stand_together_under_its_head) {
  const std::vector<Sample> samples{{&messages, {{"app", "shop"}}, 12},
                                    {&connections, {{"reactor", "0"}}, 3},
                                    {&messages, {{"app", "game"}, {"kind", "x"}}, 1.5},
                                    {&connections, {}, 4}};
  EXPECT_EQ(metrics_text(samples),
            "# HELP kith_connections Open connections.\n"
            "# TYPE kith_connections gauge\n"
            "kith_connections{reactor=\"0\"} 3\n"
            "kith_connections 4\n"
            "# HELP kith_messages_total Messages\\nstored \\\\ \"all\".\n"
            "# TYPE kith_messages_total counter\n"
            "kith_messages_total{app=\"shop\"} 12\n"
            "kith_messages_total{app=\"game\",kind=\"x\"} 1.5\n");
  EXPECT_EQ(metrics_text({}), "");
}

TEST(RestMetrics, label_values_are_escaped_and_odd_numbers_have_names) {
  const std::vector<Sample> samples{
      {&connections, {{"a", "x\"y\\z\n"}}, std::numeric_limits<double>::infinity()},
      {&connections, {}, -std::numeric_limits<double>::infinity()},
      {&connections, {}, std::numeric_limits<double>::quiet_NaN()},
      {&connections, {}, 123456789.5}};
  const auto text = metrics_text(samples);
  EXPECT_NE(text.find("kith_connections{a=\"x\\\"y\\\\z\\n\"} +Inf\n"), std::string::npos);
  EXPECT_NE(text.find("kith_connections -Inf\nkith_connections NaN\n"), std::string::npos);
  EXPECT_NE(text.find("kith_connections 123456789.5\n"), std::string::npos);
}

class OperatorsTest : public ::testing::Test {
 protected:
  OperatorsTest() {
    world_.router.add_path("/metrics", metrics_);
    world_.router.add_path("/readyz", probe_);
  }

  testing::ApiWorld world_;
  bool ready_ = false;
  Metrics metrics_{[] { return std::vector<Sample>{{&connections, {}, 7}}; }};
  Probe probe_{[this] { return ready_; }};
};

TEST_F(OperatorsTest, metrics_are_read_with_get) {
  const auto answer = world_.ask(get_request("/metrics"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
  EXPECT_NE(answer.body.find("kith_connections 7\n"), std::string::npos);
  const auto refused = world_.ask(post_request("/metrics", "x"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_TRUE(refused.has("Allow: GET, HEAD\r\n"));
}

TEST_F(OperatorsTest, a_probe_says_whether_the_server_is_ready) {
  EXPECT_EQ(world_.ask(get_request("/readyz")).status, 503);
  ready_ = true;
  const auto answer = world_.ask(get_request("/readyz"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "ok\n");
  EXPECT_TRUE(answer.has("Cache-Control: no-store\r\n"));
  EXPECT_EQ(world_.ask(post_request("/readyz", "{}")).status, 405);
  EXPECT_EQ(world_.ask("DELETE /readyz HTTP/1.1\r\nHost: x\r\n\r\n").status, 405);
}

}  // namespace
}  // namespace kith::rest
