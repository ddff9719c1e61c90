"""What `pfvd capture` leaves as files and hands to readers: it plays, it can be sought, it is said.

ffprobe and ffmpeg judge.
"""

import json
import os
import pty
import resource
import signal
import subprocess
import unittest

from harness import PFVD, E2eTest, wait_until

MODE = "320x240@30"


def ffprobe(path, *arguments):
    out = subprocess.run(
        ["ffprobe", "-v", "error", *arguments, "-of", "json", f"file:{path}"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return json.loads(out)


def stream_of(path):
    return ffprobe(path, "-count_frames", "-show_streams", "-show_format")["streams"][0]


def frame_count(path):
    return int(stream_of(path)["nb_read_frames"])


def duration(path):
    return float(ffprobe(path, "-show_format")["format"]["duration"])


def packets(path):
    """(seconds, is a key frame) of each."""
    found = ffprobe(path, "-show_entries", "packet=pts_time,flags")["packets"]
    return [(float(p["pts_time"]), "K" in p["flags"]) for p in found]


def last_time(path):
    """Seconds of the last picture of a file that may have no end, or nothing in it yet."""
    try:
        return packets(path)[-1][0]
    except (subprocess.CalledProcessError, IndexError, KeyError):
        return 0


def limit_file_size():  # shared memory counts too: room for a frame of 160x120
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


class FilesTest(E2eTest):
    def path(self, name):
        return os.path.join(self.runtime, name)

    def record(self, name, *arguments, mode=MODE, frames=10):
        code, out, err = self.pfvd(
            "capture", "--mode", mode, "--frames", frames, "-o", name, *arguments
        )
        self.assertEqual(code, 0, f"{name}: {out}{err}")
        return err

    def assert_one_line(self, code, expected, err, *words):
        self.assertEqual(code, expected, err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        for word in words:
            self.assertIn(word, err)


class Names(FilesTest):
    def test_a_name_is_a_file_of_that_name(self):
        self.start_pattern()
        names = ["2026-01-02T10:30:00.mkv", "pipe:1.mkv", "http:a.mp4", "a%d%%.mp4", "new\nline.mkv",
                 "file:b.mkv", "concat:a|b.mp4", "'\"\\ .raw", "c:d.png", "x" * 251 + ".mkv"]
        for name in names:
            with self.subTest(name=name):
                self.record(self.path(name), frames=3)
                self.assertGreater(os.path.getsize(self.path(name)), 0)
                if name.endswith(("mkv", "mp4")):
                    self.assertGreaterEqual(frame_count(self.path(name)), 3)

    def test_a_name_may_begin_with_a_dash(self):
        self.start_pattern()
        process = self.spawn(PFVD, "capture", "--mode", MODE, "--frames", 3, "-o", "-x.mkv",
                             cwd=self.runtime)  # fmt: skip
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertGreaterEqual(frame_count(self.path("-x.mkv")), 3)

    def test_what_is_no_place_for_a_file_is_named(self):
        self.start_pattern()
        os.mkdir(self.path("d.mkv"))
        for name in (self.path("d.mkv"), self.path("no/x.mp4"), self.path("x" * 300 + ".raw")):
            code, _, err = self.pfvd("capture", "--mode", MODE, "--frames", 3, "-o", name)
            self.assert_one_line(code, 7, err, name)

    def test_mistakes_are_found_before_anything_is_started(self):
        for arguments in (("-o", ""), ("-o", "x.avi"), ("-o", "x.mkv", "--container", "avi"),
                          ("-o", "x.mkv", "--chroma", "422")):  # fmt: skip
            code, _, err = self.pfvd("capture", "--mode", MODE, *arguments)
            self.assert_one_line(code, 2, err)

    def test_the_container_may_be_said(self):
        self.start_pattern()
        self.record(self.path("film"), "--container", "mp4")
        self.assertIn("mp4", ffprobe(self.path("film"), "-show_format")["format"]["format_name"])


class Times(FilesTest):
    def assert_sought(self, path):
        """A key frame in each two seconds, and one a player finds by seeking. (A machine that stands
        still for a while is not what is tried here.)"""
        times = packets(path)
        keys = [at for at, key in times if key] + [times[-1][0]]
        for earlier, later in zip(keys, keys[1:]):
            self.assertLessEqual(later - earlier, 4, f"{path}: {keys}")
        middle = times[-1][0] / 2
        found = subprocess.run(
            ["ffmpeg", "-v", "error", "-ss", str(middle), "-copyts", "-i", f"file:{path}",
             "-frames:v", "1", "-f", "null", "-"], capture_output=True, text=True,
        )  # fmt: skip
        self.assertEqual((found.returncode, found.stderr), (0, ""))

    def test_a_still_picture_can_be_sought_in(self):
        self.start_pattern("main", "--pattern", "idle")
        for name in ("still.mkv", "still.mp4"):
            with self.subTest(name=name):
                self.capture("--mode", "320x240@240", "--seconds", 7, "-o", self.path(name))
                self.assert_sought(self.path(name))
                self.assertAlmostEqual(duration(self.path(name)), 7, delta=1.5)

    def test_no_rate_is_promised(self):
        self.start_pattern()
        for name in ("a.mkv", "a.mp4"):
            self.record(self.path(name))
            headers = subprocess.run(
                ["ffmpeg", "-v", "trace", "-i", f"file:{self.path(name)}", "-c", "copy", "-bsf:v",
                 "trace_headers", "-frames:v", "1", "-f", "null", "-"],
                capture_output=True, text=True, check=True,
            ).stderr  # fmt: skip
            flags = [line for line in headers.splitlines() if "fixed_frame_rate_flag" in line]
            self.assertTrue(flags)
            for line in flags:
                self.assertTrue(line.endswith("= 0"), line)


class CutShort(FilesTest):
    def grow(self, name, size=150_000):
        target = self.path(name)
        process = self.spawn(PFVD, "capture", "--mode", "640x360@60", "-o", target)
        wait_until(lambda: os.path.exists(target) and os.path.getsize(target) > size, "a recording")
        return process, target

    def test_killed(self):
        self.start_pattern()
        for name in ("k.mkv", "k.mp4"):
            with self.subTest(name=name):
                process, target = self.grow(name)
                process.kill()
                process.communicate()
                self.assertGreater(frame_count(target), 30)

    def test_a_still_picture_killed(self):
        self.start_pattern("main", "--pattern", "idle")
        for name in ("s.mkv", "s.mp4"):
            with self.subTest(name=name):
                process, target = self.grow(name, size=0)
                wait_until(lambda: last_time(target) > 1.5, "a picture that stands is written again")
                process.kill()
                process.communicate()
                self.assertGreater(last_time(target), 1.5)

    def test_the_limit_of_a_files_size(self):
        self.start_pattern()
        for name in ("l.mkv", "l.mp4", "l.raw"):
            with self.subTest(name=name):
                target = self.path(name)
                process = self.spawn(PFVD, "capture", "--mode", "160x120@60", "--seconds", 60, "-o",
                                     target, preexec_fn=limit_file_size)  # fmt: skip
                _, err = process.communicate(timeout=90)
                self.assert_one_line(process.returncode, 7, err, name)
                if not name.endswith("raw"):
                    self.assertGreater(frame_count(target), 5)


class Pictures(FilesTest):
    def test_an_odd_size_is_even_and_said_once(self):
        self.start_pattern()
        for name in ("odd.mkv", "odd.mp4"):
            err = self.record(self.path(name), mode="321x241@30")
            self.assert_one_line(0, 0, err, name, "321x241", "322x242")
            stream = stream_of(self.path(name))
            self.assertEqual((stream["width"], stream["height"]), (322, 242))
            self.assertEqual(stream["pix_fmt"], "yuv420p")

    def test_whole_chroma_keeps_the_size(self):
        self.start_pattern()
        self.assertEqual(self.record(self.path("w.mkv"), "--chroma", "444", mode="321x241@30"), "")
        stream = stream_of(self.path("w.mkv"))
        self.assertEqual((stream["width"], stream["pix_fmt"]), (321, "yuv444p"))

    def test_the_smallest_display_is_a_video(self):
        self.start_pattern()
        self.record(self.path("small.mp4"), mode="1x1@30", frames=3)
        self.assertGreaterEqual(frame_count(self.path("small.mp4")), 3)

    def test_colours_are_named(self):
        self.start_pattern()
        for name in ("a.mkv", "a.mp4"):
            self.record(self.path(name), frames=3)
            stream = stream_of(self.path(name))
            self.assertEqual(
                [stream[f"color_{what}"] for what in ("range", "space", "transfer", "primaries")],
                ["tv", "bt709", "bt709", "bt709"],
            )

    def test_light_of_hdr_is_named(self):
        self.start_pattern("main", "--format", "rgb10")
        for name in ("h.mkv", "h.mp4"):
            self.record(self.path(name), "--format", "rgb10", "--max-nits", 800, "--avg-nits", 300,
                        "--min-millinits", 10, frames=3)  # fmt: skip
            data = {d["side_data_type"]: d for d in stream_of(self.path(name))["side_data_list"]}
            self.assertEqual(data["Content light level metadata"]["max_content"], 800)
            self.assertEqual(data["Content light level metadata"]["max_average"], 300)
            self.assertIn("Mastering display metadata", data)


class Readers(FilesTest):
    def fifo(self, name):
        os.mkfifo(self.path(name))
        return self.path(name)

    def test_standard_output_is_matroska(self):
        self.start_pattern()
        for arguments, expected in (((), "matroska"), (("--container", "mp4"), "mp4")):
            process = self.spawn("sh", "-c", '"$@" | ffprobe -v error -count_frames -show_streams '
                                 "-show_format -of json -", "sh", PFVD, "capture", "--mode", MODE,
                                 "--json", "--frames", 20, "-o", "-", *arguments)  # fmt: skip
            out, err = process.communicate(timeout=60)
            found = json.loads(out)
            self.assertIn(expected, found["format"]["format_name"])
            self.assertGreaterEqual(int(found["streams"][0]["nb_read_frames"]), 20)
            self.assertEqual(json.loads(err.strip().splitlines()[-1])["frames"], 20)

    def test_standard_output_may_be_raw_or_a_file(self):
        self.start_pattern()
        target = self.path("raw")
        with open(target, "w") as file:
            process = self.spawn(PFVD, "capture", "--mode", "64x48@30", "--frames", 5, "-o", "-",
                                 "--container", "raw", stdout=file)  # fmt: skip
            process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(os.path.getsize(target), 64 * 48 * 4 * 5)

    def test_a_terminal_is_refused(self):
        ours, theirs = pty.openpty()
        process = self.spawn(PFVD, "capture", "--mode", MODE, "-o", "-", stdout=theirs)
        _, err = process.communicate(timeout=60)
        os.close(theirs)
        os.close(ours)
        self.assert_one_line(process.returncode, 2, err, "terminal")

    def test_each_raw_frame_is_whole_when_it_is_made(self):
        self.start_pattern("main", "--pattern", "idle")
        name = self.fifo("x.raw")
        reader = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        process = self.start_capture("--mode", "64x48@30", "--seconds", 30, "-o", name)
        have = 0

        def whole():
            nonlocal have
            try:
                have += len(os.read(reader, 1 << 20))
            except BlockingIOError:
                pass
            return have > 0 and have % (64 * 48 * 4) == 0

        wait_until(whole, "a whole frame of a display that stands still")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        os.close(reader)

    def test_a_video_reaches_its_reader_frame_by_frame(self):
        self.start_pattern()
        name = self.fifo("x.mkv")
        process = self.start_capture("--mode", MODE, "--seconds", 30, "-o", name)
        probe = subprocess.run(
            ["ffprobe", "-v", "error", "-read_intervals", "%+#5", "-show_entries", "packet=pts_time",
             "-of", "csv=p=0", name], capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        self.assertEqual(len(probe.stdout.split()), 5)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7)
        self.assertIn("reader is gone", err)

    def test_a_reader_that_leaves_is_an_error(self):
        self.start_pattern()
        for name in ("x.raw", "x.mkv", "x.mp4"):
            with self.subTest(name=name):
                target = self.fifo(name)
                reader = self.spawn("head", "-c", 3000, target, stdout=subprocess.DEVNULL)
                code, _, err = self.pfvd(
                    "capture", "--mode", "640x360@60", "--seconds", 30, "-o", target
                )
                self.assert_one_line(code, 7, err, name)
                reader.communicate()

    def test_a_fifo_without_a_reader_ends_by_ctrl_c_or_by_time(self):
        self.start_pattern()
        for name in ("x.raw", "x.mp4"):
            target = self.fifo(name)
            process = self.spawn(PFVD, "capture", "--mode", MODE, "-o", target)
            wait_until(lambda: self.instance("main").get("monitors"), "a monitor")
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            self.assertIn(process.returncode, (7, 130))
            wait_until(lambda: not self.instance("main").get("monitors"), "no monitor")
            code, _, err = self.pfvd("capture", "--mode", MODE, "--seconds", 0.5, "-o", target,
                                     timeout=30)  # fmt: skip
            self.assert_one_line(code, 7, err, name)

    def test_a_reader_that_stands_still_holds_nobody(self):
        self.start_pattern()
        target = self.fifo("x.raw")
        reader = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
        code, out, err = self.pfvd("capture", "--json", "--mode", "640x360@60", "--seconds", 4, "-o",
                                   target, timeout=60)  # fmt: skip
        self.assert_one_line(code, 7, err, "x.raw")
        self.assertGreater(json.loads(out)["output_dropped"], 0)
        os.close(reader)


class Left(FilesTest):
    def test_an_old_file_outlives_what_was_refused(self):
        self.start_pattern()
        target = self.path("old.mp4")
        with open(target, "w") as file:
            file.write("old")
        code, _, err = self.pfvd("capture", "--mode", MODE, "--frames", 3, "--codec", "ffv1", "-o",
                                 target)  # fmt: skip
        self.assert_one_line(code, 7, err, target)
        with open(target) as file:
            self.assertEqual(file.read(), "old")

    def test_a_full_disk_is_said_by_every_kind(self):
        self.start_pattern()
        for name in ("f.mkv", "f.mp4", "f.raw", "f.png"):
            with self.subTest(name=name):
                os.symlink("/dev/full", self.path(name))
                code, out, err = self.pfvd(
                    "capture", "--mode", MODE, "--frames", 60, "-o", self.path(name)
                )
                self.assert_one_line(code, 7, err, name, "No space left")
                self.assertNotIn("wrote", out)


if __name__ == "__main__":
    unittest.main()
