"""Every usual end is an orderly end: signals x programs, at every moment, and nothing is left.

`python3 ends_test.py Capture` runs one case. Nothing here waits for a time; the one exception is
the second interrupt, which has to come 5 s after the first.
"""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from harness import CHAOS, DRIVER, PFVD, E2eTest, frames_in, nobody_reads, wait_until

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class EndsTest(E2eTest):
    def setUp(self):
        super().setUp()
        self.temporary = tempfile.mkdtemp(prefix="pf-ends-test-")
        self.environment["TMPDIR"] = self.temporary
        self.output = os.path.join(self.runtime, "out.mp4")

    def tearDown(self):
        super().tearDown()
        os.rmdir(self.temporary)  # nothing was left there

    def ours(self, program=""):
        """Processes that were started from here, however remotely: by their environment."""
        marker = f"XDG_RUNTIME_DIR={self.runtime}".encode()
        temporary = f"TMPDIR={self.temporary}".encode()
        found = []
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/environ", "rb") as file:
                    names = file.read().split(b"\0")
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    line = file.read().replace(b"\0", b" ").decode(errors="replace")
                if (marker in names or temporary in names) and program in line:
                    found.append((pid, line))
        return found

    def assert_nothing_left(self):
        wait_until(lambda: not self.ours(), "no process is left")

    def supervised(self, source, *arguments, **options):
        return self.spawn(
            PFVD, "capture", "--json", "--supervise", "--source", source, "--mode", "640x360@30",
            *arguments, **options,
        )  # fmt: skip

    def wait_output(self, path=None):
        path = path or self.output
        wait_until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, "some output")

    def assert_ends(self, process, expect=130):
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, expect, f"{out}\n{err}")
        return out, err

    def wait_handler(self, process):
        """Until SIGTERM is handled: from then on an end is an orderly one."""

        def handled():
            with open(f"/proc/{process.pid}/status") as file:
                caught = next(line for line in file if line.startswith("SigCgt"))
            return int(caught.split()[1], 16) & 1 << signal.SIGTERM - 1

        wait_until(handled, "a handler")

    def restore_signals(self, ignored=(), blocked=()):
        def prepare():
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, blocked)

        return prepare


