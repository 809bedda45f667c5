"""What is written, and what never is: links, files that appear meanwhile, outputs of a run that goes on."""

import os
import resource
import signal
import subprocess
import time

from support import Case, TARN, main

ENDLESS = ["fit", "d.csv", "y ~ x + (1 | g)", "-o", "fit.h5", "--draws", "100000", "--thin", "5000",
           "--warmup", "10", "--seed", "1"]


class Running(Case):
    def start(self, *words, wait_for="fit.h5.partial"):
        run = subprocess.Popen([TARN, *(words or ENDLESS)], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(run.communicate)
        self.addCleanup(run.kill)
        for _ in range(600):
            if os.path.exists(self.path(wait_for)) and self.tarn("summary", wait_for).returncode == 0:
                return run
            self.assertIsNone(run.poll())
            time.sleep(0.1)
        self.fail("no draws in a minute")

    def fit(self, name="fit.h5", *more):
        return self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "-o", name, "--draws", "200", "--seed",
                            "1", "--quiet", *more)


class Outputs(Running):
    def test_force_does_not_touch_a_run_that_goes_on(self):
        run = self.start()
        for more in ([], ["--force"]):
            ran = self.tarn(*ENDLESS, *more)
            self.assertEqual((ran.returncode, ran.stderr.decode().splitlines()[-1]),
                             (7, "tarn: another run is writing 'fit.h5'; wait for it, or choose another "
                                 "name with -o"))
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130)
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_what_a_killed_run_left_is_named_as_such(self):
        run = self.start()
        run.kill()
        run.wait()
        ran = self.tarn(*ENDLESS)
        self.assertEqual(ran.returncode, 7)
        self.assertEqual(ran.stderr.decode().splitlines()[-1],
                         "tarn: 'fit.h5.partial' was left by a run that was killed, and no run is "
                         "writing it; go on with it (tarn resume fit.h5.partial), or replace it with "
                         "--force")
        self.fit("fit.h5", "--force")
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_readers_lock_as_they_like_while_a_run_goes_on(self):
        try:
            import h5py
        except ImportError:
            self.skipTest("there is no h5py")
        self.start()
        os.environ.pop("HDF5_USE_FILE_LOCKING", None)
        with h5py.File(self.path("fit.h5.partial")) as file:  # locks by default
            self.assertEqual(file["posterior/sigma"].shape, (4, 100000))

    def test_an_output_that_appears_meanwhile_is_left_as_it_is(self):
        run = self.start()
        self.write("fit.h5", "mine")
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 7)
        self.assertIn("tarn: 'fit.h5' appeared while this was being written, and is left as it is; all "
                      "draws are safe in 'fit.h5.partial': rename it", err.decode())
        self.assertEqual(self.read("fit.h5"), b"mine")
        self.succeed("summary", "fit.h5.partial")

    def test_links_that_lie_in_wait_are_not_followed(self):
        self.fit()
        self.write("victim", "precious")
        for name in ("r.html", "p.csv", "p.h5", "s.csv", "s.json"):
            os.symlink("victim", self.path(name + ".partial"))
        self.succeed("report", "fit.h5", "-o", "r.html")
        self.succeed("predict", "fit.h5", "-o", "p.csv")
        self.succeed("predict", "fit.h5", "-o", "p.h5")
        self.succeed("simulate", "d.csv", "y ~ x", "-o", "s.csv", "--seed", "1")
        self.succeed("report", "fit.h5", "-o", "r2.html", "--figures", "figures")
        self.assertEqual(self.read("victim"), b"precious")
        self.assertEqual([name for name in self.files() if name.startswith(".")], [])

    def test_a_link_of_the_outputs_name_is_replaced_and_not_written_through(self):
        self.fit()
        self.write("victim", "precious")
        for name, words in (("r.html", ["report", "fit.h5"]), ("p.csv", ["predict", "fit.h5"]),
                            ("p.h5", ["predict", "fit.h5"]),
                            ("f.h5", ["fit", "d.csv", "y ~ x", "--quiet", "--seed", "1"])):
            os.symlink("victim", self.path(name))
            self.assertEqual(self.tarn(*words, "-o", name).returncode, 2)
            self.succeed(*words, "-o", name, "--force")
            self.assertFalse(os.path.islink(self.path(name)))
        os.symlink("nowhere", self.path("dangling.csv"))
        self.assertEqual(self.tarn("predict", "fit.h5", "-o", "dangling.csv").returncode, 2)
        self.assertEqual(self.read("victim"), b"precious")

    def test_fits_of_one_name_have_folders_of_figures_each(self):
        for folder in ("a", "b"):
            os.mkdir(self.path(folder))
            self.fit(f"{folder}/fit.h5")
        self.succeed("report", "a/fit.h5", "b/fit.h5", "-o", "r.html", "--figures", "figures")
        folders = [f for f in os.listdir(self.path("figures"))
                   if os.path.isdir(self.path(f"figures/{f}"))]
        self.assertEqual(sorted(folders), ["fit", "fit_2"])
        self.assertEqual(sorted(os.listdir(self.path("figures/fit"))),
                         sorted(os.listdir(self.path("figures/fit_2"))))

    def test_a_file_that_grows_too_large_is_said(self):
        self.fit()
        for words in (["report", "fit.h5", "-o", "r.html"], ["predict", "fit.h5", "-o", "p.csv"],
                      ["predict", "fit.h5", "-o", "p.h5"],
                      ["fit", "d.csv", "y ~ x", "-o", "big.h5", "--seed", "1"]):
            ran = subprocess.run([TARN, *words], cwd=self.folder, capture_output=True,
                                 env=self.environment(), timeout=120, preexec_fn=lambda:
                                 resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)))
            self.assertEqual(ran.returncode, 7, ran)
            self.assertRegex(ran.stderr.decode(), "File too large|may write 2.0 kB at most")
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_threads_that_the_system_refuses_are_no_bug(self):
        os.chmod(self.folder, 0o777)

        def alone(limit):
            def prepare():
                if os.geteuid() == 0:  # who has no limit
                    os.setgroups([])
                    os.setgid(65534)
                    os.setuid(65534)
                if limit:
                    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
            return prepare

        def run(*words, limit=True):
            return subprocess.run([TARN, *words], cwd=self.folder, capture_output=True, timeout=120,
                                  env=self.environment(), preexec_fn=alone(limit))

        try:
            plain = run("fit", "d.csv", "y ~ x", "-o", "t.h5", "--quiet", "--seed", "1", limit=False)
        except PermissionError:
            self.skipTest("another user cannot run tarn here")
        if plain.returncode != 0:
            self.skipTest("another user cannot run tarn here")
        ran = run("fit", "d.csv", "y ~ x", "-o", "u.h5")
        self.assertEqual(ran.returncode, 7, ran)
        self.assertIn(b"tarn: warning: the system cannot start a thread (Resource temporarily unavailable): a signal "
                      b"will end this run without its draws being collected", ran.stderr)
        self.assertIn(b"tarn: the system refuses to start a thread", ran.stderr)
        for words in (["summary", "t.h5"], ["check", "t.h5"], ["predict", "t.h5"], ["loglik", "t.h5"]):
            self.assertEqual(run(*words).returncode, 0, words)


