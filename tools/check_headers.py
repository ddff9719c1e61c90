#!/usr/bin/env python3
"""Fails when a header of ours does not compile alone: what it uses, it includes. Each is compiled
with the flags of the source that lies nearest to it; a header of a room that this build leaves out,
with every include directory that there is. (The contract's headers have a stricter test of their own,
proto_headers.)

Headers of one system, which lie in a folder of its name, are for that system's build: --system windows
looks at those alone.

usage: check_headers.py ROOT BUILD [--system linux|windows] [--jobs N]
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ELSEWHERE = "proto/include/"


def is_for(system, name):
    """Windows' are looked at where they can be compiled, all others by the other build."""
    return ("windows" in Path(name).parts) == (system == "windows")


def headers(root, system):
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.hpp", "*.h"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    return [root / name for name in listed
            if name and not name.startswith(ELSEWHERE) and is_for(system, name) and (root / name).exists()]


def flags_of(entry):
    """The compiler and its flags, without a launcher, the source and the output."""
    words = entry.get("arguments") or shlex.split(entry["command"])
    if Path(words[0]).name == "ccache":
        words = words[1:]
    kept, skip = [], False
    for word in words:
        if skip or word == "-c" or word == entry["file"]:
            skip = False
        elif word in ("-o", "-MF", "-MT"):
            skip = True
        elif word not in ("-MD", "-MMD"):
            kept.append(word)
    return kept


def nearness(header, source):
    """Folders in common, then the same folder, then a name in common."""
    common = os.path.commonpath([header.parent, source.parent])
    return len(Path(common).parts), source.parent == header.parent, source.stem.startswith(header.stem)


def include_flags(entries):
    """Of the whole build, each once."""
    found = {}
    for _, entry in entries:
        words = flags_of(entry)
        for word, following in zip(words, words[1:] + [""]):
            if word == "-isystem":
                found[(word, following)] = None
            elif word.startswith("-I"):
                found[(word,)] = None
    return [word for flag in found for word in flag]


def compile_alone(root, header, entries):
    source, entry = max(entries, key=lambda known: nearness(header, known[0]))
    flags = flags_of(entry)
    if Path(os.path.commonpath([header, source])) == root:
        flags += include_flags(entries)
    done = subprocess.run(
        [*flags, "-fsyntax-only", "-x", "c++", "-"], cwd=entry["directory"], check=False,
        input=f'#include "{header}"\n', capture_output=True, text=True,
    )
    return done.stderr if done.returncode else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=lambda p: Path(p).resolve())
    parser.add_argument("build", type=lambda p: Path(p).resolve())
    parser.add_argument("--system", choices=("linux", "windows"), default="linux")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    entries = [(Path(entry["file"]).resolve(), entry) for entry in
               json.loads((options.build / "compile_commands.json").read_text())]
    found = headers(options.root, options.system)
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda header: compile_alone(options.root, header, entries), found)
        problems = [(header, text) for header, text in zip(found, results) if text]
    for header, text in problems:
        print(f"{header.relative_to(options.root)} does not compile alone:\n{text}")
    print(f"{len(found)} headers, {len(problems)} findings")
    return 1 if problems or not found else 0


if __name__ == "__main__":
    sys.exit(main())
