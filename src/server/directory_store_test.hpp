#pragma once

#include "ports/idle_store_test.hpp"

#include <string>
#include <utility>
#include <vector>

namespace kith::server {

// A store that knows applications and keys only: all that the command line asks of one.
class DirectoryStore final : public ports::IdleStore {
 public:
  ports::Directory rows;
  bool broken = false;

  base::Result<ports::Directory> directory() override {
    if (broken) return fault();
    return rows;
  }

  base::Result<ports::AppRow> create_app(std::string name) override {
    if (broken) return fault();
    for (const auto& app : rows.apps)
      if (app.name == name) return base::Fault{base::Errc::conflict, "taken"};
    rows.apps.push_back(
        {static_cast<base::AppId>(rows.apps.size() + 1), std::move(name), {1'767'261'600'000}});
    return rows.apps.back();
  }

  base::Result<void> add_key(ports::AppKeyRow key) override {
    if (broken) return fault();
    rows.keys.push_back(std::move(key));
    return {};
  }

  base::Result<void> retire_key(base::AppId app, std::string kid) override {
    for (auto& key : rows.keys) {
      if (key.app != app || key.kid != kid || key.retired_at.ms != 0) continue;
      key.retired_at.ms = 1'767'265'200'000;
      return {};
    }
    return base::Fault{base::Errc::not_found, "no such key"};
  }

 private:
  static base::Fault fault() { return {base::Errc::unavailable, "the disk is full"}; }
};

}  // namespace kith::server
