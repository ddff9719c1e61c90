"""pfvd.exe among nodes of every state: all are explained, and what works is found."""

import time
import unittest

import harness
from harness import HOLD_OPENS, INTERFACE, wait_until

PROBE_BUDGET_S = 10
NODES = [rf"ROOT\DISPLAY\{i:04}" for i in range(3)]


class Finding(harness.WineTest):
    NODES = 3

    def capture(self, *options, expect=0):
        return self.run_json("pfvd", "capture", "--mode", "640x480@60", "--frames", "30", "--verify", "--json",
                             "--driver-image", "any", *options, expect=expect)  # fmt: skip

    def put_in_states(self, active, hanging, disabled):
        for node in NODES:
            self.set(INTERFACE, node != disabled, node)
            self.set(HOLD_OPENS, node == hanging, node)
        self.addCleanup(self.put_back)

    def put_back(self):
        for node in NODES:
            self.set(HOLD_OPENS, 0, node)
            self.set(INTERFACE, 1, node)

    def test_every_node_is_explained_and_capture_uses_the_active_one_whatever_the_order(self):
        self.tool("phantom")
        for turn in range(3):
            active, hanging, disabled = (NODES[(turn + i) % 3] for i in range(3))
            with self.subTest(active=active):
                self.put_in_states(active, hanging, disabled)
                began = time.monotonic()
                listed = self.run_json("pfvd", "list", "--json")["instances"]
                self.assertLess(time.monotonic() - began, PROBE_BUDGET_S + 5)
                by_name = {each["name"]: each for each in listed}
                self.assertEqual(len(by_name), 4, listed)
                self.assertTrue(by_name[active]["usable"], listed)
                self.assertFalse(by_name[hanging]["usable"], listed)
                self.assertNotEqual(by_name[hanging]["reason"], "")
                self.assertEqual(by_name[disabled]["state"], "stopped")
                self.assertNotEqual(by_name[disabled]["reason"], "")
                (phantom,) = set(by_name) - set(NODES)
                self.assertEqual(by_name[phantom]["state"], "stale")
                self.assertIn("phantom", by_name[phantom]["reason"])
                self.assertEqual(self.capture()["instance"], active)

    def test_when_none_works_the_error_counts_them(self):
        self.put_in_states(None, NODES[0], NODES[1])
        self.set(INTERFACE, 0, NODES[2])
        answer = self.capture(expect=3)
        self.assertIn("3 instances found", answer["error"])
        for node in NODES:
            self.assertIn(node, answer["error"])

    def test_one_that_wakes_up_again_is_usable(self):
        self.put_in_states(NODES[1], NODES[0], NODES[2])
        self.capture("--instance", NODES[0], expect=3)
        self.set(HOLD_OPENS, 0, NODES[0])
        wait_until(lambda: self.capture("--instance", NODES[0])["frames"] == 30, "it is usable")


if __name__ == "__main__":
    unittest.main()
