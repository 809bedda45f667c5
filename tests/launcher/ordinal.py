"""Ordered categories from the outside: what a response may be, what is refused and how, categories that no row
has, and levels that come back in simulated data and predictions."""

import json
import math
import random

from support import Case, main

LEVELS = ["low", "mid", "high"]
ORDERED = 'factor(y, levels = c("low", "mid", "high"))'


class Ordinal(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(8)

    def rows(self, category, rows=90, header="y,x,f,g"):
        """`category(i, latent)`: the first cell of a row."""
        lines = [header]
        for i in range(rows):
            x = round(self.random.gauss(0, 1), 3)
            latent = x + 0.5 * (i % 3) + self.random.gauss(0, 1.5)
            lines.append(f"{category(i, latent)},{x},{'ab'[i % 2]},g{i % 6}")
        self.write("d.csv", "\n".join(lines) + "\n")

    def numbers(self, categories=3):
        self.rows(lambda i, latent: min(categories, max(1, 2 + math.floor(latent))))

    def texts(self):
        self.rows(lambda i, latent: LEVELS[min(2, max(0, 1 + math.floor(latent)))])

    def refuse(self, formula, sentence, *words, family="cumulative", code=3):
        ran = self.tarn("fit", "d.csv", formula, "--family", family, *words, "--force", "-o", "fit.h5")
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertIn("tarn: " + sentence, ran.stderr.decode().splitlines())

    def fit(self, formula, *words, family="cumulative", output="fit.h5"):
        out, err = self.succeed("fit", "d.csv", formula, "--family", family, "--seed", "1", "--chains", "2",
                                "--warmup", "200", "--draws", "300", *words, "--force", "-o", output,
                                "--json")
        return {p["name"]: p for p in json.loads(out)["parameters"]}, err

    def test_responses_that_are_not_ordered_are_refused_with_what_to_type(self):
        self.texts()
        self.refuse("y ~ x", "column 'y' holds text: line 2 of d.csv says '{}'; say the order of its categories, "
                    "the lowest first, as in factor(y, levels = c(\"high\", \"low\", \"mid\"))".format(
                        self.read("d.csv").decode().splitlines()[1].split(",")[0]))
        self.refuse("factor(y) ~ x", "factor(y) is a factor whose order is not known; say the order of its "
                    "categories, the lowest first, as in factor(y, levels = c(\"high\", \"low\", \"mid\"))")
        self.refuse("as.factor(x > 0) ~ f", "as.factor(x > 0) is a factor whose order is not known; say the order "
                    "of its categories, the lowest first, as in factor(x > 0, levels = c(\"FALSE\", \"TRUE\"))")
        self.write("d.csv", "y,x\n" + "0,1\n5,2\n10,3\n" * 4)
        self.refuse("factor(y) ~ x", "factor(y) is a factor whose order is not known; say the order of its "
                    "categories, the lowest first, as in factor(y, levels = c(0, 5, 10))")

    def test_numbers_that_are_no_categories_are_refused_with_their_row(self):
        self.rows(lambda i, latent: "2.5" if i == 6 else 1 + i % 3)
        self.refuse("y ~ x", "row 7: y is 2.5; cumulative needs whole numbers from 1")
        self.rows(lambda i, latent: i % 3)
        self.refuse("y ~ x", "row 1: y is 0; cumulative needs whole numbers from 1")
        self.rows(lambda i, latent: 1)
        self.refuse("y ~ x", "the response 'y' has one category, 1: an ordinal response has at least two; those "
                    "that no row has are told by factor(y, levels = ...)")
        self.rows(lambda i, latent: 999 if i == 5 else 1 + i % 3)
        self.refuse("y ~ x", "the response 'y' goes up to 999: an ordinal response has 100 categories at most; "
                    "number those that occur anew by factor(y, levels = ...), or take a family of numbers")
        self.numbers()
        self.refuse("y | trials(2) ~ x", "family 'cumulative' cannot have this response: it does not declare that "
                    "it takes trials(), and might ignore them")

    def test_the_cuts_take_the_intercept_s_place(self):
        self.numbers()
        self.refuse("y ~ 0 + f", "'y ~ 0 + f' has no intercept, so that the formula has a column 'fa', which "
                    "cannot be told from the cuts of an ordinal response: they are its intercepts; write "
                    "~ 1 + f")
        with_one, _ = self.fit("y ~ f + x + (1 | g)")
        self.assertEqual([n for n in with_one if n.startswith(("b[", "cut["))],
                         ["b[fb]", "b[x]", "cut[1]", "cut[2]"])
        without, _ = self.fit("y ~ 0 + x")
        typed, _ = self.fit("y ~ 1 + x")
        self.assertEqual(without, typed)
        alone, _ = self.fit("y ~ 1")
        self.assertEqual(list(alone), ["cut[1]", "cut[2]"])
        out, _ = self.succeed("formula", "d.csv", "y ~ f * x", "--family", "cumulative")
        self.assertIn("columns       fb, x and fb:x", out)
        self.refuse("y ~ x", "prior 'Intercept ~ normal(0, 1)': the model has no parameter 'Intercept'; valid "
                    "keys are b[x], b and cut", "--prior", "Intercept ~ normal(0, 1)")

    def test_priors_of_cuts_are_at_the_covariates_means(self):
        self.numbers()
        for family, prior in (("cumulative", "normal(0, 2.5)              default: 2.5, at the means"),
                              ("cumulative(probit)", "normal(0, 1.562)              default: 2.5 / 1.6, at the means")):
            out, _ = self.succeed("priors", "d.csv", "y ~ x + (1 | g)", "--family", family)
            self.assertIn(" ".join(prior.split()), " ".join(out.split()))
        out, _ = self.succeed("priors", "d.csv", "y ~ x + (1 | g)", "--family", "cumulative", "--center", "no")
        self.assertNotIn("at the means", out)
        self.fit("y ~ x", "--center", "no")
        out, _ = self.succeed("summary", "fit.h5", "--all")
        self.assertNotIn("centered_cut", out)
        self.fit("y ~ x")
        out, _ = self.succeed("summary", "fit.h5", "--all")
        self.assertIn("centered_cut[1]", out)

    def test_categories_that_no_row_has_are_said_and_fitted_by_the_prior(self):
        self.rows(lambda i, latent: [1, 2, 4][i % 3])
        found, err = self.fit("y ~ x + (1 | g)")
        self.assertIn("note: no row has category '3' of y: only the prior of the cuts tells how wide it is", err)
        self.assertLess(found["cut[2]"]["mean"], found["cut[3]"]["mean"])
        self.refuse("y ~ x", "with the flat prior 'cut ~ flat()' the posterior is improper, for no row has category "
                    "'3'; give it a proper prior such as normal", "--prior", "cut ~ flat()")
        self.texts()
        more = 'factor(y, levels = c("none", "low", "mid", "high", "top"))'
        found, err = self.fit(more + " ~ x")
        self.assertIn(f"note: no row has categories 'none' and 'top' of {more}: only the prior of the cuts tells "
                      "how wide they are", err)
        self.assertEqual(sum(n.startswith("cut[") for n in found), 4)
        self.succeed("check", "fit.h5", "convergence")
        self.succeed("predict", "fit.h5", "-o", "p.csv")

    def test_levels_are_numbers_in_their_order(self):
        self.texts()
        found, err = self.fit(ORDERED + " ~ x + (1 | g)")
        self.assertIn(f"{ORDERED}: 1 is 'low', 2 is 'mid', 3 is 'high'", err)
        text = self.read("d.csv").decode()
        for number, level in enumerate(LEVELS):
            text = text.replace(level + ",", f"{number + 1},")
        self.write("d.csv", text)
        numbered, _ = self.fit("y ~ x + (1 | g)")
        self.assertEqual(found, numbered)
        self.write("d.csv", text.replace("\n3,", "\n70,").replace("\n2,", "\n8,").replace("\n1,", "\n-5,"))
        spread, _ = self.fit("factor(y, levels = c(-5, 8, 70)) ~ x + (1 | g)")
        self.assertEqual(found, spread)

    def test_rows_whose_value_is_no_level_are_dropped_and_counted(self):
        self.texts()
        self.write("d.csv", self.read("d.csv").decode() + "odd,0.1,a,g1\n")
        out, _ = self.succeed("formula", "d.csv", ORDERED + " ~ x", "--family", "cumulative")
        self.assertIn(f"{ORDERED}: 1 without a value", " ".join(out.split()))

    def test_intervals_are_categories(self):
        self.numbers()
        found, err = self.fit("cut(x, c(-9, -1, 0, 1, 9)) ~ f")
        self.assertIn("1 is '(-9,-1]', 2 is '(-1,0]', 3 is '(0,1]', 4 is '(1,9]'", err)
        self.assertEqual(sum(n.startswith("cut[") for n in found), 3)
        self.write("new.csv", "x,f\n0.5,a\n,b\n-3,a\n")
        out, _ = self.succeed("predict", "fit.h5", "new.csv")
        self.assertIn("3 rows", out)

    def test_simulated_levels_are_those_of_the_column(self):
        self.texts()
        self.succeed("simulate", "d.csv", ORDERED + " ~ x + (1 | g)", "--family", "cumulative", "--true",
                     "cut[1] = -1", "--true", "cut[2] = 1", "--true", "b[x] = 2", "--true",
                     "sd_g[Intercept] = 0.5", "--seed", "3", "-o", "sim.csv", "--truth", "sim.json")
        lines = self.read("sim.csv").decode().split()
        self.assertEqual(lines[0], "y,x,f,g")
        self.assertEqual({line.split(",")[0] for line in lines[1:]}, set(LEVELS))
        truth = json.loads(self.read("sim.json"))
        self.assertEqual((truth["cut[1]"], truth["cut[2]"], truth["b[x]"]), (-1, 1, 2))
        mean = sum(float(line.split(",")[1]) for line in lines[1:]) / 90
        self.assertAlmostEqual(truth["centered_cut[1]"], -1 - 2 * mean, 9)
        ran = self.tarn("simulate", "d.csv", ORDERED + " ~ x", "--family", "cumulative", "--true", "cut[1] = 2",
                        "--true", "cut[2] = 1", "-o", "sim.csv", "--force")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode().splitlines()[-1],
                         "tarn: --true: the elements of cut must ascend, and those that are not given are drawn "
                         "from the prior; give them all")

    def test_a_response_that_is_not_there_yet_needs_its_levels(self):
        self.write("x.csv", "x,g\n" + "".join(f"{i % 7},g{i % 4}\n" for i in range(40)))
        ran = self.tarn("simulate", "x.csv", "y ~ x", "--family", "cumulative", "-o", "sim.csv")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: the data have no response 'y', and its categories are not known; write factor(y, "
                         "levels = c(1, 2, 3)) ~ ..., or name a data file that has one\n")
        self.succeed("simulate", "x.csv", "factor(y, levels = c(1, 2, 3)) ~ x", "--family", "cumulative", "--seed",
                     "1", "-o", "sim.csv")
        lines = self.read("sim.csv").decode().split()
        place = lines[0].split(",").index("y")
        got = {line.split(",")[place] for line in lines[1:]}
        self.assertLessEqual(got, {"1", "2", "3"})
        self.succeed("sbc", "x.csv", "factor(y, levels = c(1, 2, 3)) ~ x", "--family", "cumulative", "--data-sets",
                     "20", "--warmup", "100", "--draws", "100", "--seed", "1", "-o", "ranks.csv",
                     "--prior", "b ~ normal(0, 0.5)")

    def test_new_data_keep_the_categories(self):
        self.texts()
        self.fit(ORDERED + " ~ x + (1 | g)")
        self.write("new.csv", "x,g,y\n0.5,g1,low\n1.5,g9,odd\n-1,g2,\n")
        self.succeed("predict", "fit.h5", "new.csv", "--new-groups", "sample", "-o", "p.csv")
        lines = self.read("p.csv").decode().split()
        self.assertEqual(len(lines), 4)
        self.write("alone.csv", "x,g\n0.5,g1\n")
        self.succeed("predict", "fit.h5", "alone.csv", "-o", "q.csv")


main()
