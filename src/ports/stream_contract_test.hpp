#pragma once

// The contract of ports::Stream and its factory. An implementation includes this in one of its
// tests and says
//   using kith::ports::contract::StreamContract;
//   INSTANTIATE_TEST_SUITE_P(Tcp, StreamContract, ::testing::Values(StreamAdapter{...}));
#include "ports/stream_end_contract_test.hpp"
#include "ports/stream_move_contract_test.hpp"
#include "ports/stream_talk_contract_test.hpp"
