"""Data at the edge of what families can have: each is fitted, with the same answer from both exact
engines, or refused in one sentence."""

import json
import math
import random

from support import Case, main

ENGINES = ["collapsed", "pivot"]


class Edges(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(3)

    def rows(self, response, rows=160, groups=8, header="y,x,g"):
        """`response(i, x)`: the first cells of a row."""
        lines = [header]
        for i in range(rows):
            x = round(self.random.gauss(0, 1), 3)
            lines.append(f"{response(i, x)},{x},g{i % groups}")
        self.write("data.csv", "\n".join(lines) + "\n")

    def coin(self, p):
        return int(self.random.random() < p)

    def fit(self, family, engine, formula="y ~ x + (1 | g)", draws=1000):
        self.succeed("fit", "data.csv", formula, "--family", family, "--sampler", engine,
                     "--chains", "4", "--warmup", "200", "--draws", str(draws), "--seed", "1",
                     "--force", "-o", "fit.h5")
        out, _ = self.succeed("summary", "fit.h5", "--all", "--json")
        got = json.loads(out)
        return {p["name"]: p for p in got["parameters"]}

    def both(self, family, formula="y ~ x + (1 | g)"):
        """Figures of `collapsed`; those of `pivot` are the same but for Monte Carlo errors."""
        ours, theirs = (self.fit(family, engine, formula) for engine in ENGINES)
        self.assertEqual(ours.keys(), theirs.keys())
        for name, a in ours.items():
            b = theirs[name]
            # 5 errors: 6e-7 each. Chains of a skewed sd say too little of their own error.
            error = 5 * math.hypot(a["mcse"], b["mcse"])
            self.assertLess(abs(a["mean"] - b["mean"]), error, f"{family}: {name}")
        return ours

    def test_a_group_of_zeros_is_pulled_towards_the_others(self):
        self.rows(lambda i, x: 0 if i % 8 == 0 else self.coin(0.6))
        found = self.both("bernoulli")
        lowest = min((p for n, p in found.items() if n.startswith("r_g")), key=lambda p: p["mean"])
        self.assertEqual(lowest["name"], "r_g[g0,Intercept]")
        self.assertTrue(-8 < lowest["mean"] < -1)

    def test_complete_separation_leaves_what_the_prior_says(self):
        self.rows(lambda i, x: int(x > 0))
        self.assertTrue(2 < self.both("bernoulli")["b[x]"]["mean"] < 20)

    def test_responses_of_zero_alone_are_fitted(self):
        self.rows(lambda i, x: 0)
        for family in ("bernoulli", "poisson"):
            found = self.both(family)
            self.assertLess(found["b[Intercept]"]["mean"], -4)

    def test_counts_of_a_thousand_million_are_fitted(self):
        self.rows(lambda i, x: round(1e9 * math.exp(0.1 * (i % 8) + self.random.gauss(0, 0.3))))
        for family in ("poisson", "negbinomial"):
            found = self.both(family)
            # About log(1e9) + 0.35 + 0.3^2 / 2, to within the groups' differences.
            self.assertLess(abs(found["b[Intercept]"]["mean"] - 21.12), 0.2)
            self.assertTrue(0.1 < found["sd_g[Intercept]"]["mean"] < 0.6)

    def test_rows_of_no_trial_and_of_a_million_are_fitted(self):
        def response(i, x):
            trials = 0 if i % 9 == 0 else 10**6 if i % 5 == 0 else 12
            p = 1 / (1 + math.exp(0.5 - 0.5 * x))
            return f"{round(trials * p)},{trials}"

        self.rows(response, header="y,n,x,g")
        found = self.both("binomial", "y | trials(n) ~ x + (1 | g)")
        self.assertLess(abs(found["b[x]"]["mean"] - 0.5), 0.01)
        self.assertLess(abs(found["b[Intercept]"]["mean"] + 0.5), 0.1)

    def test_one_row_for_each_group_is_fitted(self):
        self.rows(lambda i, x: self.coin(0.4) * 3 + self.coin(0.5), 120, 120)
        found = self.both("poisson")
        self.assertTrue(0.2 < found["sd_g[Intercept]"]["mean"] < 1.5)

    def test_an_sd_that_the_data_put_near_0_is_fitted(self):
        self.rows(lambda i, x: self.coin(0.4), 400)
        self.assertLess(self.both("bernoulli")["sd_g[Intercept]"]["mean"], 0.6)

    def test_a_level_seen_once_is_fitted(self):
        self.rows(lambda i, x: self.coin(0.4), 121, 120)  # g0 twice, all others once
        found = self.fit("bernoulli", "collapsed", draws=200)
        self.assertEqual(sum(n.startswith("r_g[") for n in found), 120)

    def test_a_covariate_that_is_far_out_once_is_fitted(self):
        self.rows(lambda i, x: self.coin(0.4))
        text = self.read("data.csv").decode().splitlines()
        text[5] = ",".join(["1", "1e6", text[5].split(",")[2]])
        self.write("data.csv", "\n".join(text) + "\n")
        self.both("bernoulli")

    def test_a_response_that_is_far_out_once_does_not_move_a_student_fit(self):
        self.rows(lambda i, x: 1e6 if i == 5 else round(self.random.gauss(0, 1), 3))
        found = self.fit("student", "pivot")
        self.assertLess(abs(found["b[Intercept]"]["mean"]), 0.5)
        self.assertLess(found["sigma"]["mean"], 2)

    def test_proportions_of_0_and_1_are_refused_with_their_row(self):
        for value in (0, 1):
            self.rows(lambda i, x: value if i == 40 else round(0.1 + 0.8 * self.random.random(), 3))
            ran = self.tarn("fit", "data.csv", "y ~ x + (1 | g)", "--family", "beta", "-o", "fit.h5")
            self.assertEqual(ran.returncode, 3)
            self.assertEqual(ran.stderr.decode(),
                             f"tarn: row 41: y is {value}; beta needs numbers between 0 and 1, "
                             "neither of them included\n")

    def test_a_single_group_is_refused(self):
        self.rows(lambda i, x: self.coin(0.4), 60, 1)
        ran = self.tarn("fit", "data.csv", "y ~ x + (1 | g)", "--family", "bernoulli", "-o", "fit.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: grouping factor 'g' has one level, 'g0', in the rows used; "
                         "groups need at least two\n")

    def test_five_thousand_levels_are_fitted(self):
        self.rows(lambda i, x: self.coin(0.3 + 0.4 * (i % 5000 < 2500)), 10000, 5000)
        found = self.fit("bernoulli", "collapsed", draws=50)
        # Half of the levels at log(3 / 7), half at log(7 / 3): their sd is 0.85; 10000 coins know it to
        # 0.07, of effects that are not even normal.
        self.assertLess(abs(found["sd_g[Intercept]"]["mean"] - 0.85), 0.3)


main()
