#include "wire/http/request.hpp"

#include "base/assert.hpp"
#include "wire/http/tokens.hpp"

namespace kith::wire::http {

std::optional<std::string_view> Request::header(std::string_view name) const noexcept {
  for (const Field& field : fields_)
    if (equal_ignoring_case(text(field.name), name)) return text(field.value);
  return std::nullopt;
}

std::size_t Request::header_count(std::string_view name) const noexcept {
  std::size_t count = 0;
  for (const Field& field : fields_)
    count += equal_ignoring_case(text(field.name), name) ? 1 : 0;
  return count;
}

bool Request::header_has_token(std::string_view name, std::string_view token) const noexcept {
  for (const Field& field : fields_)
    if (equal_ignoring_case(text(field.name), name) && has_token(text(field.value), token))
      return true;
  return false;
}

Header Request::header_at(std::size_t index) const noexcept {
  KITH_ASSERT(index < fields_.size());
  return {text(fields_[index].name), text(fields_[index].value)};
}

}  // namespace kith::wire::http
