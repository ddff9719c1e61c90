"""A stale, a failed and a stopped instance beside a live one."""

import signal
import unittest

from harness import E2eTest, wait_until


class Discovery(E2eTest):
    def test_the_live_one_is_used_and_list_explains_the_others(self):
        stale = self.start_pattern("a-stale")
        stale.kill()
        stale.wait()
        failed = self.start_driver(
            "b-failed", "--source", "x11", "--display", ":4095", expect="failed"
        )
        failed.wait(30)
        stopped = self.start_pattern("c-stopped")
        stopped.send_signal(signal.SIGTERM)
        stopped.wait(30)
        live = self.start_pattern("d-live")

        states = {i["name"]: i for i in self.instances()}
        self.assertEqual(states["a-stale"]["state"], "stale")
        self.assertIn(str(stale.pid), states["a-stale"]["reason"])
        self.assertEqual(states["b-failed"]["state"], "failed")
        self.assertIn("4095", states["b-failed"]["reason"])
        self.assertEqual(states["c-stopped"]["state"], "stopped")
        self.assertEqual(states["d-live"]["state"], "active")
        self.assertEqual(states["d-live"]["pid"], live.pid)
        self.assertEqual(states["d-live"]["protocol"], 6)

        summary = self.capture("--mode", "640x480@60", "--frames", 10, "--verify")
        self.assertEqual(summary["driver_pid"], live.pid)
        self.assert_whole(summary)

    def test_a_frozen_driver_does_not_shadow_the_live_one(self):
        frozen = self.start_pattern("a-frozen")
        live = self.start_pattern("b-live")
        frozen.send_signal(signal.SIGSTOP)
        summary = self.capture("--mode", "640x480@60", "--frames", 10)
        self.assertEqual(summary["driver_pid"], live.pid)

    def test_without_a_usable_one_the_error_counts_what_was_found(self):
        stale = self.start_pattern("a-stale")
        stale.kill()
        stale.wait()
        code, _, err = self.pfvd("capture", "--mode", "640x480@60", "--frames", 1)
        self.assertEqual(code, 3, err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertIn("1 stale", err)

    def test_a_restart_under_the_same_name_is_live_again(self):
        first = self.start_pattern("main")
        first.kill()
        first.wait()
        wait_until(lambda: self.instance("main")["state"] == "stale", "stale")
        second = self.start_pattern("main")
        self.assertEqual(self.instance("main")["pid"], second.pid)


if __name__ == "__main__":
    unittest.main()