class Capture(EndsTest):
    def test_each_signal_twice_finishes_the_file_and_ends_the_driver(self):
        for number in ENDS:
            with self.subTest(signal=number.name):
                host = self.supervised("pattern", "-o", self.output)
                self.wait_output()
                host.send_signal(number)
                host.send_signal(number)  # as `timeout` does
                out, _ = self.assert_ends(host)
                self.assertGreaterEqual(frames_in(self.output), json.loads(out)["frames"])
                self.assertEqual(json.loads(out)["output"], self.output)
                self.assert_nothing_left()
                self.assertEqual(self.instance("main")["state"], "stopped")
                os.remove(self.output)

    def test_the_x_server_ends_with_it(self):
        for number in (signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=number.name):
                host = self.supervised("x11", "-o", self.output)
                self.wait_output()
                self.assertTrue(self.ours("Xorg"))
                host.send_signal(number)
                self.assert_ends(host)
                self.assert_nothing_left()
                self.assertGreater(frames_in(self.output), 0)
                os.remove(self.output)

    def test_at_every_moment_of_the_start(self):
        folder = os.path.join(self.runtime, "pf-vdisplay", "main")
        for moment in ("lock", "xserver.conf", "xserver", "state", "control"):
            with self.subTest(moment=moment):
                host = self.supervised("x11", "-o", self.output)
                wait_until(
                    lambda: os.path.exists(os.path.join(folder, moment))
                    or os.path.exists(os.path.join(folder, "state")),
                    moment,
                )
                host.send_signal(signal.SIGINT)
                self.assert_ends(host)
                self.assert_nothing_left()
                shutil.rmtree(folder)

    def test_while_the_driver_does_not_answer(self):
        driver = self.start_pattern("main")
        driver.send_signal(signal.SIGSTOP)
        host = self.spawn(PFVD, "capture", "--mode", "640x360@30", "-o", self.output)
        self.wait_handler(host)
        host.send_signal(signal.SIGTERM)
        self.assert_ends(host)

    def test_while_it_rebuilds(self):
        driver = self.start_pattern("main")
        host = self.spawn(PFVD, "capture", "--mode", "640x360@30", "-o", self.output)
        self.wait_output()
        driver.kill()
        wait_until(lambda: self.instance("main")["state"] == "stale", "a dead driver")
        host.send_signal(signal.SIGHUP)
        self.assert_ends(host)
        self.assertGreater(frames_in(self.output), 0)

    def test_a_hangup_that_is_ignored_is_none(self):
        host = self.supervised(
            "pattern", "--frames", 90, "-o", self.output,
            preexec_fn=self.restore_signals([signal.SIGHUP]),
        )  # fmt: skip
        self.wait_output()
        host.send_signal(signal.SIGHUP)
        out, _ = self.assert_ends(host, 0)
        self.assertEqual(json.loads(out)["frames"], 90)

    def test_whatever_signals_are_inherited(self):
        everything = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}
        ignored = [n for n in everything if n < 32 and n != signal.SIGHUP]
        host = self.supervised(
            "pattern", "-o", self.output, preexec_fn=self.restore_signals(ignored, everything)
        )
        self.wait_output()
        pid = self.ours(DRIVER)[0][0]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.instance("main").get("pid") not in (None, 0, pid), "another driver")
        host.send_signal(signal.SIGINT)
        out, _ = self.assert_ends(host)
        self.assertEqual(json.loads(out)["driver_restarts"], 1)
        self.assert_nothing_left()

    def test_a_driver_that_ends_at_once_is_not_started_in_a_storm(self):
        starts = os.path.join(self.runtime, "starts")
        for how in ("exit 3", "kill -SEGV $$"):
            for ignored in ((), (signal.SIGCHLD,)):
                with self.subTest(how=how, ignored=ignored):
                    never = os.path.join(self.runtime, "never")
                    with open(never, "w") as file:
                        file.write(f"#!/bin/sh\nulimit -c 0\necho x >>{starts}\n{how}\n")
                    os.chmod(never, 0o700)
                    host = self.supervised(
                        "pattern", "--driver", never, preexec_fn=self.restore_signals(ignored)
                    )
                    out, err = self.assert_ends(host, 3)
                    self.assertEqual(json.loads(out)["exit_code"], 3)
                    self.assertEqual(len(err.strip().splitlines()), 1, err)
                    with open(starts) as file:
                        self.assertEqual(len(file.readlines()), 5)
                    os.remove(starts)

    def test_killed_it_takes_driver_and_x_server_along(self):
        host = self.supervised("x11", "-o", self.output)
        self.wait_output()
        host.kill()
        host.wait()
        self.assert_nothing_left()

    def test_a_stopped_driver_ends_too(self):
        host = self.supervised("x11", "-o", self.output)
        self.wait_output()
        os.kill(self.ours(DRIVER)[0][0], signal.SIGSTOP)
        host.send_signal(signal.SIGINT)
        self.assert_ends(host)
        self.assert_nothing_left()

    def test_the_x_server_of_a_driver_that_never_comes_back_ends(self):
        once = os.path.join(self.runtime, "once")
        with open(once, "w") as file:
            file.write(f'#!/bin/sh\nmkdir {once}.before || exit 3\nexec {DRIVER} "$@"\n')
        os.chmod(once, 0o700)
        host = self.supervised("x11", "--driver", once, "-o", self.output)
        self.wait_output()
        os.kill(self.ours("--instance")[0][0], signal.SIGKILL)
        wait_until(lambda: self.instance("main").get("state") == "stale", "a dead driver")
        host.send_signal(signal.SIGINT)
        self.assert_ends(host)
        self.assert_nothing_left()
        self.assertGreater(frames_in(self.output), 0)

    def test_while_a_pipe_waits_for_its_reader(self):
        self.start_pattern("main")
        pipe = os.path.join(self.runtime, "out.raw")
        os.mkfifo(pipe)
        host = self.spawn(
            PFVD, "capture", "--json", "--mode", "320x200@30", "-o", pipe
        )
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        host.send_signal(signal.SIGINT)
        out, err = self.assert_ends(host)
        self.assertEqual(json.loads(out)["exit_code"], 130)
        self.assertEqual(json.loads(out)["output"], "")
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertIn("nobody reads it", err)

    def test_a_second_interrupt_after_5_s_hurries_and_leaves_nothing(self):
        pipe = os.path.join(self.runtime, "out.raw")
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # it never reads
        try:
            host = self.supervised("x11", "-o", pipe)
            wait_until(lambda: self.ours("Xorg"), "an X server")
            wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
            end = time.monotonic() + 60
            while host.poll() is None and time.monotonic() < end:
                host.send_signal(signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    host.wait(0.5)
            self.assertIn(host.returncode, (130, 7))  # 7: the writer gave up by itself
            self.assert_nothing_left()
        finally:
            os.close(reader)


class Output(EndsTest):
    def limited(self, size, *arguments):
        host = self.spawn(
            PFVD, *arguments,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        )  # fmt: skip
        return host

    def test_a_file_size_limit_is_exit_7(self):
        self.start_pattern("main")
        size = 1 << 20
        for name in ("out.raw", "out.mkv", "out.mp4"):
            with self.subTest(name=name):
                target = os.path.join(self.runtime, name)
                codec = ("--codec", "ffv1") if name == "out.mkv" else ()
                host = self.limited(
                    size, "capture", "--mode", "320x200@60", "--frames", 30000, "-o", target, *codec
                )
                _, err = self.assert_ends(host, 7)
                self.assertEqual(len(err.strip().splitlines()), 1, err)
                self.assertIn(name, err)
        wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")

    def test_a_reader_that_leaves_is_exit_7(self):
        self.start_pattern("main")
        pipe = os.path.join(self.runtime, "out.raw")
        os.mkfifo(pipe)
        host = self.spawn(PFVD, "capture", "--mode", "320x200@60", "--frames", 600, "-o", pipe)
        with open(pipe, "rb") as reader:
            reader.read(1000)
        _, err = self.assert_ends(host, 7)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")

    def test_what_is_printed_has_to_arrive(self):
        self.start_pattern("main")
        capture = ("capture", "--mode", "64x48@30", "--frames", "2")
        for arguments in (
            ("--help",), ("--version",), ("capture", "--help"), ("list",), ("list", "--json"),
            ("contract",), ("edid", "--serial", "1", "--mode", "640x480@60"), capture,
            (*capture, "--json"),
        ):  # fmt: skip
            for where in ("full", "closed", "left"):
                with self.subTest(arguments=arguments, where=where):
                    code, err = self.print_to(where, PFVD, *arguments)
                    self.assertEqual(code, 7, err)
                    self.assertEqual(len(err.strip().splitlines()), 1, err)
        for arguments in (("--help",), ("--version",)):
            code, err = self.print_to("full", DRIVER, *arguments)
            self.assertEqual(code, 7, err)

    def print_to(self, where, *arguments):
        options = {}
        if where == "full":
            options["stdout"] = os.open("/dev/full", os.O_WRONLY)
        elif where == "closed":
            options["preexec_fn"] = lambda: os.close(1)
            options["stdout"] = None
        else:
            read_end, options["stdout"] = os.pipe()
            os.close(read_end)
        process = self.spawn(*arguments, **options)
        if options["stdout"] is not None:
            os.close(options["stdout"])
        _, err = process.communicate(timeout=60)
        return process.returncode, err

    def test_a_reader_that_does_not_read_holds_nobody_after_a_signal(self):
        self.start_pattern("main")
        for expected, arguments in (
            (130, ("contract", "--json")),
            (7, ("capture", "--mode", "64x48@30")),  # it ended well, and nobody heard of it
        ):
            with self.subTest(arguments=arguments), nobody_reads() as pipe:
                process = self.spawn(PFVD, *arguments, stdout=pipe)
                self.wait_handler(process)
                if expected == 7:
                    wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=60)
                self.assertEqual(process.returncode, expected)

    def test_nothing_lands_on_a_closed_standard_descriptor(self):
        self.start_pattern("main")
        target = os.path.join(self.runtime, "out.raw")

        def close_all():
            for descriptor in (0, 1, 2):
                os.close(descriptor)

        host = self.spawn(
            PFVD, "capture", "--mode", "64x48@30", "--frames", 3, "-o", target,
            preexec_fn=close_all, stdin=None, stdout=None, stderr=None,
        )  # fmt: skip
        self.assertEqual(host.wait(60), 7)  # the summary went nowhere
        self.assertEqual(os.path.getsize(target), 64 * 48 * 4 * 3)

    def test_no_frame_is_exit_8_and_no_file(self):
        self.start_pattern("main")
        target = os.path.join(self.runtime, "none.mkv")
        code = 0
        for _ in range(40):  # a first frame within a millisecond is possible
            code, out, err = self.pfvd(
                "capture", "--mode", "1920x1080@1", "--seconds", 0.001, "--json", "-o", target
            )
            summary = json.loads(out)
            if summary["frames"] == 0:
                break
            os.remove(target)
        else:
            self.skipTest("each time a frame came within a millisecond")
        self.assertEqual(code, 8, err)
        self.assertEqual(summary["exit_code"], 8)
        self.assertEqual(summary["output"], "")
        self.assertIn("no frame came", err)
        self.assertFalse(os.path.exists(target))

    def test_fewer_frames_than_asked_for_are_no_success(self):
        self.start_pattern("main", "--pattern", "idle")
        code, out, err = self.pfvd(
            "capture", "--mode", "64x48@60", "--seconds", 0.5, "--frames", 10000, "--json"
        )
        self.assertIn(code, (1, 8), err)
        self.assertEqual(json.loads(out)["exit_code"], code)

    def test_a_file_that_was_removed_meanwhile_was_not_written(self):
        self.start_pattern("main")
        host = self.spawn(
            PFVD, "capture", "--mode", "64x48@60", "--frames", 120, "-o", self.output
        )
        self.wait_output()
        os.remove(self.output)
        out, _ = self.assert_ends(host, 7)
        self.assertNotIn("wrote", out)


