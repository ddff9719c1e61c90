"""What the kernel says of a process: descriptors, mappings, memory. Readings of /proc."""

import collections
import contextlib
import os
import re


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


def memory_kib(pid):
    """Resident memory: {"private": anonymous and file, "shared": memfd and other shared, "all"}."""
    sizes = {}
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "RssAnon", "RssFile", "RssShmem"):
                sizes[name] = int(value.split()[0])
    return {
        "private": sizes["RssAnon"] + sizes["RssFile"],
        "shared": sizes["RssShmem"],
        "all": sizes["VmRSS"],
    }


def threads(pid):
    return len(os.listdir(f"/proc/{pid}/task"))
