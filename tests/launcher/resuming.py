"""Runs that go on: after a stop, a kill, in the warm-up, and for more draws."""

import hashlib
import json
import os
import signal
import subprocess
import time

import h5py

from support import Case, TARN, main

FIT = ["fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "--quiet"]
ENDLESS = [*FIT, "-o", "fit.h5", "--draws", "100000", "--thin", "5000", "--warmup", "10"]
SLOW_WARMUP = [*FIT, "-o", "fit.h5", "--sampler", "gibbs", "--draws", "100", "--warmup", "100000000"]


class Resuming(Case):
    def draws(self, name):
        with h5py.File(self.path(name), "r") as file:
            return {group + name: data[...].tobytes() for group in ("posterior", "sample_stats")
                    for name, data in file[group].items()
                    if data.ndim >= 2 and name not in ("draws_crc", "chain_state")}

    def start(self, *words):
        run = subprocess.Popen([TARN, *words], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(run.kill)
        return run

    def wait_for_draws(self, run):
        for _ in range(600):
            if os.path.exists(self.path("fit.h5.partial")):
                if self.tarn("summary", "fit.h5.partial").returncode == 0:
                    return
            self.assertIsNone(run.poll())
            time.sleep(0.1)
        self.fail("no draws in a minute")

    def refused(self, code, sentence, *words):
        ran = self.tarn(*words)
        self.assertEqual((ran.returncode, ran.stderr.decode()), (code, f"tarn: {sentence}\n"))

    def rewrite_config(self, name, change):
        with h5py.File(self.path(name), "r+") as file:
            config = json.loads(file["tarn_config"][()])
            change(config)
            text = json.dumps(config)
            file["tarn_config"][()] = text
            digest = hashlib.sha256(text.encode()).hexdigest()
            file.attrs.modify("tarn_config_sha256", digest.encode())

    def test_more_draws_are_those_of_a_longer_run(self):
        for sampler in ("collapsed", "nuts", "gibbs", "slice", "metropolis"):
            with self.subTest(sampler):
                self.succeed(*FIT, "--sampler", sampler, "--draws", "150", "-o", "a.h5", "--force")
                self.succeed("extend", "a.h5", "--draws", "100", "--threads", "1", "--quiet")
                self.succeed(*FIT, "--sampler", sampler, "--draws", "250", "-o", "b.h5", "--force")
                self.assertEqual(self.draws("a.h5"), self.draws("b.h5"))

    def test_a_stopped_run_says_what_goes_on(self):
        for number, code in ((signal.SIGTERM, 75), (signal.SIGINT, 130)):
            with self.subTest(number):
                run = self.start(*ENDLESS)
                self.wait_for_draws(run)
                run.send_signal(number)
                _, err = run.communicate(timeout=60)
                self.assertEqual(run.returncode, code)
                self.assertRegex(err.decode(), "they are in fit.h5, and tarn resume fit.h5 goes on\n$")
                before = self.draws_done("fit.h5")
                ran = self.tarn("resume", "fit.h5", "--max-time", "1s", "--quiet")
                self.assertEqual(ran.returncode, 75, ran.stderr)
                self.assertGreater(self.draws_done("fit.h5"), before)
                os.remove(self.path("fit.h5"))

    def draws_done(self, name):
        with h5py.File(self.path(name), "r") as file:
            return int(file["sample_stats/draws_done"][...].min())

    def test_a_stop_in_the_warm_up_can_be_gone_on_with(self):
        run = self.start(*SLOW_WARMUP)
        while not os.path.exists(self.path("fit.h5.partial")):
            self.assertIsNone(run.poll())
            time.sleep(0.1)
        time.sleep(1)
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 75, err)
        self.assertEqual(err.decode(), "tarn: ended by SIGTERM before every chain had a draw; tarn resume "
                                       "fit.h5.partial goes on\n")
        ran = self.tarn("resume", "fit.h5.partial", "--max-time", "1s")
        self.assertEqual(ran.returncode, 75)
        self.assertRegex(ran.stderr.decode(), r"going on after [\d,]+ of 100,000,000 transitions of the warm-up")

    def test_a_killed_run_can_be_recovered(self):
        run = self.start(*ENDLESS)
        self.wait_for_draws(run)
        self.refused(7, "another run is writing 'fit.h5'; wait for it, or choose another name with -o",
                     "resume", "fit.h5.partial")
        run.kill()
        run.communicate()
        done = self.draws_done("fit.h5.partial")
        _, err = self.succeed("recover", "fit.h5.partial")
        self.assertRegex(err, r"fit.h5 holds [\d,]+ draws? of each chain; to go on: tarn resume fit.h5\n$")
        self.assertGreaterEqual(self.draws_done("fit.h5"), done)
        self.assertNotIn("fit.h5.partial", self.files())

    def test_a_run_that_was_killed_while_it_went_on_replaces_what_it_went_on_from(self):
        words = ENDLESS[:-6] + ["--draws", "20", "--thin", "5000", "--warmup", "10"]
        self.succeed(*words, "--threads", "1")
        run = self.start("extend", "fit.h5", "--draws", "100000", "--quiet")
        self.wait_for_draws(run)
        run.kill()
        run.communicate()
        ran = self.tarn("resume", "fit.h5.partial", "--max-time", "1s", "--quiet")
        self.assertEqual((ran.returncode, self.files()), (75, ["d.csv", "fit.h5"]), ran.stderr)
        self.assertGreater(self.draws_done("fit.h5"), 20)
        self.succeed(*FIT, "--draws", "10", "-o", "other.h5")
        self.write("other.h5.partial", self.read("fit.h5"))
        self.refused(2, "'other.h5' exists, and 'other.h5.partial' is of another run; replace the former with "
                        "--force",
                     "resume", "other.h5.partial")

    def test_a_whole_file_is_left_as_it_is(self):
        self.succeed(*FIT, "--draws", "100", "-o", "a.h5")
        before = self.read("a.h5")
        for name in ("a.h5", "a.h5.partial"):
            _, err = self.succeed("resume", name)
            self.assertIn("a.h5 is whole, with all its 100 draws per chain; for more: tarn extend a.h5 "
                          "--draws N\n", err)
        self.assertEqual(self.read("a.h5"), before)

    def test_a_file_that_does_not_say_where_its_chains_stand_is_refused(self):
        self.succeed(*FIT, "--draws", "100", "-o", "a.h5")
        with h5py.File(self.path("a.h5"), "r+") as file:
            del file["sample_stats/chain_state"]
        ran = self.tarn("extend", "a.h5", "--draws", "10")
        self.assertEqual(ran.returncode, 3)
        self.assertRegex(ran.stderr.decode(), r"^tarn: 'a.h5' does not say where its chains stand \(tarn [\d.]+ "
                                              r"wrote it, in format 1.1\), so it cannot be gone on with; fit again\n$")

    def test_other_code_is_refused_by_name(self):
        self.succeed(*FIT, "--draws", "100", "-o", "a.h5")

        def change(config):
            config["tarn"] = "0.1.9"
            config["model"]["version"] = "7"
            config["sampler"]["sha256"] = "0"
        self.rewrite_config("a.h5", change)
        ran = self.tarn("extend", "a.h5", "--draws", "10")
        self.assertEqual(ran.returncode, 4)
        self.assertRegex(
            ran.stderr.decode(),
            r"^tarn: 'a.h5' cannot be gone on with to the same bits: it was begun by tarn 0.1.9, and this "
            r"is [\d.]+; model 'random_intercept' came from plugin random_intercept 7, and there is "
            r"random_intercept [\d.]+; sampler 'collapsed' came from another build of plugin collapsed "
            r"[\d.]+ \(its SHA-256 differs\); use what it was begun with, or fit again\n$")

    def test_what_is_missing_is_asked_for(self):
        self.refused(2, "tarn resume needs one chain file, for example: tarn resume radon.h5", "resume")
        self.refused(2, "how many more draws? For example: tarn extend radon.h5 --draws 1000, for each "
                        "chain", "extend", "a.h5")
        self.refused(2, "tarn recover needs one chain file, for example: tarn recover radon.h5.partial",
                     "recover")
        self.refused(2, "'a.h5' does not end in .partial; say with -o where the whole draws go",
                     "recover", "a.h5")
        self.refused(3, "there is no file 'a.h5'", "resume", "a.h5")


if __name__ == "__main__":
    main()
