#!/usr/bin/env python3
"""Runs the GoogleTest executables that CMake registered in a build folder: run_tests.py BUILD_DIR [NAME...]

Two at a time; failures are printed in full; the last line is `N passed, N failed`. NAME picks unit.NAME. An executable
that writes no result, crashes or holds no test counts as a failure.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

TIMEOUT_S = 300
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
}


def registered(build):
    """(name, command) of each test that CMake knows; the command is empty when it was not built."""
    listing = subprocess.run(["ctest", "--test-dir", str(build), "--show-only=json-v1"],
                             capture_output=True, text=True, check=True)
    return [(test["name"], test.get("command", [])) for test in json.loads(listing.stdout)["tests"]]


def failed_cases(report):
    for suite in report.get("testsuites", []):
        for case in suite.get("testsuite", []):
            if case.get("failures"):
                yield f'{suite["name"]}.{case["name"]}', case["failures"]


def judge(name, output, report, code):
    """(passed, failed, text) of one executable that ended with `code`; report is None when it wrote none."""
    if report is None:
        return 0, 1, f"{name}: ended with {code} and wrote no result\n{output}"
    failures = list(failed_cases(report))
    total, failed = report.get("tests", 0) - report.get("disabled", 0), len(failures)
    lines = []
    for case, messages in failures:
        lines.append(f"FAILED {case} ({name})")
        lines += [message["failure"] for message in messages]
    if code != 0 and failed == 0:  # a sanitizer's report after the tests, or a leak
        return total, 1, f"{name}: ended with {code}\n{output}"
    if total == 0:
        return 0, 1, f"{name}: holds no test"
    return total - failed, failed, "\n".join(lines)


def run(name, command):
    if not command:
        return 0, 1, f"{name}: not built", 0.0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = pathlib.Path(folder) / "result.json"
        environment = {**SANITIZERS, **os.environ}
        try:
            done = subprocess.run([*command, f"--gtest_output=json:{result}"], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=TIMEOUT_S, env=environment, check=False)
            output, code = done.stdout.decode("utf-8", "replace"), done.returncode
        except subprocess.TimeoutExpired as hung:
            output, code = (hung.stdout or b"").decode("utf-8", "replace"), f"no answer after {TIMEOUT_S} s"
        except OSError as error:
            output, code = str(error), "not started"
        report = json.loads(result.read_text(encoding="utf-8")) if result.exists() else None
    return (*judge(name, output, report, code), time.monotonic() - started)


def main(build, names):
    tests = registered(build)
    if names:
        tests = [(name, command) for name, command in tests if name.removeprefix("unit.") in names]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(run, name, command): name for name, command in tests}
        for done in concurrent.futures.as_completed(running):
            good, bad, text, seconds = done.result()
            passed, failed = passed + good, failed + bad
            print(f"{running[done]}: {good} passed, {bad} failed ({seconds:.1f} s)" + (f"\n{text}" if text else ""),
                  flush=True)
    if not tests:
        print(f"no test is registered in {build}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
