"""Memory at 5120x1440: what driver and host need beyond the slots, and that it does not grow from
the first frames on to the last.

PF_FRAMES sets how many frames lie between the two readings (default 5000; 300 of a desktop).
"""

import json
import os
import subprocess
import sys
import unittest

import process_facts
from harness import E2eTest, wait_until

FRAMES = int(os.environ.get("PF_FRAMES", "5000"))
DESKTOP_FRAMES = int(os.environ.get("PF_FRAMES", "300"))
WARM_UP_FRAMES = 100
WIDTH, HEIGHT = 5120, 1440
SLOT_BYTES = WIDTH * 4 * HEIGHT
MOST_BEYOND_KIB = 48 * 1024
MOST_GROWTH_KIB = 1024


class MemoryTest(E2eTest):
    def beyond_slots_kib(self, pid):
        return process_facts.beyond_shared_kib(pid, SLOT_BYTES)

    def assert_steady(self, name, first_kib, last_kib):
        print(f"{name}: {first_kib / 1024:.1f} MiB beyond the slots, {last_kib / 1024:.1f} at the end")
        self.assertLess(last_kib, MOST_BEYOND_KIB)
        self.assertLess(last_kib, first_kib + MOST_GROWTH_KIB)


@unittest.skipIf(os.environ.get("PF_SANITIZE"), "a sanitizer keeps memory of its own")
class Memory(MemoryTest):
    def frames_taken(self, host):
        """The host's own count of frames taken, which lies in the ring's header for its driver."""
        if not hasattr(self, "count_at"):
            contract = json.loads(self.pfvd("contract", "--json")[1])
            constants = contract["constants"]
            self.header_bytes = constants["kHeaderSectionBytes"]
            self.count_at = constants["kExtensionOffset"] + sum(
                next(f["offset"] for f in contract["structs"][struct]["fields"] if f["name"] == name)
                for struct, name in (("MemoryRing", "reader"), ("ReaderRecord", "consumed_total")))
        counts = [process_facts.read_u64(host.pid, start + self.count_at)
                  for start in process_facts.shared_mappings(host.pid, self.header_bytes)]
        return max(counts, default=0)

    def watch(self, source, driver, host, frames):
        def taken_since(start, count):
            self.assertIsNone(host.poll(), "the capture has ended too early")
            taken = self.frames_taken(host)
            return taken if taken >= start + count else None

        first_frame = wait_until(lambda: taken_since(0, WARM_UP_FRAMES), "the first frames")
        firsts = [self.beyond_slots_kib(p.pid) for p in (driver, host)]
        wait_until(lambda: taken_since(first_frame, frames), f"{frames} more frames",
                   deadline_s=120 + frames / 20)
        lasts = [self.beyond_slots_kib(p.pid) for p in (driver, host)]
        print()
        for name, first, last in zip(("driver", "host"), firsts, lasts):
            self.assert_steady(f"{name}, {source}", first, last)

    def test_the_pattern_source(self):
        driver = self.start_driver("main", "--source", "pattern", "--pattern", "small-damage")
        host = self.start_capture("--mode", f"{WIDTH}x{HEIGHT}@1000", "--verify", "--seconds", 100000)
        self.watch("pattern", driver, host, FRAMES)

    def test_a_desktop(self):
        driver = self.start_driver("main", "--source", "x11")
        host = self.start_capture("--mode", f"{WIDTH}x{HEIGHT}@60", "--seconds", 100000)
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        server = self.read_key_values(
            os.path.join(self.runtime, "pf-vdisplay", "main", "xserver"))
        self.environment.update(DISPLAY=server["display"], XAUTHORITY=server["xauthority"])
        self.spawn("glxgears", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.watch("x11", driver, host, DESKTOP_FRAMES)


class Growth(MemoryTest):
    """The readings see what they are there for."""

    GROWER = ("import sys\n"
              "kept = []\n"
              "for line in sys.stdin:\n"
              "    kept.append(bytearray(b'x' * int(line)))\n"
              "    print(len(kept), flush=True)\n")

    def readings(self, grow_bytes):
        process = self.spawn(sys.executable, "-c", self.GROWER, stdin=subprocess.PIPE)

        def keep(count):
            process.stdin.write(f"{count}\n")
            process.stdin.flush()
            process.stdout.readline()
            return self.beyond_slots_kib(process.pid)

        readings = keep(1), keep(grow_bytes)
        process.stdin.close()
        process.wait(10)
        return readings

    def test_a_process_that_keeps_nothing(self):
        self.assert_steady("python", *self.readings(1))

    def test_a_process_that_keeps_4_mib(self):
        with self.assertRaises(AssertionError):
            self.assert_steady("python", *self.readings(4 << 20))


if __name__ == "__main__":
    unittest.main()
