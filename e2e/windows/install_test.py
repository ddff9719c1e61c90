"""pfvd driver install, status, restart, reap, remove, with the test driver and Wine's SetupAPI. What
there is, the registry says: an enumeration of its own."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import harness
from harness import BIN, NODE, wait_until, windows_path

PACKAGING = Path(__file__).resolve().parents[2] / "packaging" / "windows"
ENUM = r"HKLM\SYSTEM\CurrentControlSet\Enum\ROOT\DISPLAY"
STORES = r"HKLM\SOFTWARE\Microsoft\SystemCertificates"
DISPLAY_CLASS = "{4d36e968-e325-11ce-bfc1-08002be10318}"
PHANTOM = r"ROOT\DISPLAY\0042"
# Exit codes of pfvd.
FAILED, NO_DRIVER, MISMATCH = 1, 3, 4


class InstallTest(harness.WineTest):
    NODES = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = Path(tempfile.mkdtemp(prefix="pf-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)

    def setUp(self):
        super().setUp()
        self.addCleanup(self.remove_all)

    def remove_all(self):
        self.run_program("pfvd", "driver", "remove")
        self.remove()  # Wine keeps the process of a driver without devices

    # -- what an install is given --------------------------------------------------------------

    def package(self, version="0.1.0", driver=None):
        """The path of an INF, the driver beside it."""
        folder = self.folder / f"{self.id()}-{version}"
        folder.mkdir(exist_ok=True)
        inf = folder / "pf_wdmsim.inf"
        subprocess.run(
            [sys.executable, PACKAGING / "make_inf.py", PACKAGING / "pf_wdmsim.inf.in",
             "--version", version, "-o", inf], check=True,
        )  # fmt: skip
        if driver is None:
            shutil.copy(BIN / "pf_wdmsim.sys", folder)
        else:
            (folder / "pf_wdmsim.sys").write_bytes(driver)
        return windows_path(inf)

    def certificate(self, name):
        """(path, thumbprint) of a new one; all have the same subject."""
        pem = self.folder / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-keyout", os.devnull, "-out", pem, "-subj", "/CN=pf-vdisplay e2e"],
            check=True, capture_output=True,
        )  # fmt: skip
        told = subprocess.run(
            ["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha1"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return windows_path(pem), told.strip().rpartition("=")[2].replace(":", "")

    def add_phantom(self):
        """What the registry keeps of a device that is gone."""
        key = ENUM + "\\" + PHANTOM.rpartition("\\")[2]
        for name, kind, value in (
            ("Class", "REG_SZ", "Display"),
            ("ClassGUID", "REG_SZ", DISPLAY_CLASS),
            ("HardwareID", "REG_MULTI_SZ", r"Root\pf_vdisplay"),
            ("Phantom", "REG_DWORD", 1),
        ):
            self.reg("add", key, "/v", name, "/t", kind, "/d", value, "/f")

    # -- what there is -----------------------------------------------------------------------------

    def reg(self, *arguments):
        code, out, err = self.run_program("reg", *arguments)
        self.assertEqual(code, 0, f"{arguments}\n{out}\n{err}")
        return out

    def nodes(self):
        """(live, phantom): numbers of the registry's keys of our hardware id."""
        code, out, _ = self.run_program("reg", "query", ENUM, "/s")
        keys = re.split(r"(?m)^HKEY_LOCAL_MACHINE.*\\ROOT\\DISPLAY\\(\d{4})\s*$", out)
        ours = [text for text in keys[2::2] if r"Root\pf_vdisplay" in text] if code == 0 else []
        phantoms = sum(1 for text in ours if re.search(r"Phantom\s+REG_DWORD\s+0x1", text))
        return len(ours) - phantoms, phantoms

    def active(self):
        return sorted(name for name, active in self.interfaces().items() if active)

    def packages(self):
        folder = Path(self.prefix.path) / "drive_c" / "windows" / "inf"
        return [
            path.name for path in folder.glob("*.inf")
            if b"pf_vdisplay" in path.read_bytes()
        ]  # fmt: skip

    def trusts(self, thumbprint):
        """In how many of the two stores."""
        return sum(
            self.run_program("reg", "query", rf"{STORES}\{store}\Certificates\{thumbprint}")[0] == 0
            for store in ("Root", "TrustedPublisher")
        )

    def driver(self, verb, *arguments, expect=0):
        return self.run_json("pfvd", "driver", verb, *arguments, "--json", expect=expect)

    def status(self):
        code, out, err = self.run_program("pfvd", "driver", "status", "--json")
        self.assertEqual(code, 0, err)
        return harness.json.loads(out)


