#!/usr/bin/env python3
"""Searches docs/model/conversation.pml with spin: model.py [--short] [--seconds S] [NAME...] (none: all of docs/model/runs.txt)

Each run of a planted bug is made twice: with it, something must be found; without, nothing. A line a run; the shortest way to what was
found is left in build/model/NAME.txt. Ends with `N passed, N failed`.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KINDS = ("holds", "searched", "caught")
UNFINISHED = re.compile(r"interrupted|not completed|out of memory|too small|memory limit|max search depth")


def read_runs(text):
    """[(kind, short, name, flags)] of the lines of runs.txt."""
    runs = []
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        kind, name, flags = words[0].rstrip("+"), words[1], words[2:]
        if kind not in KINDS or not flags:
            raise ValueError(f"not a run: {line}")
        runs.append((kind, words[0].endswith("+"), name, flags))
    return runs


def with_controls(runs):
    """The runs, and for each planted bug the same world without it, once."""
    made, worlds = list(runs), set()
    for kind, short, name, flags in runs:
        clean = [flag for flag in flags if not flag.startswith("BUG_")]
        if kind != "caught" or clean == flags or tuple(clean) in worlds:
            continue
        worlds.add(tuple(clean))
        made.append(("holds", short, f"{name}.without", clean))
    return made


def search(model, flags, seconds, shortest):
    """(errors found or None, whether the search ended, states, the way there)."""
    defines = [f"-D{flag}" if "=" in flag else f"-D{flag}=1" for flag in flags]
    with tempfile.TemporaryDirectory() as folder:
        def call(*command, limit=None):
            return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=limit)

        (pathlib.Path(folder) / "m.pml").write_text(model, encoding="utf-8")
        how = ["-DBFS"] if shortest else ["-DCOLLAPSE", "-DHC4"]
        made = call("spin", "-a", *defines, "m.pml")
        built = call("gcc", "-O2", "-w", "-DSAFETY", "-DNOFAIR", "-DVECTORSZ=1024", "-DMEMLIM=6000", *how, "-o", "pan", "pan.c")
        if built.returncode != 0:
            return None, False, 0, made.stdout + built.stderr
        said = call("timeout", "-s", "INT", str(seconds), "./pan", "-m2000000", "-w24").stdout
        errors = re.search(r"errors: (\d+)", said)
        states = re.search(r"([0-9.e+]+) states, stored", said)
        way = ""
        if (pathlib.Path(folder) / "m.pml.trail").exists():
            told = call("spin", "-t", *defines, "m.pml").stdout
            way = "\n".join(line.strip() for line in told.splitlines() if "EV " in line or "assert" in line)
        return (int(errors[1]) if errors else None, not UNFINISHED.search(said),
                int(float(states[1])) if states else 0, way)


def verdict(kind, errors, ended):
    """None: as it should be."""
    if errors is None:
        return "did not run"
    if kind == "caught":
        return None if errors else "MISSED: nothing wrong was found"
    if errors:
        return "something is wrong: see the way there"
    return None if ended or kind == "searched" else "the search did not end in its time"


def main(arguments):
    parser = argparse.ArgumentParser()
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seconds", type=int, default=240)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(arguments)
    root = pathlib.Path(__file__).resolve().parent.parent
    model = (root / "docs/model/conversation.pml").read_text(encoding="utf-8")
    runs = with_controls(read_runs((root / "docs/model/runs.txt").read_text(encoding="utf-8")))
    if asked.names:
        runs = [run for run in runs if run[2] in asked.names]
    elif asked.short:
        runs = [run for run in runs if run[1]]
    out = root / "build/model"
    out.mkdir(parents=True, exist_ok=True)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        running = {pool.submit(search, model, flags, asked.seconds, kind == "caught"): (kind, name, flags)
                   for kind, _, name, flags in runs}
        for done in concurrent.futures.as_completed(running):
            kind, name, flags = running[done]
            errors, ended, states, way = done.result()
            wrong = verdict(kind, errors, ended)
            failed += wrong is not None
            (out / f"{name}.txt").write_text(f"# {name}: {' '.join(flags)}\n{way}\n", encoding="utf-8")
            print(f"{'ok' if wrong is None else 'FAILED':<7} {kind:<9} {name:<36} {states:>10} states"
                  f"{'' if ended else ', not all of them'}{': ' + wrong if wrong else ''}", flush=True)
    print(f"{len(runs) - failed} passed, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
