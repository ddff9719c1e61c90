"""The driver stops or stays away; the session goes on or says that it cannot. Deaths: kills_test."""

import os
import signal
import time
import unittest

from harness import E2eTest, wait_until


class Recovery(E2eTest):
    def living_driver_pid(self, not_this=0):
        found = self.instance("main")
        if found.get("state") == "active" and found["pid"] != not_this:
            return found["pid"]
        return 0

    def process_state(self, pid):
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def test_a_stopped_driver_ends_in_a_rebuild(self):
        capture = self.start_capture(
            "--mode", "1280x720@60", "--seconds", 15, "--verify", "--supervise",
            "--source", "pattern", "--instance", "main",
        )
        pid = wait_until(self.living_driver_pid, "a living driver")
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        os.kill(pid, signal.SIGSTOP)
        stopped_ns = time.monotonic_ns()
        summary = self.finish_capture(capture)
        self.assertGreaterEqual(summary["rebuilds"], 1)
        first = summary["rebuild_log"][0]
        self.assertEqual(first["reason"], "driver unresponsive")
        notice_ms = (first["noticed_ns"] - stopped_ns) / 1e6
        print(f"\nstop to notice {notice_ms:.0f} ms, to a fresh frame "
              f"{notice_ms + first['fresh_frame_ms']:.0f} ms")
        self.assertNotEqual(summary["driver_pid"], pid)
        self.assert_whole(summary)

    def test_a_driver_that_continues_gives_the_picture_back(self):
        driver = self.start_pattern("main")
        capture = self.start_capture("--mode", "1280x720@60", "--frames", 240, "--verify")
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        driver.send_signal(signal.SIGSTOP)
        wait_until(lambda: self.process_state(driver.pid) == "T", "stopped")
        driver.send_signal(signal.SIGCONT)
        self.assert_whole(self.finish_capture(capture))

    def test_a_driver_that_stays_dead_is_exit_5(self):
        driver = self.start_pattern("main")
        capture = self.start_capture(
            "--mode", "640x480@60", "--seconds", 300, "--rebuild-budget", 2
        )
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        driver.kill()
        out, err = capture.communicate(timeout=60)
        self.assertEqual(capture.returncode, 5, f"{out}\n{err}")
        self.assertEqual(len(err.strip().splitlines()), 1, err)


if __name__ == "__main__":
    unittest.main()
