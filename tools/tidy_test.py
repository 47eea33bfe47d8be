"""Proves that each house rule can fail, and that it lets pass what is right."""
import pathlib
import tempfile
import unittest

import tidy

CLEAN = "#pragma once\n\nnamespace kith {\nint answer();\n}  // namespace kith\n"


def body(lines):
    return "int f() {\n" + "  g();\n" * lines + "}\n"


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name).resolve()
        (self.root / "src").mkdir()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def complaints(self, rule):
        tidy.read.cache_clear()
        tidy.code.cache_clear()
        return list(rule(self.root))

    def refused(self, rule, name, text, words):
        self.write(name, text)
        found = self.complaints(rule)
        self.assertTrue(found, f"{rule.__name__} let {name} pass")
        self.assertIn(words, found[0])
        (self.root / name).unlink()

    def accepted(self, rule, name, text):
        self.write(name, text)
        self.assertEqual(self.complaints(rule), [])
        (self.root / name).unlink()

    def test_floors_are_part_of_it(self):
        self.refused(tidy.floors, "src/base/a.cpp", '#include "server/b.hpp"\n', "base may not include server")
        self.accepted(tidy.floors, "src/server/a.cpp", '#include "base/b.hpp"\n')

    def test_a_file_over_600_lines_fails(self):
        self.refused(tidy.file_length, "src/base/a.cpp", "\n" * 601, "601 lines")

    def test_more_than_one_in_twenty_over_300_lines_fails(self):
        for number in range(19):
            self.write(f"src/base/small{number}.cpp", "\n")
        self.accepted(tidy.file_length, "src/base/long.cpp", "\n" * 301)
        self.write("src/base/long.cpp", "\n" * 301)
        self.refused(tidy.file_length, "src/base/longer.cpp", "\n" * 301, "over 300 lines")

    def test_a_function_over_70_lines_fails(self):
        self.refused(tidy.function_length, "src/base/a.cpp", body(69), "71 lines")
        self.accepted(tidy.function_length, "src/base/a.cpp", body(68))

    def test_functions_are_found_in_classes_tests_and_after_member_lists(self):
        for opening in ("class A {\n A() : x_{1}, y_(2) {", "TEST(A, b) {", "namespace a {\nauto f() -> int {",
                        "template <class T>\nstruct B<T(int)> {\n void g() const noexcept {"):
            text = opening + "\n" + "  g();\n" * 70 + "}\n" + "}\n" * (opening.count("{") - opening.count("}") - 1)
            self.refused(tidy.function_length, "src/base/a.cpp", text, "lines, more than 70")

    def test_classes_tables_comments_and_literals_are_no_functions(self):
        filler = "  int x;\n" * 80
        for text in (f"class A {{\n{filler}}};\n", f"template <class T>\nclass A<T(int)> {{\n{filler}}};\n",
                     f"const int table[f(1)] = {{\n{filler}}};\n", f"/* f() {{\n{filler}}} */\n",
                     f'auto x = R"(f() {{\n{filler}}})";\n', f"namespace a {{\n{filler}}}\n"):
            self.accepted(tidy.function_length, "src/base/a.cpp", text)

    def test_a_header_without_pragma_once_fails(self):
        self.refused(tidy.pragma_once, "src/base/a.hpp", "int x;\n", "no #pragma once")
        self.accepted(tidy.pragma_once, "src/base/a.hpp", CLEAN)

    def test_each_forbidden_word_fails_where_it_may_not_stand(self):
        for word in ("std::chrono::steady_clock::now()", "system_clock::now()", "std::random_device d;", "x = rand();",
                     "std::rand()", "std::this_thread::sleep_for(1s)", "std::mutex m;", "std::recursive_mutex m;"):
            self.refused(tidy.words, "src/domain/a.cpp", word + "\n", "src/domain/a.cpp:1")
            self.accepted(tidy.words, "src/runtime/a.cpp", word + "\n")
        self.refused(tidy.words, "src/runtime/a.cpp", 'getenv("A");\n', "environment")
        self.accepted(tidy.words, "src/server/a.cpp", 'getenv("A");\n')
        self.refused(tidy.words, "src/server/a.cpp", "std::mutex m;\n", "no mutex")
        self.accepted(tidy.words, "src/server/log_sink.cpp", "std::mutex m;\n")
        self.accepted(tidy.words, "src/domain/a_test.cpp", "std::mutex m;\n")
        self.refused(tidy.words, "src/domain/a_test.cpp", "steady_clock::now()\n", "time is an argument")

    def test_words_in_comments_names_and_literals_are_no_calls(self):
        for text in ("// steady_clock::now is not for us\n", 'say("sleep_for");\n', "operand(1);\n", "strand(1);\n"):
            self.accepted(tidy.words, "src/domain/a.cpp", text)

    def test_what_is_left_for_later_fails_in_code_tests_and_tools(self):
        for name in ("src/base/a.cpp", "tests/a.mjs", "web/a.js", "tools/a.py"):
            for word in ("TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"):
                self.refused(tidy.left_for_later, name, f"// {word}: more\n", "do it or file it")
        self.accepted(tidy.left_for_later, "src/base/a.cpp", "// METHODOLOGY, HACKNEY\n")

    def test_a_skipped_test_fails(self):
        self.refused(tidy.skipped_tests, "src/base/a_test.cpp", "GTEST_SKIP" "();\n", "skipped")
        self.refused(tidy.skipped_tests, "src/base/a_test.cpp", "TEST(A, DISABLED" "_b) {}\n", "skipped")
        self.refused(tidy.skipped_tests, "tests/a.mjs", "it.skip" "('x');\n", "skipped")
        self.accepted(tidy.skipped_tests, "tests/a.mjs", "it('skips nothing');\n")

    def test_a_sleeping_test_fails(self):
        self.refused(tidy.sleeping_tests, "tests/a.cpp", "std::this_thread::sleep_for(1s);\n", "wait for the event")
        self.accepted(tidy.sleeping_tests, "tests/a.cpp", "wait_for(1s);\n")

    def test_what_points_out_of_the_project_fails(self):
        for text in ("see ../sha" "red/design\n", "cd /wo" "rk/main\n", "at /ho" "me/ann/kith\n",
                     '"resolved": "http' 's://somewhere/a.tgz"\n', "registry.npm" "js.org\n"):
            self.refused(tidy.points_outside, "docs/a.md", text, "docs/a.md:1")
        self.accepted(tidy.points_outside, "docs/a.md", "`a/work/x` https://example.org/home/x $HOME/x /var/lib/kith\n")

    def test_fewer_lines_of_tests_than_of_source_fail(self):
        self.refused(tidy.tests_outweigh, "src/base/a.cpp", "\n\n", "0 lines of tests for 2")
        self.write("src/base/a_test.cpp", "\n")
        self.write("tests/b.mjs", "\n")
        self.accepted(tidy.tests_outweigh, "src/base/a.cpp", "\n\n")

    def test_a_module_that_no_page_names_fails(self):
        self.write("docs/architecture.md", "`base/` and wire/jsonish\n")
        self.accepted(tidy.modules_named, "src/base/a.cpp", "\n")
        self.refused(tidy.modules_named, "src/wire/json/a.cpp", "\n", "src/wire/json")
        self.write("src/README.md", "wire/json\n")
        self.accepted(tidy.modules_named, "src/wire/json/a.cpp", "\n")

    def test_a_file_out_of_format_fails(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.refused(tidy.formatted, "src/base/a.cpp", "int   x ;\n", "make format")
        self.refused(tidy.formatted, "tests/a.cpp", "int   x ;\n", "make format")
        self.accepted(tidy.formatted, "src/base/a.cpp", "int x;\n")

    def test_every_rule_stands_in_the_list(self):
        self.assertEqual(len(tidy.RULES), len(set(tidy.RULES)))
        self.assertEqual({rule.__name__ for rule in tidy.RULES},
                         {"floors", "file_length", "function_length", "pragma_once", "words", "left_for_later",
                          "skipped_tests", "sleeping_tests", "points_outside", "tests_outweigh", "modules_named",
                          "formatted"})


if __name__ == "__main__":
    unittest.main()
