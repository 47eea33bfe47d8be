#pragma once

#include <string>

namespace kith::rest {

// What the REST API is, as OpenAPI 3.1: made of the table of routes (route.cpp) and of the shapes
// (operations.cpp). Two blanks deep; docs/openapi.json is this text, and `GET /v1/openapi.json`.
std::string openapi_json();

}  // namespace kith::rest
