#!/usr/bin/env python3
"""Fails when something waits or starts a thread past the seam. Below os/linux there is one wait
(os::wait), one pause (os::sleep_until) and one thread (os::GuardedThread); whoever polls by itself
sleeps over news that lie elsewhere, and a bare thread's exception ends the process. Tests may.

usage: check_waits.py ROOT
"""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from check_arrows import sources  # noqa: E402
from cxx_text import code_only  # noqa: E402

THE_SYSTEM_S_SIDE = ("os/linux/", "os/windows/")
TEST = re.compile(r"_test(_support)?\.(cpp|hpp)$|(^|/)tests?/")

# Which file may do what, and why.
EXCEPTIONS = {
    "os/common/thread.cpp": ("std::thread", "starts what the guard guards"),
    "os/include/pf/os/thread.hpp": ("std::thread", "holds what the guard guards"),
    "bench/linux/floor_ring.cpp": ("poll", "the floor: the least that the system can do, without us"),
    "model/ring_machine.hpp": ("std::thread", "the replay of a model against our code, a test"),
    "model/ring_machine.cpp": ("std::thread", "the replay of a model against our code, a test"),
    "e2e/hostile/control_line.cpp": ("poll", "a raw peer: it must not share what it attacks"),
    "e2e/hostile/lying_control.cpp": ("poll", "a raw peer: it must not share what it attacks"),
    "e2e/hostile/lying_driver.cpp": ("std::thread", "a peer that lies: its end is the test's"),
    "e2e/hostile/lying_host.cpp": ("std::thread", "a peer that lies: its end is the test's"),
    "e2e/hostile/event_hammer.hpp": ("std::thread", "a peer that lies: its end is the test's"),
}

WAITS = (
    "poll", "ppoll", "select", "pselect", "epoll_wait", "epoll_pwait", "epoll_pwait2", "sleep", "usleep",
    "nanosleep", "clock_nanosleep", "sleep_for", "xcb_wait_for_event", "xcb_wait_for_special_event",
    "WaitForSingleObject", "WaitForMultipleObjects", "Sleep",
)
THREADS = ("pthread_create", "thrd_create", "CreateThread", "_beginthreadex")
# A call, by its bare name or from the global namespace or std::this_thread; not a member of ours.
CALL = re.compile(
    r"(?<![\w.>:])(?:::|(?:std::)?this_thread::)?(" + "|".join(WAITS + THREADS) + r")\s*\(")
STD_THREAD = re.compile(r"\bstd::(?:jthread|async|thread(?!::id\b|::hardware_concurrency\b))\b")
STD_SLEEP = re.compile(r"\bthis_thread::sleep_until\b")


def calls(line):
    yield from (found.group(1) for found in CALL.finditer(line))
    yield from (found.group(0) for pattern in (STD_THREAD, STD_SLEEP) for found in pattern.finditer(line))


def advice(call):
    return ("start an os::GuardedThread" if call in THREADS or "thread" in call or "async" in call
            else "give it to os::wait")


def check_file(root, path):
    """(line number, call) of each that nothing excuses, and whether the file's exception was of use."""
    allowed = EXCEPTIONS.get(path, (None, None))[0]
    found = [(number, call)
             for number, line in enumerate(code_only((root / path).read_text()).split("\n"), 1)
             for call in calls(line)]
    return [each for each in found if each[1] != allowed], any(call == allowed for _, call in found)


def main():
    root = Path(sys.argv[1]).resolve()
    findings = checked = 0
    for path in sources(root):
        if path.startswith(THE_SYSTEM_S_SIDE) or TEST.search(path):
            continue
        checked += 1
        found, excused = check_file(root, path)
        for number, call in found:
            print(f"{path}:{number}: {call} past the seam; {advice(call)}")
        if path in EXCEPTIONS and not excused:
            found.append(None)
            print(f"{path}: is excused for {EXCEPTIONS[path][0]}, which it does not need any more")
        findings += len(found)
    print(f"{checked} files, {findings} findings")
    return 1 if findings or not checked else 0


if __name__ == "__main__":
    sys.exit(main())
