#!/usr/bin/env python3
"""Prints how long the files and functions of the product and of its tests are: how many, the median, the
longest. A function begins at a line that ends with an opening brace after a parameter list and ends at
the brace of the same indentation, which clang-format makes certain.

usage: sizes.py ROOT [--json]
"""

import json
import re
import statistics
import sys
from pathlib import Path

from check_arrows import is_test, sources

NOT_A_FUNCTION = re.compile(
    r"^\s*(namespace|class|struct|union|enum|extern|if|else|for|while|switch|do|try|catch|return|case)\b"
)
HEAD = re.compile(r"\)\s*(const|noexcept|override|final|mutable|try|&|&&|->\s*[^{;]+|\s)*(:[^;]*)?\{$")


def functions(lines):
    """(name, lines) of each."""
    open_since = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if open_since is None and line.rstrip().endswith("{"):
            start = number
            while start > 0 and lines[start - 1].strip() and not lines[start - 1].rstrip().endswith(
                    (";", "{", "}", ":")) and not lines[start - 1].lstrip().startswith(("//", "#")):
                start -= 1
            head = " ".join(each.strip() for each in lines[start:number + 1])
            if not NOT_A_FUNCTION.match(head) and HEAD.search(head) and "= [" not in head:
                its_indent = len(lines[start]) - len(lines[start].lstrip())
                name = re.search(r"([~\w:]+|operator\S+)\s*\(", head)
                open_since = (start, its_indent, name.group(1) if name else "?")
        elif open_since is not None and indent == open_since[1] and line.strip().startswith("}"):
            yield open_since[2], number - open_since[0] + 1
            open_since = None


def measure(root, paths):
    files, found = [], []
    for path in paths:
        lines = (root / path).read_text().split("\n")
        files.append((len(lines) - 1, path))
        found += [(length, f"{path}: {name}") for name, length in functions(lines)]
    return {"files": sorted(files), "functions": sorted(found)}


def main():
    root = Path(sys.argv[1]).resolve()
    every = sources(root)
    groups = {"product": [p for p in every if not is_test(p)], "tests": [p for p in every if is_test(p)]}
    report = {}
    for group, paths in groups.items():
        for kind, sizes in measure(root, paths).items():
            lengths = [length for length, _ in sizes] or [0]
            report[f"{kind} of the {group}"] = {
                "number": len(sizes), "median": int(statistics.median(lengths)), "max": lengths[-1],
                "longest": [f"{length} {name}" for length, name in reversed(sizes[-5:])],
            }
    if "--json" in sys.argv:
        print(json.dumps(report))
        return
    for what, size in report.items():
        print(f"{what}: {size['number']}, median {size['median']} lines, longest {size['max']}")
        for each in size["longest"]:
            print(f"    {each}")


if __name__ == "__main__":
    main()
