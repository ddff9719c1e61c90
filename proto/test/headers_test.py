#!/usr/bin/env python3
"""Each header alone, in a freestanding build without exceptions and RTTI, with every compiler at
hand; only freestanding standard headers; nothing pinned that reflection.hpp does not list."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from contract_text import HEADER_DIR, INCLUDE_DIR, Unreadable, read_all, unpinned

COMPILERS = ("g++", "clang++", "x86_64-w64-mingw32-g++-posix")
FLAGS = ["-std=c++20", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-Wall", "-Wextra",
         "-Wpedantic", "-Werror", "-fsyntax-only"]
# Freestanding in C++20 (the standard's [compliance]).
FREESTANDING = {"atomic", "bit", "cstddef", "cstdint", "type_traits"}


def compile_alone(header, included_twice, folder):
    program = folder / f"{header.stem}.cpp"
    line = f"#include <pf/proto/{header.name}>\n"
    program.write_text(line * (2 if included_twice else 1))
    problems = []
    for compiler in COMPILERS:
        if shutil.which(compiler):
            done = subprocess.run([compiler, *FLAGS, f"-I{INCLUDE_DIR}", str(program)],
                                  check=False, capture_output=True, text=True)
            if done.returncode != 0:
                problems.append(f"{compiler} rejects {header.name}:\n{done.stderr}")
    return problems


def foreign_includes(header):
    for included in re.findall(r"^#\s*include\s*(.+)$", header.read_text(), re.M):
        match = re.fullmatch(r"<(pf/proto/)?([\w.]+)>", included.strip())
        if not match or (not match.group(1) and match.group(2) not in FREESTANDING):
            yield f"{header.name} includes {included}"


def missing_from_index(headers):
    index = (HEADER_DIR / "reflection.hpp").read_text()
    for header in headers:
        for layout in header.layouts:
            if f"k{layout.name}Layout)" not in index:
                yield f"{layout.name} of {header.name} is not in reflection.hpp"
        for kind, name, _ in header.tables:
            if kind == "ConstantPin" and f"{name})" not in index:
                yield f"{name} of {header.name} is not in reflection.hpp"


def missing_from_all(headers):
    everything = (HEADER_DIR / "all.hpp").read_text()
    for header in headers:
        if header not in ("all.hpp", "reflection.hpp") and f"pf/proto/{header}>" not in everything:
            yield f"{header} is not in all.hpp"


def main():
    headers = sorted(HEADER_DIR.glob("*.hpp"))
    problems = []
    with tempfile.TemporaryDirectory(prefix="pf-headers-") as folder:
        for header in headers:
            problems += compile_alone(header, header.name == "all.hpp", Path(folder))
            problems += foreign_includes(header)
    try:
        read = read_all()
        problems += unpinned(read)
        problems += missing_from_index(read)
    except Unreadable as error:
        problems.append(f"cannot read {error}")
    problems += missing_from_all([header.name for header in headers])
    for problem in problems:
        print(problem)
    found = [compiler for compiler in COMPILERS if shutil.which(compiler)]
    print(f"{len(headers)} headers, compilers {', '.join(found)}; "
          f"not here: {', '.join(set(COMPILERS) - set(found)) or 'none'}; "
          f"{len(problems)} problems")
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main())