class Driver(EndsTest):
    def test_each_signal_ends_it_in_order_with_its_x_server(self):
        for number in ENDS:
            with self.subTest(signal=number.name):
                driver = self.start_driver("main", "--source", "x11")
                self.assertTrue(self.ours("Xorg"))
                driver.send_signal(number)
                driver.send_signal(number)
                self.assertEqual(driver.wait(60), 0)
                self.assert_nothing_left()
                self.assertEqual(self.instance("main")["state"], "stopped")

    def test_the_foreground_driver_too(self):
        driver = self.spawn(PFVD, "driver", "--source", "pattern")
        wait_until(lambda: self.instance("main").get("state") == "active", "a driver")
        driver.send_signal(signal.SIGHUP)
        self.assert_ends(driver, 0)
        self.assertEqual(self.instance("main")["state"], "stopped")


class Demo(EndsTest):
    def demo(self):
        return self.spawn(
            PFVD, "demo", "--seconds", 600, "-o", self.output, "--png",
            os.path.join(self.runtime, "last.png"),
        )  # fmt: skip

    def test_each_signal_leaves_nothing(self):
        for number in (signal.SIGHUP, signal.SIGTERM):
            with self.subTest(signal=number.name):
                demo = self.demo()
                self.wait_output()
                demo.send_signal(number)
                demo.send_signal(number)
                self.assert_ends(demo)
                self.assert_nothing_left()
                self.assertEqual(os.listdir(self.temporary), [])
                self.assertGreater(frames_in(self.output), 0)
                os.remove(self.output)

    def test_while_its_x_server_starts(self):
        demo = self.demo()
        wait_until(lambda: self.ours("Xorg"), "an X server")
        demo.send_signal(signal.SIGINT)
        self.assert_ends(demo)
        self.assert_nothing_left()
        self.assertEqual(os.listdir(self.temporary), [])


