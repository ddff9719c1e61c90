"""The main job on Windows, under Wine: install the driver, find it, take frames, survive its death, clean
up. For `./dev demo --windows`; PICTURE is where the last frame goes.

usage: demo.py PICTURE
"""

import json
import os
import signal
import subprocess
import sys
import time

import harness

SECONDS = 6
KILL_AFTER_S = 2


def say(what):
    print(f"== {what}", flush=True)


class Demo:
    def __init__(self, prefix):
        self.prefix = prefix

    def start(self, *arguments, **options):
        return subprocess.Popen(["wine64", str(harness.BIN / "pfvd.exe"), *map(str, arguments)], text=True,
                                stdin=subprocess.DEVNULL, env=self.prefix.environment, **options)  # fmt: skip

    def show(self, *arguments):
        """Runs pfvd.exe in front of the user."""
        print(f"pfvd.exe {' '.join(map(str, arguments))}", flush=True)
        if code := self.start(*arguments, stderr=subprocess.DEVNULL).wait(timeout=120):
            raise RuntimeError(f"pfvd.exe {arguments[0]}: exit code {code}")

    def kill_driver(self):
        (pid,) = self.prefix.pids_with("pf_wdmsim.sys")
        os.kill(pid, signal.SIGKILL)

    def start_driver(self):
        """As the service manager of Windows does by itself."""
        net = ["wine64", "net", "start", "pf_wdmsim"]
        harness.wait_until(
            lambda: subprocess.run(net, env=self.prefix.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
            or self.prefix.pids_with("pf_wdmsim.sys"),
            "the driver starts again",
        )  # fmt: skip

    def capture(self, picture):
        say(f"{SECONDS} s of frames, each proven; after {KILL_AFTER_S} s the driver's process is killed")
        capture = self.start("capture", "--mode", "1920x1080@60", "--seconds", SECONDS, "--verify", "--json",
                             "--driver-image", "any", "-o", harness.windows_path(picture),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        time.sleep(KILL_AFTER_S)
        self.kill_driver()
        self.start_driver()
        out, _ = capture.communicate(timeout=120)
        result = json.loads(out)
        if capture.returncode or result["rebuilds"] != 1 or result["torn"] or result["stale"] or result["foreign"]:
            raise RuntimeError(f"capture: exit code {capture.returncode}\n{out}")
        print(f"{result['frames']} frames, {result['fps']:.1f} a second while they came; torn, stale, foreign: 0")
        print(f"the driver died once, the session went on {result['recovery_ms'][0]:.0f} ms later")
        print(f"latency p50 {result['latency_us']['p50']:.0f} us, p99 {result['latency_us']['p99']:.0f} us")
        print(f"the last frame is {picture}")


def run(picture):
    say("a Wine prefix of its own")
    prefix = harness.Prefix()
    demo = Demo(prefix)
    try:
        say("the driver is installed, and found")
        demo.show("driver", "install", "--inf", harness.windows_path(harness.BIN / "pf_wdmsim.inf"))
        demo.show("list")
        demo.capture(picture)
        say("the driver is removed")
        demo.show("driver", "remove")
    finally:
        prefix.end()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    try:
        run(harness.Path(sys.argv[1]).absolute())
    except KeyboardInterrupt:
        sys.exit(130)
    except harness.unittest.SkipTest as missing:
        print(f"demo.py: {missing}; ./dev setup windows installs it", file=sys.stderr)
        sys.exit(harness.NO_WINE)
    except (RuntimeError, AssertionError) as error:
        print(f"demo.py: {error}", file=sys.stderr)
        sys.exit(1)