class Signals(Running):
    def stopped_in_set_up(self, number, code, words):
        """Standard input that never ends: the run is still reading."""
        run = subprocess.Popen([TARN, "fit", "-", "y ~ x", "-o", "late.h5"], cwd=self.folder,
                               stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        run.stdin.write(b"y,x\n1,2\n")
        run.stdin.flush()
        with open(f"/proc/{run.pid}/status", encoding="ascii") as _:
            pass
        for _ in range(600):  # until its thread waits for signals
            with open(f"/proc/{run.pid}/status", encoding="ascii") as status:
                blocked = [line for line in status if line.startswith("SigBlk")][0]
            if int(blocked.split()[1], 16) & (1 << (number - 1)):
                break
            time.sleep(0.05)
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
        self.assertEqual((run.returncode, err.decode()), (code, f"tarn: {words} before the first draw; "
                                                                "no file is left\n"))
        self.assertEqual(self.files(), ["d.csv"])

    def test_each_signal_in_set_up(self):
        self.stopped_in_set_up(signal.SIGINT, 130, "interrupted")
        self.stopped_in_set_up(signal.SIGTERM, 75, "ended by SIGTERM")
        self.stopped_in_set_up(signal.SIGHUP, 75, "ended by SIGHUP")

    def test_a_hang_up_keeps_the_draws(self):
        run = self.start()
        run.send_signal(signal.SIGHUP)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 75)
        self.assertRegex(err.decode(),
                         r"ended by SIGHUP after [\d,]+ draws? per chain; they are in fit.h5")
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])


class Plugins(Case):
    def test_a_configuration_file_adds_no_plugin_folders(self):
        self.write("c.ini", "plugin-path = evil\n")
        ran = self.tarn("fit", "d.csv", "y ~ x", "--config", "c.ini")
        self.assertEqual((ran.returncode, ran.stderr.decode()),
                         (2, "tarn: c.ini: 'plugin-path' cannot be set in a configuration file; give "
                             "--plugin-path, or set TARN_PLUGIN_PATH\n"))


if __name__ == "__main__":
    main()
