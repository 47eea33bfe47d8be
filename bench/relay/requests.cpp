#include "relay/requests.hpp"

#include <charconv>

namespace kith::bench::relay {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_name(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  for (std::size_t i = 0; i < one.size(); ++i)
    if (lower(one[i]) != lower(other[i])) return false;
  return true;
}

std::string_view header(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    const auto line = head.substr(at, head.find("\r\n", at) - at);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name))
      return line.substr(colon + 2);
  }
  return {};
}

std::string_view word(std::string_view& text) {
  const auto end = text.find(' ');
  const auto found = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return found;
}

}  // namespace

std::optional<Request> parse_request(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const auto head = bytes.substr(0, end);
  Request request;
  auto first = head.substr(0, head.find("\r\n"));
  request.method = word(first);
  request.path = word(first);
  request.owner = header(head, "On-Behalf-Of");
  request.key = header(head, "Sec-WebSocket-Key");
  request.upgrade = !request.key.empty();
  const auto length = header(head, "Content-Length");
  std::size_t body_bytes = 0;
  std::from_chars(length.data(), length.data() + length.size(), body_bytes);
  if (bytes.size() - end - 4 < body_bytes) return std::nullopt;
  request.body = bytes.substr(end + 4, body_bytes);
  request.size = end + 4 + body_bytes;
  return request;
}

std::vector<std::string> names_in(std::string_view json, std::string_view name) {
  std::vector<std::string> names;
  const std::string key = "\"" + std::string(name) + "\":[";
  const auto begin = json.find(key);
  if (begin == std::string_view::npos) return names;
  auto list = json.substr(begin + key.size());
  list = list.substr(0, list.find(']'));
  for (auto from = list.find('"'); from != std::string_view::npos; from = list.find('"', from)) {
    const auto to = list.find('"', from + 1);
    if (to == std::string_view::npos) break;
    names.emplace_back(list.substr(from + 1, to - from - 1));
    from = to + 1;
  }
  return names;
}

std::string json_answer(std::string_view status, std::string_view body) {
  std::string answer = "HTTP/1.1 ";
  answer.append(status).append("\r\nContent-Type: application/json\r\nContent-Length: ");
  answer.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  return answer;
}

}  // namespace kith::bench::relay
