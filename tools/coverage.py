#!/usr/bin/env python3
"""Sums up which lines a run of the coverage build reached, a room at a time, and lists the lines of
driver/core and host that nothing reached, each with the reason that tools/unreached.txt gives. Fails
when one of those has no reason, when a room is below its floor, and when a room was not counted.

usage: coverage.py ROOT BUILD
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

# The least share of its lines, in per cent, that the tests reach of each room.
FLOORS = {"proto": 99, "os": 80, "driver/core": 98, "driver/process": 80, "driver/pattern": 80,
          "driver/xorg": 80, "driver/x11": 80, "host": 97, "sinks": 80, "cli": 70}
LISTED = ("driver/core/", "host/")
NOT_PRODUCT = re.compile(r"_test\.(cpp|hpp)$|/tests?/")


def counted(build):
    """The counts of every object file in every test, each with the compiler's notes beside it."""
    for counts in sorted((build / "gcov").rglob("*.gcda")):
        _, inside = str(counts.relative_to(build / "gcov")).split("/", 1)
        notes = Path("/" + inside).with_suffix(".gcno")
        beside = counts.with_suffix(".gcno")
        if notes.exists() and not beside.exists():
            beside.symlink_to(notes)
        if notes.exists():
            yield counts


def reports(build):
    """What gcov says of them."""
    notes = list(counted(build))
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


def read_reasons(path):
    """Lines of `path of a file | what its lines look like | why`, both patterns regular."""
    reasons = []
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, text, why = (part.strip() for part in line.split(" | "))
            reasons.append((re.compile(name), re.compile(text), why))
    return reasons


def reason_for(reasons, name, text):
    return next((why for n, t, why in reasons if n.fullmatch(name) and t.search(text)), None)


def list_unreached(root, name, numbers, reasons):
    """Prints them; how many have no reason."""
    source = (root / name).read_text().splitlines()
    unexplained = 0
    for number in numbers:
        text = source[number - 1].strip()
        why = reason_for(reasons, name, text)
        unexplained += why is None
        print(f"not reached: {name}:{number}: {text}   [{why or 'no reason given'}]")
    return unexplained


def low_rooms(counts):
    """Prints each room's share; what is wrong with those that are too low, a line each."""
    problems = []
    for room, floor in FLOORS.items():
        lines = [n for name, by in counts.items() if name.startswith(room + "/") for n in by.values()]
        reached = sum(count > 0 for count in lines)
        share = 100 * reached / max(len(lines), 1)
        print(f"{room:16} {reached:6} of {len(lines):6} lines  {share:5.1f} %  (at least {floor} %)")
        if share < floor:
            problems.append(f"{room}: {share:.1f} % of its lines are reached, {floor} % must be")
    return problems


def main():
    root, build = (Path(argument).resolve() for argument in sys.argv[1:3])
    counts = line_counts(root, build)
    problems = low_rooms(counts)
    reasons = read_reasons(root / "tools" / "unreached.txt")
    unexplained = listed = 0
    for name in sorted(filter(lambda name: name.startswith(LISTED), counts)):
        missed = sorted(number for number, count in counts[name].items() if count == 0)
        if not missed:
            continue
        listed += len(missed)
        unexplained += list_unreached(root, name, missed, reasons)
    print(f"driver/core and host: {listed} lines not reached, {unexplained} of them without a reason")
    if unexplained:
        problems.append(f"{unexplained} lines are not reached and nothing in tools/unreached.txt says why")
    for problem in problems:
        print(f"coverage: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
