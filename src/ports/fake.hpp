#pragma once

// The ports without a world behind them, for tests.
#include "ports/fake_reactor.hpp"
#include "ports/fake_stream.hpp"
