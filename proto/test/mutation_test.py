#!/usr/bin/env python3
"""Proves that drift is a compile error: changes one side of every field and every constant at a
time, and every literal, operator, cast, width and order in the functions that make and read the
contract's words or check them, and expects that no program which includes the header compiles any
more.

The mutants come from the text of the headers (contract_text.py), so a struct or constant that
nobody pinned shows up here as a survivor. A change of a declaration must fail in its own header;
a change of a pin may also fail in reflection.hpp, which every pin passes through; what a check says is
pinned beside this test, in validate_pins.hpp. A cast that is
left out where the language converts by itself changes nothing but the compiler's warnings: those
mutants are compiled with the warnings of our own build.

  mutation_test.py [--only PATTERN] [--sample K] [--seed S] [--compiler g++] [--jobs N] [--list]
"""

import argparse
import concurrent.futures
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from contract_text import HEADER_DIR, INCLUDE_DIR, Unreadable, read_all, unpinned

WIDER = {"std::uint8_t": "std::uint16_t", "std::uint16_t": "std::uint32_t",
         "std::uint32_t": "std::uint64_t", "std::int32_t": "std::int64_t",
         "std::size_t": "unsigned __int128"}
NARROWER = {"std::uint64_t": "std::uint32_t", "std::uint32_t": "std::uint16_t",
            "std::uint16_t": "std::uint8_t", "std::int32_t": "std::int16_t",
            "std::int64_t": "std::int32_t", "std::size_t": "std::uint32_t"}
OTHER_SIGN = {"std::uint8_t": "std::int8_t", "std::uint16_t": "std::int16_t",
              "std::uint32_t": "std::int32_t", "std::uint64_t": "std::int64_t",
              "std::int32_t": "std::uint32_t", "std::int64_t": "std::uint64_t",
              "std::size_t": "std::ptrdiff_t"}
VALIDATE_PINS = Path(__file__).resolve().parent / "validate_pins.hpp"
OUR_WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror"]
# Changes that change nothing: a size is as valid the other way round.
EQUIVALENT = {"valid_size(): swap width with height", "valid_mode(): swap width with height"}
SAME_SIZE = {"std::uint8_t": "bool", "std::uint16_t": "char16_t", "std::uint32_t": "float",
             "std::int32_t": "char32_t", "std::uint64_t": "double", "std::int64_t": "double"}


@dataclass(frozen=True)
class Mutant:
    header: str
    what: str
    edits: tuple  # of (start, end, replacement)
    of_pin: bool  # a pin was changed, not a declaration
    warned: bool = False  # a warning of our own build is enough

    def apply(self, raw):
        for start, end, replacement in sorted(self.edits, reverse=True):
            raw = raw[:start] + replacement + raw[end:]
        return raw


class Collector:
    """Gathers the mutants of one header."""

    def __init__(self, header):
        self.header = header
        self.mutants = []

    def text(self, span):
        return self.header.text[span[0]:span[1]]

    def add(self, what, *edits, of_pin=False, warned=False):
        edits = tuple((span[0], span[1], new) for span, new in edits)
        self.mutants.append(Mutant(self.header.name, what, edits, of_pin, warned))

    def swap(self, what, a, b, of_pin=False):
        self.add(what, (a, self.text(b)), (b, self.text(a)), of_pin=of_pin)


def types_instead(type_name):
    """(how, other type) for each other type that a field or constant could be given."""
    for how, table in (("widen", WIDER), ("narrow", NARROWER), ("flip sign of", OTHER_SIGN)):
        if type_name in table:
            yield how, table[type_name]


def one_of(choices, turn):
    """One of them, a different one each turn: pins are many and alike."""
    choices = list(choices)
    return [choices[turn % len(choices)]] if choices else []


