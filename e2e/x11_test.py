"""A real X desktop: first frame, silence, server and driver deaths."""

import os
import signal
import subprocess
import unittest

from harness import E2eTest, is_gone, wait_until


class X11(E2eTest):
    def x_server(self, instance="main"):
        return self.read_key_values(
            os.path.join(self.runtime, "pf-vdisplay", instance, "xserver")
        )

    def test_the_server_outlives_the_driver_and_is_adopted(self):
        first = self.start_driver("main", "--source", "x11")
        self.capture("--mode", "1280x720@60", "--frames", 1)
        server = self.x_server()["pid"]
        first.kill()
        first.wait()
        self.start_driver("main", "--source", "x11")
        self.assertEqual(self.x_server()["pid"], server)
        summary = self.capture("--mode", "1280x720@60", "--frames", 1)
        self.assertEqual(summary["mode"], "1280x720@60")

    def test_the_list_says_how_to_start_a_program_on_the_display(self):
        self.start_driver("main", "--source", "x11")
        record = self.x_server()
        instance = self.instance("main")
        self.assertEqual(instance["display"], record["display"])
        self.assertEqual(instance["xauthority"], record["xauthority"])
        _, listed, _ = self.pfvd("list")
        self.assertIn(f"DISPLAY={record['display']} XAUTHORITY={record['xauthority']}", listed)

    def test_a_server_that_nobody_adopts_ends_by_itself(self):
        driver = self.start_driver("main", "--source", "x11", "--keep-xserver", "1")
        record = self.x_server()
        driver.kill()
        driver.wait()
        for pid in (record["pid"], record["keeper_pid"]):
            wait_until(lambda: is_gone(pid), f"process {pid} is gone")
        self.assertEqual(self.x_server(), {})

    def test_an_orderly_stop_ends_the_server(self):
        driver = self.start_driver("main", "--source", "x11")
        server = int(self.x_server()["pid"])
        driver.send_signal(signal.SIGTERM)
        self.assertEqual(driver.wait(30), 0)
        wait_until(lambda: is_gone(server), "the server is gone")

    def test_the_driver_outlives_the_server(self):
        driver = self.start_driver("main", "--source", "x11")
        capture = self.start_capture("--mode", "1280x720@60", "--seconds", 8)
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        server = int(self.x_server()["pid"])
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: int(self.x_server().get("pid", server)) != server, "a new server")
        summary = self.finish_capture(capture)
        self.assertEqual(summary["driver_pid"], driver.pid)
        self.assertIsNone(driver.poll())


class DesktopsOwnOutputs(E2eTest):
    """What a desktop does with the outputs while they are captured."""

    def setUp(self):
        super().setUp()
        self.start_driver("main", "--source", "x11")

    def xrandr(self, *arguments):
        server = self.read_key_values(
            os.path.join(self.runtime, "pf-vdisplay", "main", "xserver")
        )
        environment = dict(
            os.environ, DISPLAY=server["display"], XAUTHORITY=server["xauthority"]
        )
        return subprocess.run(
            ["xrandr", *arguments], env=environment, capture_output=True, text=True, check=True
        ).stdout

    def test_another_mode_is_followed(self):
        capture = self.start_capture("--mode", "640x360@30", "--seconds", 8)
        wait_until(lambda: "DUMMY1 connected primary 640x360" in self.xrandr(), "the monitor")
        self.xrandr("--output", "DUMMY1", "--mode", "1024x768")
        summary = self.finish_capture(capture)
        self.assertEqual(summary["mode"], "1024x768@30")
        self.assertEqual([r["reason"] for r in summary["rebuild_log"]], ["mode changed"])

    def test_an_output_that_stays_off_ends_the_capture(self):
        capture = self.start_capture("--mode", "640x360@30", "--seconds", 60)
        wait_until(lambda: "DUMMY1 connected primary 640x360" in self.xrandr(), "the monitor")
        self.xrandr("--output", "DUMMY1", "--off")
        _, errors = capture.communicate(timeout=60)
        self.assertEqual(capture.returncode, 8, errors)
        self.assertIn("switched monitor 1 of 'main' off", errors)


class IdleDesktop(E2eTest):
    SECONDS = int(os.environ.get("PF_IDLE_SECONDS", "60"))

    def test_an_idle_desktop_is_silent_and_never_dead(self):
        self.start_driver("main", "--source", "x11")
        summary = self.capture(
            "--mode", "1920x1080@60", "--seconds", self.SECONDS, timeout=self.SECONDS + 60
        )
        self.assertGreaterEqual(summary["frames"], 1)
        self.assertLess(summary["frames"], 10, "an idle desktop composes nothing")
        self.assertEqual(summary["rebuilds"], 0)


if __name__ == "__main__":
    unittest.main()
