"""tarn check: a finished fit is judged from its chain file alone."""

import json
import os
import signal
import subprocess
import time

from support import Case, PLUGINS, TARN, main, schools


class Check(Case):
    def fit(self, *words, formula="y ~ x + (1 | g)"):
        return self.succeed("fit", "d.csv", formula, "--seed", "7", "-o", "fit.h5", "--force", *words)

    def check(self, *words, code=0):
        ran = self.tarn("check", *words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode() + ran.stdout.decode())
        return ran.stdout.decode(), ran.stderr.decode()

    def test_the_chain_file_is_enough(self):
        self.fit()
        os.remove(self.path("d.csv"))
        out, err = self.check("fit.h5")
        for name in ["convergence: ", "autocorrelation: ", "information: "]:
            self.assertIn(name, out)
        self.assertTrue(out.endswith("verdict: the draws can be used\n"), out)
        self.assertEqual(err, "")
        self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_bad_draws_end_with_exit_code_6(self):
        self.fit("--draws", "10", "--sampler", "gibbs", "--warmup", "0")
        out, _ = self.check("fit.h5", code=6)
        self.assertTrue(out.endswith("verdict: do not use these draws yet\n"), out)
        out, _ = self.check("fit.h5", "--json", code=6)
        self.assertEqual(json.loads(out)["verdict"], "bad")

    def test_one_diagnostic_may_be_named(self):
        self.fit()
        out, _ = self.check("fit.h5", "autocorrelation", "--json")
        got = json.loads(out)
        self.assertEqual([d["name"] for d in got["diagnostics"]], ["autocorrelation"])
        [table] = got["diagnostics"][0]["tables"]
        self.assertIn("sigma", [row["name"] for row in table["rows"]])
        self.assertEqual(set(table["rows"][0]), {"name", "lag_1", "lag_5", "lag_10", "lag_50", "time"})

    def test_an_unknown_diagnostic_is_named_with_its_neighbour(self):
        self.fit()
        _, err = self.check("fit.h5", "autocorelation", code=2)
        self.assertIn("did you mean 'autocorrelation'", err)

    def test_without_the_model_s_plugin_the_draws_alone_are_judged(self):
        self.fit("--plugin-path", PLUGINS, "--model", "one_explodes", "--sampler", "gibbs",
                 formula="y ~ x")
        out, _ = self.check("fit.h5", code=0)
        self.assertIn("convergence: ", out)
        self.assertRegex(" ".join(out.split()),
                         "information does not apply: the model of 'fit.h5' cannot be made again: "
                         "there is no model 'one_explodes'")

    def test_an_unfinished_file_works_and_says_so(self):
        line = [TARN, "fit", "d.csv", "y ~ x + (1 | g)", "--draws", "4000000", "--sampler", "gibbs",
                "-o", "long.h5", "--seed", "1"]
        run = subprocess.Popen(line, cwd=self.folder, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=self.environment())
        try:
            deadline = time.monotonic() + 60
            while self.tarn("summary", "long.h5.partial").returncode != 0:
                self.assertLess(time.monotonic(), deadline, "no draw within a minute")
                time.sleep(0.05)
        finally:
            run.send_signal(signal.SIGKILL)
            run.wait()
        ran = self.tarn("check", "long.h5.partial", "convergence")
        self.assertIn(ran.returncode, (0, 6))
        self.assertRegex(ran.stderr.decode(), r"long.h5.partial was left by a run that was killed, with [\d,]+ of 4,000,000 draws")

    def test_files_that_are_no_chain_files_are_refused(self):
        self.check("none.h5", code=3)
        self.check("d.csv", code=3)
        self.check(code=2)

    def test_true_values_must_be_numbers(self):
        self.fit()
        self.write("truth.json", '{"b[x]": "half"}')
        _, err = self.check("fit.h5", "--truth", "truth.json", code=3)
        self.assertIn("holds no true values", err)

    def test_what_a_formula_learnt_and_priors_come_back(self):
        self.write("d.csv", schools(rows=90))
        self.fit("--prior", "b ~ normal(0, 1)", "--prior", "sd(g) ~ exponential(1)", "--center", "no",
                 formula="y ~ poly(x, 2) + exp(center(x)) + (1 + scale(x) | g)")
        out, _ = self.check("fit.h5", "information", "--json")
        self.assertTrue(json.loads(out)["diagnostics"][0]["applies"], out)


if __name__ == "__main__":
    main()
