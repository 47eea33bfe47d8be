#include "wire/json/merge_patch.hpp"

#include "wire/json/writer.hpp"

#include <set>
#include <string_view>

namespace kith::wire::json {
namespace {

std::string merged(Value target, Value patch) {
  std::string text;
  append_merged(text, target, patch);
  return text;
}

}  // namespace

void append_merged(std::string& out, Value target, Value patch) {
  if (!patch.is_object()) return append_raw(out, patch);
  Writer json{out};
  json.begin_object();
  std::set<std::string_view> named;
  for (const auto [name, first] : target.members()) {
    if (!named.insert(name).second) continue;
    const auto was = target.find(name).value_or(first);
    const auto change = patch.find(name);
    if (!change)
      json.key(name).value(was);
    else if (!change->is_null())
      json.key(name).raw(merged(was, *change));
  }
  for (const auto [name, first] : patch.members()) {
    const auto change = patch.find(name).value_or(first);
    if (named.insert(name).second && !change.is_null()) json.key(name).raw(merged(Value{}, change));
  }
  json.end_object();
}

}  // namespace kith::wire::json
