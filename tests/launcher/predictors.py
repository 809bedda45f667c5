"""Formulas for parameters of a family, from the command line to the report."""

import json
import math
import random

from support import Case, main

QUICK = ["--seed", "1", "--draws", "300", "--warmup", "300", "--chains", "2", "--force", "-o", "fit.h5"]


def uneven(rows=240, seed=3):
    """y = 1 + 0.5 x + effect of g + noise, whose sd is exp(-0.5 + 0.6 x); f and g are labels."""
    draw = random.Random(seed)
    effects = [draw.gauss(0, 0.5) for _ in range(8)]
    lines = ["y,x,f,g"]
    for i in range(rows):
        x = draw.gauss(0, 1)
        y = 1 + 0.5 * x + effects[i % 8] + math.exp(-0.5 + 0.6 * x) * draw.gauss(0, 1)
        lines.append(f"{y:.5f},{x:.5f},{'abc'[i % 3]},g{i % 8}")
    return "\n".join(lines) + "\n"


class Predictors(Case):
    def setUp(self):
        super().setUp()
        self.write("u.csv", uneven())

    def fit(self, *words):
        out, err = self.succeed("fit", "u.csv", *words, *QUICK, "--json")
        return json.loads(out), err

    def refused(self, code, sentence, *words):
        ran = self.tarn(*words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertIn(sentence, ran.stderr.decode())

    def means(self, got):
        return {p["name"]: p["mean"] for p in got["parameters"]}

    def test_coefficients_stand_in_the_place_of_the_parameter(self):
        got, _ = self.fit("y ~ x + (1 | g)", "sigma ~ x")
        self.assertEqual((got["model"], got["sampler"]), ("random_intercept", "collapsed"))
        means = self.means(got)
        self.assertEqual(list(means), ["b[Intercept]", "b[x]", "b_sigma[Intercept]", "b_sigma[x]",
                                       "sd_g[Intercept]"])
        # 240 rows: log sigma has a standard deviation of 0.046, its slope the same.
        self.assertLess(abs(means["b_sigma[Intercept]"] + 0.5), 0.2)
        self.assertLess(abs(means["b_sigma[x]"] - 0.6), 0.2)

    def test_formulas_may_stand_in_options_and_files(self):
        by_words, _ = self.fit("y ~ x", "sigma ~ x")
        by_options = json.loads(self.succeed("fit", "u.csv", "--formula", "y ~ x", "--formula",
                                             "sigma ~ x", *QUICK, "--json")[0])
        self.write("c.ini", "formula = y ~ x\nformula = sigma ~ x\n")
        by_file = json.loads(self.succeed("fit", "u.csv", "--config", "c.ini", *QUICK, "--json")[0])
        self.assertEqual(by_words["parameters"], by_options["parameters"])
        self.assertEqual(by_words["parameters"], by_file["parameters"])

    def test_what_the_formulas_become_is_shown(self):
        out, _ = self.succeed("formula", "u.csv", "y ~ x", "sigma ~ scale(x)+f + (1|g)")
        self.assertIn("formula       y ~ x\nterms         1 and x\ncolumns       Intercept and x\n"
                      "formula       sigma ~ scale(x) + f + (1 | g)\npredicts      log(sigma)\n"
                      "terms         1, scale(x) and f\ncolumns       Intercept, scale(x), fb and fc\n"
                      "group terms   (1 | g)\n", out)
        self.assertEqual(out.count("rows  "), 1)
        got = json.loads(self.succeed("formula", "u.csv", "y ~ x", "sigma ~ f", "--json")[0])
        self.assertEqual(got["columns"], ["Intercept", "x"])
        self.assertEqual(got["predictors"][0]["formula"], "sigma ~ f")
        self.assertEqual(got["predictors"][0]["columns"], ["Intercept", "fb", "fc"])

    def test_priors_are_shown_and_given_on_the_link(self):
        words = ["priors", "u.csv", "y ~ x", "sigma ~ x + (1 + x | g)", "--prior",
                 "b_sigma[x] ~ normal(0, 0.3)", "--prior", "sd_sigma(g, x) ~ half_normal(0.2)"]
        out, _ = self.succeed(*words)
        self.assertRegex(out, r"student_t\(3, \S+, 2.5\) +default: log\(sd\(y\)\), 2.5, at the means")
        self.assertRegex(out, r"b_sigma\[x\] +normal\(0, 0.3\) +given")
        self.assertIn("the intercept's prior is on the intercept at the covariates' means", out)
        got = json.loads(self.succeed(*words, "--json")[0])
        self.assertEqual(got["further_formulas"], ["sigma ~ x + (1 + x | g)"])
        priors = {p["key"]: (p["density"], p["at_means"]) for p in got["priors"]}
        self.assertEqual(list(priors), ["Intercept", "b[x]", "Intercept_sigma", "b_sigma[x]",
                                        "sd_sigma(g, Intercept)", "sd_sigma(g, x)", "cor_sigma(g)"])
        self.assertEqual(priors["b_sigma[x]"], ("normal(0, 0.3)", False))
        self.assertTrue(priors["Intercept_sigma"][1])
        self.assertEqual(priors["sd_sigma(g, Intercept)"], ("half_student_t(3, 0, 1)", True))
        self.assertEqual(priors["sd_sigma(g, x)"], ("half_normal(0.2)", False))
        self.refused(3, "the model has no parameter 'sigma'; ", "priors", "u.csv", "y ~ x",
                     "sigma ~ x", "--prior", "sigma ~ half_normal(1)")
        self.refused(3, "scaled_normal", "priors", "u.csv", "y ~ x", "sigma ~ x", "--prior",
                     "b ~ scaled_normal(0, 1)")

    def test_everything_after_the_fit_knows_them(self):
        self.fit("y ~ x + (1 | g)")
        self.succeed("fit", "u.csv", "y ~ x + (1 | g)", "sigma ~ x", *QUICK[:-2], "-o", "uneven.h5")
        ran = self.tarn("check", "uneven.h5")
        said = " ".join(ran.stdout.decode().split())
        self.assertIn(ran.returncode, (0, 6), said + ran.stderr.decode())
        self.assertIn("elpd", said)
        self.assertIn("not judged: what groups would be alone is told by a fit of each with the same "
                      "sigma for all rows, and here it has a formula", said)
        out, _ = self.succeed("compare", "fit.h5", "uneven.h5", "--json")
        # Noise that differs threefold between the quartiles of x: some 0.2 for each of 240 rows.
        best = json.loads(out)["fits"][0]
        self.assertIn("uneven", best["name"])
        self.assertEqual(best["elpd_diff"], 0)
        ran = self.tarn("report", "uneven.h5", "-o", "r.html")
        self.assertIn(ran.returncode, (0, 6), ran.stderr.decode())
        self.assertIn("y ~ x + (1 | g); sigma ~ x", self.read("r.html").decode())
        self.succeed("sensitivity", "uneven.h5")

    def test_a_fit_goes_on_where_it_ended(self):
        words = ["u.csv", "y ~ x + (1 | g)", "sigma ~ poly(x, 2)", "--seed", "1", "--warmup", "200",
                 "--chains", "2", "--quiet"]
        self.succeed("fit", *words, "--draws", "100", "-o", "long.h5")
        self.succeed("fit", *words, "--draws", "60", "-o", "short.h5")
        self.succeed("extend", "short.h5", "--draws", "40", "--quiet")
        summaries = [self.succeed("summary", name, "--all", "--json")[0] for name in
                     ("long.h5", "short.h5")]
        tables = [json.loads(text)["parameters"] for text in summaries]
        self.assertEqual(*tables)

    def test_new_rows_have_their_own_noise(self):
        self.fit("y ~ x", "sigma ~ scale(x) + f")
        fitted = json.loads(self.succeed("predict", "fit.h5", "--json")[0])["rows"]
        again = json.loads(self.succeed("predict", "fit.h5", "u.csv", "--json")[0])["rows"]
        for row in again:
            del row["at"]  # the columns of the file
        self.assertEqual(fitted, again)
        self.write("new.csv", "x,f\n-2,a\n2,a\n0,\n")
        rows = json.loads(self.succeed("predict", "fit.h5", "new.csv", "--json")[0])["rows"]
        # exp(-0.5 - 1.2) = 0.18 and exp(-0.5 + 1.2) = 2, and what is not known of them.
        self.assertLess(rows[0]["sd"], 0.4)
        self.assertGreater(rows[1]["sd"], 1.2)
        self.assertEqual(rows[2]["missing"], "f is missing")
        self.write("worse.csv", "x,f\n0,d\n")
        self.refused(3, "'d'", "predict", "fit.h5", "worse.csv")
        self.write("lacks.csv", "x\n0\n")
        self.refused(3, "sigma ~ scale(x) + f", "predict", "fit.h5", "lacks.csv")

    def test_groups_of_a_parameter(self):
        got, _ = self.fit("y ~ x", "sigma ~ x + (1 | g)")
        self.assertEqual(got["sampler"], "nuts")
        self.assertIn("sd_g__sigma[Intercept]", self.means(got))
        names = [p["name"] for p in json.loads(
            self.succeed("summary", "fit.h5", "--all", "--json")[0])["parameters"]]
        self.assertIn("r_g__sigma[g3,Intercept]", names)
        self.write("new.csv", "x,g\n0,g1\n0,new\n")
        self.refused(3, "the fit has not seen the level 'new' of 'g'", "predict", "fit.h5", "new.csv")
        for how in ("sample", "population"):
            rows = json.loads(self.succeed("predict", "fit.h5", "new.csv", "--new-groups", how,
                                           "--json")[0])["rows"]
            self.assertEqual(len(rows), 2)
            self.assertGreater(rows[1]["sd"], 0.3)
        self.succeed("predict", "fit.h5", "new.csv", "--no-groups", "--json")

    def test_data_are_simulated_with_them(self):
        self.succeed("simulate", "--design", "rows: 4000; x: normal(0, 1)", "y ~ x", "sigma ~ x",
                     "--true", "b = 0", "--true", "b_sigma[Intercept] = 0", "--true",
                     "b_sigma[x] = 1", "-o", "s.csv", "--seed", "2")
        rows = [line.split(",") for line in self.read("s.csv").decode().splitlines()]
        x, y = (rows[0].index(name) for name in ("x", "y"))
        scaled = [float(r[y]) / math.exp(float(r[x])) for r in rows[1:]]
        # The variance of 4000 standard normals is 1 within 0.022, four and a half of which are 0.1.
        self.assertLess(abs(sum(z * z for z in scaled) / len(scaled) - 1), 0.1)
        words = ["--design", "rows: 30; x: normal(0, 1)", "y ~ x", "sigma ~ x", "--prior",
                 "Intercept_sigma ~ normal(0, 0.5)", "--prior", "b_sigma ~ normal(0, 0.3)"]
        out, _ = self.succeed("sbc", *words, "--data-sets", "20", "--seed", "1", "-o", "sbc.csv",
                              "--quiet", "--json")
        self.assertIn("b_sigma[x]", out)
        ran = self.tarn("sbc", *words[:3], "sigma ~ 1", *words[4:6], "--data-sets", "20", "--seed",
                        "1", "-o", "sbc.csv", "--quiet")
        self.assertEqual(ran.returncode, 2, ran.stderr.decode())

    def test_a_response_without_noise_is_told(self):
        self.write("exact.csv", "y,x\n" + "".join(f"{2 * i + 3},{i}\n" for i in range(30)))
        self.succeed("fit", "exact.csv", "y ~ x", "sigma ~ x", "--sampler", "pivot",
                     "--warmup", "100", "--draws", "40", "--chains", "2", "--seed", "1", "--quiet",
                     "-o", "exact.h5")
        ran = self.tarn("check", "exact.h5", "noise")
        self.assertEqual(ran.returncode, 6, ran.stdout.decode())
        said = " ".join(ran.stdout.decode().split())
        self.assertIn("the model fits the response exactly: the standard deviation of the residuals "
                      "is ", said)
        self.assertIn("which is rounding error", said)
        self.fit("y ~ x", "sigma ~ x")
        self.assertNotIn("exactly", self.succeed("check", "fit.h5", "noise")[0])

    def test_what_cannot_be_predicted_is_said(self):
        self.refused(3, "'sgima ~ ...': family 'gaussian' has no parameter 'sgima' to predict; did "
                        "you mean 'sigma'? those that may have a formula: sigma",
                     "fit", "u.csv", "y ~ x", "sgima ~ x")
        self.refused(3, "'sigma ~ ...': family 'bernoulli' has no parameter 'sigma' to predict; it "
                        "has none that may have a formula",
                     "fit", "u.csv", "I(y > 1) ~ x", "sigma ~ x", "--family", "bernoulli")
        self.refused(3, "'sigma ~ ...': family 'gaussian' has no parameter 'sigma' to predict; it "
                        "has none that may have a formula: its standard errors are known",
                     "fit", "u.csv", "y | se(exp(x)) ~ x", "sigma ~ x")
        self.refused(3, "model 'group_variance' cannot take this formula: each of its groups has a "
                        "sigma of its own, which no further formula can predict; leave 'sigma ~ "
                        "...' out, or write sigma ~ ... + (1 | g) with another model",
                     "fit", "u.csv", "y ~ x + (1 | g)", "sigma ~ x", "--model", "group_variance")
        self.refused(4, "sampler 'gibbs' needs full_conditionals/1",
                     "fit", "u.csv", "y ~ x", "sigma ~ x", "--sampler", "gibbs")
        self.refused(3, "two formulas are for sigma: 'sigma ~ x' and 'sigma ~ f'; give one",
                     "fit", "u.csv", "y ~ x", "sigma ~ x", "sigma ~ f")


if __name__ == "__main__":
    main()
