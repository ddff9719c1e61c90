"""The verbs as a user meets them: real programs, exit codes, what is left behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from harness import PFVD, E2eTest, wait_until  # noqa: E402

VERBS = ("demo", "capture", "list", "driver", "topology", "edid", "contract", "bench")


def probe(path):
    """What ffprobe says of a file, by key; every frame is decoded."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries",
         "stream=codec_name,width,height,r_frame_rate,nb_read_frames:format=duration",
         "-of", "json", path], capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = json.loads(out)
    return {**found["streams"][0], **found["format"]}


class VerbsTest(E2eTest):
    def fails(self, expected, *arguments, words=()):
        code, out, err = self.pfvd(*arguments)
        self.assertEqual(code, expected, f"{arguments}\n{out}\n{err}")
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        for word in words:
            self.assertIn(word, err)


class Usage(VerbsTest):
    def test_every_verb_has_help(self):
        code, out, _ = self.pfvd("--help")
        self.assertEqual(code, 0)
        for verb in VERBS:
            self.assertIn(verb, out)
            code, help_text, err = self.pfvd(verb, "--help")
            self.assertEqual(code, 0, err)
            self.assertIn("--help", help_text)

    def test_installing_is_for_windows_and_says_so(self):
        for verb in ("install", "remove", "status", "restart", "reap"):
            with self.subTest(verb):
                self.fails(1, "driver", verb, words=("needs no installing", "pfvd driver"))
                code, help_text, _ = self.pfvd("driver", verb, "--help")
                self.assertEqual(code, 0)
                self.assertIn("Windows", help_text)

    def test_help_has_every_exit_code(self):
        _, out, _ = self.pfvd("--help")
        table = out[out.index("Exit codes:") :].splitlines()[1:]
        codes = [int(line.split()[0]) for line in table if line.strip()]
        self.assertEqual(codes, [*range(9), 130])

    def test_screens_are_windows_matter(self):
        self.assertEqual(
            self.pfvd("topology", "restore")[:2], (0, "there is nothing to light again\n")
        )
        code, out, _ = self.pfvd("topology", "restore", "--json")
        self.assertEqual((code, json.loads(out)), (0, {"restored": False}))
        self.fails(6, "capture", "--mode", "640x480@60", "--isolate", words=["on Linux"])

    def test_mistakes_are_one_line_and_exit_2(self):
        for arguments in (
            (),
            ("fly",),
            ("list", "--loud"),
            ("capture",),
            ("capture", "--mode", "0x0@0"),
            ("capture", "--mode", "99999x1@5000"),
            ("capture", "--mode", "640x480@60", "--frames", "0"),
            ("capture", "--mode", "640x480@60", "--seconds", "-1"),
            ("capture", "--mode", "640x480@60", "--client", "16"),
            ("capture", "--mode", "640x480@60", "-o", "film.avi"),
            ("capture", "--mode", "640x480@60", "--codec", "vp9"),
            ("capture", "--mode", "640x480@60", "--format", "yuv"),
            *(
                ("capture", "--mode", "640x480@60", *wrong)
                for wrong in (
                    ("--seconds", "nan"), ("--seconds", "inf"), ("--seconds", "1e300"),
                    ("--frames", "-1"), ("--frames", "1e3"), ("--frames", "99999999999999999999"),
                    ("--max-nits", "-1"), ("--avg-nits", "4294967296"), ("--min-millinits", "x"),
                    ("--max-rebuilds", "-1"), ("--rebuild-budget", "nan"),
                    ("--rebuild-budget", "0"), ("--instance", "../up"), ("--protocol", "9"),
                    ("--display", "screen"), ("--pattern", "stripes"),
                )
            ),
            ("driver", "--instance", "../up"),
            ("driver", "--format", "yuv"),
            ("driver", "status", "--loud"),
            ("driver", "install", "status"),
            ("demo", "--seconds", "nan"),
            ("bench", "--seconds", "nan"),
            ("edid", "--serial", "0", "--mode", "640x480@60"),
            ("edid", "--serial", "1", "--mode", "640x480"),
            ("contract", "--json", "--markdown"),
            ("demo", "-o", "demo.png"),
        ):
            with self.subTest(arguments=arguments):
                self.fails(2, *arguments, words=("--help",))


