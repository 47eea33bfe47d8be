#!/usr/bin/env python3
"""The house rules that a program can check, "tidy words": tidy.py [ROOT]

Each rule is one test: its complaints are printed, and the last line is `N passed, N failed`. A rule is a generator of
complaints in RULES; tidy_test.py proves of each that it can fail.
"""
import collections
import functools
import pathlib
import re
import subprocess
import sys

import check_floors

FILE_LINES_NORMAL, FILE_LINES_MAX, NORMAL_SHARE = 300, 600, 0.95
FUNCTION_LINES_MAX = 70
SOURCE = (".cpp", ".hpp")

# (pattern, what is wrong, folders or files of src/ where it is right; TESTS: test files)
TESTS = "*_test"
WORDS = [
    (r"\b(?:steady|system|high_resolution)_clock::now\b", "time is an argument: base::Clock", ("runtime/",)),
    (r"\brandom_device\b", "chance is an argument: base::Random", ("runtime/",)),
    (r"(?<![\w.:>])s?rand\s*\(|\bstd::s?rand\s*\(", "chance is an argument: base::Random", ("runtime/",)),
    (r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b", "wait for the event, with a deadline", ("runtime/",)),
    (r"\bgetenv\b", "the environment is an argument", ("server/",)),
    # log_sink.cpp: lines of several reactors share one standard error, and the limit of each event its counter.
    (r"\bstd::(?:recursive_|shared_|timed_)?mutex\b", "no mutex outside runtime/ and adapters/",
     ("runtime/", "adapters/", "server/log_sink.cpp", TESTS)),
]
# Rules about words must not stumble over their own patterns: each is written with a class in it.
LEFT_FOR_LATER = re.compile(r"\b(?:TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b")
SKIPPED_TEST = re.compile(r"\bGTEST_SKI[P]\b|\bDISABLE[D]_|\b(?:it|test|describe)\.ski[p]\(")
SLEEPING_TEST = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\s*\(")
OUTSIDE = re.compile(r"\.\./share[d]\b|\.\./\.librar[y]\b")
MACHINE_PATH = re.compile(r"(?<![\w.:/~$}])/(?:wor[k]|hom[e]|roo[t]|mn[t])/\w")
REGISTRY = re.compile(r"\bregistry\.[a-z]+\.(?:org|com)\b|\"resolved\"\s*:\s*\"https?:|\bdeb\.debian[.]org\b")
TOKENS = re.compile(r'R"(?P<tag>[^()\\ ]{0,16})\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/',
                    re.S)
DIGIT_MARK = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")
NOT_A_FUNCTION = re.compile(r"(?:inline\s+)?(?:namespace|enum|extern|class|struct|union)\b|.*=\s*$", re.S)
BEFORE_A_NAME = re.compile(r"\s*(?:(?:public|private|protected)\s*:\s*|template\s*<[^{};]*?>\s*(?=class|struct|union))*")


@functools.lru_cache(maxsize=None)
def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


@functools.lru_cache(maxsize=None)
def code(path):
    """The text with comments and literals blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return TOKENS.sub(blank, DIGIT_MARK.sub("_", read(path)))


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def sources(root):
    return sorted(path for path in (root / "src").rglob("*") if path.suffix in SOURCE)


def tracked(root):
    """Text files of the project: what git knows or would, else everything."""
    done = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"], capture_output=True,
                          text=True, check=False)
    if done.returncode == 0 and done.stdout:
        paths = [root / name for name in done.stdout.splitlines()]
    else:
        paths = sorted(root.rglob("*"))
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:4096]]


def is_test(path):
    return check_floors.TEST_FILE.search(path.name) is not None


def count_lines(path):
    return read(path).count("\n")


def found(root, paths, pattern, what, view=read):
    for path in paths:
        text = view(path)
        for match in pattern.finditer(text):
            yield f"{path.relative_to(root)}:{line_of(text, match.start())}: {what}: {match.group().strip()}"


def floors(root):
    yield from check_floors.complaints(root / "src")


def file_length(root):
    paths = sources(root)
    for path in paths:
        if count_lines(path) > FILE_LINES_MAX:
            yield f"{path.relative_to(root)}: {count_lines(path)} lines, more than {FILE_LINES_MAX}"
    long = [path for path in paths if count_lines(path) > FILE_LINES_NORMAL]
    if len(long) > (1 - NORMAL_SHARE) * len(paths):
        names = ", ".join(f"{path.relative_to(root)} ({count_lines(path)})" for path in long)
        yield f"{len(long)} of {len(paths)} files are over {FILE_LINES_NORMAL} lines, more than 5 %: {names}"


def close_of(text, opening):
    depth = 0
    for offset in range(opening, len(text)):
        depth += (text[offset] == "{") - (text[offset] == "}")
        if depth == 0:
            return offset
    return len(text) - 1


def functions(text):
    """(first line, last line, header) of each function body of blanked text; lambdas belong to what holds them."""
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M)
    start = offset = 0
    while offset < len(text):
        if text[offset] in ";}":
            start = offset + 1
        elif text[offset] == "{":
            header = text[start:offset]
            if ")" in header and not NOT_A_FUNCTION.match(header, BEFORE_A_NAME.match(header).end()):
                close = close_of(text, offset)
                # A constructor's list of members may hold braces: the body is the last of them.
                while (rest := re.match(r"\s*(?:,[^;{}]*)?\{", text[close + 1:])):
                    close = close_of(text, close + rest.end())
                first = start + len(header) - len(header.lstrip())
                yield line_of(text, first), line_of(text, close), " ".join(header.split())
                offset = close
            start = offset + 1
        offset += 1


def function_length(root):
    for path in sources(root):
        for first, last, header in functions(code(path)):
            if last - first + 1 > FUNCTION_LINES_MAX:
                yield f"{path.relative_to(root)}:{first}: {last - first + 1} lines, more than {FUNCTION_LINES_MAX}: {header[:80]}"


def pragma_once(root):
    for path in sources(root):
        if path.suffix == ".hpp" and not re.search(r"^#pragma once$", read(path), re.M):
            yield f"{path.relative_to(root)}: no #pragma once"


def words(root):
    for pattern, what, allowed in WORDS:
        paths = [path for path in sources(root)
                 if not any(path.relative_to(root / "src").as_posix().startswith(place) for place in allowed)
                 and not (TESTS in allowed and is_test(path))]
        yield from found(root, paths, re.compile(pattern), what, code)


def left_for_later(root):
    paths = [path for path in tracked(root) if path.parts[len(root.parts)] in ("src", "tests", "bench", "web", "tools", "cmake")
             and "node_modules" not in path.parts and "vendor" not in path.parts and ".min." not in path.name]
    yield from found(root, paths, LEFT_FOR_LATER, "do it or file it")


def skipped_tests(root):
    paths = [path for path in tracked(root) if is_test(path) or path.parts[len(root.parts)] == "tests"]
    yield from found(root, paths, SKIPPED_TEST, "a skipped test proves nothing")


def sleeping_tests(root):
    paths = [path for path in tracked(root) if is_test(path) or path.parts[len(root.parts)] == "tests"]
    yield from found(root, [path for path in paths if path.suffix in SOURCE], SLEEPING_TEST,
                     "wait for the event, with a deadline", code)


def points_outside(root):
    paths = tracked(root)
    yield from found(root, paths, OUTSIDE, "points outside the project")
    yield from found(root, paths, MACHINE_PATH, "a path of one machine")
    yield from found(root, paths, REGISTRY, "a registry's host")


def tests_outweigh(root):
    counts = collections.Counter()
    for path in sources(root):
        counts["tests" if is_test(path) else "source"] += count_lines(path)
    for path in tracked(root):
        if path.relative_to(root).parts[0] == "tests" and path.suffix in (*SOURCE, ".mjs", ".js", ".py", ".chat", ".sh"):
            counts["tests"] += count_lines(path)
    if counts["tests"] < counts["source"]:
        yield f"{counts['tests']} lines of tests for {counts['source']} lines of source"


def modules_named(root):
    texts = [read(page) for page in (root / "src/README.md", root / "docs/architecture.md") if page.exists()]
    for folder in sorted(path for path in (root / "src").rglob("*") if path.is_dir()):
        name = folder.relative_to(root / "src").as_posix()
        if any(child.suffix in SOURCE for child in folder.iterdir()) and not any(
                re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", text) for text in texts):
            yield f"src/{name}: neither src/README.md nor docs/architecture.md names it"


def formatted(root):
    paths = [str(path) for top in ("src", "tests", "bench") for path in sorted((root / top).rglob("*"))
             if path.suffix in SOURCE and "node_modules" not in path.parts]
    if not paths:
        return
    done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", *paths], cwd=root, capture_output=True, text=True,
                          check=False)
    names = sorted({match.group(1) for match in re.finditer(r"^(.+?):\d+:\d+: error:", done.stderr, re.M)})
    for name in names:
        yield f"{pathlib.Path(name).relative_to(root)}: not formatted: run `make format`"
    if done.returncode and not names:
        yield f"clang-format-14 failed: {done.stderr[:500]}"


RULES = [floors, file_length, function_length, pragma_once, words, left_for_later, skipped_tests, sleeping_tests,
         points_outside, tests_outweigh, modules_named, formatted]


def main(root):
    passed = 0
    for rule in RULES:
        complaints = list(rule(root))
        passed += not complaints
        if complaints:
            print("\n".join([f"FAILED {rule.__name__}", *(f"  {text}" for text in complaints)]))
    print(f"{passed} passed, {len(RULES) - passed} failed")
    return 0 if passed == len(RULES) else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()))
