"""The demo: a real X desktop, a kill half-way, nothing left."""

import json
import os
import signal
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from harness import E2eTest, PFVD, wait_until  # noqa: E402


def children_of_us(marker):
    """Command lines of processes that name the directory."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as file:
                line = file.read()
        except OSError:
            continue
        if marker in line:
            found.append(line.replace("\0", " "))
    return found


class Demo(E2eTest):
    def setUp(self):
        super().setUp()
        self.temporary = tempfile.mkdtemp(prefix="pf-demo-test-")
        self.environment["TMPDIR"] = self.temporary

    def tearDown(self):
        super().tearDown()
        os.rmdir(self.temporary)  # the demo left nothing there

    def demo(self, *arguments):
        return (
            "demo", "--mode", "1280x720@60", "-o", os.path.join(self.runtime, "demo.mkv"),
            "--png", os.path.join(self.runtime, "demo.png"), "--json", *arguments,
        )  # fmt: skip

    def test_holds_what_it_promises(self):
        code, out, err = self.pfvd(*self.demo("--seconds", 6))
        self.assertEqual(code, 0, f"{out}\n{err}")
        outcome = json.loads(out)
        self.assertEqual(outcome["broken"], [])
        self.assertEqual(outcome["rebuilds"], 1)
        self.assertEqual(outcome["video"]["width"], 1280)
        self.assertLess(outcome["picture_gap_ms"], 1000)
        self.assertEqual(children_of_us(self.temporary), [])

    def test_ctrl_c_leaves_nothing(self):
        target = os.path.join(self.runtime, "demo.mkv")
        host = self.spawn(PFVD, *self.demo("--seconds", 600))
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target) > 0, "a recording")
        host.send_signal(signal.SIGINT)
        host.communicate(timeout=60)
        self.assertEqual(host.returncode, 130)
        self.assertEqual(children_of_us(self.temporary), [])


if __name__ == "__main__":
    unittest.main()
