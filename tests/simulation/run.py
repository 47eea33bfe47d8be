#!/usr/bin/env python3
"""Runs simulated worlds: run.py BINARY [--seeds N] [--first N] [--jobs N] [--seed N] [--mutants [NAME...]]

`--seed N` replays one and prints its transcript. `--mutants` switches planted faults on, one after the other, and
wants each of them to be noticed. The last line is `N passed, N failed`; build/sim.log has the rest.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import threading
import time

PLANTED = re.compile(r"\bKITH_MUTANT\(([a-z_]+)\)")
TAIL_LINES = 60


class Worker(threading.Thread):
    """One process after the other: the next begins behind the seed that killed the last one."""

    def __init__(self, run, first, step, seeds):
        super().__init__()
        self.run_, self.next, self.step, self.left = run, first, step, seeds

    def run(self):
        while self.left > 0 and not self.run_.over():
            self.run_process()

    def run_process(self):
        run = self.run_
        command = [run.binary, "--first", str(self.next), "--step", str(self.step), "--count", str(self.left)]
        if run.mutant:
            command += ["--mutant", run.mutant]
        seed = None
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "seed":
                    seed = int(rest)
                    continue
                number, _, what = rest.partition(" ")
                run.note(int(number), what if word == "found" else None)
                self.next, self.left, seed = int(number) + self.step, self.left - 1, None
                if run.over():
                    process.terminate()
                    break
            complaint = process.stderr.read().strip()
        if seed is not None and not run.over():
            run.note(seed, f"died: {complaint[-300:] or 'it took too long'}")
            self.next, self.left = seed + self.step, self.left - 1


class Run:
    """Many seeds, by several processes; ends early when something was found, if that is wanted."""

    def __init__(self, binary, mutant="", until_found=False):
        self.binary, self.mutant, self.until_found = binary, mutant, until_found
        self.fine, self.found, self.lock = 0, [], threading.Lock()

    def over(self):
        return self.until_found and bool(self.found)

    def note(self, seed, what):
        with self.lock:
            if what is None:
                self.fine += 1
            else:
                self.found.append((seed, what))

    def all(self, first, seeds, jobs):
        workers = [Worker(self, first + i, jobs, (seeds - i + jobs - 1) // jobs) for i in range(jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.found.sort()
        return self


def transcript(binary, seed, mutant=""):
    command = [binary, "--first", str(seed), "--transcript"] + (["--mutant", mutant] if mutant else [])
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


def seeds(arguments):
    started = time.monotonic()
    run = Run(arguments.binary).all(arguments.first, arguments.seeds, arguments.jobs)
    for seed, what in run.found:
        print(f"seed {seed}: {what}\n  make sim SEED={seed}")
    if run.found:
        print("\n".join(transcript(arguments.binary, run.found[0][0])[-TAIL_LINES:]))
    print(f"{run.fine + len(run.found)} seeds in {time.monotonic() - started:.0f} s")
    print(f"{run.fine} passed, {len(run.found)} failed")
    return 1 if run.found or not run.fine else 0


def planted(root):
    names = set()
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        if path.name != "simulation.hpp":
            names.update(PLANTED.findall(path.read_text(encoding="utf-8")))
    return sorted(names)


def mutants(arguments):
    caught, missed = 0, []
    names = arguments.mutants or planted(pathlib.Path(__file__).resolve().parents[2])
    for name in names:
        run = Run(arguments.binary, name, until_found=True).all(arguments.first, arguments.seeds, arguments.jobs)
        if run.found:
            caught += 1
            seed, what = run.found[0]
            print(f"{name:34} caught (seed {seed}: {what[:100]})", flush=True)
        else:
            missed.append(name)
            print(f"{name:34} MISSED in {run.fine} seeds", flush=True)
    print(f"{caught} passed, {len(missed)} failed")
    return 1 if missed or not caught else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--mutant", default="")
    parser.add_argument("--mutants", nargs="*", metavar="NAME")
    arguments = parser.parse_args()
    if arguments.seed is not None:
        lines = transcript(arguments.binary, arguments.seed, arguments.mutant)
        print("\n".join(lines))
        return 0 if lines and lines[-1].startswith("fine") else 1
    return seeds(arguments) if arguments.mutants is None else mutants(arguments)


if __name__ == "__main__":
    sys.exit(main())