class Printing(VerbsTest):
    def test_an_empty_list_says_what_to_do(self):
        code, out, _ = self.pfvd("list")
        self.assertEqual(code, 0)
        self.assertIn("pfvd driver", out)
        code, out, _ = self.pfvd("list", "--json")
        self.assertEqual(json.loads(out), {"instances": []})

    def test_contract(self):
        code, out, _ = self.pfvd("contract", "--json")
        self.assertEqual(code, 0)
        contract = json.loads(out)
        self.assertEqual(contract["protocol_version"], 6)
        self.assertEqual(contract["structs"]["AddRequest"]["size"], 40)
        for form in ((), ("--markdown",)):
            code, out, _ = self.pfvd("contract", *form)
            self.assertEqual(code, 0)
            self.assertIn("kIoctlAdd", out)

    def test_edid(self):
        target = os.path.join(self.runtime, "edid.bin")
        code, _, err = self.pfvd("edid", "--serial", 3, "--mode", "2560x1440@120", "-o", target)
        self.assertEqual(code, 0, err)
        with open(target, "rb") as file:
            edid = file.read()
        self.assertEqual(len(edid) % 128, 0)
        self.assertEqual(edid[8:10], b"\x41\xcb")
        self.assertEqual(edid[12], 3)
        piped = subprocess.run(
            [PFVD, "edid", "--serial", "3", "--mode", "2560x1440@120"], capture_output=True
        )
        self.assertEqual(piped.stdout, edid)
        if shutil.which("edid-decode"):
            checked = subprocess.run(
                ["edid-decode", "--check", target], capture_output=True, text=True
            )
            self.assertIn("PASS", checked.stdout)
        exact = subprocess.run(
            [PFVD, "edid", "--serial", "3", "--mode", "1920x1080@59.94"], capture_output=True
        )
        self.assertEqual(exact.stdout[54:56], (13839).to_bytes(2, "little"), "in 10 kHz")

    def test_edid_on_a_full_disk(self):
        self.fails(
            7, "edid", "--serial", 1, "--mode", "640x480@60", "-o", "/dev/full",
            words=("/dev/full",),
        )  # fmt: skip


