#pragma once

#include "commands/command.hpp"
#include "commands/resolver.hpp"
#include "wire/json/parser.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Asks commands without a connection, for tests.
namespace kith::commands::testing {

// What came of it: nothing yet, the answer's data, or `!code`.
struct Asked {
  std::string text;
  int times = 0;
};

using AskedPtr = std::shared_ptr<Asked>;

struct Question {
  std::string_view command;
  std::string_view args;
  std::vector<std::string> attachments = {};
};

inline AskedPtr ask(const Table& table, Context& context, const Caller& caller, Question question) {
  auto asked = std::make_shared<Asked>();
  wire::json::Parser parser;
  const auto args = parser.parse(question.args);
  const auto* run = table.find(question.command);
  if (run == nullptr || args.has_error()) return nullptr;
  (*run)(context, caller, {*args, question.attachments}, [asked](auto result) {
    ++asked->times;
    asked->text =
        result.has_value() ? result->data : "!" + std::string{base::info(result.error().code).name};
  });
  return asked;
}

// What commands stand on, at one reactor of a node.
struct Desk {
  template <class Node>
  Desk(Node& node, std::size_t reactor)
      : resolver(*node.reactors[reactor], node.store),
        context{
            *node.reactors[reactor], node.store, node.homes, node.home_of, resolver, node.logger} {}

  AskedPtr ask(const Caller& caller, Question question) {
    return testing::ask(table, context, caller, std::move(question));
  }

  Resolver resolver;
  Context context;
  Table table;
};

}  // namespace kith::commands::testing
