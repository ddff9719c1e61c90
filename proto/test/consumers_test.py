#!/usr/bin/env python3
"""The ways to take the contract into a build, each tried in a folder of its own: add_subdirectory
by two consumers of one build, find_package after an install, both at once, and a plain -I."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

PROTO = Path(__file__).resolve().parent.parent

PROGRAM = """#include <pf/proto/all.hpp>

int main() { return pf::proto::kProtocolVersion == 6 && sizeof(pf::proto::AddRequest) == 40 ? 0 : 1; }
"""
PREAMBLE = "cmake_minimum_required(VERSION 3.25)\nproject({0} LANGUAGES CXX)\n"
EXECUTABLE = "add_executable({0} {1})\ntarget_link_libraries({0} PRIVATE pf::proto)\n"


def run(*command):
    done = subprocess.run([str(part) for part in command], check=False, capture_output=True,
                          text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def write(folder, lists, program=False):
    folder.mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text(lists)
    if program:
        (folder / "main.cpp").write_text(PROGRAM)


class Consumers:
    def __init__(self, cmake, generator, folder):
        self.cmake, self.folder = cmake, folder
        self.generator = ["-G", generator] if generator else []
        self.prefix = folder / "prefix"

    def build(self, source, *options):
        binary = source / "build"
        run(self.cmake, *self.generator, "-S", source, "-B", binary, "-DCMAKE_BUILD_TYPE=Debug",
            *options)
        run(self.cmake, "--build", binary)
        return binary

    def standalone_install(self):
        """Top level, as a project of its own: it makes its tests by default, and its package."""
        binary = self.folder / "standalone"
        run(self.cmake, *self.generator, "-S", PROTO, "-B", binary,
            f"-DCMAKE_INSTALL_PREFIX={self.prefix}", "-DPF_PROTO_BUILD_TESTS=OFF")
        run(self.cmake, "--install", binary)
        installed = {p.name for p in (self.prefix / "include/pf/proto").iterdir()}
        expected = {p.name for p in (PROTO / "include/pf/proto").iterdir()}
        if installed != expected:
            raise RuntimeError(f"installed {installed ^ expected} too much or too little")

    def two_consumers(self):
        """Each of two libraries brings the contract along; a program uses both."""
        root = self.folder / "two"
        write(root, PREAMBLE.format("two") + "add_subdirectory(one)\nadd_subdirectory(other)\n"
              + EXECUTABLE.format("both", "main.cpp"), program=True)
        for name in ("one", "other"):
            write(root / name, PREAMBLE.format(name)
                  + f'add_subdirectory("{PROTO}" proto)\n' + EXECUTABLE.format(name, "main.cpp"),
                  program=True)
        binary = self.build(root)
        for program in ("both", "one/one", "other/other"):
            run(binary / program)
        if (binary / "one" / "proto" / "test").exists():
            raise RuntimeError("a consumer got the contract's tests")

    def package(self):
        root = self.folder / "package"
        write(root, PREAMBLE.format("package") + "find_package(pf_proto 5 REQUIRED)\n"
              + EXECUTABLE.format("program", "main.cpp"), program=True)
        run(self.build(root, f"-DCMAKE_PREFIX_PATH={self.prefix}") / "program")

    def package_and_subdirectory(self):
        """One consumer finds the package, the next adds the folder, and the other way round."""
        root = self.folder / "mixed"
        found = "find_package(pf_proto REQUIRED)\n"
        added = f'add_subdirectory("{PROTO}" proto)\n'
        for name, lists in (("found_first", found + added), ("added_first", added + found)):
            write(root / name, PREAMBLE.format(name) + lists
                  + EXECUTABLE.format("program", "main.cpp"), program=True)
            run(self.build(root / name, f"-DCMAKE_PREFIX_PATH={self.prefix}") / "program")

    def too_old_package(self):
        root = self.folder / "newer"
        write(root, PREAMBLE.format("newer") + "find_package(pf_proto 7 QUIET)\n"
              "if(pf_proto_FOUND)\n  message(FATAL_ERROR found)\nendif()\n")
        self.build(root, f"-DCMAKE_PREFIX_PATH={self.prefix}")

    def plain_include(self):
        (self.folder / "plain.cpp").write_text(PROGRAM)
        program = self.folder / "plain"
        run("c++", "-std=c++20", f"-I{PROTO / 'include'}", self.folder / "plain.cpp", "-o", program)
        run(program)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--generator", help="of the builds; CMake's own choice when left out")
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory(prefix="pf-consumers-") as folder:
        consumers = Consumers(options.cmake, options.generator, Path(folder))
        for step in (consumers.standalone_install, consumers.plain_include, consumers.two_consumers,
                     consumers.package, consumers.package_and_subdirectory,
                     consumers.too_old_package):
            try:
                step()
                print(f"ok      {step.__name__}", flush=True)
            except (RuntimeError, OSError) as error:
                failures += 1
                print(f"FAILED  {step.__name__}: {error}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
