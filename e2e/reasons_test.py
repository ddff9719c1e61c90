"""What the driver knows about a refusal is what its user reads, at once."""

import os
import pwd
import subprocess
import unittest

from harness import DRIVER, E2eTest

EXIT_REFUSED = 6


class ReasonsTest(E2eTest):
    def refused(self, *arguments):
        code, out, err = self.pfvd("capture", *arguments, timeout=60)
        self.assertEqual(code, EXIT_REFUSED, out + err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertNotIn("15 at most", err)
        return err


class Pattern(ReasonsTest):
    def test_a_pixel_format_that_the_source_lacks(self):
        self.start_pattern()
        said = self.refused("--mode", "320x240@60", "--format", "rgb10", "--seconds", 30)
        self.assertIn("rgb10 is not what this source has; it gives bgra8", said)

    def test_a_driver_that_gives_it(self):
        self.start_pattern("main", "--format", "rgb10")
        summary = self.capture("--mode", "320x240@60", "--format", "rgb10", "--frames", 3)
        self.assertEqual(summary["frames"], 3)
        self.assertIn("it gives rgb10", self.refused("--mode", "320x240@60", "--frames", 1))

    @unittest.skipUnless(os.geteuid() == 0, "only root can be mistaken for another user")
    def test_root_with_a_users_runtime_directory(self):
        owner = pwd.getpwnam("daemon")
        os.chown(self.runtime, owner.pw_uid, owner.pw_gid)
        process = subprocess.run(
            [DRIVER, "--instance", "main", "--source", "pattern"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertNotEqual(process.returncode, 0)
        self.assertIn(f"the directory of user {owner.pw_uid} (daemon)", process.stderr)
        self.assertEqual(os.listdir(self.runtime), [])


class Desktop(ReasonsTest):
    def test_a_mode_that_the_x_server_cannot_have(self):
        self.start_driver("main", "--source", "x11")
        said = self.refused("--mode", "7680x4320@240", "--frames", 1)
        self.assertIn("needs a pixel clock of", said)


if __name__ == "__main__":
    unittest.main()
