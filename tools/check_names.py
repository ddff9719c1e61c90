#!/usr/bin/env python3
"""Fails when a file of the repository names the machine it was written on: a home directory, a
checkout's absolute path, the host's name, a private host or address.

usage: check_names.py ROOT
"""

import re
import socket
import subprocess
import sys
from pathlib import Path

HOME = re.compile(r"(?<![\w./$}])/(?:home/[\w.-]+|root|Users/[\w.-]+)(?=/|\b)")
URL_HOST = re.compile(r"\b(?:https?|git|ssh|ftp)://(?:[^/\s@\"'<>]+@)?([\w.-]+)(:\d+)?")
ADDRESS = re.compile(r"(?<![\d.])(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01]))(?:\.\d{1,3}){2,3}(?![\d.])")
PUBLIC_SUFFIX = re.compile(r"\.(?:com|org|net|io|dev|rs|edu|gov|de|at|eu)$")


def private_url(line):
    for host, port in URL_HOST.findall(line):
        if port or not PUBLIC_SUFFIX.search(host):
            return host + port
    return None


def check_line(line, machine_names):
    home = HOME.search(line)
    if home:
        return f"a home directory, {home.group(0)}"
    for name in machine_names:
        if name in line:
            return f"this machine, {name}"
    if ADDRESS.search(line):
        return "a private address"
    host = private_url(line)
    return f"a private host, {host}" if host else None


def text_of(path):
    data = path.read_bytes()
    return None if b"\0" in data[:8192] else data.decode("utf-8", errors="replace")


def main():
    root = Path(sys.argv[1]).resolve()
    machine_names = {str(root)} if len(root.parts) > 2 else set()
    if len(socket.gethostname()) >= 6 and socket.gethostname() != "localhost":
        machine_names.add(socket.gethostname())
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root, check=True, capture_output=True, text=True,
    ).stdout.split("\0")
    findings = 0
    for name in filter(None, listed):
        path = root / name
        text = text_of(path) if path.is_file() and name != "tools/check_names.py" else None
        for number, line in enumerate((text or "").split("\n"), 1):
            problem = check_line(line, machine_names)
            if problem:
                findings += 1
                print(f"{name}:{number}: names {problem}")
    print(f"{len(listed)} files, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
