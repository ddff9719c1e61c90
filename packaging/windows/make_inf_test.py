"""The INF files say what the system has to know of each driver."""

import configparser
import datetime
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from make_inf import driver_version, make_inf  # noqa: E402

# What the project's own version is.
VERSION = re.search(
    r"project\(pf_vdisplay VERSION ([\d.]+)", (HERE.parents[1] / "CMakeLists.txt").read_text()
)[1]


def sections(name, version=VERSION):
    text = make_inf(
        (HERE / f"{name}.inf.in").read_text(encoding="ascii"), version, datetime.date(2026, 3, 9)
    )
    parser = configparser.RawConfigParser(
        allow_no_value=True, delimiters=("=",), comment_prefixes=(";",), strict=True
    )
    parser.optionxform = str
    parser.read_string(text)
    return parser, text


class Version(unittest.TestCase):
    def test_the_projects_version_is_small(self):
        self.assertLessEqual(int(driver_version(VERSION).split(".")[0]), 15)

    def test_versions_have_four_parts(self):
        self.assertEqual(driver_version("0.1"), "0.1.0.0")
        self.assertEqual(driver_version("15.2.3.4"), "15.2.3.4")

    def test_large_or_broken_ones_are_refused(self):
        for text in ("99.8.8", "16.0", "0.70000", "1", "1.x", "1.2.3.4.5", ""):
            with self.subTest(text), self.assertRaises(ValueError):
                driver_version(text)


class Both(unittest.TestCase):
    def test_what_every_display_driver_has(self):
        for name in ("pf_vdisplay", "pf_wdmsim"):
            with self.subTest(name):
                inf, text = sections(name)
                self.assertNotIn("@", text)
                self.assertEqual(inf["Version"]["Class"], "Display")
                self.assertEqual(
                    inf["Version"]["ClassGuid"], "{4d36e968-e325-11ce-bfc1-08002be10318}"
                )
                self.assertEqual(
                    inf["Version"]["DriverVer"], f"03/09/2026,{driver_version(VERSION)}"
                )
                self.assertRegex(text, r"(?m)^%DeviceName% = Install,Root\\pf_vdisplay$")

    def test_every_section_and_string_that_is_named_is_there(self):
        for name in ("pf_vdisplay", "pf_wdmsim"):
            with self.subTest(name):
                inf, text = sections(name)
                for string in set(re.findall(r"%([A-Za-z]\w*)%", text)):
                    self.assertIn(string, inf["Strings"])
                for key in ("CopyFiles", "AddReg"):
                    for section in re.findall(rf"(?m)^{key} = (\w+)$", text):
                        self.assertIn(section, inf)
                for file in inf["SourceDisksFiles"]:
                    self.assertIn(file, inf["DriverFiles"])


class IddCx(unittest.TestCase):
    def setUp(self):
        self.inf, self.text = sections("pf_vdisplay")

    def test_the_models_are_of_this_windows_and_later(self):
        self.assertIn("Models.NTamd64.10.0...22000", self.inf)

    def test_the_user_mode_driver(self):
        wdf = self.inf["Install.NT.Wdf"]
        self.assertEqual(wdf["UmdfHostProcessSharing"], "ProcessSharingDisabled")
        self.assertEqual(wdf["UmdfKernelModeClientPolicy"], "AllowKernelModeClients")
        self.assertEqual(wdf["UmdfService"], "pf_vdisplay,Umdf")
        self.assertEqual(self.inf["Umdf"]["UmdfExtensions"], "IddCx0102")
        for section, needs in (("", ""), (".HW", ".HW"), (".Services", ".Services")):
            self.assertEqual(self.inf[f"Install.NT{section}"]["Needs"], f"WUDFRD.NT{needs}")

    def test_who_may_open_it_and_with_whom_it_shares(self):
        for line in (
            'HKR,,"UpperFilters",0x00010000,"IndirectKmd"',
            'HKR,,"Security",,"D:P(A;;GA;;;SY)(A;;GA;;;BA)"',
            'HKR,"WUDF","DeviceGroupId",,"pf-vdisplay"',
        ):
            self.assertIn(line, self.inf["Hardware"])
        self.assertEqual(self.inf["Version"]["PnpLockdown"], "1")
        self.assertEqual(self.inf["Version"]["CatalogFile"], "pf_vdisplay.cat")


class TestDriver(unittest.TestCase):
    def test_it_is_a_service_whose_nodes_share_a_process(self):
        inf, _ = sections("pf_wdmsim")
        self.assertEqual(inf["Service"]["LoadOrderGroup"], '"pf-vdisplay"')
        self.assertEqual(inf["Install.NTamd64.Services"]["AddService"], "pf_wdmsim,0x2,Service")


class Program(unittest.TestCase):
    def run_it(self, *arguments):
        return subprocess.run(
            [sys.executable, HERE / "make_inf.py", HERE / "pf_wdmsim.inf.in", *arguments],
            capture_output=True, text=True,
        )  # fmt: skip

    def test_a_file_has_the_line_ends_of_windows(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "x.inf"
            done = self.run_it("--version", "0.2.1", "--date", "2026-03-09", "-o", out)
            self.assertEqual(done.returncode, 0, done.stderr)
            data = out.read_bytes()
        self.assertIn(b"DriverVer = 03/09/2026,0.2.1.0\r\n", data)
        self.assertNotIn(b"\r\r", data)

    def test_a_version_that_is_too_large_is_one_line_and_no_file(self):
        done = self.run_it("--version", "99.1")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
