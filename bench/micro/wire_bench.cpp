// What a message costs in the codecs and in JSON, each alone: frames, packets, an HTTP request, the
// parse of message.send and the format of message.new.
#include "conversations/objects.hpp"
#include "delivery/published.hpp"
#include "domain/body.hpp"
#include "wire/engineio/packet.hpp"
#include "wire/http/request_parser.hpp"
#include "wire/json/parser.hpp"
#include "wire/socketio/decoder.hpp"
#include "wire/socketio/encode.hpp"
#include "wire/websocket/frame_parser.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace kith;

constexpr std::size_t message_bytes_max = 1'000'000;

const std::string text(64, 'x');
const std::string send_args =
    R"(["message.send",{"to":"u17","text":")" + text + R"(","client_id":"r-17-42"}])";
const std::string send_packet = "4217" + send_args;

constexpr std::string_view upgrade =
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
    "Host: chat.example.org\r\nConnection: Upgrade\r\nPragma: no-cache\r\n"
    "Cache-Control: no-cache\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)\r\n"
    "Upgrade: websocket\r\nOrigin: https://chat.example.org\r\nSec-WebSocket-Version: 13\r\n"
    "Accept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

domain::LogEvent message() {
  domain::LogEvent event;
  event.seq = 100'042;
  event.no = 100'040;
  event.actor = domain::UserId{"u17"};
  event.client_id = domain::ClientId{"r-17-42"};
  event.ts = {1'767'261'600'123};
  event.body = domain::make_body(R"("type":"text","text":")" + text + "\"");
  return event;
}

const domain::ConversationKey key{domain::AppId{1}, domain::Cid::from_view("0123456789abcdef")};

void must(bool holds) {
  if (!holds) std::abort();
}

void websocket_frame_decode(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  std::string frame;
  wire::websocket::append_masked_frame(
      frame, {.opcode = wire::websocket::Opcode::text, .key = 0x12345678}, payload);
  wire::websocket::FrameParser parser(message_bytes_max);
  std::string scratch;
  for (auto _ : state) {
    std::string_view bytes = frame;
    must(parser.next(bytes, scratch).payload.size() == payload.size());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(websocket_frame_decode)->Arg(124)->Arg(1'000)->Arg(16'000);

void websocket_frame_encode(benchmark::State& state) {
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state)
    benchmark::DoNotOptimize(wire::engineio::OutMessage::text(payload));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(websocket_frame_encode)->Arg(124)->Arg(1'000)->Arg(16'000);

void packet_parse(benchmark::State& state) {
  wire::socketio::Decoder decoder({});
  wire::json::Parser parser;
  std::string scratch;
  for (auto _ : state) {
    const auto packet =
        wire::engineio::decode_text_packet(wire::engineio::Revision::v4, send_packet, scratch);
    const auto event = decoder.text(packet->data, parser);
    must(event.has_value() && (*event)->name == "message.send");
  }
}

BENCHMARK(packet_parse);

void ack_format(benchmark::State& state) {
  std::string out;
  for (auto _ : state) {
    out.clear();
    wire::socketio::append_ack(
        out, R"({"ok":true,"data":{"id":"kW3v","seq":42,"no":40}})", {.ack_id = 17});
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK(ack_format);

void http_request_parse(benchmark::State& state) {
  wire::http::RequestParser parser;
  for (auto _ : state) {
    must(parser.feed(upgrade) == upgrade.size());
    benchmark::DoNotOptimize(parser.take_request());
  }
}

BENCHMARK(http_request_parse);

void json_parse_send(benchmark::State& state) {
  wire::json::Parser parser;
  for (auto _ : state) {
    const auto args = parser.parse(send_args);
    const auto body = args->items().rest().front();
    must(body.find("text")->as_string()->size() == text.size());
    benchmark::DoNotOptimize(body.find("client_id")->as_string());
    benchmark::DoNotOptimize(body.find("to")->as_string());
  }
}

BENCHMARK(json_parse_send);

void json_format_new(benchmark::State& state) {
  const auto event = message();
  const base::Key16 id_key{1};
  std::string out;
  for (auto _ : state) {
    out.clear();
    wire::json::Writer json{out};
    conversations::append_event(json, id_key, key, event);
    benchmark::DoNotOptimize(out.data());
  }
}

BENCHMARK(json_format_new);

// The whole frame that all sessions share: id, JSON, packet, frame header, one allocation.
void encode_published(benchmark::State& state) {
  const auto event = message();
  const base::Key16 id_key{1};
  for (auto _ : state)
    benchmark::DoNotOptimize(delivery::encode(id_key, key, event));
}

BENCHMARK(encode_published);

}  // namespace

BENCHMARK_MAIN();
