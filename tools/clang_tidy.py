#!/usr/bin/env python3
"""clang-tidy over the .cpp files changed since HEAD~20 (all when there are fewer commits): clang_tidy.py BUILD_DIR [FILE...]

A changed header brings in the .cpp beside it. Tests are left out: GoogleTest's macros trip half of the checks. BUILD_DIR holds compile_commands.json of a g++ build; a copy without what
clang does not know is used. Ends with `N passed, N failed`, counted in files.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

COMMITS = 20
PRECOMPILED = re.compile(r"-Winvalid-pch|-fpch-preprocess|-include \S*cmake_pch\.hxx|-Wno-(?:maybe-uninitialized|restrict|stringop-overflow)")


def git(root, *arguments):
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    return done.stdout.split("\n")[:-1] if done.returncode == 0 else None


def changed(root):
    """Paths changed since HEAD~COMMITS with what is not committed, or None for all."""
    base = f"HEAD~{COMMITS}"
    if git(root, "rev-parse", "--verify", "--quiet", base) is None:
        return None
    return git(root, "diff", "--name-only", "--diff-filter=d", base)


def wanted(paths, compiled):
    """The compiled files among `paths`, and those beside a header among them."""
    if paths is None:
        return sorted(compiled)
    stems = {path.rsplit(".", 1)[0] for path in paths if path.endswith((".hpp", ".cpp"))}
    return sorted(path for path in compiled if path.rsplit(".", 1)[0] in stems)


def database(build, root, out):
    """Writes a compile_commands.json that clang understands; the project's own files in it, relative to root."""
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    kept, compiled = [], set()
    for entry in entries:
        path = pathlib.Path(entry["file"])
        if not path.is_relative_to(root / "src") or path.suffix != ".cpp" or path.name.endswith("_test.cpp"):
            continue
        if path.is_relative_to(root / "src/ports/memory"):  # for tests, too: what they set stands open
            continue
        entry["command"] = PRECOMPILED.sub("", entry["command"]) + f' -include {root}/cmake/pch.hpp'
        kept.append(entry)
        compiled.add(path.relative_to(root).as_posix())
    out.mkdir(parents=True, exist_ok=True)
    (out / "compile_commands.json").write_text(json.dumps(kept), encoding="utf-8")
    return compiled


def check(path, root, out):
    done = subprocess.run(["clang-tidy-14", "--quiet", "-p", str(out), path], cwd=root, capture_output=True, text=True,
                          check=False)
    return done.returncode == 0, done.stdout + (done.stderr if done.returncode else "")


def main(root, build, paths):
    out = build / "clang-tidy"
    compiled = database(build, root, out)
    files = wanted(paths or changed(root), compiled)
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        running = {pool.submit(check, path, root, out): path for path in files}
        for done in concurrent.futures.as_completed(running):
            good, text = done.result()
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"{running[done]}:\n{text}", flush=True)
    if not files:
        print("no compiled file was changed")
        passed = 1  # looking and finding nothing to do is what was asked
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(here, pathlib.Path(sys.argv[1]).resolve(), sys.argv[2:]))
