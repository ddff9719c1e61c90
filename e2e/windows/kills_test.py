"""The driver's process dies under a session, or another version takes its place."""

import os
import unittest

import harness
from harness import NODE


class Kills(harness.WineTest):
    def test_fifty_kills_at_random_moments(self):
        seed = os.environ.get("PF_SEED", str(int.from_bytes(os.urandom(4), "little")))
        print(f"seed {seed}")
        kills = os.environ.get("PF_KILLS", "50")
        result = self.run_json("kills_host", NODE, kills, seed, timeout=550)
        print(result)

    def test_another_version_under_a_session(self):
        capture = self.spawn("pfvd", "capture", "--mode", "640x480@60", "--frames", 600, "--verify", "--json",
                             "--driver-image", "any")  # fmt: skip
        self.wait_for_ring()
        self.restart_driver(Protocol=5)
        code, out, err = self.finish(capture)
        self.assertEqual(code, 0, f"{out}\n{err}")
        result = harness.json.loads(out)
        self.assertEqual((result["protocol"], result["rebuilds"], result["torn"]), (5, 1, 0))
        self.assertEqual(result["frames"], 600)

    def test_a_version_that_is_not_understood(self):
        capture = self.spawn("pfvd", "capture", "--mode", "640x480@60", "--seconds", 100, "--json",
                             "--rebuild-budget", 5, "--driver-image", "any")  # fmt: skip
        self.wait_for_ring()
        self.restart_driver(Protocol=99)
        code, out, err = self.finish(capture)
        self.assertEqual(code, 4, f"{out}\n{err}")
        self.assertIn("99", err)


if __name__ == "__main__":
    unittest.main()
