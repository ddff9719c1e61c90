#!/usr/bin/env python3
"""The checks of the sources can fail: each is given a small tree with the fault that it looks for,
and the same tree without it."""

import contextlib
import importlib.util
import io
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent


class Tree(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="pf-checks-"))
        self.addCleanup(shutil.rmtree, self.root)
        subprocess.run(["git", "init", "--quiet", self.root], check=True)

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def run_tool(self, tool, *arguments):
        """(exit code, what it said)"""
        done = subprocess.run([TOOLS / tool, self.root, *arguments], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def assert_finds(self, tool, what, *arguments):
        code, said = self.run_tool(tool, *arguments)
        self.assertEqual(code, 1, said)
        self.assertIn(what, said)

    def assert_content(self, tool, *arguments):
        code, said = self.run_tool(tool, *arguments)
        self.assertEqual(code, 0, said)


class Arrows(Tree):
    def setUp(self):
        super().setUp()
        self.write("host/a.cpp", "#include <pf/proto/all.hpp>\n#include <pf/os/clock.hpp>\n")

    def test_a_tree_in_order(self):
        self.assert_content("check_arrows.py")

    def test_an_include_against_the_arrows(self):
        self.write("host/b.cpp", "#include <pf/sinks/frame_sink.hpp>\n")
        self.assert_finds("check_arrows.py", "host/b.cpp:1")

    def test_a_system_header_above_the_seam(self):
        self.write("host/b.cpp", "#include <unistd.h>\n")
        self.assert_finds("check_arrows.py", "host/b.cpp:1")

    def test_a_room_that_it_does_not_know(self):
        for name in ("lounge/a.cpp", "driver/somewhere/a.hpp", "host/attic/a.cpp"):
            with self.subTest(name):
                self.write(name, "\n")
                self.assert_finds("check_arrows.py", f"{name}: a room that the arrows do not know")
                (self.root / name).unlink()

    def test_a_room_inside_that_reaches_the_wrong_way(self):
        self.write("host/session/s.hpp", "\n")
        self.write("driver/x11/x.hpp", "\n")
        self.write("driver/x11/uses.cpp", '#include "x.hpp"\n#include "xorg/o.hpp"\n')
        self.write("driver/xorg/o.hpp", "\n")
        self.assert_content("check_arrows.py")
        for name, header in (("host/monitor/m.cpp", "session/s.hpp"), ("driver/xorg/o.cpp", "x11/x.hpp"),
                             ("driver/xorg/p.cpp", "../x11/x.hpp")):
            with self.subTest(name):
                self.write(name, f'#include "{header}"\n')
                self.assert_finds("check_arrows.py", f"{name}:1")
                (self.root / name).unlink()

    def test_no_sources_at_all(self):
        (self.root / "host/a.cpp").unlink()
        self.assert_finds("check_arrows.py", "0 files")


class Names(Tree):
    def test_a_home_directory_and_a_private_host(self):
        self.write("a.md", "see docs/\n")
        self.assert_content("check_names.py")
        for text in ("/" + "home/somebody/notes", "http" + "://builder.local/x", "10" + ".1.2.3"):
            self.write("b.md", text + "\n")
            self.assert_finds("check_names.py", "b.md:1")


class Waits(Tree):
    def setUp(self):
        super().setUp()
        self.write("host/a.cpp", """\
// Not std::thread, not poll(2): os::wait().
const char* kText = "select(";
void a() { os::wait(flags, deadline_ns); source.poll(); std::thread::id who; }
""")
        self.write("os/linux/a.cpp", "void a() { ::poll(&entry, 1, 0); }\n")
        self.write("host/a_test.cpp", "void a() { std::thread other(b); }\n")

    def test_a_tree_in_order(self):
        self.assert_content("check_waits.py")

    def test_a_wait_or_a_thread_of_its_own(self):
        for line in ("::poll(&entry, 1, -1);", "poll(entries.data(), 1, 0);", "if (select(1, r, w, e, t)) {",
                     "::epoll_wait(set, news, 1, -1);", "::nanosleep(&pause, nullptr);", "usleep(5);",
                     "std::this_thread::sleep_for(pause);", "std::this_thread::sleep_until(then);",
                     "auto* news = xcb_wait_for_event(connection);", "std::thread other([] {});",
                     "auto later = std::async([] {});", "pthread_create(&id, nullptr, run, nullptr);"):
            with self.subTest(line):
                self.write("driver/pattern/b.cpp", f"void b() {{\n    {line}\n")
                self.assert_finds("check_waits.py", "driver/pattern/b.cpp:2")

    def test_an_exception_is_for_one_thing_and_no_longer_than_it_is_needed(self):
        name = "os/common/thread.cpp"
        self.write(name, "std::thread thread;\n")
        self.assert_content("check_waits.py")
        self.write(name, "std::thread thread;\nint a = ::poll(&entry, 1, 0);\n")
        self.assert_finds("check_waits.py", f"{name}:2")
        self.write(name, "\n")
        self.assert_finds("check_waits.py", f"{name}: is excused")

    def test_no_sources_at_all(self):
        (self.root / "host/a.cpp").unlink()
        self.assert_finds("check_waits.py", "0 files")


class Systems(Tree):
    def setUp(self):
        super().setUp()
        self.write("host/a.cpp", "// #ifdef _WIN32\n#ifdef NDEBUG\n#endif\n")
        self.write("os/windows/a.cpp", "#ifdef _WIN32\n#endif\n")

    def test_a_tree_in_order(self):
        self.assert_content("check_systems.py")

    def test_a_question_outside_the_seam(self):
        for line in ("#ifdef _WIN32", "#if defined(__linux__)", "# ifndef WIN32", "#if defined(A) && \\\n defined(_MSC_VER)",
                     "#elif defined(__MINGW32__)", "#if _WIN32_WINNT >= 0x0A00", "#ifdef __unix__", "#ifdef __linux__"):
            for room in ("host/b.cpp", "proto/include/pf/proto/b.hpp", "driver/core/b.cpp", "cli/b.cpp"):
                with self.subTest(line=line, room=room):
                    self.write(room, f"int a;\n{line}\n#endif\n")
                    self.assert_finds("check_systems.py", f"{room}:2")
                    (self.root / room).unlink()

    def test_no_sources_at_all(self):
        (self.root / "host/a.cpp").unlink()
        self.assert_finds("check_systems.py", "0 files")


class Packages(Tree):
    def test_each_list_is_read(self):
        for name in ("build", "model", "bare", "of_tomorrow"):
            self.write("tools/packages.sh", f"packages_test=(git)\npackages_{name}=(unheard-of)\n")
            self.write("docs/dependencies.md", "`git` and `unheard-of`\n")
            self.assert_content("check_packages.sh")
            self.write("docs/dependencies.md", "`git`\n")
            self.assert_finds("check_packages.sh", f"unheard-of of packages_{name}")

    def test_no_list_at_all(self):
        self.write("tools/packages.sh", "\n")
        self.assert_finds("check_packages.sh", "0 packages")


class Formatting(Tree):
    def test_a_line_that_is_not_formatted(self):
        shutil.copy(TOOLS.parent / ".clang-format", self.root)
        self.write("a.cpp", "int main() {}\n")
        code, said = self.run_tool("format.sh", "--dry-run", "-Werror")
        if code == 77:
            self.skipTest(said.strip())
        self.assertEqual(code, 0, said)
        self.write("a.cpp", "int main( ){ }\n")
        code, said = self.run_tool("format.sh", "--dry-run", "-Werror")
        self.assertNotIn(code, (0, 77), said)


class Headers(Tree):
    def test_a_header_that_needs_another_before_it(self):
        self.write("host/a.cpp", '#include "a.hpp"\n')
        self.write("host/a.hpp", "#include <cstdint>\ninline std::uint8_t a = PF_FLAG;\n")
        self.write("build/compile_commands.json", json.dumps([{
            "directory": str(self.root), "file": str(self.root / "host/a.cpp"),
            "command": f"c++ -DPF_FLAG=1 -o a.o -c {self.root}/host/a.cpp"}]))
        self.assert_content("check_headers.py", self.root / "build")
        self.write("host/a.hpp", "inline std::uint8_t a = PF_FLAG;\n")
        self.assert_finds("check_headers.py", "host/a.hpp does not compile alone", self.root / "build")


class Mingw(Tree):
    def test_a_source_that_windows_does_not_have_the_headers_of(self):
        if not shutil.which("x86_64-w64-mingw32-g++-posix"):
            self.skipTest("no mingw-w64 here")
        self.write("host/a.cpp", "#include <pf/os/clock.hpp>\n#include <tl/expected.hpp>\n")
        self.write("os/include/pf/os/clock.hpp", "#pragma once\n")
        self.write("host/a_test.cpp", "#include <sys/mman.h>\n")
        self.assert_content("check_mingw.sh")
        self.write("host/a.cpp", "#include <sys/mman.h>\n")
        self.assert_finds("check_mingw.sh", "host/a.cpp does not compile for Windows")
        self.write("host/a.cpp", "\n")
        self.write("os/include/pf/os/clock.hpp", "#include <sys/mman.h>\n")
        self.assert_finds("check_mingw.sh", "all_headers.cpp does not compile for Windows")

    def test_no_sources_at_all(self):
        if shutil.which("x86_64-w64-mingw32-g++-posix"):
            self.assert_finds("check_mingw.sh", "1 sources")


class Sizes(Tree):
    def test_files_and_functions_of_both_kinds(self):
        self.write("host/a.cpp", """\
namespace pf {
struct Pair {
    int one() const { return one_; }
    int one_{1};
};

Pair::Pair(Options options = {})
    : one_{options.one} {
    if (one_ > 0) {
        each([] { "}"; });  // }
    }
}
}
""")
        self.write("host/a_test.cpp", "TEST(Pair, Counts) {\n    one();\n}\n")
        code, said = self.run_tool("sizes.py")
        self.assertEqual(code, 0, said)
        for line in ("files: 1, median 13 lines, largest 13", "functions: 2, median 4 lines, largest 6",
                     "6 host/a.cpp: Pair::Pair", "1 host/a.cpp: one", "3 host/a_test.cpp: Pair.Counts"):
            self.assertIn(line, said)


class Coverage(unittest.TestCase):
    """Of the sums: what gcov says needs a build of its own."""

    def setUp(self):
        spec = importlib.util.spec_from_file_location("coverage_tool", TOOLS / "coverage.py")
        self.tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.tool)
        self.root = Path(tempfile.mkdtemp(prefix="pf-checks-"))
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "tools").mkdir()
        (self.root / "tools/unreached.txt").write_text("host/a\\.cpp | return 1; | a guard\n")
        (self.root / "host").mkdir()
        (self.root / "host/a.cpp").write_text("return 0;\nreturn 1;\nreturn 2;\n")
        self.counts = {f"{room}/x.cpp": {line: 1 for line in range(1000)} for room in self.tool.FLOORS}
        self.counts["host/a.cpp"] = {1: 1}

    def verdict(self):
        """(exit code, what it complained of)"""
        self.tool.line_counts = lambda root, build: self.counts
        self.tool.sys.argv = ["coverage.py", str(self.root), str(self.root)]
        said = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
            return self.tool.main(), said.getvalue()

    def tearDown(self):
        sys.argv = sys.argv[:1]

    def test_all_reached(self):
        self.assertEqual(self.verdict(), (0, ""))

    def test_a_line_that_has_a_reason(self):
        self.counts["host/a.cpp"][2] = 0
        self.assertEqual(self.verdict(), (0, ""))

    def test_a_line_without_a_reason(self):
        self.counts["host/a.cpp"][3] = 0
        code, said = self.verdict()
        self.assertEqual(code, 1)
        self.assertIn("1 lines are not reached", said)

    def test_a_room_below_its_floor(self):
        self.counts["cli/x.cpp"].update({line: 0 for line in range(400)})
        code, said = self.verdict()
        self.assertEqual(code, 1)
        self.assertIn("cli: 60.0 %", said)

    def test_a_room_that_nothing_counted(self):
        del self.counts["sinks/x.cpp"]
        self.assertEqual(self.verdict()[0], 1)

    def test_nothing_counted(self):
        self.counts = {}
        self.assertEqual(self.verdict()[0], 1)


if __name__ == "__main__":
    unittest.main()
