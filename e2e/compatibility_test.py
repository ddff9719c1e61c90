"""One host against drivers of every protocol version."""

import unittest

from harness import E2eTest


class Compatibility(E2eTest):
    def test_captures_from_protocols_2_to_6(self):
        for protocol in range(2, 7):
            with self.subTest(protocol=protocol):
                driver = self.start_pattern(f"v{protocol}", "--protocol", protocol)
                summary = self.capture(
                    "--mode", "800x600@60", "--frames", 30, "--verify", "--instance", f"v{protocol}"
                )
                self.assertGreaterEqual(summary["frames"], 30)
                self.assertEqual(summary["protocol"], protocol)
                self.assert_whole(summary)
                self.end(driver)

    def test_says_why_not_to_protocols_1_and_7(self):
        for protocol in (1, 7):
            with self.subTest(protocol=protocol):
                driver = self.start_pattern(f"v{protocol}", "--protocol", protocol)
                code, _, err = self.pfvd(
                    "capture", "--mode", "800x600@60", "--frames", 1, "--instance", f"v{protocol}"
                )
                self.assertEqual(code, 4, err)
                self.assertEqual(len(err.strip().splitlines()), 1, err)
                self.assertIn(str(protocol), err)
                self.assertIn("2", err)
                self.assertIn("6", err)
                self.end(driver)

    def test_a_mismatching_driver_does_not_hide_a_usable_one(self):
        self.start_pattern("a-too-new", "--protocol", 7)
        usable = self.start_pattern("b-usable")
        summary = self.capture("--mode", "800x600@60", "--frames", 5)
        self.assertEqual(summary["driver_pid"], usable.pid)


if __name__ == "__main__":
    unittest.main()
