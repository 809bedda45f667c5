"""Signals to commands that write: nothing half-written, what was there is as it was."""

import os
import random
import signal
import subprocess
import time

from support import Case, TARN, main

SIGNALS = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 75, "ended by SIGTERM"),
           (signal.SIGHUP, 75, "ended by SIGHUP")]


class Signals(Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(1)
        self.write("big.csv", "y,x,g\n" + "".join(
            f"{draw.gauss(0, 1):.5f},{draw.gauss(0, 1):.5f},g{i % 50}\n" for i in range(20000)))
        self.succeed("fit", "big.csv", "y ~ x + (1 | g)", "--seed", "1", "--quiet", "-o", "fit.h5", "--draws",
                     "2000")

    def stop(self, words, number):
        """Sends a signal as soon as it is waited for."""
        run = subprocess.Popen([TARN, *words], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(run.kill)
        while run.poll() is None:
            with open(f"/proc/{run.pid}/status", encoding="ascii") as status:
                blocked = next((line for line in status if line.startswith("SigBlk")), "SigBlk: 0")
            if int(blocked.split()[1], 16) & (1 << (number - 1)):
                break
            time.sleep(0.001)
        run.send_signal(number)
        _, err = run.communicate(timeout=60)
        return run.returncode, err.decode()

    def check(self, *words, out):
        self.write(out, "what was there before") if out != "fit.h5" else None
        before, files = self.read(out), self.files()
        for number, code, word in SIGNALS:
            with self.subTest(words=words, number=number):
                got = self.stop([*words, "--force"] if out != "fit.h5" else words, number)
                self.assertEqual(got[0], code, got[1])
                self.assertEqual(got[1].splitlines()[-1], f"tarn: {word} before it was done; no file is left "
                                                          "half-written")
                self.assertEqual(self.files(), files)
                self.assertEqual(self.read(out), before)

    def test_predictions(self):
        self.check("predict", "fit.h5", "-o", "p.h5", out="p.h5")
        self.check("predict", "fit.h5", "-o", "p.csv", out="p.csv")

    def test_the_log_likelihood(self):
        self.check("loglik", "fit.h5", out="fit.h5")

    def test_a_report(self):
        self.check("report", "fit.h5", "-o", "r.html", out="r.html")

    def test_simulated_data(self):
        self.check("simulate", "big.csv", "y ~ x + (1 | g)", "--seed", "1", "-o", "s.csv", out="s.csv")

    def test_calibration_goes_on_where_it_was_stopped(self):
        words = ["sbc", "--design", "g: 6 levels x 4", "y ~ 1 + (1 | g)", "--seed", "1", "--data-sets", "40",
                 "--quiet", "-o", "c.csv"]
        self.tarn(*words)
        whole = self.read("c.csv")
        for number, code, word in SIGNALS:
            with self.subTest(number):
                os.remove(self.path("c.csv"))
                got, err = self.stop(words, number)
                self.assertEqual(got, code, err)
                self.assertRegex(err, rf"^tarn: {word} after \d+ data sets?; the same command goes on from c.csv\n$")
                self.assertTrue(whole.startswith(self.read("c.csv")))
                self.tarn(*words)
                self.assertEqual(self.read("c.csv"), whole)


if __name__ == "__main__":
    main()
