#!/usr/bin/env python3
"""Writes the last part of docs/limits.md from src/base/limits.hpp: limits_page.py [--check]

The parts before it are written by hand: what a client can meet (`GET /v1/limits`), and what is a setting. What is named there is
left out here. `--check` writes nothing and complains if the page is not up to date.
"""
import pathlib
import re
import sys

MARK = "<!-- From here on: tools/limits_page.py -->\n"
CONSTANT = re.compile(r"inline constexpr [\w:]+ (\w+)\s*=\s*([^;]+);(?:[ ]*//\s*)?(.*)", re.S)
UNITS = [(1024 * 1024, "MiB"), (1024, "KiB")]


def blocks(source):
    """(section, text) of each constant: a comment after an empty line begins a section, one amid them belongs to none."""
    section, block, empty = "", "", False
    for line in source.split("namespace kith::base::limits {")[1].split("\n"):
        if line.startswith(" "):
            block += "\n" + line
            continue
        if block:
            yield section, block
        block = line if line.startswith("inline constexpr") else ""
        if line.startswith("//") and empty:
            section = line[2:].strip()
        empty = line == ""


def constants(source):
    """[(section, name, value, comment)] of limits.hpp, in order."""
    found = []
    for section, block in blocks(source):
        match = CONSTANT.match(block)
        value = eval(re.sub(r"[^0-9*+()]", "", resolve(match[2], found)))  # arithmetic of numbers: nothing else is left
        found.append((section, match[1], value, re.sub(r"\s*\n\s*(//)?\s*", " ", match[3]).strip()))
    return found


def resolve(expression, found):
    for _, name, value, _ in found:
        expression = re.sub(rf"\b{name}\b", str(value), expression)
    return expression


def shown(name, value):
    if "bytes" in name:
        for size, unit in UNITS:
            if value >= size and value % size == 0:
                return f"{value // size} {unit}"
    if re.search(r"_ms(_max)?$", name) and value >= 1000 and value % 1000 == 0:
        return f"{value // 1000} s"
    unit = re.search(r"_(ms|us|s)(_max|_default)?$", name)
    return f"{value:,}" + (f" {unit[1]}" if unit and not name.endswith("per_s") else "")


def inside(source, named):
    """The tables of what is not `named`, one for each section."""
    rows = {}
    for section, name, value, comment in constants(source):
        if name not in named:
            rows.setdefault(section, []).append(f"| `{name}` | {shown(name, value)} | {comment} |")
    return "\n".join(f"### {section}\n\n| limit | | |\n|---|---|---|\n" + "\n".join(lines) + "\n" for section, lines in rows.items())


def main(root, check):
    page = root / "docs" / "limits.md"
    text = page.read_text(encoding="utf-8")
    head = text.partition(MARK)[0]
    named = set(re.findall(r"^\| `(\w+)`", head, re.M))
    wanted = head + MARK + "\n" + inside((root / "src/base/limits.hpp").read_text(encoding="utf-8"), named)
    if text == wanted:
        return 0
    if check:
        print("docs/limits.md is not up to date: run tools/limits_page.py")
        return 1
    page.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(__file__).resolve().parent.parent, "--check" in sys.argv[1:]))
