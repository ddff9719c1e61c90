"""A host dies by kill -9: its monitors are gone from the driver and from RandR, another host's
stay, and the next host starts clean."""

import os
import re
import subprocess
import time
import unittest

import process_facts
from harness import E2eTest, wait_until


class HostDeath(E2eTest):
    def monitors(self):
        """Mode by monitor id, as the driver's state file says."""
        found = {}
        with open(os.path.join(self.runtime, "pf-vdisplay", "main", "state")) as file:
            for line in file:
                match = re.match(r"monitor=(\d+): (\S+)", line)
                if match:
                    found[int(match[1])] = match[2]
        return found

    def randr_modes(self):
        """Sizes of the outputs that are plugged in, as a program on the desktop is told."""
        server = self.read_key_values(os.path.join(self.runtime, "pf-vdisplay", "main", "xserver"))
        environment = dict(
            os.environ, DISPLAY=server["display"], XAUTHORITY=server["xauthority"]
        )
        text = subprocess.run(
            ["xrandr", "--query"], env=environment, capture_output=True, text=True, check=True
        ).stdout
        return sorted(re.findall(r"^\S+ connected (?:primary )?(\d+x\d+)\+", text, re.MULTILINE))

    def host(self, client, mode, *more):
        process = self.start_capture("--client", client, "--mode", mode, *more)
        wait_until(lambda: self.monitors().get(client) == mode, f"monitor {client}")
        return process

    def kill_and_wait(self, host, gone):
        start = time.monotonic()
        host.kill()
        wait_until(gone, "the dead host's monitors are gone")
        return (time.monotonic() - start) * 1e3

    def test_only_the_dead_hosts_monitors_leave_the_desktop(self):
        driver = self.start_driver("main", "--source", "x11")
        stays = self.host(1, "1280x720@60")
        randr_before = self.randr_modes()
        facts = wait_until(lambda: process_facts.with_ring(driver.pid), "a ring in the driver")
        dies = self.host(2, "800x600@60")
        self.assertEqual(self.randr_modes(), sorted(["1280x720", "800x600"]))
        driver_ms = self.kill_and_wait(dies, lambda: self.monitors() == {1: "1280x720@60"})
        wait_until(lambda: self.randr_modes() == randr_before, "RandR is as it was")
        print(f"\nx11: monitor gone {driver_ms:.0f} ms after kill -9")
        wait_until(
            lambda: process_facts.with_ring(driver.pid) == facts, "the driver's facts as before"
        )
        again = self.start_capture("--client", 2, "--mode", "1024x768@60", "--frames", 1)
        self.assertEqual(self.finish_capture(again)["mode"], "1024x768@60")
        self.assertIsNone(stays.poll())

    def test_twenty_deaths_beside_a_host_that_goes_on(self):
        driver = self.start_pattern("main")
        stays = self.host(1, "1280x720@60", "--verify", "--frames", 100000)
        times = []
        for round_number in range(20):
            dies = self.host(2, "800x600@60")
            times.append(self.kill_and_wait(dies, lambda: 2 not in self.monitors()))
            self.assertIn(1, self.monitors())
            self.assertIsNone(stays.poll(), round_number)
        print(f"\npattern: monitor gone at most {max(times):.0f} ms after kill -9, of {len(times)}")
        self.assertIsNone(driver.poll())
        stays.send_signal(2)
        summary = self.finish_capture(stays, expect=130)
        self.assert_whole(summary)
        self.assertEqual(summary["rebuilds"], 0)
        self.assertGreater(summary["frames"], 0)


if __name__ == "__main__":
    unittest.main()
