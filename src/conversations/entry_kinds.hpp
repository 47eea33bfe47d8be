#pragma once

#include "conversations/entries.hpp"

// Which kind of wish an entry is, found without the run-time types of the language.
namespace kith::conversations {

// Null, if it is another one.
template <class EntryType>
const EntryType* entry_as(const ports::LaneEntry& entry) noexcept {
  const bool is = static_cast<const Entry&>(entry).what == EntryType::own;
  return is ? static_cast<const EntryType*>(&entry) : nullptr;
}

// Calls `f` with the entry as what it is.
template <class F>
void visit_entry(ports::LaneEntry& entry, F&& f) {
  switch (static_cast<Entry&>(entry).what) {
    case Entry::What::send:
      return f(static_cast<SendEntry&>(entry));
    case Entry::What::create:
      return f(static_cast<CreateEntry&>(entry));
    case Entry::What::add:
      return f(static_cast<AddEntry&>(entry));
    case Entry::What::role:
      return f(static_cast<RoleEntry&>(entry));
    case Entry::What::update:
      return f(static_cast<UpdateEntry&>(entry));
    case Entry::What::remove:
      return f(static_cast<RemoveEntry&>(entry));
    case Entry::What::read:
      return f(static_cast<ReadEntry&>(entry));
    case Entry::What::cursor:
      return f(static_cast<CursorEntry&>(entry));
    case Entry::What::user:
      return f(static_cast<UserEntry&>(entry));
    case Entry::What::revoke:
      return f(static_cast<RevokeEntry&>(entry));
  }
}

}  // namespace kith::conversations