def mutate_struct(out, struct):
    fields = struct.fields
    for i, f in enumerate(fields):
        label = f"{struct.name}.{f.name}"
        if i + 1 < len(fields):
            out.swap(f"swap {label} with {fields[i + 1].name}", f.span, fields[i + 1].span)
        for how, other in types_instead(f.type):
            out.add(f"{how} {label}", (f.type_span, other))
        if f.type in SAME_SIZE:
            out.add(f"retype {label} as {SAME_SIZE[f.type]}", (f.type_span, SAME_SIZE[f.type]))
        else:
            out.add(f"retype {label} as an integer", (f.type_span, "std::uint32_t"))
        if f.length_span:
            for change in (-1, 1):
                out.add(f"{label}: one element {'more' if change > 0 else 'less'}",
                        (f.length_span, f"{f.length} + {change}"))
        else:
            out.add(f"{label}: an array of two", ((f.span[1] - 1, f.span[1]), "[2];"))
        out.add(f"remove {label}", (f.span, ""))
        out.add(f"insert before {label}", ((f.span[0],) * 2, "std::uint32_t pf_inserted; "))
        out.add(f"rename {label}", (f.name_span, f.name + "_renamed"))
    last = fields[-1].span[1]
    out.add(f"append to {struct.name}", ((last, last), " std::uint32_t pf_appended;"))
    out.add(f"align {struct.name} to 16", ((struct.name_span[0],) * 2, "alignas(16) "))
    out.add(f"rename {struct.name}", (struct.name_span, struct.name + "Renamed"))


def pinned_value(out, name):
    for pin in out.header.constant_pins:
        if pin.texts[0] == name:
            return int(pin.texts[2], 0)
    return None


def mutate_constants(out):
    constants = out.header.constants
    for i, c in enumerate(constants):
        value = out.text(c.value_span)
        out.add(f"{c.name} + 1", (c.value_span, f"({value}) + 1"))
        out.add(f"{c.name} with its high byte changed", (c.value_span, f"({value}) ^ 0x40000000"))
        for how, other in types_instead(c.type):
            out.add(f"{how} {c.name}", (c.type_span, other))
        out.add(f"rename {c.name}", (c.name_span, c.name + "Renamed"))
        out.add(f"remove {c.name}", (c.span, ""))
        if i + 1 < len(constants):
            a, b = pinned_value(out, c.name), pinned_value(out, constants[i + 1].name)
            if a is None or a != b:
                out.swap(f"swap the values of {c.name} and {constants[i + 1].name}", c.value_span,
                         constants[i + 1].value_span)


def mutate_guids_and_arrays(out):
    for name, parts in out.header.guids:
        for i, part in enumerate(parts):
            out.add(f"{name} part {i} changed", (part, f"({out.text(part)} ^ 1)"))
            if i + 1 < len(parts) and len(out.text(part)) == len(out.text(parts[i + 1])):
                out.swap(f"swap {name} parts {i} and {i + 1}", part, parts[i + 1])
    for array in out.header.arrays:
        for i, element in enumerate(array.elements):
            for change in (-1, 1):
                out.add(f"{array.name}[{i}] {change:+}",
                        (element, f"{out.text(element)} + {change}"))
            if i + 1 < len(array.elements):
                out.swap(f"swap {array.name}[{i}] and [{i + 1}]", element, array.elements[i + 1])
        for how, other in types_instead(out.text(array.type_span)):
            out.add(f"{how} {array.name}", (array.type_span, other))
        for change in (-1, 1):
            out.add(f"{array.name}: length {change:+}",
                    (array.length_span, str(array.length + change)))


def mutate_field_pins(out, layout, owners):
    for i, pin in enumerate(layout.fields):
        struct, type_name, name, offset = pin.texts
        label = f"pin of {struct}.{name}"
        base = type_name.split("[")[0]
        out.add(f"{label}: offset + 4", (pin.spans[3], str(int(offset) + 4)), of_pin=True)
        for how, other in one_of(types_instead(base), i):
            out.add(f"{label}: {how} the type",
                    (pin.spans[1], type_name.replace(base, other)), of_pin=True)
        out.add(f"{label}: other array length",
                (pin.spans[1], base if "[" in type_name else base + "[1]"), of_pin=True)
        out.add(f"{label}: other name", (pin.spans[2], name + "_renamed"), of_pin=True)
        if i + 1 < len(layout.fields):
            following = layout.fields[i + 1]
            out.add(f"{label}: name of the next", (pin.spans[2], following.texts[2]), of_pin=True)
            out.swap(f"{label}: swapped with the next", pin.span, following.span, of_pin=True)
        for other in one_of((o for o in owners.get(name, ()) if o != struct), i):
            out.add(f"{label}: of {other}", (pin.spans[0], other), of_pin=True)
        comma = out.header.text.rfind(",", 0, pin.span[0])
        out.add(f"{label}: removed", ((comma, pin.span[1]), ""), of_pin=True)


