#pragma once

// The contract of ports::Store. An adapter includes this in one of its tests and says
//   using kith::ports::contract::StoreContract;
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(StoreAdapter{...}));
#include "ports/store_history_contract_test.hpp"
#include "ports/store_lane_contract_test.hpp"
#include "ports/store_read_contract_test.hpp"
#include "ports/store_write_contract_test.hpp"
