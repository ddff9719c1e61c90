#!/usr/bin/env python3
"""Proves that the simulated screens would notice: breaks one decision of host/topology at a time, in
the text of its real source, and expects that the property test finds a run that it harms.

  mutation_test.py --compiler C++ --include DIR... --link FILE... [--only PATTERN] [--jobs N]
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TOPOLOGY = Path(__file__).resolve().parent.parent
COVER = """    if (auto covered = journal_.cover(lit_screens(seen)); !covered) {
        return covered;
    }
"""
BEFORE_VERDICT = "    switch (restoration.outcome()) {\n"


@dataclass(frozen=True)
class Mutant:
    what: str
    file: str
    edits: tuple  # of (text that stands there once, what stands there instead)


MUTANTS = [
    Mutant("the journal is written after the change", "topology_task.cpp", (
        (COVER, ""),
        ("    if (!answer) {\n        last_error_ = answer.error();\n    }\n", COVER),
    )),
    Mutant("a journal that cannot be written is no hindrance", "topology_task.cpp", (
        (COVER, "    (void)journal_.cover(lit_screens(seen));\n"),
    )),
    Mutant("the journal is dropped while a screen is dark", "topology_task.cpp", (
        (BEFORE_VERDICT, "    (void)journal_.drop();\n" + BEFORE_VERDICT),
    )),
    Mutant("a failed query counts as zero paths", "topology_task.cpp", (
        ("        const auto seen = displays_.query(scope);\n",
         "        static const DisplayPaths nothing;\n"
         "        const os::Result<DisplayPaths> seen = displays_.query(scope).value_or(nothing);\n"),
    )),
    Mutant("who was plugged in between look and change is forgotten", "topology_task.cpp", (
        ("    if (!journal_.held()) {\n        return {};\n    }\n", "    if (true) {\n        return {};\n    }\n"),
    )),
    Mutant("an earlier run's journal is not looked for", "topology_task.cpp", (
        ("    if (journal_.load() == JournalKeeper::Found::nothing) {", "    if (true) {"),
    )),
    Mutant("a second isolation overwrites the journal of the first", "journal_keeper.cpp", (
        ("std::vector<Screen> all = *wanted_;", "std::vector<Screen> all;"),
    )),
    Mutant("a damaged journal counts as none", "journal_keeper.cpp", (
        ("    return wanted_ ? Found::screens : Found::unreadable;",
         "    if (!wanted_) {\n        held_ = on_disk_ = false;\n        wanted_.emplace();\n"
         "        return Found::nothing;\n    }\n    return Found::screens;"),
    )),
    Mutant("a journal that the disk does not give counts as none", "journal_keeper.cpp", (
        ("    if (text && !*text) {", "    if (!text || !*text) {"),
    )),
    Mutant("after a failed removal the journal counts as being there", "journal_keeper.cpp", (
        ("    held_ = on_disk_ = false;\n    wanted_.emplace();\n    return store_.remove();",
         "    return store_.remove().map([&] {\n        held_ = on_disk_ = false;\n"
         "        wanted_.emplace();\n    });"),
    )),
    Mutant("isolating believes the answer of the call", "isolation.cpp", (
        ("if (is_only_targets(*seen, keep_)) {", "if (attempts_ > 0 || is_only_targets(*seen, keep_)) {"),
    )),
    Mutant("restoring believes the answer of the call", "restoration.cpp", (
        ("if (all_lit(goal(*seen), *seen) && !has_to_arrange) {",
         "if ((attempts_ > 0 || all_lit(goal(*seen), *seen)) && !has_to_arrange) {"),
    )),
    Mutant("after a crash the journal's stale numbers are applied", "restoration.cpp", (
        ("{Step::extend, Step::extend, Step::by_name}", "{Step::by_name, Step::by_name, Step::by_name}"),
        ("    for (const Screen& screen : dark_screens(goal(all), all)) {\n",
         "    for (const Screen& screen : wanted_ ? *wanted_ : std::vector<Screen>()) {\n"),
        ("    return targets.empty() ? Action::extend() : ", "    return "),
    )),
    Mutant("one attempt to light the screens is enough", "restoration.cpp", (
        ("constexpr int kMostAttempts = 9;", "constexpr int kMostAttempts = 1;"),
    )),
    Mutant("what is kept goes where it was, not to the origin", "arrangement.cpp", (
        ("            before->source_mode->x = edge;\n", ""),
    )),
    Mutant("one lit screen is as good as all", "snapshot.cpp", (
        ("    return dark_screens(wanted, all).empty() &&\n           lit_screens(all).size() >= std::min(wanted.size(), connected_screens(all).size());",
         "    return wanted.empty() || connected_screens(all).empty() || !lit_screens(all).empty();"),
    )),
    Mutant("the gate takes another monitor's frame", "capture_gate.cpp", (
        ("frame->target == path.target && ", ""),
    )),
    Mutant("the gate takes a frame of another size", "capture_gate.cpp", (
        ("           frame->width == path.source_mode->width && frame->height == path.source_mode->height;",
         "           frame->width != 0;"),
    )),
    Mutant("the gate takes another monitor when ours is dark", "capture_gate.cpp", (
        ("seen != nullptr ? find_active(*seen, target_) : nullptr;",
         "seen == nullptr || seen->empty()         ? nullptr\n"
         "                              : find_active(*seen, target_) ? find_active(*seen, target_)\n"
         "                                                            : &seen->front();"),
        ("frame->target == path.target && ", ""),
    )),
]


def mutated(mutant):
    text = (TOPOLOGY / mutant.file).read_text()
    for old, new in mutant.edits:
        if text.count(old) != 1:
            sys.exit(f"{mutant.file}: not there once, so not to be broken as '{mutant.what}':\n{old}")
        text = text.replace(old, new)
    return text


def run_property(command, options, folder):
    """What the test said, None when it passed."""
    program = Path(folder) / "program"
    subprocess.run([*command, *options.link, "-pthread", "-o", str(program)], check=True)
    done = subprocess.run([str(program)], capture_output=True, text=True, timeout=300, check=False)
    return None if done.returncode == 0 else done.stdout + done.stderr


def survives(mutant, options):
    with tempfile.TemporaryDirectory(prefix="pf-topology-mutant-") as folder:
        source = Path(folder) / mutant.file
        source.write_text(mutated(mutant))
        command = [options.compiler, "-std=c++20", "-O1", "-w", str(source)]
        said = run_property(command + [f"-I{each}" for each in options.include], options, folder)
    breach = re.search(r'(?:Which is: "|Expected: )(.*?)"?$', said or "", re.MULTILINE)
    if said is not None and breach is None:
        raise RuntimeError(f"'{mutant.what}' ended in another way:\n{said}")
    print(f"{'SURVIVED' if breach is None else 'found'}: {mutant.what}"
          f"{'' if breach is None else ': ' + breach.group(1)}", flush=True)
    return breach is None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--include", nargs="+", required=True)
    parser.add_argument("--link", nargs="+", required=True, help="objects and libraries, in order")
    parser.add_argument("--only", default="", help="those whose description matches")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    mutants = [m for m in MUTANTS if re.search(options.only, m.what)]
    with tempfile.TemporaryDirectory(prefix="pf-topology-as-it-is-") as folder:
        said = run_property([options.compiler], options, folder)
    if said is not None:
        sys.exit(f"the property does not hold as it is:\n{said}")
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        survivors = sum(pool.map(lambda m: survives(m, options), mutants))
    print(f"found {len(mutants) - survivors}/{len(mutants)}")
    return 1 if survivors or not mutants else 0


if __name__ == "__main__":
    sys.exit(main())