class Installing(InstallTest):
    def test_once_and_again(self):
        inf = self.package()
        self.assertEqual(self.nodes(), (0, 0))
        report = self.driver("install", "--inf", inf)
        self.assertTrue(report["changed"])
        self.assertEqual(report["driver_version"], "0.1.0.0")
        self.assertEqual((self.nodes(), self.active()), ((1, 0), [NODE]))
        pid = self.driver_pid()
        again = self.driver("install", "--inf", inf)
        self.assertEqual((again["changed"], again["steps"]), (False, []))
        self.assertEqual((self.nodes(), self.active()), ((1, 0), [NODE]))
        self.assertEqual(self.driver_pid(), pid)

    def test_a_phantom_does_not_count(self):
        self.add_phantom()
        self.assertEqual(self.nodes(), (0, 1))
        inf = self.package()
        for changed in (True, False):
            self.assertEqual(self.driver("install", "--inf", inf)["changed"], changed)
            self.assertEqual((self.nodes(), self.active()), ((1, 1), [NODE]))
        self.assertEqual(
            {node["id"]: node["present"] for node in self.status()["nodes"]},
            {NODE: True, PHANTOM: False},
        )

    def test_a_phantom_beside_a_live_one(self):
        inf = self.package()
        self.driver("install", "--inf", inf)
        self.add_phantom()
        self.assertFalse(self.driver("install", "--inf", inf)["changed"])
        self.assertEqual((self.nodes(), self.active()), ((1, 1), [NODE]))

    def test_a_node_that_never_had_a_driver_does_not_count(self):
        self.tool("phantom")
        self.driver("install", "--inf", self.package())
        # Wine gives every node of the id its driver, so that both live.
        self.assertEqual(self.nodes(), (2, 0))
        self.assertTrue(self.active())

    def test_a_new_version_comes_onto_the_same_node(self):
        self.driver("install", "--inf", self.package("0.1.0"))
        report = self.driver("install", "--inf", self.package("0.2.0"))
        self.assertTrue(report["changed"])
        self.assertEqual((self.nodes(), self.active()), ((1, 0), [NODE]))
        (node,) = self.status()["nodes"]
        self.assertEqual(node["driver_version"], "0.2.0.0")

    def test_a_driver_that_cannot_start_is_taken_back(self):
        inf = self.package(driver=b"no driver at all")
        path, thumbprint = self.certificate("unused")
        code, _, err = self.run_program(
            "pfvd", "driver", "install", "--inf", inf, "--certificate", path
        )
        self.assertEqual(code, NO_DRIVER, err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertIn("does not answer", err)
        self.assertIn("nothing was left behind", err)
        self.assertEqual((self.nodes(), self.packages()), ((0, 0), []))
        self.assertEqual(self.trusts(thumbprint), 0)

    def test_what_is_no_package_changes_nothing(self):
        for wrong in (r"Z:\nowhere\pf.inf", r"C:\windows\system.ini"):
            code, _, err = self.run_program("pfvd", "driver", "install", "--inf", wrong)
            self.assertEqual(code, FAILED, err)
            self.assertEqual(len(err.strip().splitlines()), 1, err)
        self.assertEqual((self.nodes(), self.packages()), ((0, 0), []))

    def test_one_that_speaks_another_protocol(self):
        inf = self.package()
        self.driver("install", "--inf", inf)
        self.set_at_start("Protocol", 9)
        self.kill_driver()
        self.start_driver()
        told = self.driver("install", "--inf", inf, expect=MISMATCH)
        self.assertEqual(told["exit_code"], MISMATCH)
        self.assertEqual(self.nodes(), (1, 0))


class Certificates(InstallTest):
    def test_the_newest_of_a_subject_is_trusted_and_a_removal_forgets_it(self):
        inf = self.package()
        first, first_print = self.certificate("first")
        second, second_print = self.certificate("second")
        self.driver("install", "--inf", inf, "--certificate", first)
        self.assertEqual(self.trusts(first_print), 2)
        self.driver("install", "--inf", inf, "--certificate", second)
        self.assertEqual((self.trusts(first_print), self.trusts(second_print)), (0, 2))
        self.assertFalse(self.driver("install", "--inf", inf, "--certificate", second)["changed"])
        self.driver("remove")
        self.assertEqual(self.trusts(second_print), 0)


class Afterwards(InstallTest):
    def test_a_removal_takes_everything(self):
        self.add_phantom()
        self.driver("install", "--inf", self.package())
        self.assertEqual(len(self.packages()), 1)
        report = self.driver("remove")
        self.assertEqual((report["failures"], report["restart_pending"]), ([], False))
        self.assertEqual((self.nodes(), self.packages(), self.active()), ((0, 0), [], []))
        self.assertEqual(self.status(), {"nodes": [], "packages": []})
        self.assertEqual(self.driver("remove")["steps"], [])

    def test_it_can_be_installed_after_a_removal(self):
        inf = self.package()
        for _ in range(3):
            self.driver("install", "--inf", inf)
            self.assertEqual((self.nodes(), self.active()), ((1, 0), [NODE]))
            self.driver("remove")
            self.assertEqual(self.nodes(), (0, 0))

    def test_phantoms_are_reaped_and_the_live_one_stays(self):
        self.driver("install", "--inf", self.package())
        self.add_phantom()
        self.assertEqual(self.driver("reap")["steps"], [f"removed {PHANTOM}"])
        self.assertEqual((self.nodes(), self.active()), ((1, 0), [NODE]))
        self.assertEqual(self.driver("reap")["steps"], [])

    def test_the_status_of_a_live_a_hidden_and_a_dead_one(self):
        self.driver("install", "--inf", self.package())
        (node,) = self.status()["nodes"]
        self.assertEqual(
            (node["present"], node["started"], node["problem"], node["interface_active"]),
            (True, True, 0, True),
        )
        self.set(harness.INTERFACE, 0)
        (node,) = self.status()["nodes"]
        self.assertEqual((node["present"], node["interface_active"]), (True, False))
        code, out, _ = self.run_program("pfvd", "driver", "status")
        self.assertEqual(code, 0)
        self.assertIn(NODE, out)

    def test_a_dead_driver_is_restarted(self):
        self.driver("install", "--inf", self.package())
        self.kill_driver()
        wait_until(
            lambda: self.run_program("pfvd", "driver", "restart", "--instance", NODE)[0] == 0,
            "the service manager has seen the death and starts it again",
        )
        wait_until(lambda: self.active() == [NODE], "it is there again")

    def test_nothing_to_restart(self):
        code, _, err = self.run_program("pfvd", "driver", "restart")
        self.assertEqual(code, NO_DRIVER, err)


if __name__ == "__main__":
    unittest.main()
