"""What is said of files whose run goes on, was stopped or was killed, and of new runs beside them."""

import os
import signal
import subprocess
import time

from support import Case, TARN, main

FIT = ["fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "--quiet", "-o", "fit.h5"]
LONG = [*FIT, "--draws", "300", "--thin", "5000", "--warmup", "10"]
ENDLESS = [*FIT, "--draws", "100000", "--thin", "5000", "--warmup", "10"]
SLOW_WARMUP = [*FIT, "--sampler", "gibbs", "--draws", "100", "--warmup", "100000000"]
READ = {
    "summary": ["summary", "FILE"],
    "check": ["check", "FILE"],
    "compare": ["compare", "FILE", "other.h5"],
    "predict": ["predict", "FILE"],
    "report": ["report", "FILE", "-o", "r.html", "--force"],
    "sensitivity": ["sensitivity", "FILE"],
}
DRAWS = r"[\d,]+ of (300|100,000) draws per chain"


class Unfinished(Case):
    def start(self, *words):
        """Starts a run, and waits until every chain has draws."""
        run = subprocess.Popen([TARN, *words], cwd=self.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=self.environment())
        self.addCleanup(run.kill)
        while self.tarn("summary", "fit.h5.partial").returncode != 0:
            self.assertIsNone(run.poll(), "the run has ended")
            time.sleep(0.05)
        return run

    def kill(self, run, number=signal.SIGKILL):
        run.send_signal(number)
        run.wait()

    def left(self, *words):
        self.kill(self.start(*(words or ENDLESS)))

    def fit_other(self, name="other.h5", *words):
        self.succeed("fit", "d.csv", "y ~ (1 | g)", "--seed", "1", "--quiet", "-o", name, *words)

    def said_of(self, file, pattern):
        """Every command that reads says so, in these words alone."""
        for command, words in READ.items():
            with self.subTest(command):
                ran = self.tarn(*(file if word == "FILE" else word for word in words))
                self.assertIn(ran.returncode, (0, 6), ran.stderr)
                about = [line for line in ran.stderr.decode().splitlines() if "fit.h5" in line]
                self.assertRegex("\n".join(about), f"^{pattern}$")

    def refused(self, code, sentence, *words):
        ran = self.tarn(*words)
        self.assertEqual((ran.returncode, ran.stderr.decode()), (code, f"tarn: {sentence}\n"))

    def test_a_run_that_goes_on(self):
        self.fit_other()
        run = self.start(*ENDLESS)
        self.said_of("fit.h5.partial", f"fit.h5.partial is unfinished: {DRAWS} are there, and a run is writing it")
        busy = "another run is writing 'fit.h5'; wait for it, or choose another name with -o"
        for words in (FIT, [*FIT, "--force"], ["resume", "fit.h5.partial"], ["recover", "fit.h5.partial"]):
            self.refused(7, busy, *words)
        self.refused(3, "'fit.h5.partial' is unfinished; wait for its run", "loglik", "fit.h5.partial")
        self.kill(run)

    def test_a_run_that_replaces_a_file(self):
        self.fit_other()
        self.fit_other("fit.h5")
        run = self.start(*ENDLESS, "--force")
        self.said_of("fit.h5", "a run is writing fit.h5.partial, which will take the place of fit.h5")
        self.kill(run)
        self.said_of("fit.h5", "beside fit.h5 lies fit.h5.partial, which was left by a run that was killed; to "
                               "go on with that: tarn resume fit.h5.partial --force")
        self.refused(2, "'fit.h5' exists, and beside it 'fit.h5.partial', which was left by a run that was "
                        "killed; go on with that (tarn resume fit.h5.partial), choose another name with -o, or "
                        "replace both with --force", *FIT)
        self.refused(2, "'fit.h5' exists, and 'fit.h5.partial' is of another run; replace the former with "
                        "--force", "resume", "fit.h5.partial")
        for words in (["resume", "fit.h5"], ["extend", "fit.h5", "--draws", "5"]):
            self.refused(2, "beside 'fit.h5' lies 'fit.h5.partial', which was left by a run that was killed, of "
                            "another fit; go on with that (tarn resume fit.h5.partial --force), or with "
                            "'fit.h5' and without that (--force)", *words)
        self.assertEqual(self.files(), [".fit.h5.lock", "d.csv", "fit.h5", "fit.h5.partial", "other.h5", "r.html"])

    def test_a_killed_run(self):
        self.fit_other()
        self.left()
        self.said_of("fit.h5.partial", f"fit.h5.partial was left by a run that was killed, with {DRAWS}; to go "
                                       "on: tarn resume fit.h5.partial")
        self.refused(7, "'fit.h5.partial' was left by a run that was killed, and no run is writing it; go on "
                        "with it (tarn resume fit.h5.partial), or replace it with --force", *FIT)
        self.refused(3, "'fit.h5.partial' is unfinished; go on with it (tarn resume fit.h5.partial), or cut it "
                        "to the draws that are whole (tarn recover fit.h5.partial)", "loglik", "fit.h5.partial")

    def test_a_killed_run_is_told_of_before_data_are_read(self):
        self.left()
        os.remove(self.path("d.csv"))
        self.assertEqual(self.tarn(*FIT).returncode, 7)

    def test_a_run_killed_in_its_warm_up(self):
        run = subprocess.Popen([TARN, *SLOW_WARMUP], cwd=self.folder, env=self.environment(),
                               stderr=subprocess.DEVNULL)
        self.addCleanup(run.kill)
        while not os.path.exists(self.path("fit.h5.partial")):
            self.assertIsNone(run.poll())
            time.sleep(0.05)
        for words in (["summary"], ["check"], ["predict"]):
            self.refused(3, "'fit.h5.partial' holds no draws yet; wait for its run, or fit again", *words,
                         "fit.h5.partial")
        self.kill(run)
        for words in (["summary"], ["check"], ["predict"]):
            self.refused(3, "'fit.h5.partial' was left by a run that was stopped or killed before every chain "
                            "had a draw; to go on: tarn resume fit.h5.partial", *words, "fit.h5.partial")

    def test_a_stopped_run_and_one_that_goes_on_with_it(self):
        self.fit_other()
        self.kill(self.start(*LONG), signal.SIGTERM)
        self.said_of("fit.h5", f"fit.h5 is unfinished: {DRAWS} are there; to go on: tarn resume fit.h5")
        self.left("resume", "fit.h5")
        self.said_of("fit.h5", rf"fit.h5 is unfinished: {DRAWS} are there\nbeside fit.h5 lies fit.h5.partial, "
                               "which was left by a run that was killed; to go on with that: tarn resume "
                               "fit.h5.partial")
        self.refused(2, "'fit.h5.partial' was left by a run that was killed and holds more of the same draws; "
                        "finish it first: tarn resume fit.h5.partial", "extend", "fit.h5", "--draws", "5")
        _, err = self.succeed("resume", "fit.h5", "--quiet")
        self.assertEqual(err, "going on with fit.h5.partial, which holds more of the same run\n")
        self.assertEqual(self.draws("fit.h5"), 300)
        self.assertNotIn("fit.h5.partial", self.files())

    def draws(self, name):
        import h5py
        with h5py.File(self.path(name), "r") as file:
            return int(file["sample_stats/draws_done"][...].min())


if __name__ == "__main__":
    main()
