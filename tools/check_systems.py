#!/usr/bin/env python3
"""Fails when a source outside os/ asks which system or compiler it is built for: what differs is
behind the headers of os/, and the build chooses the sources.

usage: check_systems.py ROOT
"""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from check_arrows import sources  # noqa: E402
from cxx_text import code_only  # noqa: E402

SYSTEMS = (
    r"_?_?WIN(?:32|64)(?:__)?", r"WINVER", r"_WIN32_WINNT", r"__MINGW\w*", r"__CYGWIN__", r"_MSC_VER",
    r"_?_?linux(?:__)?", r"__gnu_linux__", r"_?_?unix(?:__)?", r"__APPLE__", r"__ANDROID__", r"__FreeBSD__",
    r"_POSIX\w*", r"WINE\w*",
)
ASKS = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif|elifdef|elifndef)\b.*\b(" + "|".join(SYSTEMS) + r")\b")


def main():
    root = Path(sys.argv[1]).resolve()
    findings = checked = 0
    for path in sources(root):
        if path.startswith("os/"):
            continue
        checked += 1
        # A condition may go on over several lines.
        text = code_only((root / path).read_text()).replace("\\\n", " ")
        for number, line in enumerate(text.split("\n"), 1):
            if found := ASKS.search(line):
                findings += 1
                print(f"{path}:{number}: asks for {found.group(1)}; put what differs behind a header of os/")
    print(f"{checked} files, {findings} findings")
    return 1 if findings or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
