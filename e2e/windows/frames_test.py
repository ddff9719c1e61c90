"""What pfvd.exe captures is whole, and what it gives the driver is no more than that needs."""

import unittest

import harness
from harness import NODE, wait_until


class Frames(harness.WineTest):
    def capture(self, *options):
        return self.spawn("pfvd", "capture", "--verify", "--json", "--driver-image", "any", *options)

    def test_ten_thousand_frames_are_whole(self):
        code, out, err = self.finish(
            self.capture("--mode", "1280x720@500", "--frames", 10000), timeout=200
        )
        self.assertEqual(code, 0, f"{out}\n{err}")
        result = harness.json.loads(out)
        self.assertEqual(result["frames"], 10000)
        self.assertTrue(result["verified"])
        for fault in ("torn", "stale", "foreign", "stale_rejected", "rejected"):
            self.assertEqual(result[fault], 0, fault)
        print({key: result[key] for key in ("fps", "latency_us", "open_ms", "first_frame_ms", "skipped")})

    def test_the_driver_gets_the_least_rights_that_work(self):
        before = self.tool("objects", NODE)
        capture = self.capture("--mode", "640x480@60", "--seconds", 60)

        def given():
            now = self.tool("objects", NODE)
            new = {key: now[key] - before.get(key, 0) for key in now if now[key] != before.get(key, 0)}
            return new if sum(new.values()) >= 8 else None

        new = wait_until(given, "the ring is delivered")
        # Seven sections for mapping them readable and writable, an event for setting it. What the
        # driver makes for itself are events with every right.
        own = {key: count for key, count in new.items() if key == "event 0x1f0003"}
        self.assertEqual({key: new[key] for key in new if key not in own}, {"section 0x6": 7, "event 0x2": 1})
        capture.terminate()

    def test_the_bench_measures_a_driver_that_runs(self):
        measured = self.run_json("pfvd", "bench", "--instance", NODE, "--driver-image", "any",
                                 "--seconds", "0.3", "--json")  # fmt: skip
        self.assertEqual(len(measured["cases"]), 4)
        for case in measured["cases"]:
            self.assertGreater(case["ring"]["fps"], 0, case)
            self.assertGreater(case["floor"]["fps"], 0, case)

    def test_a_process_that_hosts_no_drivers_is_given_nothing(self):
        code, out, err = self.run_program("pfvd", "capture", "--mode", "640x480@60", "--frames", 1)
        self.assertEqual(code, 6, f"{out}\n{err}")
        self.assertIn("WUDFHost.exe", err)

    def test_a_picture_is_written(self):
        path = harness.Path(self.prefix.path) / "a.png"
        code, out, err = self.finish(
            self.capture("--mode", "640x480@60", "--frames", 5, "-o", harness.windows_path(path))
        )
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertEqual(path.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        self.assertEqual(path.read_bytes()[16:24], (640).to_bytes(4, "big") + (480).to_bytes(4, "big"))


if __name__ == "__main__":
    unittest.main()
