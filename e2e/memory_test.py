"""Memory at 5120x1440: what driver and host need beyond the slots, and that it does not grow.

PF_FRAMES sets how many frames are watched (default 5000).
"""

import os
import unittest

import process_facts
from harness import E2eTest, wait_until

FRAMES = int(os.environ.get("PF_FRAMES", "5000"))
WIDTH, HEIGHT, RATE_HZ = 5120, 1440, 1000
SLOT_BYTES = WIDTH * 4 * HEIGHT
MOST_BEYOND_KIB = 48 * 1024
MOST_GROWTH_KIB = 1024


@unittest.skipIf(os.environ.get("PF_SANITIZE"), "a sanitizer keeps memory of its own")
class Memory(E2eTest):
    def beyond_slots_kib(self, pid):
        """Resident, less the pixels of the slots."""
        slots, resident = 0, 0
        with open(f"/proc/{pid}/smaps") as file:
            for line in file:
                fields = line.split()
                if "-" in fields[0] and not fields[0].endswith(":"):
                    start, end = (int(part, 16) for part in fields[0].split("-"))
                    slots_now = "memfd" in line and end - start == SLOT_BYTES
                elif fields[0] == "Rss:":
                    resident += int(fields[1])
                    slots += int(fields[1]) if slots_now else 0
        return resident - slots

    def watch(self, source, *capture):
        driver = self.start_driver("main", "--source", *source)
        host = self.start_capture(
            "--mode", f"{WIDTH}x{HEIGHT}@{RATE_HZ if source[0] == 'pattern' else 60}", *capture
        )
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        return driver, host

    def check(self, name, pid, first_kib):
        last_kib = self.beyond_slots_kib(pid)
        print(f"{name}: {first_kib / 1024:.1f} MiB beyond the slots, {last_kib / 1024:.1f} at the end")
        self.assertLess(last_kib, MOST_BEYOND_KIB)
        self.assertLess(last_kib, first_kib + MOST_GROWTH_KIB)

    def published(self, host):
        """How often the host's scheduler woke it: a frame each, at least."""
        with open(f"/proc/{host.pid}/status") as file:
            return int(file.read().rsplit("voluntary_ctxt_switches:", 2)[1].split()[0])

    def test_the_pattern_source(self):
        driver, host = self.watch(
            ("pattern", "--pattern", "small-damage"), "--frames", FRAMES, "--verify"
        )
        wait_until(lambda: self.published(host) > 500, "frames")
        firsts = [self.beyond_slots_kib(p.pid) for p in (driver, host)]
        goal = FRAMES * 3 // 4
        wait_until(lambda: self.published(host) > goal, f"{goal} frames", deadline_s=60 + FRAMES / 100)
        print()
        self.check("driver", driver.pid, firsts[0])
        self.check("host", host.pid, firsts[1])
        summary = self.finish_capture(host, timeout=60 + FRAMES / 100)
        print(f"{summary['frames']} frames at {summary['fps']:.0f} fps")
        self.assert_whole(summary)

    def test_a_desktop(self):
        driver, host = self.watch(("x11",))
        firsts = [self.beyond_slots_kib(p.pid) for p in (driver, host)]
        print()
        self.check("driver, x11", driver.pid, firsts[0])
        self.check("host, x11", host.pid, firsts[1])
        self.assertIsNone(host.poll())


if __name__ == "__main__":
    unittest.main()
