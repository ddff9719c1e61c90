"""The test driver itself: what its smoke test finds, and what needs its process to die."""

import os
import signal
import unittest

import harness
from harness import (
    ADD, DIE, DIE_SERVED, DIE_UNSERVED, INTERFACE, NODE, OTHER_NODE, is_gone, wait_until,
)  # fmt: skip


class Smoke(harness.WineTest):
    def test_serves_adopts_and_fails_as_it_is_set(self):
        code, out, err = self.run_program("wdmsim_smoke_test")
        self.assertEqual(code, 0, f"{out}\n{err}")
        self.assertIn("[  PASSED  ] 11 tests.", out)  # an exit code under Wine is not enough


class Nodes(harness.WineTest):
    NODES = 2

    def test_two_nodes_are_active_in_one_process(self):
        self.assertEqual(self.interfaces(), {NODE: True, OTHER_NODE: True})
        self.assertEqual(len(self.prefix.pids_with("pf_wdmsim.sys")), 1)

    def test_one_is_disabled_the_other_stays(self):
        self.set(INTERFACE, 0)
        self.assertEqual(self.interfaces(), {NODE: False, OTHER_NODE: True})

    def test_it_comes_back_after_a_kill(self):
        for _ in range(3):
            pid = self.driver_pid()
            self.kill_driver()
            self.start_driver()
            self.assertNotEqual(self.driver_pid(), pid)
            self.assertEqual(self.interfaces(), {NODE: True, OTHER_NODE: True})
            self.assertEqual(self.tool("info", NODE), {"protocol": 6, "watchdog_s": 10})

    def test_it_dies_when_it_is_told_to(self):
        pid = self.driver_pid()
        self.run_program("wdmsim_tool", "set", NODE, DIE, 3)
        wait_until(lambda: is_gone(pid), "the driver's process is gone")
        self.start_driver()
        self.assertEqual(self.tool("info", OTHER_NODE)["protocol"], 6)

    def test_it_dies_at_an_operation(self):
        for kind in (DIE_UNSERVED, DIE_SERVED):
            pid = self.driver_pid()
            self.fault(ADD, kind)
            self.run_program("wdmsim_tool", "probe", NODE, 1)
            wait_until(lambda: is_gone(pid), "the driver's process is gone")
            self.start_driver()
            self.assertEqual(self.tool("probe", NODE, 1), 1)

    def test_settings_hold_from_the_start_on(self):
        self.set_at_start("Hidden", 1, OTHER_NODE)
        self.restart_driver(Protocol=5)
        self.assertEqual(self.tool("info", NODE)["protocol"], 5)
        self.assertEqual(self.interfaces(), {NODE: True, OTHER_NODE: False})

    def test_a_phantom_is_inactive(self):
        self.tool("phantom")
        self.assertEqual(sorted(self.interfaces().values()), [False, True, True])


class Hosts(harness.WineTest):
    def test_a_hosts_death_departs_its_monitors(self):
        host = self.spawn("wdmsim_tool", "hold", NODE, 7)
        self.assertEqual(host.stdout.readline().strip(), "7")
        self.assertNotEqual(self.tool("probe", NODE, 7), 7)
        os.kill(host.pid, signal.SIGKILL)
        wait_until(lambda: self.tool("probe", NODE, 7) == 7, "the dead host's monitor departs")

    def test_nodes_can_be_removed_under_a_host(self):
        host = self.spawn("wdmsim_tool", "hold", NODE, 7)
        self.assertEqual(host.stdout.readline().strip(), "7")
        self.tool("remove")
        os.kill(host.pid, signal.SIGKILL)
        wait_until(lambda: is_gone(host.pid) or host.poll() is not None, "the host is gone")
        self.assertEqual(self.install(1), 1)
        self.assertEqual(self.tool("info", NODE)["protocol"], 6)

    def test_a_stopped_driver_goes_on(self):
        host = self.spawn("wdmsim_tool", "hold", NODE, 7)
        self.assertEqual(host.stdout.readline().strip(), "7")
        with self.stopped_driver():
            pass
        self.assertNotEqual(self.tool("probe", NODE, 7), 7)


if __name__ == "__main__":
    unittest.main()
