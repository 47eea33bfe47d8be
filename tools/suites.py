#!/usr/bin/env python3
"""Runs suites by `make NAME`, goes on after a failure and sums: suites.py [NAME...] (none: all)

A suite's last line of the form `N passed, N failed` counts. A suite that fails without a failed test, prints no such
line or ran no test is a failure itself; so is each test it skipped. The sum is the last line printed, and stands in build/summary.
"""
import pathlib
import re
import subprocess
import sys
import time

# (target of the Makefile, what must exist for it to be there). The order is that of the runs: cheap ones first.
SUITES = [
    ("tools", "tools"),
    ("tidy", "src"),
    ("unit", "src"),
    ("tsan", "src/runtime/*_test.cpp"),
    ("clang-tidy", ".clang-tidy"),
    ("model-short", "docs/model/conversation.pml"),
    ("sim-short", "tests/simulation/CMakeLists.txt"),
    ("fuzz-short", "tests/fuzz/CMakeLists.txt"),
    ("web", "tests/web/*.test.mjs"),
    ("conformance", "tests/conformance/*.test.mjs"),
    ("integration", "tests/integration/*.test.mjs"),
    ("features", "tests/features/*.test.mjs"),
    ("isolation", "tests/isolation/*.test.mjs"),
    ("docs", "tests/docs/*.test.mjs"),
    ("browser", "tests/browser/*.test.mjs"),
    ("kill9", "tests/integration/kill9.mjs"),
    ("faults-short", "tests/integration/faults.mjs"),
    ("soak-short", "tests/integration/soak.mjs"),
    ("bench-short", "tests/bench/*.test.mjs"),
]
SUM = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


def present(root, suites=None):
    return [name for name, needs in (SUITES if suites is None else suites) if any(root.glob(needs))]


def judge(lines, code):
    """(passed, failed, complaint) of a suite that printed `lines` and ended with `code`."""
    sums = [match for match in map(SUM.match, lines) if match]
    if not sums:
        return 0, 1, f"ended with {code} and printed no sum"
    passed, failed = int(sums[-1][1]), int(sums[-1][2]) + int(sums[-1][3] or 0)
    if passed + failed == 0:
        return 0, 1, "ran no test"
    if code != 0 and failed == 0:
        return passed, 1, f"ended with {code} though no test failed"
    return passed, failed, None


def run(name, make):
    lines = []
    with subprocess.Popen([*make, name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        for line in process.stdout:
            print(f"  {line}", end="", flush=True)
            lines.append(line.strip())
    return judge(lines, process.returncode)


def main(root, names, make=("make", "--no-print-directory")):
    passed = failed = 0
    rows = []
    for name in names:
        print(f"== {name}", flush=True)
        started = time.monotonic()
        good, bad, complaint = run(name, make)
        passed, failed = passed + good, failed + bad
        rows.append(f"{name}: {good} passed, {bad} failed ({time.monotonic() - started:.0f} s)"
                    + (f": {complaint}" if complaint else ""))
        print(rows[-1], flush=True)
    if not names:
        rows.append("no suite is there")
        failed += 1
    total = f"{passed} passed, {failed} failed"
    (root / "build").mkdir(exist_ok=True)
    (root / "build" / "summary").write_text(total + "\n", encoding="utf-8")
    print("\n".join(["== sum", *rows, total]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(here, sys.argv[1:] or present(here)))
