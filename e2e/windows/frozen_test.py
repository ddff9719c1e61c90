"""A driver that stands still: nobody waits for it longer than they said."""

import time
import unittest

import harness
from harness import FROZEN, NODE


class Frozen(harness.WineTest):
    def capture(self, *options):
        return self.spawn("pfvd", "capture", "--mode", "640x480@60", "--verify", "--json", "--driver-image",
                          "any", *options)  # fmt: skip

    def running(self, *options):
        capture = self.capture(*options)
        self.wait_for_ring()
        return capture

    def test_a_stopped_process_is_listed_in_time(self):
        with self.stopped_driver():
            began = time.monotonic()
            listed = self.run_json("pfvd", "list", "--json")["instances"]
            self.assertLess(time.monotonic() - began, 15)
            self.assertFalse(listed[0]["usable"])
            code, _, err = self.finish(self.capture("--frames", 1))
            self.assertEqual(code, 3, err)
        self.assertEqual(self.finish(self.capture("--frames", 30))[0], 0)

    def test_the_session_ends_by_its_budget(self):
        capture = self.running("--seconds", 100, "--rebuild-budget", 4)
        with self.stopped_driver():
            began = time.monotonic()
            code, _, err = self.finish(capture, timeout=60)
            self.assertEqual(code, 5, err)
            self.assertLess(time.monotonic() - began, 30)

    def test_the_session_goes_on_when_the_driver_does(self):
        capture = self.running("--seconds", 12)
        with self.stopped_driver():
            time.sleep(4)  # as long as it stands still; nothing is waited for
        code, out, err = self.finish(capture)
        self.assertEqual(code, 0, f"{out}\n{err}")
        result = harness.json.loads(out)
        self.assertEqual((result["torn"], result["stale"], result["foreign"]), (0, 0, 0))
        self.assertGreaterEqual(result["rebuilds"], 1)

    def test_a_control_thread_that_stands_still(self):
        capture = self.running("--seconds", 100, "--rebuild-budget", 4)
        self.set(FROZEN, 1)
        self.addCleanup(self.set, FROZEN, 0)
        began = time.monotonic()
        capture.send_signal(harness.signal.SIGTERM)  # Wine ends the program
        self.finish(capture, timeout=60)
        code, _, err = self.finish(self.capture("--frames", 1))
        self.assertEqual(code, 3, err)
        self.assertLess(time.monotonic() - began, 30)


if __name__ == "__main__":
    unittest.main()
