"""The screens beside a capture, as far as Wine has any: no monitor of the test driver is ever lit
there, and no other may stand in for it."""

import unittest

import harness
from harness import wait_until

ISOLATED = ("capture", "--mode", "640x480@60", "--frames", "1", "--driver-image", "any", "--isolate")


class Topology(harness.WineTest):
    def state(self):
        """The folder of %LOCALAPPDATA%."""
        folders = list((harness.Path(self.prefix.path) / "drive_c/users").glob("*/AppData/Local"))
        self.assertEqual(len(folders), 1)
        return folders[0] / "pf-vdisplay"

    def test_a_monitor_that_stays_dark_is_not_captured_and_nothing_is_left_behind(self):
        handles = self.driver_handles()
        code, out, err = self.run_program("pfvd", *ISOLATED)
        self.assertEqual(code, 8, f"{out}\n{err}")
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertIn("light the monitor", err)
        self.assertFalse((self.state() / "screens").exists())
        wait_until(lambda: self.driver_handles() <= handles, "the driver holds nothing of it")

    def test_without_the_flag_the_screens_are_nobodys_matter(self):
        code, out, err = self.run_program("pfvd", *ISOLATED[:-1])
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertFalse((self.state() / "screens").exists())

    def test_what_an_earlier_run_has_left_is_seen_to_at_the_next_start(self):
        self.state().mkdir(exist_ok=True)
        for left in ("x", "pf-vdisplay screens 1\nend 0\n"):
            (self.state() / "screens").write_bytes(left.encode())
            code, out, err = self.run_program("pfvd", "topology", "restore")
            self.assertEqual((code, out), (0, "the screens are lit again\n"), err)
            self.assertFalse((self.state() / "screens").exists())
        self.assertEqual(
            self.run_json("pfvd", "topology", "restore", "--json"), {"restored": False}
        )


if __name__ == "__main__":
    unittest.main()
