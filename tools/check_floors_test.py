"""Proves that the floor check refuses what it should and lets pass what is right."""
import pathlib
import tempfile
import unittest

import check_floors


class Floors(unittest.TestCase):
    def complaints(self, name, *headers):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text("\n".join(f"#include {header}" for header in headers), encoding="utf-8")
            return list(check_floors.complaints(pathlib.Path(folder)))

    def refused(self, name, header, words):
        found = self.complaints(name, header)
        self.assertEqual(len(found), 1, f"{name} may include {header}")
        self.assertIn(words, found[0])

    def accepted(self, name, *headers):
        self.assertEqual(self.complaints(name, *headers), [])

    def test_no_module_includes_a_floor_above_it(self):
        order = list(check_floors.MAY_INCLUDE)
        for home, allowed in check_floors.MAY_INCLUDE.items():
            for target in order:
                if allowed is None or target == home or target in allowed or target == "wire":
                    continue
                self.refused(f"{home}/a.cpp", f'"{target}/b.hpp"', f"{home} may not include {target}")

    def test_every_allowed_edge_passes(self):
        for home, allowed in check_floors.MAY_INCLUDE.items():
            for target in allowed or []:
                self.accepted(f"{home}/a.cpp", f'"{target}/json/b.hpp"' if target == "wire" else f'"{target}/b.hpp"')

    def test_the_floors_have_no_circle(self):
        for home, allowed in check_floors.MAY_INCLUDE.items():
            for target in allowed or []:
                self.assertNotIn(home, check_floors.MAY_INCLUDE[target] or [])

    def test_the_server_sees_all(self):
        self.accepted("server/a.cpp", '"adapters/sqlite/b.hpp"', '"features/rooms/b.hpp"', '"wire/http/b.hpp"')

    def test_an_unknown_module_has_no_floor(self):
        self.refused("helpers/a.cpp", '"base/b.hpp"', "has no floor")
        self.refused("base/a.cpp", '"helpers/b.hpp"', "unknown module")

    def test_siblings_are_strangers_but_for_their_neighbours(self):
        self.refused("features/rooms/a.cpp", '"features/receipts/b.hpp"', "features/rooms may not include")
        self.refused("adapters/sqlite/a.cpp", '"adapters/redis/b.hpp"', "adapters/sqlite may not include")
        self.refused("wire/http/a.cpp", '"wire/websocket/b.hpp"', "wire/http may not include")
        for home, target in sorted(check_floors.NEIGHBOURS):
            self.accepted(f"{home}/a.cpp", f'"{target}/b.hpp"')
            self.refused(f"{target}/a.cpp", f'"{home}/b.hpp"', f"{target} may not include {home}")

    def test_the_store_in_memory_is_no_part_of_the_binary(self):
        for home in ["delivery/a.cpp", "server/a.hpp", "ports/a.cpp"]:
            self.refused(home, '"ports/memory/b.hpp"', "for tests")
        for home in ["delivery/a_test.cpp", "delivery/world_test.hpp", "ports/memory/a.cpp"]:
            self.accepted(home, '"ports/memory/b.hpp"')

    def test_commands_and_features_see_of_the_wire_only_json(self):
        for home in sorted(check_floors.ONLY_JSON):
            self.accepted(f"{home}/a.cpp", '"wire/json/b.hpp"')
            self.refused(f"{home}/a.cpp", '"wire/http/b.hpp"', "wire/json only")

    def test_each_tied_library_stays_in_its_place(self):
        for header, home in (("simdjson.h", "wire/json"), ("sqlite3.h", "adapters/sqlite"), ("sys/socket.h", "net"),
                             ("thread", "runtime"), ("openssl/evp.h", "net")):
            self.accepted(f"{home}/a.cpp", f"<{header}>")
            self.refused("domain/a.cpp", f"<{header}>", "belongs to")
        for header, home in (("toml++/toml.h", "config"), ("CLI/CLI.hpp", "command_line"), ("spdlog/spdlog.h", "log_sink")):
            self.accepted(f"server/{home}.cpp", f"<{header}>")
            self.refused("server/other.cpp", f"<{header}>", "belongs to")
        for name in ("a_test.cpp", "a_test.hpp", "a_test_world.hpp"):
            self.accepted(f"domain/{name}", "<thread>", "<gtest/gtest.h>")

    def test_our_headers_show_no_other_library(self):
        self.refused("base/a.hpp", "<fmt/format.h>", "may not stand in a header")
        self.accepted("base/a.cpp", "<fmt/format.h>")
        for header in sorted(check_floors.HEADERS_SHOWN):
            self.accepted("base/a.hpp", f"<{header}>")
        self.accepted("base/a.hpp", "<vector>")

    def test_the_line_is_named(self):
        found = self.complaints("base/a.cpp", "<vector>", '"server/b.hpp"')
        self.assertIn("a.cpp:2:", found[0])


if __name__ == "__main__":
    unittest.main()
