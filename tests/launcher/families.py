"""Families from the outside: every one from simulated data to the report, responses that they refuse,
responses as text, hints."""

import json
import math
import random

from support import Case, main

FAMILIES = ["bernoulli", "bernoulli(probit)", "bernoulli(cloglog)", "binomial", "binomial(probit)",
            "binomial(cloglog)", "poisson", "negbinomial", "student", "gamma", "beta", "lognormal",
            "zero_inflated_poisson", "zero_inflated_negbinomial", "hurdle_poisson",
            "hurdle_negbinomial", "hurdle_gamma", "hurdle_lognormal", "cumulative",
            "cumulative(probit)", "cumulative(cloglog)"]
STRUCTURES = {"pooled": "", "random_intercept": " + (1 | g)", "random_slope": " + (1 + x | g)",
              "crossed": " + (1 | g) + (1 | h)"}
PARAMETERS = {"cumulative": ["cut[1]", "cut[2]", "cut[3]"], "negbinomial": ["shape"], "student": ["sigma", "nu"], "gamma": ["shape"],
              "beta": ["phi"], "lognormal": ["sigma"], "zero_inflated_poisson": ["zi"],
              "zero_inflated_negbinomial": ["shape", "zi"], "hurdle_poisson": ["hu"],
              "hurdle_negbinomial": ["shape", "hu"], "hurdle_gamma": ["shape", "hu"],
              "hurdle_lognormal": ["sigma", "hu"]}
# Priors that make data as people have them.
PRIORS = {"sigma": "half_normal(1)", "nu": "gamma(20, 2)", "shape": "gamma(9, 3)",
          "phi": "gamma(9, 1)", "zi": "beta(4, 12)", "hu": "beta(4, 12)"}


def name_of(family):
    return family.split("(")[0]


