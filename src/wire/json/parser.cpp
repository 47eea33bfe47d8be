#include "wire/json/parser.hpp"

#include "base/assert.hpp"
#include "base/limits.hpp"
#include "wire/json/repair.hpp"

#include <algorithm>
#include <bit>
#include <simdjson.h>
#include <string>

namespace kith::wire::json {
namespace {

constexpr base::Fault not_json{base::Errc::validation_failed, "send valid JSON in UTF-8"};
constexpr base::Fault too_deep{base::Errc::too_large, "nest JSON at most 32 levels deep"};
constexpr base::Fault too_long{base::Errc::too_large, "send less JSON at once"};
constexpr base::Fault no_memory{base::Errc::overloaded, "try again in a moment"};

base::Fault fault_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::DEPTH_ERROR:
      return too_deep;
    case simdjson::CAPACITY:
      return too_long;
    case simdjson::MEMALLOC:
      return no_memory;
    default:
      return not_json;
  }
}

static_assert(base::limits::json_depth_max == 32, "the text of too_deep says 32");
constexpr std::size_t capacity_bytes_min = 1024;

}  // namespace

struct Parser::State {
  explicit State(Options given) : options(given) {}

  Options options;
  std::size_t capacity = 0;
  std::unique_ptr<char[]> scratch;  // capacity + SIMDJSON_PADDING: simdjson reads past the end
  std::unique_ptr<simdjson::dom::parser> parser;
  simdjson::dom::document document;
  Tape tape;

  void release() {
    parser.reset();
    document = {};
    scratch.reset();
    capacity = 0;
  }

  simdjson::error_code grow(std::size_t bytes) {
    if (capacity != 0 && bytes <= capacity) return simdjson::SUCCESS;
    release();
    const std::size_t wanted = std::bit_ceil(std::max(bytes, capacity_bytes_min));
    parser = std::make_unique<simdjson::dom::parser>(wanted);
    // simdjson counts the level of the document itself.
    if (const auto error = parser->allocate(wanted, base::limits::json_depth_max + 1)) return error;
    if (const auto error = document.allocate(wanted)) return error;
    scratch = std::make_unique<char[]>(wanted + simdjson::SIMDJSON_PADDING);
    capacity = wanted;
    return simdjson::SUCCESS;
  }

  simdjson::error_code read(std::string_view text) {
    if (const auto error = grow(text.size())) return error;
    text.copy(scratch.get(), text.size());
    const auto root = parser->parse_into_document(document, scratch.get(), text.size(), false);
    tape = {document.tape.get(), document.string_buf.get()};
    return root.error();
  }
};

Parser::Parser() : Parser(Options{}) {}

Parser::Parser(Options options) : state_(std::make_unique<State>(options)) {
  KITH_ASSERT(options.capacity_bytes_max <= capacity_bytes_limit);
}

Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;
Parser::~Parser() = default;

base::Result<Value> Parser::parse(std::string_view text) {
  State& state = *state_;
  if (text.size() > state.options.capacity_bytes_max) return too_long;
  if (text.size() <= state.options.kept_bytes) trim();
  simdjson::error_code error = state.read(text);
  if (error == simdjson::STRING_ERROR || error == simdjson::NUMBER_ERROR) {
    std::string repaired;
    if (repair(text, repaired)) error = state.read(repaired);
  }
  if (error) return fault_of(error);
  return Value{state.tape, 1};  // word 0 is the root
}

void Parser::trim() {
  if (state_->capacity > std::bit_ceil(std::max(state_->options.kept_bytes, capacity_bytes_min)))
    state_->release();
}

}  // namespace kith::wire::json
