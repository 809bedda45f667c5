"""Runs that end early: signals and --max-time, with what was drawn kept."""

import json
import os
import signal
import subprocess
import time

from support import Case, TARN, main

ENDLESS = ["fit", "d.csv", "y ~ x + (1 | g)", "-o", "fit.h5", "--draws", "100000", "--thin", "5000",
           "--warmup", "10", "--seed", "1"]


class Stopping(Case):
    def start(self, *words):
        """Starts a run without an end, and waits until its first draws can be read."""
        run = subprocess.Popen([TARN, *ENDLESS, *words], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(run.kill)
        for _ in range(600):
            if os.path.exists(self.path("fit.h5.partial")):
                seen = self.tarn("summary", "fit.h5.partial", "--json")
                if seen.returncode == 0:
                    return run
            self.assertIsNone(run.poll(), run.stderr.read() if run.poll() is not None else "")
            time.sleep(0.1)
        self.fail("no draws in a minute")

    def stop(self, number, code, words):
        run = self.start()
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, code, err)
        self.assertRegex(err.decode(), words + r" after [\d,]+ draws? per chain; they are in fit.h5")
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])
        out, err = self.succeed("summary", "fit.h5", "--json")
        got = json.loads(out)
        self.assertEqual(got["chains"], 4)
        self.assertGreater(got["draws"], 0)

    def test_sigint_keeps_the_draws(self):
        self.stop(signal.SIGINT, 130, "interrupted")

    def test_sigterm_keeps_the_draws(self):
        self.stop(signal.SIGTERM, 75, "ended by SIGTERM")

    def test_a_run_that_goes_on_can_be_summarised(self):
        self.start()
        out, err = self.succeed("summary", "fit.h5.partial")
        self.assertIn("fit.h5.partial is unfinished: ", err)
        self.assertIn("sigma", out)

    def test_a_second_run_with_the_same_name_is_refused(self):
        self.start()
        ran = self.tarn(*ENDLESS)
        self.assertEqual(ran.returncode, 7)
        self.assertIn(b"another run", ran.stderr)

    def test_time_that_is_up_keeps_the_draws(self):
        ran = self.tarn(*ENDLESS, "--max-time", "1s")
        self.assertEqual(ran.returncode, 75, ran.stderr.decode())
        self.assertRegex(ran.stderr.decode(), r"time is up after [\d,]+ draws? per chain")
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])
        self.assertIn(b"sigma", ran.stdout)


if __name__ == "__main__":
    main()
