"""Real drivers and real hosts, each test in a runtime directory of its own.

PFVD, PF_DRIVER and PF_CHAOS name the programs (set by CTest).
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from conditions import is_gone, wait_until  # noqa: F401  (tests take them from here)

PFVD = os.environ["PFVD"]
DRIVER = os.environ["PF_DRIVER"]
CHAOS = os.environ.get("PF_CHAOS", "")  # only end-to-end tests have it


@contextlib.contextmanager
def nobody_reads():
    """The write end of a pipe that is full and that nobody reads."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(write_end, b"x" * 4096)
    os.set_blocking(write_end, True)
    yield write_end
    os.close(read_end)
    os.close(write_end)


def frames_in(path):
    """How many frames of the file decode; it has to be whole to have any in an .mp4."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames",
         "-of", "json", path], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return int(json.loads(out)["streams"][0]["nb_read_frames"])


class E2eTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.runtime = tempfile.mkdtemp(prefix="pf-e2e-")
        os.chmod(self.runtime, 0o700)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=self.runtime)
        self.processes = []

    def tearDown(self):
        for process in reversed(self.processes):
            self.end(process)
        for instance in self.instance_directories():
            self.end_x_server(instance)
        shutil.rmtree(self.runtime, ignore_errors=True)

    # -- processes ---------------------------------------------------------------------------

    def spawn(self, *arguments, **options):
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            [str(a) for a in arguments], env=self.environment, text=True, **options
        )
        self.processes.append(process)
        return process

    def end(self, process):
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGCONT)
                process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def instance_directories(self):
        root = os.path.join(self.runtime, "pf-vdisplay")
        if not os.path.isdir(root):
            return []
        return [os.path.join(root, name) for name in os.listdir(root)]

    def read_key_values(self, path):
        with contextlib.suppress(FileNotFoundError), open(path) as file:
            return dict(line.strip().split("=", 1) for line in file if "=" in line)
        return {}

    def end_x_server(self, instance):
        pid = int(self.read_key_values(os.path.join(instance, "xserver")).get("pid", 0))
        if not pid:
            return
        with contextlib.suppress(ProcessLookupError, FileNotFoundError):
            with open(f"/proc/{pid}/comm") as comm:
                if comm.read().startswith("Xorg"):
                    os.kill(pid, signal.SIGTERM)

    # -- drivers and hosts -------------------------------------------------------------------

    def start_driver(self, name="main", *arguments, expect="active"):
        log = open(os.path.join(self.runtime, f"{name}.log"), "w")
        process = self.spawn(
            DRIVER, "--instance", name, *arguments, stdout=log, stderr=subprocess.STDOUT
        )
        log.close()
        wait_until(
            lambda: process.poll() is not None
            or self.instance(name).get("state") == expect,
            f"driver {name} is {expect}",
        )
        return process

    def start_pattern(self, name="main", *arguments):
        return self.start_driver(name, "--source", "pattern", *arguments)

    def pfvd(self, *arguments, timeout=120):
        """(exit code, stdout, stderr)"""
        process = self.spawn(PFVD, *arguments)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.fail(f"pfvd {arguments} still ran after {timeout} s\n{out}\n{err}")
        return process.returncode, out, err

    def capture(self, *arguments, expect=0, timeout=120):
        """The summary object of `pfvd capture --json`."""
        code, out, err = self.pfvd("capture", "--json", *arguments, timeout=timeout)
        self.assertEqual(code, expect, f"{arguments}\n{out}\n{err}")
        return json.loads(out.strip().splitlines()[-1]) if out.strip() else {}

    def start_capture(self, *arguments):
        return self.spawn(PFVD, "capture", "--json", *arguments)

    def finish_capture(self, process, expect=0, timeout=120):
        out, err = process.communicate(timeout=timeout)
        self.assertEqual(process.returncode, expect, f"{out}\n{err}")
        return json.loads(out.strip().splitlines()[-1])

    def instances(self):
        code, out, err = self.pfvd("list", "--json")
        if not out.strip():
            return []
        listed = json.loads(out)
        return listed["instances"] if isinstance(listed, dict) else listed

    def instance(self, name):
        return next((i for i in self.instances() if i["name"] == name), {})

    def assert_whole(self, summary):
        for count in ("torn", "stale", "foreign"):
            self.assertEqual(summary[count], 0, summary)