def mutate_pins(out, owners):
    for layout in out.header.layouts:
        label = f"layout pin of {layout.name}"
        size, align = int(out.text(layout.size_span)), int(out.text(layout.align_span))
        for other in (size + 4, size - 4, size * 2):
            out.add(f"{label}: size {other}", (layout.size_span, str(other)), of_pin=True)
        for other in (align * 2, align // 2):
            out.add(f"{label}: align {other}", (layout.align_span, str(other)), of_pin=True)
        out.add(f"{label}: other name", (layout.name_span, layout.name + "Renamed"), of_pin=True)
        out.add(f"{label}: removed", ((layout.span), ""), of_pin=True)
        mutate_field_pins(out, layout, owners)
    pins = out.header.constant_pins
    for i, pin in enumerate(pins):
        name, type_name, value = pin.texts
        label = f"pin of {name}"
        out.add(f"{label}: value + 1", (pin.spans[2], f"{value} + 1"), of_pin=True)
        for how, other in one_of(types_instead(type_name), i):
            out.add(f"{label}: {how} the type", (pin.spans[1], other), of_pin=True)
        out.add(f"{label}: other name", (pin.spans[0], name + "Renamed"), of_pin=True)
        same_value = (p for p in pins if p is not pin and int(p.texts[2], 0) == int(value, 0))
        for other in one_of(same_value, i):
            out.add(f"{label}: in place of {other.texts[0]}", (other.spans[0], name), of_pin=True)
        if i + 1 < len(pins):
            out.add(f"{label}: name of the next", (pin.spans[0], pins[i + 1].texts[0]), of_pin=True)
        end = pin.span[1] + (out.header.text[pin.span[1]] == ",")
        out.add(f"{label}: removed", ((pin.span[0], end), ""), of_pin=True)


def mutate_literals(out, label, start, end):
    for m in re.compile(r"(?<![\w.])(0x[0-9A-Fa-f]+|\d+)(u?)\b").finditer(out.header.text, start, end):
        value = int(m.group(1), 0)
        others = {value + 1, value - 1, value ^ (1 << max(value.bit_length() - 1, 0))} - {value, -1}
        for other in sorted(others):
            out.add(f"{label}: {m.group(1)} is {other:#x}", (m.span(1), f"{other:#x}"))


OTHER_OPERATOR = {"<<": ">>", ">>": "<<", "&": "|", "|": "&", "<": "<=", "<=": "<", ">": ">=",
                  ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&", "+": "-", "*": "+",
                  "/": "*", "%": "/"}


def mutate_operators(out, label, start, end):
    for m in re.compile(r"(?<= )(<<|>>|&&|\|\||[<>=!]=|[&|<>+*/%])(?= |\n)").finditer(
            out.header.text, start, end):
        other = OTHER_OPERATOR[m.group(1)]
        out.add(f"{label}: {m.group(1)} is {other} at {m.start() - start}", (m.span(1), other))


def mutate_casts(out, label, start, end):
    cast = re.compile(r"(static_cast<(std::\w+)>)(?=\()|(?<!<)(?<!\()(std::u?int\d+_t)(?=\{| \w+ =)")
    for m in cast.finditer(out.header.text, start, end):
        type_span = m.span(2) if m.group(2) else m.span(3)
        type_name = out.text(type_span)
        # A wider variable holds the same.
        for how, table in (("widen", WIDER), ("narrow", NARROWER)):
            if type_name in table and not (how == "widen" and m.group(3)):
                out.add(f"{label}: {how} a {type_name} at {m.start() - start}",
                        (type_span, table[type_name]))
        if m.group(1):
            out.add(f"{label}: without a cast to {type_name} at {m.start() - start}",
                    (m.span(1), ""), warned=True)


def arguments(text, start):
    """The spans of the arguments behind the opening bracket at `start`."""
    depth, spans, begin = 0, [], start + 1
    for position in range(start, len(text)):
        depth += text[position] in "({[" and 1
        depth -= text[position] in ")}]" and 1
        if depth == 0 or (depth == 1 and text[position] == ","):
            spans.append((begin, position))
            begin = position + 1
        if depth == 0:
            return spans
    raise Unreadable("a bracket without an end")


def mutate_order(out, label, start, end):
    """What a return statement makes a struct of, and the parameters where they are used."""
    for m in re.compile(r"return (?:of)?([({])").finditer(out.header.text, start, end):
        spans = arguments(out.header.text, m.start(1))
        for a, b in zip(spans, spans[1:]):
            if out.text(a).strip() != out.text(b).strip():
                out.swap(f"{label}: swap {out.text(a).strip()} with {out.text(b).strip()}", a, b)


def mutate_signature(out, function):
    for span in (function.return_span, *(p.type_span for p in function.parameters)):
        for how, other in types_instead(out.text(span)):
            where = "the return type" if span == function.return_span else "a parameter"
            out.add(f"{function.name}(): {how} {where} at {span[0]}", (span, other))
    for a, b in zip(function.parameters, function.parameters[1:]):
        out.swap(f"{function.name}(): swap {out.text(a.name_span)} with {out.text(b.name_span)}",
                 a.name_span, b.name_span)


def mutate_functions(out):
    for function in out.header.functions:
        label = f"{function.name}()"
        mutate_signature(out, function)
        for change in (mutate_literals, mutate_operators, mutate_casts, mutate_order):
            change(out, label, *function.body_span)


def mutate_local_struct(out, struct):
    """A struct that stays on its side, but is made from a word that travels."""
    for i, f in enumerate(struct.fields):
        for how, other in types_instead(f.type):
            out.add(f"{how} {struct.name}.{f.name}", (f.type_span, other))
        if i + 1 < len(struct.fields):
            out.swap(f"swap {struct.name}.{f.name} with {struct.fields[i + 1].name}", f.span,
                     struct.fields[i + 1].span)


def mutate_index(out):
    """The entries of reflection.hpp: a lost one is a lost struct or table."""
    for kind, name, (start, end) in out.header.tables:
        if kind == "ConstantPin":
            continue
        position = start
        for entry in out.header.text[start:end].split(",\n"):
            if entry.strip():
                out.add(f"{name}: without {entry.strip()}",
                        ((position, position + len(entry) + 1), ""), of_pin=True)
            position += len(entry) + 2


def all_mutants(headers):
    owners = {}
    for header in headers:
        for struct in header.structs:
            for f in struct.fields:
                owners.setdefault(f.name, []).append(struct.name)
    mutants = []
    for header in headers:
        out = Collector(header)
        for struct in header.structs:
            mutate_struct(out, struct)
        for struct in header.local_structs:
            mutate_local_struct(out, struct)
        mutate_functions(out)
        mutate_constants(out)
        mutate_guids_and_arrays(out)
        mutate_pins(out, owners)
        mutate_index(out)
        mutants += out.mutants
    return mutants


class Compiler:
    """Compiles the real headers with one of them replaced. One overlay folder a thread."""

    def __init__(self, command, folder):
        self.folder = Path(folder)
        self.local = threading.local()
        self.command = [command, "-std=c++20", "-ffreestanding", "-fmax-errors=1",
                        "-fsyntax-only", "-x", "c++"]
        # The standard headers are the same for all and most of the work.
        standard = self.folder / "standard.hpp"
        standard.write_text("".join(f"#include <{h}>\n"
                                    for h in ("bit", "cstddef", "cstdint", "type_traits")))
        made = subprocess.run([command, "-std=c++20", "-ffreestanding", "-w", "-x", "c++-header",
                               str(standard), "-o", f"{standard}.gch"], check=False)
        if made.returncode == 0:
            self.command += ["-include", str(standard)]

    def _overlay(self):
        if not hasattr(self.local, "root"):
            self.local.root = Path(tempfile.mkdtemp(dir=self.folder))
            (self.local.root / "pf" / "proto").mkdir(parents=True)
        return self.local.root

    def accepts(self, header, text, included, warned=False):
        root = self._overlay()
        place = root / "pf" / "proto" / header
        place.write_text(text)
        try:
            done = subprocess.run(
                [*self.command, *(OUR_WARNINGS if warned else ["-w"]), f"-I{root}",
                 f"-I{INCLUDE_DIR}", "-"], check=False,
                input=f"#include {included}\n", text=True, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
        finally:
            place.unlink()
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the compiler itself failed with {done.returncode}")
        return done.returncode == 0


def programs_of(mutant):
    """What must not compile any more, one of them at least."""
    yield f"<pf/proto/{mutant.header}>"
    if mutant.of_pin:
        yield "<pf/proto/reflection.hpp>"
    if mutant.header == "validate.hpp":
        yield f'"{VALIDATE_PINS}"'


def survives(compiler, raw, mutant):
    text = mutant.apply(raw)
    if text == raw:
        raise RuntimeError(f"no change: {mutant}")
    for program in programs_of(mutant):
        if not compiler.accepts(mutant.header, text, program, mutant.warned):
            return False
    return True


def run(mutants, headers, compiler, jobs):
    raw = {header.name: header.raw for header in headers}
    for m in {(m.header, m.of_pin): m for m in mutants}.values():
        for program in programs_of(m):
            if not compiler.accepts(m.header, raw[m.header], program, warned=True):
                sys.exit(f"{program} does not compile as it is")
    survivors, done, started = [], 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(survives, compiler, raw[m.header], m): m for m in mutants}
        for future in concurrent.futures.as_completed(futures):
            done += 1
            if future.result():
                survivors.append(futures[future])
                print(f"SURVIVED {futures[future].header}: {futures[future].what}", flush=True)
            if done % 250 == 0:
                print(f"{done}/{len(mutants)} after {time.monotonic() - started:.0f} s", flush=True)
    return survivors


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sample", type=int, help="only so many, drawn by --seed")
    parser.add_argument("--only", default="", help="only those whose line in --list matches")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiler", default=os.environ.get("PF_MUTATION_CXX", "g++"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    options = parser.parse_args()
    try:
        headers = read_all()
    except Unreadable as error:
        sys.exit(f"cannot read {error}")
    mutants = all_mutants(headers)
    structs = [s for h in headers for s in h.structs]
    print(f"{HEADER_DIR.relative_to(INCLUDE_DIR.parent)}: {len(structs)} structs, "
          f"{sum(len(s.fields) for s in structs)} fields, "
          f"{sum(len(h.constants) for h in headers)} constants, "
          f"{sum(len(a.elements) for h in headers for a in h.arrays)} array elements, "
          f"{sum(len(parts) for h in headers for _, parts in h.guids)} guid parts, "
          f"{sum(len(h.functions) for h in headers)} functions: "
          f"{len(mutants)} mutants", flush=True)
    for line in unpinned(headers):
        print(f"UNPINNED {line}")
    mutants = [m for m in mutants if m.what not in EQUIVALENT]
    mutants = [m for m in mutants if re.search(options.only, f"{m.header}: {m.what}")]
    if options.list:
        for m in mutants:
            print(f"{m.header}: {m.what}")
        return 0
    if options.sample is not None:
        mutants = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
        print(f"sample of {len(mutants)}, seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="pf-mutation-") as folder:
        survivors = run(mutants, headers, Compiler(options.compiler, folder), options.jobs)
    for m in sorted(survivors, key=lambda m: (m.header, m.what)):
        print(f"survivor: {m.header}: {m.what}")
    print(f"killed {len(mutants) - len(survivors)}/{len(mutants)}")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
