"""Side output never decides about the main job: whatever becomes of standard error or of the
terminal, recordings are whole, exit codes right, and the driver serves."""

import contextlib
import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import unittest

from harness import CHAOS, DRIVER, PFVD, E2eTest, frames_in, nobody_reads, wait_until

FRAMES = 60


@contextlib.contextmanager
def full_disk():
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


@contextlib.contextmanager
def reader_left():
    read_end, write_end = os.pipe()
    os.close(read_end)
    yield write_end
    os.close(write_end)


@contextlib.contextmanager
def dead_terminal():
    master, slave = pty.openpty()
    os.close(master)
    yield slave
    os.close(slave)


@contextlib.contextmanager
def stopped_terminal():
    """As after Ctrl-S."""
    master, slave = pty.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    yield slave
    os.close(master)  # before the other end: closing that waits for what was held back
    os.close(slave)


@contextlib.contextmanager
def closed():
    yield None


PLACES = (full_disk, reader_left, nobody_reads, dead_terminal, stopped_terminal, closed)


class SideOutputTest(E2eTest):
    def spawn_to(self, stderr, *arguments, **options):
        if stderr is None:
            options["preexec_fn"] = lambda: os.close(2)
        return self.spawn(*arguments, stderr=stderr, **options)

    def spawn_on_terminal(self, *arguments):
        """The process, which leads a session of its own, and the other end of its terminal."""
        master, slave = pty.openpty()
        process = self.spawn(
            *arguments, stdin=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(slave)
        return process, master

    def capture_arguments(self, target):
        return (
            PFVD, "capture", "--json", "--mode", "320x200@30", "--frames", FRAMES, "-o", target
        )  # fmt: skip

    def assert_recorded(self, process, target):
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, out)
        self.assertEqual(json.loads(out)["frames"], FRAMES)
        self.assertGreaterEqual(frames_in(target), FRAMES)
        os.remove(target)


class OfPfvd(SideOutputTest):
    def record_in_each_place(self, *arguments):
        target = os.path.join(self.runtime, "out.mkv")
        for place in PLACES:
            with self.subTest(place=place.__name__), place() as stderr:
                process = self.spawn_to(stderr, *self.capture_arguments(target), *arguments)
                self.assert_recorded(process, target)

    def test_a_recording_is_whole(self):
        self.start_pattern("main")
        self.record_in_each_place()

    def test_a_supervised_one_too(self):
        self.record_in_each_place("--supervise", "--source", "pattern")

    def test_exit_codes_are_right_though_nobody_hears_the_reason(self):
        edid = ("edid", "--serial", 1, "--mode", "640x480@60", "-o")
        for place in PLACES:
            with self.subTest(place=place.__name__), place() as stderr:
                for expected, *arguments in (
                    (2, "capture"), (2, "fly"), (3, "capture", "--mode", "640x480@60"),
                    (7, *edid, "/nowhere/file"), (0, *edid, "/dev/null"), (0, "list"),
                ):  # fmt: skip
                    process = self.spawn_to(stderr, PFVD, *arguments)
                    process.communicate(timeout=60)
                    self.assertEqual(process.returncode, expected, arguments)

    def test_chaos_does_not_mind(self):
        for place in (nobody_reads, dead_terminal, stopped_terminal):
            with self.subTest(place=place.__name__), place() as stderr:
                process = self.spawn_to(
                    stderr, CHAOS, "--faults", 2, "--seed", 1, "--hosts", 2,
                    "--budget", 60, "--json",
                )  # fmt: skip
                out, _ = process.communicate(timeout=120)
                self.assertEqual(process.returncode, 0, out)

    def test_the_terminal_goes_away_in_the_middle(self):
        self.start_pattern("main")
        target = os.path.join(self.runtime, "out.mkv")
        master, slave = pty.openpty()
        process = self.spawn(*self.capture_arguments(target), stderr=slave)
        os.close(slave)
        os.read(master, 1)  # some progress was shown
        os.close(master)
        self.assert_recorded(process, target)

    def test_its_own_terminal_is_closed(self):
        """Signals and lost words at once: the recording is finished."""
        self.start_pattern("main")
        target = os.path.join(self.runtime, "out.mp4")
        process, master = self.spawn_on_terminal(
            PFVD, "capture", "--json", "--mode", "320x200@30", "-o", target
        )
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target), "some output")
        os.read(master, 1)
        os.close(master)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, out)
        self.assertGreater(frames_in(target), 0)

    def test_a_terminal_that_stops_writers_in_the_background_does_not_stop_it(self):
        self.start_pattern("main")
        target = os.path.join(self.runtime, "out.mkv")
        shell = 'stty tostop; "$@" & wait $!'
        process, master = self.spawn_on_terminal(
            "sh", "-mc", shell, "sh", *self.capture_arguments(target)
        )
        self.assert_recorded(process, target)
        os.close(master)


class OfTheDriver(SideOutputTest):
    def test_it_serves_and_ends_in_order(self):
        target = os.path.join(self.runtime, "out.mkv")
        for place in PLACES:
            with self.subTest(place=place.__name__), place() as stderr:
                driver = self.spawn_to(
                    stderr, DRIVER, "--instance", "main", "--source", "pattern",
                    "--log-level", "trace", stdout=subprocess.DEVNULL,
                )  # fmt: skip
                wait_until(lambda: self.instance("main").get("state") == "active", "a driver")
                self.assert_recorded(self.spawn(*self.capture_arguments(target)), target)
                driver.send_signal(signal.SIGTERM)
                self.assertEqual(driver.wait(60), 0)

    def test_a_log_file_on_a_full_disk_too(self):
        target = os.path.join(self.runtime, "out.mkv")
        driver = self.start_pattern("main", "--log-file", "/dev/full", "--log-level", "trace")
        self.assert_recorded(self.spawn(*self.capture_arguments(target)), target)
        driver.send_signal(signal.SIGTERM)
        self.assertEqual(driver.wait(60), 0)

    def test_a_reason_that_nobody_hears_is_still_an_exit_code(self):
        for place in PLACES:
            with self.subTest(place=place.__name__), place() as stderr:
                driver = self.spawn_to(
                    stderr, DRIVER, "--instance", "main", "--source", "x11", "--display", ":4095"
                )
                driver.communicate(timeout=60)
                self.assertEqual(driver.returncode, 3)


if __name__ == "__main__":
    unittest.main()
