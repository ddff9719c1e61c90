"""Handles in the driver's process, counted there."""

import unittest

import harness


class Deliveries(harness.WineTest):
    def test_what_is_refused_is_taken_back_and_what_may_be_adopted_is_not(self):
        code, out, err = self.run_program("windows_deliveries_test", timeout=280)
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertIn("[  PASSED  ] 3 tests.", out)  # an exit code under Wine is not enough


if __name__ == "__main__":
    unittest.main()