class Capture(VerbsTest):
    def supervised(self, *arguments, **options):
        return self.capture("--supervise", "--source", "pattern", *arguments, **options)

    def test_a_supervised_capture_brings_its_own_driver_and_takes_it_away(self):
        summary = self.supervised("--mode", "800x600@60", "--frames", 60, "--verify")
        self.assertEqual(summary["frames"], 60)
        self.assertEqual(summary["mode"], "800x600@60")
        self.assertTrue(summary["verified"])
        self.assert_whole(summary)
        self.assertEqual(self.instance("main")["state"], "stopped")
        self.assertFalse(os.path.exists(f"/proc/{summary['driver_pid']}"))

    def test_a_running_driver_is_used_and_stays(self):
        driver = self.start_pattern("main")
        summary = self.supervised("--mode", "800x600@60", "--frames", 5)
        self.assertEqual(summary["driver_pid"], driver.pid)
        self.assertIsNone(driver.poll())

    def test_every_output(self):
        self.start_pattern("main")
        for name, more in (
            ("a.mkv", ()),
            ("a.mp4", ()),
            ("odd.mkv", ("--codec", "ffv1")),
        ):
            with self.subTest(name=name):
                target = os.path.join(self.runtime, name)
                mode = "321x201@30" if name.startswith("odd") else "640x480@30"
                summary = self.capture("--mode", mode, "--frames", 30, "-o", target, *more)
                facts = probe(target)
                self.assertEqual(f"{facts['width']}x{facts['height']}@30", mode)
                # MP4 has no field for it; ffprobe guesses from the frames' own times.
                numerator, denominator = map(int, facts["r_frame_rate"].split("/"))
                self.assertAlmostEqual(numerator / denominator, 30, delta=0.1)
                self.assertGreaterEqual(int(facts["nb_read_frames"]), summary["frames"])
                self.assertAlmostEqual(
                    float(facts["duration"]), summary["seconds"] + 1 / 30, delta=0.2
                )
        for name, size in (("a.png", None), ("a.raw", 64 * 48 * 4 * 3)):
            target = os.path.join(self.runtime, name)
            self.capture("--mode", "64x48@30", "--frames", 3, "-o", target)
            if size:
                self.assertEqual(os.path.getsize(target), size)
            else:
                self.assertEqual(probe(target)["width"], 64)

    def test_deep_colour(self):
        for form, pixel_format in (("rgb10", "gbrp10le"), ("fp16", "gbrp10le")):
            with self.subTest(form=form):
                target = os.path.join(self.runtime, f"{form}.mkv")
                summary = self.supervised(
                    "--mode", "320x200@30", "--format", form, "--frames", 10, "--verify",
                    "-o", target, "--codec", "ffv1",
                )  # fmt: skip
                self.assert_whole(summary)
                stream = subprocess.run(
                    ["ffprobe", "-v", "error", "-show_entries", "stream=pix_fmt,color_transfer",
                     "-of", "csv=p=0", target], capture_output=True, text=True, check=True,
                ).stdout  # fmt: skip
                self.assertIn(pixel_format, stream)
                self.assertIn("smpte2084", stream)

    def test_ctrl_c_finishes_the_file_and_ends_the_driver(self):
        target = os.path.join(self.runtime, "out.mkv")
        host = self.start_capture(
            "--supervise", "--source", "pattern", "--mode", "640x480@60", "-o", target
        )
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target) > 0, "some output")
        host.send_signal(signal.SIGINT)
        summary = self.finish_capture(host, expect=130)
        self.assertGreaterEqual(int(probe(target)["nb_read_frames"]), summary["frames"])
        self.assertEqual(self.instance("main")["state"], "stopped")

    def test_a_driver_that_cannot_work_is_given_up_with_its_own_reason(self):
        self.fails(
            3, "capture", "--mode", "640x480@60", "--supervise", "--source", "x11",
            "--display", ":4095", words=("main", "4095"),
        )  # fmt: skip
        self.fails(
            3, "capture", "--mode", "640x480@60", "--supervise", "--driver", "/nowhere/driver",
            words=("/nowhere/driver",),
        )  # fmt: skip

    def test_a_failure_is_json_too(self):
        for expected, arguments in (
            (3, ()),
            (3, ("--supervise", "--driver", "/nowhere/driver")),
        ):
            code, out, err = self.pfvd("capture", "--mode", "640x480@60", "--json", *arguments)
            self.assert_failure(expected, code, out, err)
        for verb in ("demo", "bench"):
            outcome = self.pfvd(verb, "--json", "--driver", "/nowhere/driver")
            self.assert_failure(3, *outcome)

    def assert_failure(self, expected, code, out, err):
        self.assertEqual(code, expected, err)
        outcome = json.loads(out)
        self.assertEqual(outcome["exit_code"], expected)
        self.assertIn(outcome["error"], err)

    def test_no_driver_and_an_unknown_instance(self):
        self.fails(3, "capture", "--mode", "640x480@60", "--frames", 1)
        self.start_pattern("main")
        self.fails(3, "capture", "--mode", "640x480@60", "--instance", "other", words=("other",))

    def test_a_taken_id_is_not_evicted(self):
        self.start_pattern("main")
        first = self.start_capture("--mode", "320x200@30", "--client", 3, "--seconds", 600)
        wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
        second = self.capture("--mode", "320x200@30", "--client", 3, "--frames", 2)
        self.assertNotEqual(second["monitor_id"], 3)
        first.send_signal(signal.SIGINT)
        self.assertGreater(self.finish_capture(first, expect=130)["frames"], 0)

    def test_full_disk_and_bad_path_leave_no_monitor(self):
        self.start_pattern("main")
        full = os.path.join(self.runtime, "out.mkv")
        os.symlink("/dev/full", full)
        for target in (full, "/nowhere/at/all.mkv"):
            self.fails(
                7, "capture", "--mode", "640x480@60", "--frames", 300, "-o", target,
                words=(os.path.basename(target),),
            )  # fmt: skip
        wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")


class Driver(VerbsTest):
    def test_runs_in_the_foreground_and_ends_in_order(self):
        driver = self.spawn(PFVD, "driver", "--instance", "mine", "--source", "pattern")
        wait_until(lambda: self.instance("mine").get("state") == "active", "an active instance")
        self.assertEqual(self.instance("mine")["pid"], driver.pid)
        driver.send_signal(signal.SIGINT)
        self.assertEqual(driver.wait(30), 0)
        self.assertEqual(self.instance("mine")["state"], "stopped")

    def test_passes_other_options_on(self):
        driver = self.spawn(PFVD, "driver", "--instance", "mine", "--no-such-option")
        self.assertEqual(driver.wait(30), 2)


class Bench(VerbsTest):
    def test_compares_with_the_floor_of_the_same_run(self):
        code, out, err = self.pfvd("bench", "--seconds", "0.2", "--json")
        self.assertEqual(code, 0, err)
        for case in json.loads(out)["cases"]:
            self.assertGreater(case["floor"]["fps"], 0)
            self.assertGreater(case["ring"]["fps"], 0)
            self.assertGreater(case["ratio"]["fps"], 0)


if __name__ == "__main__":
    unittest.main()
