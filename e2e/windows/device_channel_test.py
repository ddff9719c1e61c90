"""The host's connection to the driver: deliveries, drivers that stand still, and one that dies."""

import os
import signal
import unittest

import harness
from harness import is_gone, wait_until

PROGRAM = "device_channel_test"


class DeviceChannel(harness.WineTest):
    def test_beside_a_living_driver(self):
        left_out = "-*AStoppedProcess*:*ADeath*"
        code, out, err = self.run_program(PROGRAM, f"--gtest_filter={left_out}", timeout=200)
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertIn("[  PASSED  ] 10 tests.", out)  # an exit code under Wine is not enough

    def begin(self, test):
        program = self.spawn(PROGRAM, f"--gtest_filter=*{test}*", stdin=-1)
        self.read_until(program, "ready")
        return program

    def read_until(self, program, word):
        for line in program.stdout:
            if line.strip() == word:
                return
        self.fail(f"{program.args} ended before '{word}'")

    def go_on(self, program):
        program.stdin.write("\n")
        program.stdin.flush()

    def passes(self, program):
        code, out, err = self.finish(program)
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertIn("[  PASSED  ] 1 test.", out)

    def test_with_a_stopped_driver(self):
        program = self.begin("AStoppedProcess")
        with self.stopped_driver():
            self.go_on(program)
            self.read_until(program, "stood")
        self.go_on(program)
        self.passes(program)

    def test_with_a_driver_that_dies(self):
        program = self.begin("ADeath")
        pid = self.driver_pid()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: is_gone(pid), "the driver's process is gone")
        self.go_on(program)
        self.passes(program)


if __name__ == "__main__":
    unittest.main()
