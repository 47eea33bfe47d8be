// What nearly every translation unit includes. Third-party headers stay out, but for the two that ours use.
#pragma once
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/system/result.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
