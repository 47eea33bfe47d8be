#!/usr/bin/env python3
"""Runs every libFuzzer target of a build folder for SECONDS each: fuzz.py BUILD_DIR SECONDS

Targets are the executables that end in `_fuzz`; the seeds of NAME_fuzz lie in tests/fuzz/corpus/NAME. What a run finds
new stays in BUILD_DIR/corpus/NAME, what breaks the code in BUILD_DIR/crashes. Ends with `N passed, N failed`.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys

INPUT_BYTES_MAX = 65536
INPUT_TIMEOUT_S = 10
MEMORY_MB = 2048


def targets(build):
    return sorted(path for path in build.rglob("*_fuzz") if path.is_file() and os.access(path, os.X_OK))


def run(target, build, seeds, seconds):
    name = target.name.removesuffix("_fuzz")
    found, crashes = build / "corpus" / name, build / "crashes"
    found.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(exist_ok=True)
    corpora = [str(found)] + ([str(seeds / name)] if (seeds / name).is_dir() else [])
    done = subprocess.run(
        [str(target), f"-max_total_time={seconds}", f"-max_len={INPUT_BYTES_MAX}", f"-timeout={INPUT_TIMEOUT_S}",
         f"-rss_limit_mb={MEMORY_MB}", f"-artifact_prefix={crashes}/{name}-", "-print_final_stats=1", *corpora],
        capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stderr


def main(root, build, seconds):
    passed = failed = 0
    found = targets(build)
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        running = {pool.submit(run, target, build, root / "tests/fuzz/corpus", seconds): target.name for target in found}
        for done in concurrent.futures.as_completed(running):
            code, text = done.result()
            passed, failed = passed + (code == 0), failed + (code != 0)
            runs = next((line.split()[-1] for line in text.splitlines() if "number_of_executed_units" in line), "?")
            print(f"{running[done]}: {runs} inputs" if code == 0 else f"{running[done]}: FAILED\n{text[-8000:]}", flush=True)
    if not found:
        print(f"no fuzz target in {build}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(here, pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])))
