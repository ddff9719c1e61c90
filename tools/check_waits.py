#!/usr/bin/env python3
"""Fails where something sleeps or polls by itself, or starts a thread that nobody guards: there is one
wait, os::wait, and one kind of thread, os::GuardedThread. Tests, and the raw peers of tests, may.

usage: check_waits.py ROOT
"""

import re
import sys
from pathlib import Path

from check_arrows import is_test, sources

WAITS = re.compile(
    r"(?<![\w.>])(?:::)?(poll|ppoll|select|pselect|epoll_wait|epoll_pwait|nanosleep|clock_nanosleep|usleep"
    r"|xcb_wait_for_event|xcb_wait_for_reply)\s*\(|\bthis_thread::(sleep_for|sleep_until)\s*\("
)
THREADS = re.compile(r"\bstd::(j?thread)\b(?!::)|\bstd::(async)\b|\b(pthread_create)\s*\(")
COMMENT = re.compile(r"//.*$")

# Where they are made of, and why they may stay.
EXEMPT = {
    "os/linux/clock.cpp": "os::sleep_until, a rest that looks at nothing",
    "os/linux/descriptor_poll.cpp": "what os::wait is made of",
    "os/linux/foreign_signal.cpp": "looks whether a signal fits, and does not wait",
    "os/common/thread.cpp": "os::GuardedThread itself",
    "os/include/pf/os/thread.hpp": "os::GuardedThread itself",
}


def main():
    root = Path(sys.argv[1]).resolve()
    findings = checked = 0
    for path in sources(root):
        if is_test(path) or path in EXEMPT or path.startswith("bench/"):
            continue
        checked += 1
        for number, line in enumerate((root / path).read_text().split("\n"), 1):
            code = COMMENT.sub("", line)
            for pattern, instead in ((WAITS, "os::wait"), (THREADS, "os::GuardedThread")):
                match = pattern.search(code)
                if match:
                    findings += 1
                    name = next(group for group in match.groups() if group)
                    print(f"{path}:{number}: {name} by itself; use {instead}")
    print(f"{checked} files, {findings} findings")
    return 1 if findings or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
