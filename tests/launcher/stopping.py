"""Runs that end early: signals and --max-time, with what was drawn kept."""

import json
import os
import resource
import signal
import subprocess
import time

from support import Case, PLUGINS, TARN, main

# Promises in seconds are tested at ten times their limit; with TARN_STRICT=1 at their limit.
SLACK = 1 if os.environ.get("TARN_STRICT") == "1" else 10
MANY = ["fit", "d.csv", "y ~ x + (1 | g)", "-o", "fit.h5", "--seed", "1"]
MISBEHAVING = ["fit", "d.csv", "y ~ 1", "-o", "fit.h5", "--seed", "1", "--plugin-path", PLUGINS,
               "--sampler", "gibbs", "--chains", "4", "--model"]

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

    def timed(self, *words, **more):
        begun = time.monotonic()
        ran = self.tarn(*words, **more)
        return ran, time.monotonic() - begun

    def test_a_time_limit_is_kept_whatever_is_asked_for(self):
        for sampler in ("collapsed", "gibbs", "nuts"):
            for draws in ("1000000", "5000000"):
                with self.subTest(sampler, draws=draws):
                    ran, seconds = self.timed(*MANY, "--draws", draws, "--sampler", sampler, "--max-time", "2s",
                                              "--force")
                    self.assertEqual(ran.returncode, 75, ran.stderr.decode())
                    self.assertLess(seconds, 3 * SLACK)
                    self.assertEqual(self.files(), ["d.csv", "fit.h5"])
                    self.assertIn(b"verdict", ran.stdout)

    def test_time_that_is_up_before_the_first_draw_leaves_nothing(self):
        ran, seconds = self.timed(*MISBEHAVING, "slow_to_start", "--max-time", "1s")
        self.assertEqual(ran.returncode, 75)
        self.assertRegex(ran.stderr.decode(), "tarn: time is up before the first draw; no file is left\n$")
        self.assertLess(seconds, 2 * SLACK)
        self.assertEqual(self.files(), ["d.csv"])

    def test_sigterm_is_heard_at_any_moment(self):
        """From the first instruction to the last draw; what is left is nothing or what it says."""
        for step in range(12):
            with self.subTest(step):
                run = subprocess.Popen([TARN, *MANY, "--draws", "1000000"], cwd=self.folder,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
                self.addCleanup(run.kill)
                time.sleep(0.05 + 0.01 * 1.6 ** step)
                run.send_signal(signal.SIGTERM)
                begun = time.monotonic()
                _, err = run.communicate(timeout=60)
                self.assertLess(time.monotonic() - begun, 1 * SLACK)
                self.assertEqual(run.returncode, 75, err)
                if b"no file is left" in err:
                    self.assertEqual(self.files(), ["d.csv"])
                    continue
                self.assertRegex(err.decode(), "tarn resume fit.h5(.partial)? goes on")
                left = "fit.h5.partial" if b"tarn resume fit.h5.partial" in err else "fit.h5"
                self.assertEqual(self.files(), ["d.csv", left])
                if b"before every chain had a draw" not in err:
                    self.succeed("summary", left)
                os.remove(self.path(left))

    def test_draws_that_take_long_to_cut_are_left_and_gone_on_with(self):
        run = subprocess.Popen([TARN, *MANY, "--draws", "5000000"], cwd=self.folder, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(run.kill)
        while run.poll() is None and not os.path.exists(self.path("fit.h5.partial")):
            time.sleep(0.1)
        time.sleep(4)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 130, err)
        self.assertRegex(err.decode(), r"interrupted after [\d,]+ draws per chain; to cut them to the same draw "
                                       r"would take a while, so they are left in fit.h5.partial: tarn resume "
                                       r"fit.h5.partial goes on, tarn recover fit.h5.partial cuts\n$")
        self.assertEqual(self.files(), ["d.csv", "fit.h5.partial"])
        ran = self.tarn("resume", "fit.h5.partial", "--max-time", "10s")
        self.assertEqual(ran.returncode, 75, ran.stderr)
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_a_chain_that_does_not_return_is_named_and_left_out(self):
        for threads in ("1", "2", "4"):
            with self.subTest(threads):
                ran, seconds = self.timed(*MISBEHAVING, "one_sleeps", "--max-time", "3s", "--threads", threads,
                                          "--json", "--force")
                err = ran.stderr.decode()
                self.assertEqual(ran.returncode, 75, err)
                self.assertLess(seconds, 5 * SLACK)
                self.assertRegex(err, r"chain 1: sampler 'gibbs' did not return from step\(\) in [\d.]+ s; it is left "
                                      r"out, the other chains are kept")
                self.assertIn("time is up after 1,000 draws per chain; they are in fit.h5", err)
                self.assertEqual(json.loads(ran.stdout)["chains"], 3)
                self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_where_no_chain_returns_nothing_is_left(self):
        ran, seconds = self.timed(*MISBEHAVING, "sleepy", "--max-time", "2s")
        self.assertEqual(ran.returncode, 5, ran.stderr)
        self.assertLess(seconds, 3 * SLACK)
        self.assertRegex(ran.stderr.decode(), r"tarn: all 4 chains failed, and no file is left; chain 1: sampler "
                                              r"'gibbs' did not return from (warm_up|step)\(\) in [\d.]+ s\n$")
        self.assertEqual(self.files(), ["d.csv"])

    def test_a_target_of_effective_draws_ends_at_the_same_draw_on_any_number_of_threads(self):
        counts = set()
        for threads in ("1", "3"):
            ran = self.tarn("fit", "d.csv", "y ~ x + (1 | g)", "--sampler", "nuts", "--seed", "1", "--target-ess",
                            "3000", "--threads", threads, "-o", f"{threads}.h5")
            err = ran.stderr.decode()
            self.assertEqual(ran.returncode, 75, err)
            self.assertRegex(err, r"every parameter is worth 3,000 effective draws \(estimated from the draws that "
                                  r"decide when to stop, so a little too high\) after [\d,]+ draws per chain; they are "
                                  rf"in {threads}.h5")
            got = json.loads(self.succeed("summary", f"{threads}.h5", "--all", "--json")[0])
            counts.add(got["draws"])
            self.assertGreaterEqual(min(min(p["ess_bulk"], p["ess_tail"]) for p in got["parameters"]), 3000)
        self.assertEqual(len(counts), 1)
        # And those draws are the first ones of a run without a target.
        self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--sampler", "nuts", "--seed", "1", "--draws",
                     str(counts.pop()), "-o", "plain.h5")
        self.assertEqual(self.numbers("1.h5"), self.numbers("plain.h5"))
        self.assertEqual(self.numbers("3.h5"), self.numbers("plain.h5"))

    def test_going_on_counts_the_draws_that_are_there(self):
        fit = ("fit", "d.csv", "y ~ x + (1 | g)", "--sampler", "nuts", "--seed", "1")
        at_once = self.tarn(*fit, "--target-ess", "3000", "--draws", "15000", "-o", "a.h5")
        self.assertEqual(at_once.returncode, 75, at_once.stderr)
        self.succeed(*fit, "--draws", "200", "-o", "b.h5")
        gone_on = self.tarn("extend", "b.h5", "--draws", "14800", "--target-ess", "3000")
        self.assertEqual(gone_on.returncode, 75, gone_on.stderr)
        self.assertEqual(self.numbers("a.h5"), self.numbers("b.h5"))
        # Where there are enough, none is drawn and none is lost.
        before = self.numbers("b.h5")
        ran = self.tarn("resume", "b.h5", "--target-ess", "100")
        self.assertEqual(ran.returncode, 75, ran.stderr)
        self.assertIn(b"every parameter is worth 100 effective draws", ran.stderr)
        self.assertEqual(self.numbers("b.h5"), before)

    def numbers(self, name):
        return json.loads(self.succeed("summary", name, "--all", "--json")[0])["parameters"]

    def test_a_target_that_is_not_reached_is_told(self):
        _, err = self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "--target-ess", "100000", "--draws",
                              "500", "-o", "fit.h5")
        self.assertIn("fewer than 100,000 effective draws after all 500 draws per chain; more: tarn extend fit.h5 "
                      "--draws 500", err)

    def test_what_memory_cannot_hold_is_refused_before_the_first_draw(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

        ran = subprocess.run([TARN, *MANY, "--draws", "20000000", "--thin", "1"], cwd=self.folder,
                             capture_output=True, env=self.environment(), preexec_fn=limit, timeout=60)
        self.assertEqual(ran.returncode, 7, ran.stderr)
        self.assertRegex(ran.stderr.decode(), r"tarn: judging 20,000,000 draws of 4 chains needs [\d.]+ GB "
                                              r"of memory, and there are [\d.]+ GB; keep fewer draws \(--draws, --thin\)")
        self.assertEqual(self.files(), ["d.csv"])


if __name__ == "__main__":
    main()
