"""What every end-to-end test waits for: conditions with a deadline."""

import time

DEADLINE_S = 60  # for a condition on a loaded machine; never a measure of speed


def wait_until(condition, what, deadline_s=DEADLINE_S):
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {deadline_s} s: {what}")


def is_gone(pid):
    """It runs no more; whether its parent, an init that may not care, has asked for its end or not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True
