#pragma once

#include "base/log_lines_test.hpp"
#include "base/names.hpp"
#include "commands/all.hpp"
#include "commands/resolver.hpp"
#include "conversations/world_test.hpp"
#include "wire/json/parser.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

// Commands as a caller meets them: JSON in, JSON out, on one reactor.
namespace kith::commands {

using conversations::app;
using conversations::user;

// An answer that was given, parsed.
class Given {
 public:
  Reply into() {
    return [this](Result<Answer> result) {
      ++times;
      if (result.has_error()) {
        fault = result.error();
        return;
      }
      data = result->data;
      sent = result->sent;
    };
  }

  bool ok() const { return times == 1 && !fault; }

  bool refused(Errc code) const { return times == 1 && fault && fault->code == code; }

  // The value lives as long as this.
  Value json() {
    const auto parsed = parser_.parse(data);
    EXPECT_TRUE(parsed.has_value()) << data;
    return parsed.has_value() ? *parsed : Value{};
  }

  std::string text(std::string_view field) {
    const auto found = json().find(field);
    return found ? std::string{found->as_string().value_or("(not text)")} : "(absent)";
  }

  std::optional<std::uint64_t> number(std::string_view field) {
    const auto found = json().find(field);
    return found ? found->as_uint() : std::nullopt;
  }

  // `name` of each object in the list `field`.
  std::vector<std::string> texts(std::string_view field, std::string_view name = "") {
    std::vector<std::string> out;
    for (const auto item : json().find(field).value_or(Value{}).items())
      out.emplace_back(name.empty() ? *item.as_string() : *item.find(name)->as_string());
    return out;
  }

  std::vector<Seq> seqs() {
    std::vector<Seq> out;
    for (const auto item : json().find("messages").value_or(Value{}).items())
      out.push_back(*item.find("seq")->as_uint());
    return out;
  }

  int times = 0;
  std::optional<Fault> fault;
  std::string data;
  std::optional<Sent> sent;

 private:
  wire::json::Parser parser_;
};

class CommandTest : public ::testing::Test {
 protected:
  CommandTest() {
    world_.start({&heard_});
    add_all(table_);
    for (auto& home : world_.home)
      context_.home_of.push_back(home.get());
  }

  Caller caller(std::string_view name) const {
    Caller made;
    made.app = app;
    made.user = user(name);
    made.application = name.empty();
    made.settings = &settings_;
    return made;
  }

  // Runs a command to its end; an empty name is the application itself.
  Given& run(std::string_view name, std::string_view who, std::string_view args) {
    return run_as(caller(who), name, args);
  }

  Given& run_as(const Caller& who, std::string_view name, std::string_view args) {
    given_.push_back(std::make_unique<Given>());
    {
      // Its own parser: what a command keeps of its input after it returned is found by ASan.
      wire::json::Parser parser;
      const auto parsed = parser.parse(args);
      EXPECT_TRUE(parsed.has_value()) << args;
      const auto* command = table_.find(name);
      EXPECT_NE(command, nullptr) << name;
      (*command)(context_, who, Input{*parsed, {}}, given_.back()->into());
    }
    world_.settle();
    EXPECT_EQ(given_.back()->times, 1) << name << ' ' << args;
    return *given_.back();
  }

  // The answer's cid.
  std::string make_group(std::string_view owner, std::string_view more = "") {
    std::string args = R"({"kind":"group")";
    if (!more.empty()) args.append(",").append(more);
    args += "}";
    auto& made = run("conversation.create", owner, args);
    EXPECT_TRUE(made.ok());
    return made.text("cid");
  }

  Given& send(std::string_view who, const std::string& cid, const std::string& text) {
    return run("message.send", who, R"({"cid":")" + cid + R"(","text":")" + text + R"("})");
  }

  static std::string in(const std::string& cid, std::string_view more = "") {
    std::string args = R"({"cid":")" + cid + '"';
    if (!more.empty()) args.append(",").append(more);
    return args + "}";
  }

  ConversationKey key_of(const std::string& cid) const { return {app, *base::parse_cid(cid)}; }

  AppSettings settings_;
  conversations::Listening heard_;
  conversations::World world_;
  Resolver resolver_{*world_.reactors[0], world_.store};
  base::LinesLogger log_;
  Context context_{*world_.reactors[0], world_.store, world_.homes, {}, resolver_, log_};
  Table table_;
  std::vector<std::unique_ptr<Given>> given_;
};

}  // namespace kith::commands