class EveryFamily(Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        lines = ["x,n,g,h"] + [f"{draw.gauss(0, 1):.4f},{draw.randint(1, 9)},g{i % 8},h{i // 8 % 6}"
                               for i in range(64)]
        self.write("rows.csv", "\n".join(lines) + "\n")
        self.write("new.csv", "x,n,g,h\n0.5,3,g99,h0\n-1,2,g1,h99\n1,4,g98,h97\n")

    def run_through(self, family, model):
        name, terms = name_of(family), STRUCTURES[model]
        response = {"binomial": "y | trials(n)", "cumulative": "factor(y, levels = c(1, 2, 3, 4))"}
        formula = response.get(name, "y") + " ~ x" + terms
        middle = "cut ~ normal(0, 1)" if name == "cumulative" else "Intercept ~ normal(0.5, 0.3)"
        priors = [middle, "b ~ normal(0, 0.3)"]
        priors += [f"sd({g}) ~ half_normal(0.4)" for g in ("g", "h") if f"| {g})" in terms]
        priors += [f"{key} ~ {PRIORS[key]}" for key in PARAMETERS.get(name, []) if key in PRIORS]
        words = ["--family", family] + [w for prior in priors for w in ("--prior", prior)]
        self.succeed("simulate", "rows.csv", formula, *words, "--seed", "3", "--force", "-o", "sim.csv")
        out, _ = self.succeed("fit", "sim.csv", formula, *words, "--seed", "1", "--chains", "2",
                              "--warmup", "300", "--draws", "200",
                              "--force", "-o", "fit.h5", "--json")
        got = json.loads(out)
        self.assertEqual(got["model"], model)
        names = [p["name"] for p in got["parameters"]]
        for parameter in PARAMETERS.get(name, []):
            self.assertIn(parameter, names)
        # A short run may end in a finding; that each diagnostic knows the family is what is tested.
        ran = self.tarn("check", "fit.h5", "--json")
        self.assertIn(ran.returncode, (0, 6), ran.stderr.decode() + ran.stdout.decode())
        said = ran.stdout.decode()
        self.assertIn("elpd", said)
        tables = [table["name"] for one in json.loads(said)["diagnostics"] for table in one["tables"]]
        self.assertIn("maximum_likelihood", tables)
        self.assertIn("loo_pit", tables)
        self.assertEqual("calibration" in tables, name in ("bernoulli", "binomial", "beta"))
        # Log-concave rows of one factor are left out with its effects integrated out.
        integrated = model == "random_intercept" and name in ("bernoulli", "binomial", "poisson",
                                                              "negbinomial", "gamma", "cumulative")
        self.assertEqual("effects of g integrated out" in said, integrated)
        for wrong in ("group_variance", "normal one", "least squares", "OLS"):
            self.assertNotIn(wrong, said)
        self.succeed("report", "fit.h5", "--force", "-o", "fit.html")
        self.succeed("loglik", "fit.h5")
        self.succeed("predict", "fit.h5", "--force", "-o", "predicted.csv")
        self.succeed("predict", "fit.h5", "--scale", "link", "--force", "-o", "eta.csv")
        self.succeed("predict", "fit.h5", "new.csv", "--scale", "mean", "--new-groups", "average",
                     "--force", "-o", "average.csv")
        self.succeed("predict", "fit.h5", "--scale", "mean", "--force", "-o", "expected.csv")
        lines = self.read("expected.csv").decode().split()
        column = lines[0].split(",").index("mean")
        means = [float(line.split(",")[column]) for line in lines[1:]]
        self.assertEqual(len(means), 64)
        self.assertTrue(all(math.isfinite(mean) for mean in means))
        if name in ("bernoulli", "beta"):
            self.assertTrue(all(0 < mean < 1 for mean in means), means)
        elif name != "student":
            self.assertTrue(all(mean > 0 for mean in means), means)

    def test_every_structure(self):
        for model in STRUCTURES:
            with self.subTest(model=model):
                self.run_through("binomial", model)

    def test_compare(self):
        self.write("c.csv", "y,x\n" + "".join(f"{i * 7 % 5},{i % 3}\n" for i in range(40)))
        for family in ("poisson", "negbinomial"):
            self.succeed("fit", "c.csv", "y ~ x", "--family", family, "--seed", "1", "--force",
                         "-o", f"{family}.h5")
        out, _ = self.succeed("compare", "poisson.h5", "negbinomial.h5")
        self.assertIn("elpd", out)

    def test_calibration_of_a_small_one(self):
        self.succeed("sbc", "rows.csv", "y ~ x", "--family", "poisson", "--data-sets", "20", "--warmup", "200", "--draws", "200", "-o", "ranks.csv",
                     "--prior", "Intercept ~ normal(1, 0.5)", "--prior", "b ~ normal(0, 0.5)",
                     "--seed", "1")


def add(family, model):
    def test(self):
        self.run_through(family, model)
    setattr(EveryFamily, "test_" + family.replace("(", "_").rstrip(")") + "_" + model, test)


for number, each in enumerate(FAMILIES):
    add(each, list(STRUCTURES)[number % 4])


class Responses(Case):
    def refuse(self, words, sentence, code=3):
        ran = self.tarn("fit", *words, "--force", "-o", "fit.h5")
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertIn(sentence, ran.stderr.decode())

    def test_refusals_name_the_row_the_value_and_what_is_needed(self):
        self.write("t.csv", "TICKS,n,x\n" + "1,3,0\n" * 5 + "2,4,1\n" * 5 + "2.5,4,2\n5,4,2\n0,0,3\n")
        self.refuse(["t.csv", "TICKS ~ x", "--family", "poisson"],
                    "row 11: TICKS is 2.5; poisson needs whole numbers from 0")
        self.refuse(["t.csv", "TICKS ~ x", "--family", "bernoulli"],
                    "row 6: TICKS is 2; bernoulli needs 0 or 1, or a text column with two values")
        self.refuse(["t.csv", "TICKS ~ x", "--family", "binomial"],
                    "row 6: TICKS is 2; binomial needs 0 or 1 where there is one trial; more are given "
                    "by y | trials(n)")
        self.refuse(["t.csv", "TICKS ~ x", "--family", "beta"],
                    "row 1: TICKS is 1; beta needs numbers between 0 and 1, neither of them included")
        self.refuse(["t.csv", "TICKS ~ x", "--family", "gamma"],
                    "row 13: TICKS is 0; gamma needs numbers above 0")
        self.refuse(["t.csv", "TICKS | trials(x) ~ n", "--family", "poisson"],
                    "family 'poisson' cannot have this response: it does not declare that it takes "
                    "trials(), and might ignore them")
        self.write("m.csv", "y,n,x\n" + "1,3,0\n" * 5 + "2,4,1\n" * 5 + "5,4,2\n")
        self.refuse(["m.csv", "y | trials(n) ~ x", "--family", "binomial"],
                    "row 11: y is 5; binomial needs whole numbers from 0 to the row's trials, 4")

    def test_names_and_links(self):
        self.refuse(["d.csv", "y ~ x", "--family", "poison"], "did you mean 'poisson'?", 2)
        self.refuse(["d.csv", "y ~ x", "--family", "binomial(probbit)"],
                    "family 'binomial' has no link 'probbit'; did you mean 'probit'? it has: logit, "
                    "probit and cloglog", 2)
        self.write("p.csv", "y,x\n" + "".join(f"{1 + i % 5},{i % 4}\n" for i in range(40)))
        self.succeed("fit", "p.csv", "y ~ x", "--family", "Gamma", "--seed", "1", "-o", "g.h5")
        self.refuse(["d.csv", "y ~ x", "--family", "poisson(logit)"],
                    "family 'poisson' has no link 'logit'; ", 2)

    def text(self, words):
        return "use,x\n" + "".join(f"{words[i * 5 % 7 % len(words)]},{i % 4}\n" for i in range(28))

    def test_text_with_two_values(self):
        self.write("b.csv", self.text(["Y", "N"]))
        _, err = self.succeed("fit", "b.csv", "use ~ x", "--family", "bernoulli", "--seed", "1",
                              "--force", "-o", "fit.h5")
        self.assertIn("use: 1 is 'Y', 0 is 'N'", err)
        self.succeed("check", "fit.h5")
        out, _ = self.succeed("predict", "fit.h5", "--scale", "mean", "-o", "p.csv", "--force")
        self.write("new.csv", "x,use\n1,Y\n2,N\n")
        self.succeed("predict", "fit.h5", "new.csv", "--scale", "mean", "-o", "q.csv", "--force")
        self.write("numbers.csv", self.text(["1", "0"]))
        as_text = self.draws("b.csv")
        self.assertEqual(as_text, self.draws("numbers.csv"))
        self.write("logical.csv", self.text(["TRUE", "FALSE"]))
        self.assertEqual(as_text, self.draws("logical.csv"))

    def draws(self, file):
        out, _ = self.succeed("fit", file, "use ~ x", "--family", "bernoulli", "--seed", "1",
                              "--force", "-o", "fit.h5", "--json")
        return [(p["name"], p["mean"]) for p in json.loads(out)["parameters"]]

    def test_text_with_more_values(self):
        self.write("b.csv", self.text(["Y", "N", "?"]))
        self.refuse(["b.csv", "use ~ x", "--family", "bernoulli"],
                    "column 'use' has 3 values; a response as text needs two values")

    def test_hints(self):
        self.write("b.csv", self.text(["Y", "N"]))
        self.refuse(["b.csv", "use ~ x"], "--family bernoulli takes its two values as they are")
        for ones, hint in (("1", "--family bernoulli is for the probability of 1"),
                           ("2", "coded as 0 and 1, as in I(use == 2), --family bernoulli is for the "
                                 "probability of the second")):
            self.write("n.csv", self.text([ones, "0"]))
            out, err = self.succeed("fit", "n.csv", "use ~ x", "--seed", "1", "--force", "-o", "fit.h5")
            self.assertIn(hint, " ".join((out + err).split()))

    def test_all_zero_responses_and_no_trials(self):
        self.write("z.csv", "y,n,x\n" + "".join(f"0,{i % 3},{i % 4}\n" for i in range(24)))
        for formula, family in (("y ~ x", "bernoulli"), ("y ~ x", "poisson"), ("y ~ x", "negbinomial"),
                                ("y | trials(n) ~ x", "binomial")):
            out, _ = self.succeed("fit", "z.csv", formula, "--family", family, "--seed", "1",
                                  "--set", "target_accept=0.98", "--force", "-o", "fit.h5", "--json")
            row = json.loads(out)["parameters"][0]
            self.assertTrue(math.isfinite(row["mean"]) and row["mean"] < 0, row)

    def test_separation_single_rows_and_huge_counts(self):
        # The priors keep what the data alone would send to infinity.
        self.write("s.csv", "y,x,g\n" + "".join(f"{int(i >= 12)},{i - 11.5},g{i}\n" for i in range(24)))
        self.write("h.csv", "y,x,g\n" + "".join(f"{(900 + i * 37 % 200) * 1000000},{i % 4},g{i % 6}\n"
                                               for i in range(24)))
        for file, family, formula in (("s.csv", "bernoulli", "y ~ x"),
                                      ("s.csv", "bernoulli", "y ~ 1 + (1 | g)"),
                                      ("s.csv", "bernoulli(probit)", "y ~ x"),
                                      ("s.csv", "bernoulli(cloglog)", "y ~ x"),
                                      ("h.csv", "negbinomial", "y ~ x + (1 | g)"),
                                      ("h.csv", "poisson", "y ~ x")):
            with self.subTest(file=file, family=family, formula=formula):
                out, _ = self.succeed("fit", file, formula, "--family", family, "--seed", "1", "--chains",
                                      "2", "--warmup", "500", "--draws", "200", "--force", "-o",
                                      "fit.h5", "--json")
                for p in json.loads(out)["parameters"]:
                    self.assertTrue(math.isfinite(p["mean"]) and abs(p["mean"]) < 1000, p)

    def test_the_noise_of_a_logarithm_is_not_that_of_the_response(self):
        draw = random.Random(2)
        self.write("l.csv", "y,x\n" + "".join(f"{1e12 * math.exp(0.1 * draw.gauss(0, 1))},{i % 5}\n"
                                             for i in range(40)))
        self.succeed("fit", "l.csv", "y ~ x", "--family", "lognormal", "--seed", "1", "-o", "fit.h5")
        out, _ = self.succeed("check", "fit.h5", "noise")
        self.assertNotIn("exactly", out)
        self.write("l.csv", "y,x\n" + "".join(f"{math.exp(i % 5)},{i % 5}\n" for i in range(40)))
        ran = self.tarn("fit", "l.csv", "y ~ x", "--family", "lognormal", "--seed", "1", "--force",
                        "-o", "fit.h5")
        self.assertIn("the model fits the response exactly", ran.stdout.decode())

    def test_priors_are_on_the_link_s_scale(self):
        self.write("p.csv", "y,x\n" + "".join(f"{i % 5},{i % 4}\n" for i in range(40)))
        out, _ = self.succeed("priors", "p.csv", "y ~ x", "--family", "negbinomial")
        self.assertIn("normal(0.6994, 2.5)", out)  # log((80 + 1/2) / 40)
        self.assertIn("link of mean(y), 2.5", out)
        self.assertIn("inv_gamma(0.4, 0.3)", out)
        self.write("b.csv", self.text(["1", "0"]))
        out, _ = self.succeed("priors", "b.csv", "use ~ x", "--family", "bernoulli(probit)")
        self.assertIn("2.5 / 1.6", out)
        self.write("l.csv", "y,x\n" + "".join(f"{math.exp(i % 7 - 3)},{i % 4}\n" for i in range(28)))
        out, _ = self.succeed("priors", "l.csv", "y ~ x", "--family", "lognormal")
        self.assertIn("mean(log(y)), 2.5 sd(log(y))", out)
        self.assertIn("normal(0, 5.092)", out)  # 2.5 times the sd of -3, ..., 3, four times each


if __name__ == "__main__":
    main()
