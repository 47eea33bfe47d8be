#include "rest/metrics.hpp"

#include "rest/probes.hpp"
#include "wire/json/writer.hpp"

#include <algorithm>
#include <cmath>

namespace kith::rest {
namespace {

constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

std::string_view to_text(MetricType type) {
  return type == MetricType::counter ? "counter" : "gauge";
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\\' || (quotes && c == '"'))
      (out += '\\') += c;
    else
      out += c;
  }
}

void append_value(std::string& out, double value) {
  if (std::isnan(value))
    out += "NaN";
  else if (std::isinf(value))
    out += value > 0 ? "+Inf" : "-Inf";
  else
    wire::json::append_number(out, value);
}

void append_head(std::string& out, const Metric& metric) {
  ((out += "# HELP ") += metric.name) += ' ';
  append_escaped(out, metric.help, false);
  ((((out += "\n# TYPE ") += metric.name) += ' ') += to_text(metric.type)) += '\n';
}

void append_sample(std::string& out, const Sample& sample) {
  out += sample.metric->name;
  char before = '{';
  for (const auto& [name, value] : sample.labels) {
    (((out += before) += name) += "=\"");
    append_escaped(out, value, true);
    out += '"';
    before = ',';
  }
  if (before == ',') out += '}';
  out += ' ';
  append_value(out, sample.value);
  out += '\n';
}

}  // namespace

std::string metrics_text(std::span<const Sample> samples) {
  std::vector<const Sample*> sorted;
  for (const auto& sample : samples)
    sorted.push_back(&sample);
  std::stable_sort(sorted.begin(), sorted.end(), [](const Sample* a, const Sample* b) {
    return a->metric->name < b->metric->name;
  });
  std::string out;
  std::string_view name;
  for (const auto* sample : sorted) {
    if (sample->metric->name != name) append_head(out, *sample->metric);
    name = sample->metric->name;
    append_sample(out, *sample);
  }
  return out;
}

std::size_t Metrics::admit_body(front::Exchange& exchange) {
  exchange.answer(respond(exchange.request()));
  return 0;
}

void Metrics::handle(std::unique_ptr<front::Exchange> exchange) {
  exchange->answer(respond(exchange->request()));
}

front::Response Metrics::respond(const wire::http::Request& request) const {
  if (!is_read(request)) return only_reads();
  auto response = front::Response::text(200, metrics_text(collect_()));
  response.content_type = content_type;
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

}  // namespace kith::rest
