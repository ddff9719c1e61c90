#!/usr/bin/env python3
"""Programs that must not compile, each for the reason that its first line states:
`// error: <regular expression>`. A program of the same folder without that line must compile."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from contract_text import INCLUDE_DIR

PROGRAMS = Path(__file__).resolve().parent / "must_not_compile"


def check(compiler, program):
    expected = re.match(r"// error: (.+)", program.read_text())
    done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{INCLUDE_DIR}",
                           str(program)], check=False, capture_output=True, text=True)
    if not expected:
        return None if done.returncode == 0 else f"should compile:\n{done.stderr}"
    if done.returncode == 0:
        return "compiles"
    if not re.search(expected.group(1), done.stderr):
        return f"fails for another reason than '{expected.group(1)}':\n{done.stderr}"
    return None


def main():
    compilers = [c for c in ("g++", "clang++") if shutil.which(c)]
    programs = sorted(PROGRAMS.glob("*.cpp"))
    failures = 0
    for compiler in compilers:
        for program in programs:
            problem = check(compiler, program)
            if problem:
                failures += 1
                print(f"{program.name} with {compiler}: {problem}")
    print(f"{len(programs)} programs, {', '.join(compilers)}: {failures} wrong")
    return 1 if failures or not programs or not compilers else 0


if __name__ == "__main__":
    sys.exit(main())
