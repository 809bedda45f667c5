"""The sampler laplace from the outside: everything that shows its draws says that they are approximate."""

import json
import math
import random

from support import Case, main

FORMULA = "y | trials(n) ~ x + (1 | g)"
NOT_REWEIGHTED = ("not reweighted: k-hat {} is above 0.7, so how far they are from the posterior cannot "
                  "be told; fit with another sampler")


def words(text):
    return " ".join(text.split())


class Laplace(Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(7)
        lines = ["y,n,x,g"]
        effects = [draw.gauss(0, 0.7) for _ in range(12)]
        for i in range(240):
            x, n = draw.gauss(0, 1), 5
            p = 1 / (1 + math.exp(-(0.3 + 0.5 * x + effects[i % 12])))
            lines.append(f"{sum(draw.random() < p for _ in range(n))},{n},{x:.4f},g{i % 12}")
        self.write("many.csv", "\n".join(lines) + "\n")
        lines = ["y,row"]  # one effect for each row of small counts
        for i in range(150):
            rate, y = math.exp(draw.gauss(-0.5, 1.5)), 0
            while (rate := rate - draw.expovariate(1)) > 0:
                y += 1
            lines.append(f"{y},r{i}")
        self.write("single.csv", "\n".join(lines) + "\n")

    def fit(self, *more, out="fit.h5"):
        return self.succeed("fit", "many.csv", FORMULA, "--family", "binomial", "--sampler", "laplace",
                            "--seed", "1", "-o", out, "--force", *more)

    def single(self):
        return self.succeed("fit", "single.csv", "y ~ 1 + (1 | row)", "--family", "poisson", "--sampler",
                            "laplace", "--seed", "1", "-o", "single.h5", "--force")

    def test_a_fit_says_that_it_is_approximate(self):
        out, err = self.fit()
        self.assertRegex(err, r"\nplan: approximate: independent draws; 1 hyperparameter: gridded density; "
                              r"14 latent variables; k-hat 0\.\d\d: reweighted, efficiency 0\.\d\d\n")
        self.assertIn("\nverdict: the draws can be used as an approximation\n", out)
        self.assertRegex(words(out), r"note approximate: independent draws of an approximation, reweighted by "
                                     r"the exact density \(k-hat 0\.\d\d, reliable up to 0\.7\), worth "
                                     r"[12],\d{3} effective draws; another sampler draws from the posterior "
                                     "itself")
        self.assertNotIn("R-hat", out)

    def test_every_command_says_so(self):
        self.fit()
        out, _ = self.succeed("summary", "fit.h5")
        self.assertIn("\nverdict: the draws can be used as an approximation\n", out)
        self.assertIn("fit.h5: model random_intercept by laplace (approximate), 4 chains", out)
        out, _ = self.succeed("summary", "fit.h5", "--json")
        got = json.loads(out)
        self.assertTrue(got["approximate"])
        self.assertIsNone(got["parameters"][0]["rhat"])
        self.assertEqual(got["verdict"], "notes")
        ran = self.tarn("check", "fit.h5")
        self.assertIn("verdict: the draws can be used as an approximation\n", ran.stdout.decode())
        self.assertIn("note approximate: ", words(ran.stdout.decode()))
        out, _ = self.succeed("check", "fit.h5", "convergence", "--json")
        self.assertTrue(json.loads(out)["approximate"])
        self.succeed("report", "fit.h5", "-o", "fit.html")
        page = self.read("fit.html").decode()
        self.assertIn("The draws can be used as an approximation</h2>", page)
        self.assertIn("approximate: independent draws; 1 hyperparameter", page)

    def test_other_fits_are_not_called_so(self):
        out, _ = self.succeed("fit", "many.csv", FORMULA, "--family", "binomial", "--seed", "1", "-o",
                              "exact.h5", "--json")
        self.assertFalse(json.loads(out)["approximate"])

    def test_draws_that_are_not_reweighted_are_bad(self):
        out, err = self.single()
        self.assertRegex(err, r"k-hat \d\.\d\d above 0\.7: not reweighted\n")
        self.assertIn("\nverdict: do not use these approximate draws\n", out)
        self.assertRegex(words(out), "bad approximate: independent draws of an approximation, " +
                         NOT_REWEIGHTED.format(r"\d\.\d\d"))
        ran = self.tarn("check", "single.h5", "convergence")
        self.assertEqual(ran.returncode, 6)

    def test_threads_do_not_change_a_bit(self):
        self.fit("--threads", "1", out="one.h5")
        self.fit("--threads", "2", out="two.h5")
        one, two = (self.succeed("summary", name, "--all", "--json")[0].replace(name, "")
                    for name in ("one.h5", "two.h5"))
        for got in (one, two):
            self.assertIn('"parameters"', got)
        self.assertEqual(json.loads(one)["parameters"], json.loads(two)["parameters"])

    def test_more_draws_are_those_of_a_longer_run(self):
        self.fit("--draws", "100", out="short.h5")
        self.succeed("extend", "short.h5", "--draws", "100")
        self.fit("--draws", "200", out="long.h5")
        one, two = (json.loads(self.succeed("summary", name, "--all", "--json")[0])["parameters"]
                    for name in ("short.h5", "long.h5"))
        self.assertEqual(one, two)

    def test_effective_draws_cannot_be_asked_for(self):
        ran = self.tarn("fit", "many.csv", FORMULA, "--family", "binomial", "--sampler", "laplace",
                        "--target-ess", "1000", "-o", "fit.h5")
        self.assertEqual(ran.returncode, 2)
        self.assertTrue(ran.stderr.decode().endswith(
            "tarn: --target-ess is for draws of the posterior, and sampler 'laplace' draws from an "
            "approximation; say how many draws: --draws N\n"), ran.stderr.decode())
        self.fit("--draws", "100")
        ran = self.tarn("extend", "fit.h5", "--draws", "100", "--target-ess", "1000")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: --target-ess is for draws of the posterior, and sampler 'laplace' draws from "
                         "an approximation; say how many draws: --draws N\n")

    def test_normal_rows_need_no_approximation(self):
        ran = self.tarn("fit", "d.csv", "y ~ x + (1 | g)", "--sampler", "laplace", "-o", "fit.h5")
        self.assertEqual(ran.returncode, 4)
        self.assertEqual(ran.stderr.decode().splitlines()[-1],
                         "tarn: sampler 'laplace' needs pivot/1, which model 'random_intercept' does not "
                         "offer with these priors; samplers that fit it: collapsed, gibbs, nuts, slice, "
                         "metropolis")

    def test_without_a_warm_up_there_are_no_points(self):
        ran = self.tarn("fit", "many.csv", FORMULA, "--family", "binomial", "--sampler", "laplace",
                        "--warmup", "0", "-o", "fit.h5")
        self.assertEqual(ran.returncode, 5)
        self.assertIn("laplace draws its points in the first transition of the warm-up, and there is none; "
                      "take --warmup 1", ran.stderr.decode())


main()
