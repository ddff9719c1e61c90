"""The chaos program: nothing breaks, the report says so, and nothing is left behind."""

import json
import os
import signal
import unittest

from harness import CHAOS, DRIVER, E2eTest, wait_until

SECONDS = os.environ.get("PF_CHAOS_SECONDS", "35")
KINDS = {
    "driver_kill", "driver_pause", "driver_stop", "driver_upgrade", "host_kill", "connection_cut",
    "delivery_refused", "host_starved", "format_flip", "mode_storm", "x_server_kill",
}  # fmt: skip


def processes_of(directory):
    """Pids of processes that were started with their temporary files in `directory`."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if f"TMPDIR={directory}".encode() in file.read().split(b"\0"):
                    found.append(int(pid))
        except OSError:
            pass
    return found


class ChaosTest(E2eTest):
    def setUp(self):
        super().setUp()
        self.temporary = os.path.join(self.runtime, "tmp")
        os.mkdir(self.temporary)
        self.environment["TMPDIR"] = self.temporary

    def start_chaos(self, *arguments):
        return self.spawn(CHAOS, "--driver", DRIVER, *arguments)

    def finish(self, process, expect):
        out, err = process.communicate(timeout=280)
        self.assertEqual(process.returncode, expect, f"{out}\n{err}")
        self.assertEqual(os.listdir(self.temporary), [])
        self.assertEqual(processes_of(self.temporary), [])
        return out, err

    def assert_unbroken(self, report):
        self.assertEqual(report["violations"], [])
        for count in ("torn", "stale", "foreign"):
            self.assertEqual(report[count], 0, report)
        self.assertLessEqual(set(report["faults"]), KINDS)
        self.assertGreater(report["frames"], 0)
        self.assertGreater(report["injected"], 0)


class Pattern(ChaosTest):
    def test_a_seed_of_faults_breaks_nothing(self):
        chaos = self.start_chaos("--seed", 20, "--seconds", SECONDS, "--json")
        out, err = self.finish(chaos, 0)
        self.assertEqual(err.strip(), "pf-vdisplay-chaos: seed 20")
        report = json.loads(out)
        self.assertEqual(report["seed"], 20)
        self.assert_unbroken(report)
        self.assertGreater(report["rebuilds"], 0)
        self.assertGreater(report["drivers_started"], 1)
        killed = report["faults"]["driver_kill"]
        self.assertGreater(killed["recovery_ms"]["count"], 0)
        self.assertLessEqual(killed["recovery_ms"]["p50"], killed["recovery_ms"]["max"])

    def test_the_faults_are_counted_and_told_to_people(self):
        out, _ = self.finish(self.start_chaos("--seed", 3, "--faults", 3, "--hosts", 1), 0)
        self.assertIn("3 faults in", out)
        self.assertIn("0 violations (seed 3)", out)

    def test_ctrl_c_ends_it_in_order(self):
        chaos = self.start_chaos("--seconds", 600, "--json")
        wait_until(lambda: os.listdir(self.temporary), "a runtime directory")
        diary = os.path.join(self.temporary, os.listdir(self.temporary)[0], "diary.log")

        def faults():
            if not os.path.exists(diary):
                return False
            with open(diary) as file:
                return "is over" in file.read()

        wait_until(faults, "a fault")
        chaos.send_signal(signal.SIGINT)
        out, _ = self.finish(chaos, 130)
        self.assert_unbroken(json.loads(out))

    # A budget that no machine can keep.
    def test_a_broken_promise_is_one_line_and_exit_1(self):
        chaos = self.start_chaos("--seed", 5, "--seconds", 60, "--budget", 0.01, "--json")
        out, err = self.finish(chaos, 1)
        line = err.strip().splitlines()[-1]
        for word in ("seed 5", "host", "fresh frame"):
            self.assertIn(word, line)
        self.assertTrue(json.loads(out)["violations"])

    def test_a_driver_that_cannot_be_started(self):
        chaos = self.spawn(CHAOS, "--driver", "/nowhere/driver", "--json")
        out, err = self.finish(chaos, 3)
        self.assertIn("/nowhere/driver", err)
        self.assertIn(json.loads(out)["error"], err)

    def test_bad_arguments_are_one_line_that_shows_the_way(self):
        for arguments in (
            ("--seconds", "nan"), ("--seconds", "0"), ("--budget", "nan"), ("--hosts", "16"),
            ("--source", "film"), ("--only", "rain"), ("surplus",),
        ):  # fmt: skip
            with self.subTest(arguments=arguments):
                _, err = self.finish(self.spawn(CHAOS, *arguments), 2)
                self.assertEqual(len(err.strip().splitlines()), 1, err)
                self.assertIn("pf-vdisplay-chaos --help", err)


class Desktop(ChaosTest):
    def test_a_seed_of_faults_breaks_nothing(self):
        chaos = self.start_chaos("--source", "x11", "--seed", 1, "--seconds", 20, "--json")
        out, _ = self.finish(chaos, 0)
        report = json.loads(out)
        self.assert_unbroken(report)
        self.assertGreater(report["faults"]["x_server_kill"]["injected"], 0)


if __name__ == "__main__":
    unittest.main()
