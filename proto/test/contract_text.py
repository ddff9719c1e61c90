"""Reads the contract's headers as text: wire structs, constants and their pins, with positions.

What it cannot place is an error, never skipped: a new kind of declaration must be taught here
before the tests pass again.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

INCLUDE_DIR = Path(__file__).resolve().parent.parent / "include"
HEADER_DIR = INCLUDE_DIR / "pf" / "proto"
LOCAL_MARK = "Not a wire type"

INTEGER = r"std::(?:u?int\d+_t|size_t)"
CONSTANT = re.compile(rf"inline constexpr ({INTEGER}) (k\w+) = ([^;{{}}]+);")
INTEGER_ARRAY = re.compile(rf"inline constexpr ({INTEGER}) (k\w+)\[(\d+)\] = \{{([^;]*?)\}};")
GUID = re.compile(r"inline constexpr Guid (k\w+) = \{([^;]*?)\};")
TABLE = re.compile(r"inline constexpr (ConstantPin|StructView|ConstantTable) (k\w+)\[\] = \{")
TEMPLATE_CONSTANT = re.compile(
    r"template <[^>]*>\s*inline constexpr (?:bool|char) k\w+(?:<[^>]*>)? =")
STRUCT = re.compile(r"^(template <[^\n]*>\n)?struct (\w+) \{\n(.*?)^\};", re.M | re.S)
FIELD = re.compile(r"\s*([\w:]+)\s+(\w+)(?:\[(\d+)\])?;")
LAYOUT = re.compile(r"PF_PROTO_LAYOUT\(\s*(\w+),\s*(\d+),\s*(\d+),(.*?)\);", re.S)
FIELD_PIN = re.compile(r"PF_PROTO_FIELD\(\s*(\w+),\s*([\w:]+(?:\[\d+\])?),\s*(\w+),\s*(\d+)\)")
# Functions that make, read or check words of the contract.
CODEC_HEADERS = ("version.hpp", "frame.hpp", "luminance.hpp", "validate.hpp")
FUNCTION = re.compile(r"^ *(?:static )?constexpr ([\w:]+) (\w+)\(([^)]*)\)(?: const)? \{", re.M)
PARAMETER = re.compile(r"([\w:]+) (\w+)(?:,|$)")
CONSTANT_PIN = re.compile(r"PF_PROTO_CONSTANT\(\s*(k\w+),\s*([\w:]+),\s*(\w+)\)")


class Unreadable(Exception):
    pass


@dataclass
class Field:
    type: str
    name: str
    length: str | None
    span: tuple  # the whole declaration
    type_span: tuple
    name_span: tuple
    length_span: tuple | None


@dataclass
class Struct:
    name: str
    name_span: tuple
    body_span: tuple
    fields: list


@dataclass
class Constant:
    type: str
    name: str
    span: tuple
    type_span: tuple
    name_span: tuple
    value_span: tuple


@dataclass
class Array:
    name: str
    type_span: tuple
    length_span: tuple
    length: int
    elements: list  # spans


@dataclass
class Pin:
    """A PF_PROTO_FIELD or PF_PROTO_CONSTANT: its span and the spans of its arguments."""
    span: tuple
    texts: list
    spans: list


@dataclass
class Parameter:
    type_span: tuple
    name_span: tuple


@dataclass
class Function:
    name: str
    return_span: tuple
    parameters: list
    body_span: tuple


@dataclass
class Layout:
    name: str
    span: tuple
    name_span: tuple
    size_span: tuple
    align_span: tuple
    fields: list


@dataclass
class Header:
    name: str
    raw: str
    text: str  # comments and preprocessor lines blanked, positions kept
    structs: list = field(default_factory=list)
    local_structs: list = field(default_factory=list)  # only of CODEC_HEADERS
    functions: list = field(default_factory=list)      # only of CODEC_HEADERS
    constants: list = field(default_factory=list)
    arrays: list = field(default_factory=list)
    guids: list = field(default_factory=list)  # (name, [spans of parts])
    layouts: list = field(default_factory=list)
    constant_pins: list = field(default_factory=list)
    tables: list = field(default_factory=list)


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def _without_comments(raw):
    text = re.sub(r"//[^\n]*|/\*.*?\*/", _blank, raw, flags=re.S)
    return re.sub(r"^#(?:[^\n]*\\\n)*[^\n]*", _blank, text, flags=re.M)


def _comment_above(raw, position):
    lines = raw[:position].rstrip("\n").split("\n")
    block = []
    while lines and lines[-1].startswith("//"):
        block.append(lines.pop())
    return " ".join(line[2:].strip() for line in reversed(block))


def _field(m):
    return Field(m.group(1), m.group(2), m.group(3), (m.start(1), m.end()), m.span(1), m.span(2),
                 m.span(3) if m.group(3) else None)


def _read_local_struct(header, match):
    """The fields stand first in it; functions may follow."""
    if header.name not in CODEC_HEADERS:
        return
    position, fields = match.start(3), []
    while m := FIELD.match(header.text, position):
        fields.append(_field(m))
        position = m.end()
    header.local_structs.append(Struct(match.group(2), match.span(2), match.span(3), fields))


def _read_functions(header):
    for m in FUNCTION.finditer(header.text):
        end, depth = m.end(), 1
        while depth:
            depth += {"{": 1, "}": -1}.get(header.text[end], 0)
            end += 1
        parameters = [Parameter(p.span(1), p.span(2))
                      for p in PARAMETER.finditer(header.text, *m.span(3))]
        header.functions.append(Function(m.group(2), m.span(1), parameters, (m.end(), end - 1)))
    if len(header.functions) != len(re.findall(r"^ *(?:static |friend )?constexpr\b(?!.* = default)",
                                               header.text, re.M)):
        raise Unreadable(f"{header.name}: a function of an unknown form")


def _read_struct(header, match):
    if LOCAL_MARK in _comment_above(header.raw, match.start()):
        _read_local_struct(header, match)
        return
    if match.group(1):
        raise Unreadable(f"{header.name}: template struct {match.group(2)} lacks '{LOCAL_MARK}'")
    position, end, fields = match.start(3), match.end(3), []
    while header.text[position:end].strip():
        m = FIELD.match(header.text, position, end)
        if not m:
            raise Unreadable(f"{header.name}: in struct {match.group(2)}: "
                             f"{header.text[position:end].strip().splitlines()[0]!r}")
        fields.append(_field(m))
        position = m.end()
    header.structs.append(Struct(match.group(2), match.span(2), match.span(3), fields))


def _read_constants(header):
    known = set()
    for m in CONSTANT.finditer(header.text):
        known.add(m.start())
        header.constants.append(Constant(m.group(1), m.group(2), m.span(), m.span(1), m.span(2),
                                         m.span(3)))
    for m in INTEGER_ARRAY.finditer(header.text):
        known.add(m.start())
        elements = [e.span() for e in re.compile(r"\w+").finditer(header.text, *m.span(4))]
        header.arrays.append(Array(m.group(2), m.span(1), m.span(3), int(m.group(3)), elements))
    for m in GUID.finditer(header.text):
        known.add(m.start())
        parts = [p.span() for p in re.compile(r"0x[0-9a-fA-F]+").finditer(header.text, *m.span(2))]
        header.guids.append((m.group(1), parts))
    for m in TABLE.finditer(header.text):
        known.add(m.start())
        end = header.text.index("};", m.end())
        header.tables.append((m.group(1), m.group(2), (m.end(), end)))
    for m in TEMPLATE_CONSTANT.finditer(header.text):
        known.add(header.text.index("inline", m.start()))
    for m in re.finditer(r"\binline constexpr\b|^(?:constexpr|const|static)\b[^(\n]*=|^union\b|"
                         r"^class\b|^enum (?!class)", header.text, re.M):
        if m.start() not in known:
            line = header.text[m.start():].split("\n")[0]
            raise Unreadable(f"{header.name}: a declaration of an unknown kind: {line!r}")


def read_header(path):
    raw = path.read_text()
    header = Header(path.name, raw, _without_comments(raw))
    for m in STRUCT.finditer(header.text):
        _read_struct(header, m)
    if len(re.findall(r"^struct \w+\b[^;\n]*\{", header.text, re.M)) != \
            len(list(STRUCT.finditer(header.text))):
        raise Unreadable(f"{header.name}: a struct that does not end in a line of its own")
    _read_constants(header)
    if header.name in CODEC_HEADERS:
        _read_functions(header)
    for m in LAYOUT.finditer(header.text):
        pins = [Pin(p.span(), list(p.groups()), [p.span(i) for i in range(1, 5)])
                for p in FIELD_PIN.finditer(header.text, *m.span(4))]
        header.layouts.append(Layout(m.group(1), m.span(), m.span(1), m.span(2), m.span(3), pins))
    for m in CONSTANT_PIN.finditer(header.text):
        header.constant_pins.append(Pin(m.span(), list(m.groups()),
                                        [m.span(i) for i in range(1, 4)]))
    return header


def read_all():
    return [read_header(path) for path in sorted(HEADER_DIR.glob("*.hpp"))]


def unpinned(headers):
    """Wire structs and constants without a pin, as lines of text."""
    missing = []
    for header in headers:
        pinned = {layout.name for layout in header.layouts}
        for struct in header.structs:
            if struct.name not in pinned:
                missing.append(f"{header.name}: struct {struct.name} has no PF_PROTO_LAYOUT")
        pinned = {pin.texts[0] for pin in header.constant_pins}
        for constant in header.constants:
            if constant.name not in pinned:
                missing.append(f"{header.name}: {constant.name} has no PF_PROTO_CONSTANT")
    return missing


if __name__ == "__main__":
    for h in read_all():
        print(f"{h.name}: {len(h.structs)} structs, {sum(len(s.fields) for s in h.structs)} fields, "
              f"{len(h.constants)} constants, {len(h.arrays)} arrays, {len(h.guids)} guids")
    sys.exit("\n".join(unpinned(read_all())) or 0)
