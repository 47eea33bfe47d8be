"""Tests of limits_page.py, and that the page it writes is up to date."""
import pathlib
import unittest

import limits_page

SOURCE = """
namespace kith::base::limits {

// HTTP
inline constexpr std::size_t line_bytes_max = 8 * 1024;   // each line
inline constexpr std::size_t odd_bytes_max = 1'500;

// Delivery
inline constexpr std::size_t page_bytes_max =
    line_bytes_max;                             // of one page; the last event
                                                // may exceed it
// What a writer remembers.
inline constexpr std::uint32_t wait_ms_max = 10'000;  // older sends are refused
inline constexpr std::uint32_t linger_us_max = 1'000;

}  // namespace kith::base::limits
"""


class LimitsPage(unittest.TestCase):
    def test_a_constant_has_section_value_and_comment(self):
        found = limits_page.constants(SOURCE)
        self.assertEqual([(section, name, value) for section, name, value, _ in found], [
            ("HTTP", "line_bytes_max", 8192), ("HTTP", "odd_bytes_max", 1500), ("Delivery", "page_bytes_max", 8192),
            ("Delivery", "wait_ms_max", 10000), ("Delivery", "linger_us_max", 1000)])
        self.assertEqual([comment for _, _, _, comment in found], ["each line", "", "of one page; the last event may exceed it", "older sends are refused", ""])

    def test_values_are_shown_in_the_unit_of_their_name(self):
        self.assertEqual([limits_page.shown(*one) for one in [("a_bytes_max", 8192), ("a_bytes_max", 1500), ("a_ms", 5000), ("a_ms_max", 250), ("a_max", 65536), ("a_per_s", 20000), ("a_us_max", 500)]],
                         ["8 KiB", "1,500", "5 s", "250 ms", "65,536", "20,000", "500 us"])

    def test_what_is_named_before_is_left_out(self):
        text = limits_page.inside(SOURCE, {"line_bytes_max", "odd_bytes_max"})
        self.assertNotIn("### HTTP", text)
        self.assertIn("| `wait_ms_max` | 10 s | older sends are refused |", text)

    def test_no_constant_of_the_source_is_overlooked(self):
        source = (pathlib.Path(__file__).resolve().parent.parent / "src/base/limits.hpp").read_text(encoding="utf-8")
        self.assertEqual(len(limits_page.constants(source)), source.count("inline constexpr"))

    def test_the_page_is_up_to_date(self):
        self.assertEqual(limits_page.main(pathlib.Path(__file__).resolve().parent.parent, True), 0)


if __name__ == "__main__":
    unittest.main()
