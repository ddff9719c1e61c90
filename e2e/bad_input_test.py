"""Each bad input gets one clear line and its exit code, and leaves nothing behind."""

import os
import socket
import subprocess
import unittest

from harness import PFVD, E2eTest, wait_until


class BadInput(E2eTest):
    def assert_one_line(self, code, expected, err, *words):
        self.assertEqual(code, expected, err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        for word in words:
            self.assertIn(word, err)

    def test_modes(self):
        for mode in ("0x0@0", "99999x1@5000", "1920x1080", "abc", "1x1@-1", ""):
            with self.subTest(mode=mode):
                code, _, err = self.pfvd("capture", "--mode", mode, "--frames", 1)
                self.assertEqual(code, 2, err)
                code, _, err = self.pfvd("edid", "--serial", 1, "--mode", mode)
                self.assertEqual(code, 2, err)

    def test_no_driver(self):
        code, _, err = self.pfvd("capture", "--mode", "640x480@60", "--frames", 1)
        self.assert_one_line(code, 3, err)

    def test_full_disk(self):
        self.start_pattern()
        target = os.path.join(self.runtime, "out.mkv")
        os.symlink("/dev/full", target)
        code, _, err = self.pfvd("capture", "--mode", "640x480@60", "--frames", 120, "-o", target)
        self.assert_one_line(code, 7, err, "out.mkv")
        self.assertFalse(self.instance("main").get("monitors"))

    def test_unwritable_output(self):
        self.start_pattern()
        code, _, err = self.pfvd(
            "capture", "--mode", "640x480@60", "--frames", 5, "-o", "/nowhere/at/all.mkv"
        )
        self.assert_one_line(code, 7, err, "/nowhere/at/all.mkv")

    def test_a_foreign_socket(self):
        directory = os.path.join(self.runtime, "pf-vdisplay", "foreign")
        os.makedirs(directory, 0o700)
        os.chmod(os.path.dirname(directory), 0o700)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as foreign:
            foreign.bind(os.path.join(directory, "control"))
            foreign.listen()
            code, _, err = self.pfvd("capture", "--mode", "640x480@60", "--frames", 1)
            self.assert_one_line(code, 3, err)
            code, _, err = self.pfvd(
                "capture", "--mode", "640x480@60", "--frames", 1, "--instance", "foreign"
            )
            self.assert_one_line(code, 3, err, "foreign")

    def test_a_runtime_directory_that_others_may_write_to(self):
        directory = os.path.join(self.runtime, "pf-vdisplay")
        os.makedirs(directory)
        os.chmod(directory, 0o777)
        code, _, err = self.pfvd("list")
        self.assertNotEqual(code, 0)
        self.assertIn(directory, err)

    def test_ids_run_out(self):
        self.start_pattern()
        hosts = [
            self.start_capture("--mode", "320x200@30", "--seconds", 600) for _ in range(15)
        ]
        wait_until(
            lambda: len(self.instance("main").get("monitors") or []) == 15, "fifteen monitors"
        )
        code, _, err = self.pfvd("capture", "--mode", "320x200@30", "--frames", 1)
        self.assert_one_line(code, 6, err)
        for host in hosts:
            host.send_signal(2)
        for host in hosts:
            host.communicate(timeout=60)
            self.assertEqual(host.returncode, 130)
        wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")

    def test_ctrl_c_finishes_the_file(self):
        self.start_pattern()
        target = os.path.join(self.runtime, "out.mkv")
        host = self.spawn(PFVD, "capture", "--mode", "640x480@60", "--seconds", 600, "-o", target)
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target) > 0, "some output")
        host.send_signal(2)
        host.communicate(timeout=60)
        self.assertEqual(host.returncode, 130)
        probe = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0",
             target], capture_output=True, text=True, check=True)
        self.assertEqual(probe.stdout.strip(), "640,480")
        wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")


if __name__ == "__main__":
    unittest.main()
