"""Two hundred times kill -9 of the driver at random moments: the session never ends, no frame is
wrong, nothing is leaked. Prints how long it took to notice and to show a fresh frame.

PF_KILLS and PF_SEED set the number of kills and what is random.
"""

import bisect
import os
import random
import signal
import time
import unittest

import process_facts
from harness import E2eTest, wait_until

KILLS = int(os.environ.get("PF_KILLS", "200"))
SEED = int(os.environ.get("PF_SEED", random.SystemRandom().randrange(1 << 32)))
MOST_DELAY_S = 0.25  # from the driver being active to its death


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Kills(E2eTest):
    def state(self):
        return self.read_key_values(os.path.join(self.runtime, "pf-vdisplay", "main", "state"))

    def living_driver(self, before):
        state = self.state()
        pid = int(state.get("pid", 0))
        return pid if state.get("state") == "active" and pid != before else 0

    def test_the_session_survives_every_kill(self):
        print(f"\nseed {SEED}, {KILLS} kills")
        chance = random.Random(SEED)
        capture = self.start_capture(
            "--mode", "1280x720@120", "--verify", "--supervise", "--source", "pattern",
            "--instance", "main",
        )  # fmt: skip
        driver = wait_until(lambda: self.living_driver(0), "a driver")
        before = wait_until(lambda: process_facts.with_ring(capture.pid), "an attached host")
        killed_at = []
        for _ in range(KILLS):
            time.sleep(chance.uniform(0, MOST_DELAY_S))  # the random moment itself
            self.assertIsNone(capture.poll(), "the session ended")
            killed_at.append(time.monotonic_ns())
            os.kill(driver, signal.SIGKILL)
            driver = wait_until(lambda: self.living_driver(driver), "the next driver")
        after = wait_until(
            lambda: (now := process_facts.with_ring(capture.pid)) == before and now,
            f"descriptors and mappings as before the kills: {before}",
            deadline_s=20,
        )
        self.assertEqual(after, before)
        capture.send_signal(signal.SIGINT)
        summary = self.finish_capture(capture, expect=130)
        self.assert_whole(summary)
        self.report(summary, killed_at)
        self.assertGreaterEqual(summary["rebuilds"], KILLS // 2)

    def report(self, summary, killed_at):
        notice, fresh = [], []
        for rebuild in summary["rebuild_log"]:
            at = bisect.bisect_right(killed_at, rebuild["noticed_ns"])
            if at and rebuild["reason"] == "driver died":
                notice.append((rebuild["noticed_ns"] - killed_at[at - 1]) / 1e6)
            shown_ns = rebuild["noticed_ns"] + rebuild["fresh_frame_ms"] * 1e6
            if rebuild["fresh_frame_ms"] >= 0:
                fresh.append((shown_ns - killed_at[bisect.bisect_right(killed_at, shown_ns) - 1]) / 1e6)
        print(f"frames {summary['frames']}, rebuilds {summary['rebuilds']}, "
              f"torn {summary['torn']}, stale {summary['stale']}, foreign {summary['foreign']}")
        for name, times in (("kill to notice", notice), ("kill to fresh frame", fresh)):
            print(f"{name}: p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms, "
                  f"max {max(times):.1f} ms of {len(times)}")


if __name__ == "__main__":
    unittest.main()
