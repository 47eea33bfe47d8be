"""Proves that the drivers count what ran and take silence for a failure."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import clang_tidy
import run_tests
import suites


class Suites(unittest.TestCase):
    def test_the_last_sum_of_a_suite_counts(self):
        self.assertEqual(suites.judge(["1 passed, 0 failed", "noise", "3 passed, 2 failed"], 1), (3, 2, None))

    def test_a_skipped_test_is_no_passed_one(self):
        self.assertEqual(suites.judge(["3 passed, 0 failed, 2 skipped"], 0), (3, 2, None))

    def test_silence_no_test_and_a_bad_end_are_failures(self):
        self.assertEqual(suites.judge(["all fine"], 0)[:2], (0, 1))
        self.assertEqual(suites.judge([], 2)[:2], (0, 1))
        self.assertEqual(suites.judge(["0 passed, 0 failed"], 0)[:2], (0, 1))
        self.assertEqual(suites.judge(["5 passed, 0 failed"], 1)[:2], (5, 1))

    def test_a_suite_is_there_when_its_files_are(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a_test.cpp").touch()
            self.assertEqual(suites.present(root, [("one", "*_test.cpp"), ("two", "missing.mjs")]), ["one"])

    def drive(self, script, names):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                code = suites.main(root, names, make=("sh", "-c", script))
            return code, printed.getvalue().splitlines(), (root / "build/summary").read_text(encoding="utf-8")

    def test_the_driver_goes_on_after_a_failure_and_ends_with_the_sum(self):
        script = 'case $0 in bad) echo "1 passed, 2 failed"; exit 1;; good) echo "4 passed, 0 failed";; esac'
        code, lines, summary = self.drive(script, ["bad", "good", "silent"])
        self.assertEqual((code, lines[-1], summary), (1, "5 passed, 3 failed", "5 passed, 3 failed\n"))
        self.assertEqual(self.drive(script, ["good"])[0], 0)
        self.assertEqual(self.drive(script, [])[0], 1)


class UnitTests(unittest.TestCase):
    def test_passed_and_failed_cases_are_counted(self):
        report = {"tests": 2, "disabled": 0, "testsuites": [{"name": "A", "testsuite": [
            {"name": "good"}, {"name": "bad", "failures": [{"failure": "expected 1"}]}]}]}
        passed, failed, text = run_tests.judge("unit.a", "", report, 1)
        self.assertEqual((passed, failed), (1, 1))
        self.assertIn("FAILED A.bad", text)
        self.assertIn("expected 1", text)

    def test_a_crash_a_sanitizer_and_no_test_are_failures(self):
        whole = {"tests": 2, "disabled": 0, "testsuites": []}
        self.assertEqual(run_tests.judge("a", "boom", None, -6)[:2], (0, 1))
        self.assertEqual(run_tests.judge("a", "leak", whole, 1)[:2], (2, 1))
        self.assertEqual(run_tests.judge("a", "", {"tests": 0}, 0)[:2], (0, 1))
        self.assertEqual(run_tests.judge("a", "", whole, 0), (2, 0, ""))

    def test_what_was_not_built_is_a_failure(self):
        self.assertEqual(run_tests.run("unit.a", [])[:2], (0, 1))


class ClangTidy(unittest.TestCase):
    def test_a_changed_header_brings_in_the_source_beside_it(self):
        compiled = {"src/a.cpp", "src/b.cpp", "src/c.cpp"}
        self.assertEqual(clang_tidy.wanted(["src/a.hpp", "src/b.cpp", "docs/c.md"], compiled), ["src/a.cpp", "src/b.cpp"])
        self.assertEqual(clang_tidy.wanted(None, compiled), sorted(compiled))

    def test_flags_of_gcc_are_taken_out(self):
        command = "g++ -O1 -Winvalid-pch -include /b/x.dir/cmake_pch.hxx -Wno-restrict -c a.cpp"
        self.assertEqual(clang_tidy.PRECOMPILED.sub("", command).split(), ["g++", "-O1", "-c", "a.cpp"])


if __name__ == "__main__":
    unittest.main()
