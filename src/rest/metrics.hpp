#pragma once

#include "front/handler.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kith::rest {

enum class MetricType : std::uint8_t { counter, gauge };

// What is measured. Names and helps are constants of the code.
struct Metric {
  std::string_view name;  // kith_connections
  MetricType type = MetricType::gauge;
  std::string_view help;
};

struct Sample {
  const Metric* metric = nullptr;
  std::vector<std::pair<std::string_view, std::string>> labels;
  double value = 0;
};

// The Prometheus text format, 0.0.4. Samples of one metric come out together, whatever their order.
std::string metrics_text(std::span<const Sample> samples);

// `GET /metrics`, for the operators' port.
class Metrics final : public front::Handler {
 public:
  // Called on the reactor that was asked.
  using Collect = std::function<std::vector<Sample>()>;

  explicit Metrics(Collect collect) : collect_(std::move(collect)) {}

  std::size_t admit_body(front::Exchange& exchange) override;
  void handle(std::unique_ptr<front::Exchange> exchange) override;

 private:
  front::Response respond(const wire::http::Request& request) const;

  Collect collect_;
};

}  // namespace kith::rest
