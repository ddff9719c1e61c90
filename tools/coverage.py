#!/usr/bin/env python3
"""Sums up which lines a run of the coverage build reached, a room at a time, and lists the lines of
driver/core and host that nothing reached.

usage: coverage.py ROOT BUILD
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOMS = ["proto", "os", "driver/core", "driver/hostproc", "host", "sinks", "cli"]
LISTED = ("driver/core/", "host/")
NOT_PRODUCT = re.compile(r"_test\.(cpp|hpp)$|/tests?/")


def reports(build):
    """What gcov says of every object file that has run."""
    notes = sorted(build.rglob("*.gcda"))
    for start in range(0, len(notes), 50):
        done = subprocess.run(
            ["gcov", "--json-format", "--stdout", *map(str, notes[start:start + 50])],
            cwd=build, check=True, capture_output=True, text=True,
        )
        for line in filter(None, done.stdout.split("\n")):
            yield json.loads(line)


def line_counts(root, build):
    counts = defaultdict(lambda: defaultdict(int))
    for report in reports(build):
        for unit in report["files"]:
            path = (build / unit["file"]).resolve()
            if not path.is_relative_to(root) or path.is_relative_to(build):
                continue
            name = path.relative_to(root).as_posix()
            if NOT_PRODUCT.search(name):
                continue
            for line in unit["lines"]:
                counts[name][line["line_number"]] += line["count"]
    return counts


def ranges(numbers):
    """1 2 3 7 -> 1-3, 7"""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in parts)


def main():
    root, build = (Path(argument).resolve() for argument in sys.argv[1:3])
    counts = line_counts(root, build)
    for room in ROOMS:
        lines = [n for name, by in counts.items() if name.startswith(room + "/") for n in by.values()]
        if lines:
            reached = sum(count > 0 for count in lines)
            print(f"{room:16} {reached:6} of {len(lines):6} lines  {100 * reached / len(lines):5.1f} %")
    for name in sorted(counts):
        missed = sorted(number for number, count in counts[name].items() if count == 0)
        if name.startswith(LISTED) and missed:
            print(f"not reached: {name}: {ranges(missed)}")
    return 0 if counts else 1


if __name__ == "__main__":
    sys.exit(main())
