"""What the kernel says of a process: descriptors, mappings, memory. Readings of /proc."""

import collections
import contextlib
import os
import re
import time


def descriptors(pid):
    """How many descriptors of each kind: {"anon_inode:[eventfd]": 3, "socket": 2, ...}."""
    kinds = collections.Counter()
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):
            kinds[re.sub(r"[:(\[ ]*[0-9]+[\])]?$", "", os.readlink(f"{folder}/{name}"))] += 1
    return kinds


def mappings(pid):
    """How many mappings of each shared memory object's kind: (name, bytes) of what is shared."""
    found = collections.Counter()
    with open(f"/proc/{pid}/maps") as file:
        for line in file:
            fields = line.split(maxsplit=5)
            span, access, path = fields[0], fields[1], fields[5].strip() if len(fields) > 5 else ""
            if access.endswith("s"):
                start, end = (int(part, 16) for part in span.split("-"))
                found[(path.replace(" (deleted)", ""), end - start)] += 1
    return found


def with_ring(pid):
    """Descriptors and mappings of a process that has a ring's seven sections mapped and is done
    with attaching it; None while it is not."""
    first = descriptors(pid), mappings(pid)
    time.sleep(0.2)  # several frames: whatever was on its way has arrived
    sections = sum(count for (path, _), count in first[1].items() if "memfd" in path)
    return first if sections >= 7 and first == (descriptors(pid), mappings(pid)) else None


def shared_mappings(pid, size):
    """Where the process has mapped shared memory objects of `size` bytes."""
    with open(f"/proc/{pid}/maps") as file:
        for line in file:
            span, access = line.split()[:2]
            start, end = (int(part, 16) for part in span.split("-"))
            if access.endswith("s") and "memfd" in line and end - start == size:
                yield start


def read_u64(pid, address):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return int.from_bytes(memory.read(8), "little")


def beyond_shared_kib(pid, size):
    """What is resident, less what is resident of shared memory objects of `size` bytes."""
    resident, within = 0, False
    with open(f"/proc/{pid}/smaps") as file:
        for line in file:
            fields = line.split()
            if "-" in fields[0] and not fields[0].endswith(":"):
                start, end = (int(part, 16) for part in fields[0].split("-"))
                within = "memfd" in line and end - start == size
            elif fields[0] == "Rss:" and not within:
                resident += int(fields[1])
    return resident
