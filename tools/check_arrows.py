#!/usr/bin/env python3
"""Fails on an include against the arrows between the rooms, on a system header above the seam,
and on a source in a room that is not in the list below.

    {cli, chaos} -> {rig, sinks} -> host -> {os, proto}        driver shells -> driver/core -> proto, and os
    driver: process -> {process/control -> process/runtime, pattern, x11 -> xorg} -> process/output -> core
            wdmsim -> {process/runtime, pattern}
    host:   session -> {monitor, capture} -> device; topology by itself

usage: check_arrows.py ROOT
"""

import re
import subprocess
import sys
from pathlib import Path

# Where a file lies (first match wins), and which namespaces of ours it may include.
ROOMS = [
    ("proto/", {"proto"}),
    ("os/include/", {"os"}),
    ("os/", {"os", "proto"}),
    ("damage/", {"damage", "proto"}),
    ("driver/core/", {"core", "damage", "proto"}),
    ("driver/pattern/include/", {"pattern"}),
    ("driver/", {"core", "pattern", "os", "proto"}),
    ("host/", {"host", "damage", "os", "proto"}),
    ("sinks/", {"sinks", "host", "os", "proto"}),
    ("rig/", {"rig", "host", "pattern", "os", "proto"}),
    ("cli/", {"cli", "bench", "rig", "sinks", "host", "os", "proto"}),
    ("chaos/", {"chaos", "rig", "host", "os", "proto"}),
    ("examples/", {"host", "os", "proto"}),
]

# `pfvd edid` prints what the driver would send: the one place where cli looks into driver core.
EXTRA = {"cli/": {"pf/core/edid.hpp", "pf/core/mode.hpp"}}

# The rooms inside driver and host, and which of them each may include by path from there. A header
# right in the folder (host/want_of_memory.hpp) is everybody's.
INNER = {
    "driver/": {
        "core": set(),
        "process/output": {"core"},
        "process/runtime": {"process/output"},
        "process/control": {"process/output", "process/runtime"},
        "pattern": {"process/output"},
        "xorg": {"process/output"},
        "x11": {"process/output", "xorg"},
        "process": {"process/output", "process/runtime", "process/control", "pattern", "x11", "xorg"},
        "wdmsim": {"process/output", "process/runtime", "pattern"},
    },
    "host/": {
        "include": set(),
        "device": set(),
        "monitor": {"device"},
        "capture": {"device"},
        "topology": set(),
        "session": {"device", "monitor", "capture"},
    },
}

# Rooms that are the system's side of the seam.
MAY_CALL_SYSTEM = (
    "os/linux/", "os/windows/", "os/include/pf/os/linux/", "os/include/pf/os/windows/",
    "driver/process/", "driver/pattern/", "driver/x11/", "driver/xorg/", "driver/iddcx/", "driver/wdmsim/",
)

SYSTEM_HEADER = re.compile(
    r"^(sys/.*|linux/.*|asm/.*|arpa/.*|net/.*|netinet/.*|windows\.h|winsock2?\.h|"
    r"(unistd|fcntl|poll|signal|errno|pthread|dirent|spawn|sched|dlfcn|pwd|grp|termios|syscall|"
    r"ucontext|mqueue|semaphore|glob|ftw|wait|features)\.h|cerrno|csignal)$"
)

# What a freestanding implementation of C++20 has, and the macros of <cinttypes> are not among it.
FREESTANDING = {
    "atomic", "bit", "cfloat", "climits", "compare", "concepts", "coroutine", "cstdarg", "cstddef",
    "cstdint", "exception", "initializer_list", "limits", "new", "source_location", "type_traits",
    "version",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def is_test(path):
    return bool(
        re.search(r"(_test|_test_support|_fuzzer|_bench)\.(cpp|hpp)$", path)
        or re.search(r"(^|/)(tests?|test_support|fuzz|e2e|bench|model)/", path)
    )


def room_of(path):
    return next(((prefix, allowed) for prefix, allowed in ROOMS if path.startswith(prefix)), None)


def check_ours(path, prefix, allowed, header):
    if header.startswith(("pf/os/linux/", "pf/os/windows/")) and not path.startswith(MAY_CALL_SYSTEM):
        return f"<{header}> is for the system's side of the seam only"
    namespace = header.split("/")[1]
    if namespace in allowed or header in EXTRA.get(prefix, ()):
        return None
    return f"{prefix} may include {', '.join('pf/' + a for a in sorted(allowed))}, not <{header}>"


# The longest that fits: "process/output" before "process". "": right in the folder. None: unknown.
def inner_room(outer, rest):
    if "/" not in rest:
        return ""
    fitting = [room for room in INNER[outer] if rest.startswith(room + "/")]
    return max(fitting, key=len, default=None)


def check_quoted(root, path, prefix, header):
    outer = next((outer for outer in INNER if path.startswith(outer)), None)
    beside = (root / path).parent / header
    if beside.exists():
        target = beside.resolve().relative_to(root).as_posix()
    elif outer is not None and (root / outer / header).exists():
        target = outer + header
    else:
        return None
    if outer is None:
        return None if target.startswith(prefix) else f'"{header}" reaches into another room'
    if not target.startswith(outer):
        return f'"{header}" reaches into another room'
    mine, its = (inner_room(outer, each[len(outer):]) for each in (path, target))
    if its in (mine, "") or its in INNER[outer].get(mine, ()):
        return None
    return f'"{header}" is in {outer}{its}, which {outer}{mine} may not use'


def check_line(root, path, room, line):
    prefix, allowed = room
    match = INCLUDE.match(line)
    if not match:
        return None
    quote, header = match.groups()
    if header.startswith("pf/"):
        return check_ours(path, prefix, allowed, header)
    if quote == '"':
        return check_quoted(root, path, prefix, header)
    if prefix == "proto/" and header not in FREESTANDING:
        return f"<{header}> is not freestanding"
    if SYSTEM_HEADER.match(header) and not path.startswith(MAY_CALL_SYSTEM):
        return f"<{header}> belongs below the seam, in os/"
    return None


def is_in_unknown_room(path):
    outer = next((outer for outer in INNER if path.startswith(outer)), None)
    return outer is not None and inner_room(outer, path[len(outer):]) is None


def sources(root):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.hpp", "*.cpp", "*.h"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    return [path for path in listed if path and (root / path).exists()]


def main():
    root = Path(sys.argv[1]).resolve()
    findings = checked = 0
    for path in sources(root):
        room = room_of(path)
        if is_test(path):
            continue
        checked += 1
        if room is None or is_in_unknown_room(path):
            findings += 1
            print(f"{path}: a room that the arrows do not know; add it to this script")
            continue
        for number, line in enumerate((root / path).read_text().split("\n"), 1):
            problem = check_line(root, path, room, line)
            if problem:
                findings += 1
                print(f"{path}:{number}: {problem}")
    print(f"{checked} files, {findings} findings")
    return 1 if findings or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
