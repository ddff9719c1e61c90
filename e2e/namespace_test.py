"""Hosts and drivers that cannot see each other's processes (containers, Flatpak), over one runtime
directory."""

import contextlib
import os
import select
import socket
import subprocess
import unittest

from harness import DRIVER, PFVD, E2eTest, wait_until

SANDBOX = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def sandbox_works():
    try:
        return subprocess.run(SANDBOX + ["true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@unittest.skipUnless(sandbox_works(), "no pid namespace to be had here")
class Namespace(E2eTest):
    def sandboxed(self, *arguments):
        return self.spawn(*SANDBOX, *arguments)

    def start_sandboxed_driver(self):
        process = self.sandboxed(DRIVER, "--instance", "main", "--source", "pattern")
        wait_until(lambda: self.instance("main").get("state") == "active", "it is listed as active")
        return process

    def monitors(self):
        return self.instance("main").get("monitors", [])

    def test_a_host_in_a_namespace_of_its_own_is_served(self):
        self.start_pattern()
        listed = self.sandboxed(PFVD, "list")
        out, err = listed.communicate(timeout=60)
        self.assertIn("active", out, err)
        self.assertNotIn("gone", out)
        capture = self.sandboxed(
            PFVD, "capture", "--json", "--mode", "320x240@60", "--frames", 5, "--verify"
        )
        self.assert_whole(self.finish_capture(capture))

    def test_a_driver_in_a_namespace_of_its_own_serves(self):
        self.start_sandboxed_driver()
        summary = self.capture("--mode", "320x240@60", "--frames", 5, "--verify")
        self.assert_whole(summary)
        wait_until(lambda: not self.monitors(), "the monitor departs with its host")

    def test_a_host_that_its_driver_cannot_see_leaves_nothing_when_it_is_killed(self):
        self.start_sandboxed_driver()
        host = self.start_capture("--mode", "320x240@60", "--seconds", 600)
        wait_until(self.monitors, "the monitor is there")
        host.kill()
        wait_until(lambda: not self.monitors(), "the monitor departs with its host")

    def test_hosts_that_their_driver_cannot_see_share_one_portion_of_it(self):
        self.start_sandboxed_driver()
        path = os.path.join(self.runtime, "pf-vdisplay", "main", "control")
        with contextlib.ExitStack() as stack:
            lines = []
            for _ in range(40):
                line = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
                line.connect(path)
                lines.append(line)
            wait_until(
                lambda: len(select.select(lines, [], [], 0)[0]) == 8, "all but 32 are closed"
            )
        summary = self.capture("--mode", "320x240@60", "--frames", 5)
        self.assertEqual(summary["frames"], 5)

    def test_the_death_of_a_driver_that_its_host_cannot_see_is_a_pause(self):
        driver = self.start_pattern()
        host = self.sandboxed(PFVD, "capture", "--json", "--mode", "320x240@60", "--seconds", 6)
        wait_until(self.monitors, "the monitor is there")
        driver.kill()
        driver.wait()
        self.start_pattern()
        self.assertGreaterEqual(self.finish_capture(host)["rebuilds"], 1)


if __name__ == "__main__":
    unittest.main()
