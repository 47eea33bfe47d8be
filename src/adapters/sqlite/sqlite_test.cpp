#include "adapters/sqlite/sqlite.hpp"

#include "adapters/sqlite/connection.hpp"
#include "adapters/sqlite/scratch_test.hpp"
#include "ports/store_contract_test.hpp"

#include <sys/stat.h>

namespace kith::ports::contract {

namespace {

using adapters::sqlite::ScratchFolder;
using adapters::sqlite::Surroundings;

class SqliteWorld final : public StoreWorld {
 public:
  std::unique_ptr<Store> open() override {
    auto store = adapters::sqlite::open_sqlite(surroundings_.options(folder_.file()));
    EXPECT_TRUE(store.has_value());
    return store.has_value() ? std::move(store).value() : nullptr;
  }

 private:
  ScratchFolder folder_;
  Surroundings surroundings_;
};

std::string adapter_name(const ::testing::TestParamInfo<StoreAdapter>& tested) {
  return tested.param.name;
}

INSTANTIATE_TEST_SUITE_P(Sqlite,
                         StoreContract,
                         ::testing::Values(StoreAdapter{
                             "sqlite", [] { return std::make_unique<SqliteWorld>(); }}),
                         adapter_name);

}  // namespace

}  // namespace kith::ports::contract
