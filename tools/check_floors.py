#!/usr/bin/env python3
"""Fails when a module of src/ includes a floor it may not stand on: check_floors.py src

The allowed edges live here, once; docs/architecture.md draws this table.
"""
import pathlib
import re
import sys

MAY_INCLUDE = {
    "base": [],
    "domain": ["base"],
    "wire": ["base"],
    "ports": ["base", "domain"],
    "conversations": ["base", "domain", "ports", "wire"],
    "delivery": ["base", "domain", "ports", "wire", "conversations"],
    "commands": ["base", "domain", "ports", "wire", "conversations"],
    "features": ["base", "domain", "ports", "wire", "conversations", "commands", "delivery"],
    "front": ["base", "ports", "wire"],
    "gateway": ["base", "domain", "ports", "wire", "conversations", "commands", "delivery", "front"],
    "rest": ["base", "domain", "ports", "wire", "conversations", "commands", "front"],
    "runtime": ["base", "ports"],
    "net": ["base", "ports", "runtime"],
    "adapters": ["base", "domain", "wire", "ports", "runtime", "net"],
    "server": None,  # the composition root: the only place that knows everyone
}
# Folders whose sub-folders are strangers to each other, but for these neighbours.
STRANGERS = {"features", "adapters", "wire"}
NEIGHBOURS = {
    ("wire/socketio", "wire/engineio"), ("wire/socketio", "wire/json"),
    ("wire/engineio", "wire/json"), ("wire/engineio", "wire/http"),
    ("wire/websocket", "wire/http"), ("wire/engineio", "wire/websocket"),
}
# These see of wire/ only JSON: the values they are asked with, the objects they answer with.
ONLY_JSON = {"conversations", "commands"}
# Third-party headers that our headers may show, and libraries tied to one place.
HEADERS_SHOWN = {"boost/system/result.hpp", "boost/unordered/unordered_flat_map.hpp",
                 "boost/unordered/unordered_flat_set.hpp"}
TIED = [
    (re.compile(r"^simdjson"), ("wire/json/",)),
    (re.compile(r"^openssl/"), ("base/crypto.cpp", "base/public_key.cpp", "net/")),
    (re.compile(r"^sqlite3"), ("adapters/sqlite/",)),
    (re.compile(r"^toml\+\+/"), ("server/config.cpp",)),
    (re.compile(r"^CLI/"), ("server/command_line.cpp",)),
    (re.compile(r"^spdlog/"), ("server/log_sink.cpp",)),
    (re.compile(r"^(sys/|netinet/|arpa/|unistd|fcntl|poll|signal)"), ("runtime/", "net/", "adapters/", "server/")),
    (re.compile(r"^(thread|mutex|condition_variable|shared_mutex|future)$"), ("runtime/", "adapters/", "server/")),
]
# x_test.cpp, and the headers that tests share: x_test.hpp, x_test_world.hpp.
TEST_FILE = re.compile(r"_test(?:_[a-z0-9_]+)?\.[ch]pp$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)


def unit(path):
    """What privacy is about: adapters/redis, but domain as a whole."""
    depth = 2 if path.parts[0] in STRANGERS and len(path.parts) > 2 else 1
    return "/".join(path.parts[:depth])


def in_the_binary(here):
    """Whether `here` goes into the binary, where what is for tests may not."""
    return not TEST_FILE.search(here.as_posix()) and not here.as_posix().startswith("ports/memory/")


def own_complaint(here, there):
    home, target = here.parts[0], there.parts[0]
    if home not in MAY_INCLUDE:
        return f"{home} has no floor: add it to the table"
    if target not in MAY_INCLUDE:
        return f"unknown module {target}"
    allowed = MAY_INCLUDE[home]
    if allowed is not None and target != home and target not in allowed:
        return f"{home} may not include {target}"
    if home in ONLY_JSON and target == "wire" and unit(there) != "wire/json":
        return f"{home} may include wire/json only"
    if there.as_posix().startswith("ports/memory/") and in_the_binary(here):
        return "ports/memory is for tests"
    if home == target and unit(here) != unit(there) and (unit(here), unit(there)) not in NEIGHBOURS:
        return f"{unit(here)} may not include {unit(there)}"
    return None


def foreign_complaint(here, header):
    name = here.as_posix()
    if TEST_FILE.search(name):
        return None
    for pattern, places in TIED:
        if pattern.match(header) and not any(name.startswith(place) for place in places):
            return f"<{header}> belongs to {', '.join(places)}"
    third_party = "/" in header or header.endswith((".h", ".hpp"))
    if name.endswith(".hpp") and third_party and header not in HEADERS_SHOWN and not header.startswith("sys/"):
        return f"<{header}> may not stand in a header"
    return None


def complaints(src):
    for path in sorted(src.rglob("*.[ch]pp")):
        here = path.relative_to(src)
        text = path.read_text(encoding="utf-8")
        for match in INCLUDE.finditer(text):
            quote, header = match.groups()
            what = (own_complaint(here, pathlib.PurePosixPath(header)) if quote == '"'
                    else foreign_complaint(here, header))
            if what:
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {what}"


def main(src):
    found = list(complaints(src))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
