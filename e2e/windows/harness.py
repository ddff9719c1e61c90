"""Windows programs under Wine, each test class in a prefix of its own with the test driver in it.

PF_BIN is the folder of the Windows programs and the driver, PF_WINE the script tools/wine.sh (set by
CTest). A node is named as Windows does: NODE is the first one.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
from conditions import is_gone, wait_until  # noqa: E402

BIN = Path(os.environ["PF_BIN"])
WINE = os.environ["PF_WINE"]
WINE_PROGRAMS = "/usr/lib/wine"  # Debian keeps wine64 off the PATH
NO_WINE = 77

NODE = r"ROOT\DISPLAY\0000"
OTHER_NODE = r"ROOT\DISPLAY\0001"

# Functions of driver/wdmsim/fault_codes.hpp.
REPORTED_VERSION, FROZEN, DIE, INTERFACE, HOLD_OPENS = range(0xA81, 0xA86)
REFUSE, SHORT_REPLY, NEVER_ANSWER, DIE_UNSERVED, DIE_SERVED = range(1, 6)
# Operations of the contract.
ADD, REMOVE, SET_RENDER_ADAPTER, PING, GET_INFO, CLEAR_ALL, SET_FRAME_CHANNEL, UPDATE_MODES = range(
    0x222400, 0x222420, 4
)


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def without_wines_words(text):
    """Wine's own remarks are no program's words."""
    return "\n".join(line for line in text.splitlines() if ":err:" not in line)


PREFIXES = "pf-wine-"


def end_prefix(path):
    subprocess.run([WINE, "end", path], timeout=120)
    shutil.rmtree(path, ignore_errors=True)


def end_orphans():
    """Prefixes whose test was killed: their servers would run for ever."""
    for path in Path(tempfile.gettempdir()).glob(PREFIXES + "*"):
        with contextlib.suppress(OSError, ValueError):
            if is_gone(int((path / "owner").read_text())):
                end_prefix(path)


class Prefix:
    """A machine of Windows' own: registry, services, drivers. end() ends all that runs in it."""

    def __init__(self):
        end_orphans()
        self.path = tempfile.mkdtemp(prefix=PREFIXES)
        Path(self.path, "owner").write_text(str(os.getpid()))
        made = subprocess.run(
            [WINE, "prefix", self.path], stdin=subprocess.DEVNULL, stdout=sys.stderr, timeout=300
        )
        if made.returncode == NO_WINE:
            shutil.rmtree(self.path)
            raise unittest.SkipTest("Wine is not here")
        made.check_returncode()
        self.environment = dict(
            os.environ,
            PATH=f"{os.environ['PATH']}:{WINE_PROGRAMS}",
            WINEPREFIX=self.path,
            LC_ALL="C.UTF-8",  # see tools/wine.sh
            WINEDEBUG=os.environ.get("WINEDEBUG", "-all,err+all"),
            WINEDLLOVERRIDES="mscoree,mshtml=d;winemenubuilder.exe=d",
        )
        self.environment.pop("DISPLAY", None)

    def end(self):
        end_prefix(self.path)

    def has(self, pid):
        """Whether the process of Linux belongs to this prefix."""
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as environ:
            return f"WINEPREFIX={self.path}".encode() in environ.read().split(b"\0")
        return False

    def pids_with(self, name):
        """Processes of Linux in this prefix that have a file of this name loaded."""
        pids = []
        for entry in os.listdir("/proc"):
            if entry.isdigit() and self.has(entry):
                with contextlib.suppress(OSError), open(f"/proc/{entry}/maps") as maps:
                    if any(line.rstrip().endswith("/" + name) for line in maps):
                        pids.append(int(entry))
        return pids


