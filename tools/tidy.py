#!/usr/bin/env python3
"""Runs clang-tidy over the product code in a build's compile_commands.json, several files at once.
Tests are left out: what GoogleTest's macros expand to takes it minutes a file.

usage: tidy.py ROOT BUILD [--changed] [--jobs N]
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

NOT_PRODUCT = re.compile(r"_test\.cpp$|/tests?/|/must_not_compile/")


def git_lines(root, *arguments):
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return [line for line in done.stdout.split("\n") if line]


def changed_files(root):
    """Differing from the commit, or not known to git yet."""
    names = git_lines(root, "diff", "--name-only", "HEAD")
    names += git_lines(root, "ls-files", "--others", "--exclude-standard")
    return {root / name for name in names}


def compiled_files(root, build):
    commands = json.loads((build / "compile_commands.json").read_text())
    files = {Path(entry["file"]).resolve() for entry in commands}
    return {
        f for f in files
        if f.is_relative_to(root) and not f.is_relative_to(root / "build") and not NOT_PRODUCT.search(str(f))
    }


def tidy(build, path):
    done = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build), "--extra-arg=-Wno-unknown-warning-option", str(path)],
        capture_output=True, text=True,
    )
    return path, done.returncode, done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=lambda p: Path(p).resolve())
    parser.add_argument("build", type=lambda p: Path(p).resolve())
    parser.add_argument("--changed", action="store_true", help="only files that differ from HEAD")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()

    files = compiled_files(options.root, options.build)
    if options.changed:
        files &= changed_files(options.root)
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(tidy, options.build, path) for path in sorted(files)]
        for count, done in enumerate(as_completed(waiting), 1):
            path, status, output = done.result()
            if output.strip():
                print(output.strip(), flush=True)
            failed += status != 0
            print(f"[{count}/{len(files)}] {path.relative_to(options.root)}", flush=True)
    print(f"{len(files)} files, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
