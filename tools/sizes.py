#!/usr/bin/env python3
"""Prints how large files and functions are: how many, median, largest; product code and tests apart.
A function is found by its braces, in text that clang-format has laid out: the outermost body whose
statement has a name and parentheses. It counts from the line of that name to its last brace, those of
one line in a class too; lambdas count with the function that they are in. Good enough to see a trend,
no parser.

usage: sizes.py ROOT
"""

import re
import sys
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True
from check_arrows import is_test, sources  # noqa: E402
from cxx_text import code_only  # noqa: E402

LARGEST = 5
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b")
NAME = re.compile(r"(operator\s*\S+|~?\w[\w:]*)\s*\(")
# Braces of a value: clang-format puts no blank before them, or they follow one of `= , (`.
VALUE = re.compile(r"(?:(?<=\S)|(?<=[=,(] ))\{([^{}]*)\}")
TEST_NAME = re.compile(r"^(?:TYPED_)?TEST(?:_[FP])?\((\w+),\s*(\w+)\)")


def without_values(code):
    while True:
        code, changed = VALUE.subn(r"(\1)", code)
        if not changed:
            return code


def head_of(code, opened):
    """The offset of the statement that the brace at `opened` ends, and its text with blank directives."""
    begins = max(code.rfind(mark, 0, opened) for mark in ";{}") + 1
    text = re.sub(r"^\s*#.*$", lambda line: " " * len(line.group()), code[begins:opened], flags=re.M)
    return begins + len(text) - len(text.lstrip()), text.strip()


def name_of(head):
    """Of the function that this statement begins, or None for a scope, a value and a lambda's name."""
    before, call, _ = head.partition("(")
    if not call or SCOPE.search(before) or "[" in before.replace("[[", "").replace("operator[", ""):
        return None
    if "=" in before and "operator" not in before:
        return None
    test = TEST_NAME.match(head)
    found = NAME.search(head)
    return ".".join(test.groups()) if test else found and found.group(1)


def functions(text):
    """(name, lines) of each function."""
    code = without_values(code_only(text))
    depth, inside, found = 0, None, []
    for mark in re.finditer(r"[{}]", code):
        if mark.group() == "{":
            depth += 1
            begins, head = head_of(code, mark.start()) if inside is None else (0, "")
            name = name_of(head)
            if name:
                inside = (depth, begins, name)
        else:
            if inside is not None and inside[0] == depth:
                found.append((inside[2], code.count("\n", inside[1], mark.end()) + 1))
                inside = None
            depth -= 1
    return found


def describe(what, sizes):
    sizes = sorted(sizes, key=lambda each: -each[1])
    lengths = [length for _, length in sizes]
    print(f"  {what}: {len(sizes)}, median {median(lengths):.0f} lines, largest {lengths[0]}")
    for name, length in sizes[:LARGEST]:
        print(f"    {length:5} {name}")


def main():
    root = Path(sys.argv[1]).resolve()
    kinds = {"product code": [], "tests": []}
    for path in sources(root):
        kinds["tests" if is_test(path) else "product code"].append(path)
    for kind, paths in kinds.items():
        texts = {path: (root / path).read_text() for path in paths}
        bodies = [(f"{path}: {name}", lines) for path, text in texts.items() for name, lines in functions(text)]
        print(kind)
        if texts:
            describe("files", [(path, text.count("\n")) for path, text in texts.items()])
        if bodies:
            describe("functions", bodies)
    return 0 if any(kinds.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