class WineTest(unittest.TestCase):
    """A prefix for the class; NODES nodes with the driver, made anew for each test."""

    maxDiff = None
    NODES = 1

    @classmethod
    def setUpClass(cls):
        cls.prefix = Prefix()
        cls.addClassCleanup(cls.prefix.end)

    def setUp(self):
        self.processes = []
        self.addCleanup(self.end_processes)
        if self.NODES:
            self.install(self.NODES)
            self.addCleanup(self.remove)

    # -- programs ----------------------------------------------------------------------------

    def spawn(self, program, *arguments, **options):
        """Starts a Windows program: a name in PF_BIN, or one that Wine finds."""
        path = BIN / f"{program}.exe"
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            ["wine64", str(path) if path.exists() else program, *map(str, arguments)],
            env=self.prefix.environment, text=True, errors="replace", **options,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def finish(self, process, timeout=120):
        """(exit code, stdout, stderr without Wine's own words)"""
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"{process.args} still ran after {timeout} s\n{out}\n{err}")
        return process.returncode, out, without_wines_words(err or "")

    def run_program(self, program, *arguments, timeout=120):
        return self.finish(self.spawn(program, *arguments), timeout)

    def run_json(self, program, *arguments, expect=0, timeout=120):
        """What it prints, all of it or its last line; None when that is nothing."""
        code, out, err = self.run_program(program, *arguments, timeout=timeout)
        self.assertEqual(code, expect, f"{program} {arguments}\n{out}\n{err}")
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(out)
        return json.loads(out.strip().splitlines()[-1]) if out.strip() else None

    def end_processes(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
                process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()

    # -- the driver --------------------------------------------------------------------------

    def tool(self, *arguments, timeout=120):
        return self.run_json("wdmsim_tool", *arguments, timeout=timeout)

    def install(self, nodes=1):
        """So many nodes more, all with the driver and started."""
        there = self.tool("install", windows_path(BIN / "pf_wdmsim.inf"), nodes)
        wait_until(lambda: self.driver_pid(), "the driver's process is there")
        return there

    def remove(self):
        """Every node and the driver; how many there were."""
        there = self.tool("remove")
        wait_until(lambda: not self.driver_pid(), "the driver's process is gone")
        return there

    def interfaces(self):
        """By the name of the node: active or not."""
        return {each["name"]: each["active"] for each in self.tool("list")}

    def driver_pid(self):
        """Of Linux; 0: there is none."""
        pids = self.prefix.pids_with("pf_wdmsim.sys")
        return pids[0] if pids else 0

    def kill_driver(self):
        """As a crash would end it; every node goes with it."""
        pid = self.driver_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_gone(pid), "the driver's process is gone")

    def start_driver(self):
        """As the service manager would after a crash."""
        wait_until(lambda: self.tool("start") or self.driver_pid(), "the driver starts")
        wait_until(lambda: self.driver_pid(), "the driver's process is there")

    def restart_driver(self, **values):
        """Killed and started, every node with these values of set_at_start: as another version of
        the driver, say."""
        for node in self.interfaces():
            for name, value in values.items():
                self.set_at_start(name, value, node)
        self.kill_driver()
        self.start_driver()

    @contextlib.contextmanager
    def stopped_driver(self):
        """It stands still as a whole: threads, frames, answers."""
        pid = self.driver_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def set(self, function, value, node=NODE):
        """A setting of driver/wdmsim/fault_codes.hpp."""
        self.tool("set", node, function, int(value))

    def fault(self, code, kind, value=0, times=0, node=NODE):
        self.tool("fault", node, code, kind, value, times)

    def clear_faults(self, node=NODE):
        self.tool("clear", node)

    def wait_for_ring(self, node=NODE):
        """Until the driver has what a session gives it: seven sections."""
        wait_until(
            lambda: self.tool("objects", node).get("section 0x6", 0) >= 7, "the ring is delivered"
        )

    def driver_handles(self, node=NODE):
        return self.tool("handles", node)

    def set_at_start(self, name, value, node=NODE):
        """A value of driver/wdmsim/node_settings.hpp, read when the node starts."""
        key = rf"HKLM\SYSTEM\CurrentControlSet\Enum\{node}\Device Parameters"
        kind = "REG_DWORD" if isinstance(value, int) else "REG_SZ"
        code, out, err = self.run_program(
            "reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f"
        )
        self.assertEqual(code, 0, f"{out}\n{err}")
