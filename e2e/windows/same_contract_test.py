"""Both builds of pfvd say the same about the contract and make the same EDIDs."""

import os
import subprocess
import sys
import unittest

import harness

OTHER = os.environ["PF_OTHER_PFVD"]


class SameContract(unittest.TestCase):
    def both(self, *arguments):
        windows = subprocess.run([harness.WINE, "run", str(harness.BIN / "pfvd.exe"), *arguments],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60)  # fmt: skip
        other = subprocess.run([OTHER, *arguments], stdout=subprocess.PIPE, timeout=60)
        self.assertEqual((windows.returncode, other.returncode), (0, 0))
        return windows.stdout, other.stdout

    def test_the_contract(self):
        windows, other = self.both("contract", "--json")
        self.assertGreater(len(other), 1000)
        self.assertEqual(windows, other)

    def test_edids(self):
        for mode in ("1920x1080@60", "5120x1440@240", "1280x720@59.94", "800x600@75"):
            with self.subTest(mode):
                windows, other = self.both("edid", "--serial", "3", "--mode", mode, "--max-nits", "800")
                self.assertIn(len(other), (256, 384))
                self.assertEqual(windows, other)


if __name__ == "__main__":
    if not os.path.exists(OTHER):
        print(f"NOT RUN: {OTHER} is not built", file=sys.stderr)
        sys.exit(harness.NO_WINE)
    unittest.main()
