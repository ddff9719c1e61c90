"""What the checks of the sources share: C++ text without its comments and literals."""

import re

# A raw string before a plain one: its quotes are none.
SKIPPED = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'
    r"(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def code_only(text):
    """`text` with blanks for comments and literals; each line keeps its number and its columns."""
    return SKIPPED.sub(lambda found: re.sub(r"[^\n]", " ", found.group(0)), text)