class Bench(EndsTest):
    def test_a_signal_ends_it_at_once_and_leaves_nothing(self):
        bench = self.spawn(PFVD, "bench", "--seconds", 600)
        wait_until(lambda: self.ours(DRIVER), "a driver")
        bench.send_signal(signal.SIGHUP)
        self.assert_ends(bench)
        self.assert_nothing_left()
        self.assertEqual(os.listdir(self.temporary), [])


    def test_what_a_killed_one_left_is_taken_away_by_the_next(self):
        bench = self.spawn(PFVD, "bench", "--seconds", 600)
        wait_until(lambda: self.ours(DRIVER), "a driver")
        (left,) = os.listdir(self.temporary)
        left = os.path.join(self.temporary, left)
        os.utime(left, (0, 0))  # old, and in use
        other = self.spawn(PFVD, "bench", "--seconds", 600)
        wait_until(lambda: len(self.ours(DRIVER)) == 2, "another driver")
        self.assertTrue(os.path.exists(left))
        bench.kill()
        bench.wait()
        wait_until(lambda: len(self.ours(DRIVER)) == 1, "its driver ended")
        os.utime(left, (0, 0))
        third = self.spawn(PFVD, "bench", "--seconds", 600)
        wait_until(lambda: not os.path.exists(left), "nothing is left of it")
        for process in (other, third):
            self.wait_handler(process)
            process.send_signal(signal.SIGTERM)
            self.assert_ends(process)
        self.assertEqual(os.listdir(self.temporary), [])


class Chaos(EndsTest):
    def test_each_signal_leaves_nothing(self):
        for source, number in (("pattern", signal.SIGHUP), ("x11", signal.SIGTERM)):
            with self.subTest(source=source, signal=number.name):
                chaos = self.spawn(
                    CHAOS, "--seconds", 600, "--seed", 1, "--hosts", 2, "--source", source,
                    "--budget", 60, "--json",
                )  # fmt: skip
                wait_until(lambda: len(self.ours(DRIVER)) > 0, "a driver")
                wait_until(lambda: len(self.ours("--worker-log")) > 0, "a host process")
                chaos.send_signal(number)
                chaos.send_signal(number)
                out, _ = self.assert_ends(chaos)
                self.assertEqual(json.loads(out)["violations"], [])
                self.assert_nothing_left()
                self.assertEqual(os.listdir(self.temporary), [])


if __name__ == "__main__":
    unittest.main()
