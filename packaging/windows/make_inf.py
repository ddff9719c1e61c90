#!/usr/bin/env python3
"""Writes a driver's INF file from its template.

usage: make_inf.py TEMPLATE --version A.B[.C[.D]] [--date YYYY-MM-DD] [--arch amd64] [-o FILE]

Without a date it is SOURCE_DATE_EPOCH's day, else today (UTC). With -o the file has the line ends
that Windows wants.
"""

import argparse
import datetime
import os
import re
import sys
from pathlib import Path

# Windows 10 22H2 loads a driver whose version is about 99.x and then enumerates no monitor; 14 and
# 15 have been seen to work. The parts are 16 bits wide.
MOST_MAJOR = 15
MOST_PART = 0xFFFF


def driver_version(text):
    """"0.1.0" -> "0.1.0.0"; ValueError: not a version, or one that is too large."""
    if not re.fullmatch(r"\d+(\.\d+){1,3}", text):
        raise ValueError(f"'{text}' is no version; give two to four numbers: 0.1.0")
    parts = [int(part) for part in text.split(".")] + [0, 0]
    if parts[0] > MOST_MAJOR:
        raise ValueError(f"version {text}: above {MOST_MAJOR}.x Windows may show no monitor")
    if max(parts) > MOST_PART:
        raise ValueError(f"version {text}: no part may be above {MOST_PART}")
    return ".".join(str(part) for part in parts[:4])


def default_date():
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = (
        datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc)
        if epoch
        else datetime.datetime.now(datetime.timezone.utc)
    )
    return moment.date()


def make_inf(template, version, date, arch="amd64"):
    """The INF's text. ValueError: a word of the template is not known."""
    words = {
        "VERSION": driver_version(version),
        "DATE": date.strftime("%m/%d/%Y"),
        "ARCH": arch,
    }

    def fill(match):
        if match[1] not in words:
            raise ValueError(f"the template asks for {match[0]}, which nobody knows")
        return words[match[1]]

    return re.sub(r"@(\w+)@", fill, template)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("template", type=Path)
    parser.add_argument("--version", required=True)
    parser.add_argument("--date", type=datetime.date.fromisoformat, default=None)
    parser.add_argument("--arch", default="amd64")
    parser.add_argument("-o", "--output", type=Path)
    asked = parser.parse_args()
    try:
        text = make_inf(
            asked.template.read_text(encoding="ascii"),
            asked.version,
            asked.date or default_date(),
            asked.arch,
        )
    except ValueError as error:
        sys.exit(f"make_inf.py: {error}")
    if asked.output:
        asked.output.write_text(text, encoding="ascii", newline="\r\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
