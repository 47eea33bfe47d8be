#pragma once

// A file layer under a connection that writes: SQLite writes each page of a commit in two pieces.
// Here they are gathered until they are synced, read or followed by something elsewhere, and
// written together.
//
// What others read is written: SQLite announces a commit to other connections after it has synced
// it, if `synchronous` is FULL. Only for connections that set it so.
//
// Nothing is gathered but a commit: with `cache_spill` OFF, SQLite writes no page before. Else
// pages of a transaction that was rolled back could stay here, and be written after another
// connection had committed at their place.
namespace kith::adapters::sqlite {

// The name of the layer, for sqlite3_open_v2; registered with the first call. On top of the layer
// that is the default when a file is opened.
const char* gathering_layer() noexcept;

}  // namespace kith::adapters::sqlite
