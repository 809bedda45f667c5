"""tarn effects, means, slopes and r2: against their definitions, on the same draws."""

import itertools
import json
import math
import os
import random
import statistics

from answers import Answers, quantile
from support import main


def trial(rows=120, seed=3, family="normal"):
    """A response by arm, x, dose (two values) and group; a count or a yes/no where asked."""
    draw = random.Random(seed)
    effects = [draw.gauss(0, 0.5) for _ in range(6)]
    lines = ["y,x,arm,dose,g"]
    for i in range(rows):
        x, arm, dose, g = draw.gauss(1, 0.7), "abc"[i % 3], [1, 5][(i // 3) % 2], i % 6
        eta = 0.3 + 0.4 * x + 0.5 * (arm == "b") - 0.2 * x * (arm == "c") + 0.1 * dose + effects[g]
        if family == "poisson":
            y, limit, product = 0, math.exp(-math.exp(eta)), draw.random()
            while product > limit:
                product *= draw.random()
                y += 1
        elif family == "bernoulli":
            y = int(draw.random() < 1 / (1 + math.exp(-eta)))
        else:
            y = round(eta + draw.gauss(0, 0.5), 6)
        lines.append(f"{y},{x:.6f},{arm},{dose},g{g}")
    return "\n".join(lines) + "\n"


class Grid(Answers):
    formula = "y ~ x * arm + dose + (1 + x | g)"

    def fit_trial(self, family="normal", formula=None):
        self.write("d.csv", trial(family=family))
        words = [] if family == "normal" else ["--family", family]
        self.fit(formula or self.formula, *words)
        rows = self.read("d.csv").decode().splitlines()[1:]
        self.data = [dict(y=float(y), x=float(x), arm=arm, dose=float(dose), g=g)
                     for y, x, arm, dose, g in (row.split(",") for row in rows)]
        self.d = self.draws("b", "sd_g", "cor_g", "r_g", *(["sigma"] if family == "normal" else []))
        self.n = len(self.d["b[x]"])

    def mean_of(self, column):
        return statistics.fmean(row[column] for row in self.data)

    def eta(self, k, x, arm, dose, g=None):
        d = {name: values[k] for name, values in self.d.items()}
        value = d["b[Intercept]"] + d["b[x]"] * x + d["b[dose]"] * dose
        if arm != "a":
            value += d[f"b[arm{arm}]"] + d[f"b[x:arm{arm}]"] * x
        if g:
            value += d[f"r_g[{g},Intercept]"] + d[f"r_g[{g},x]"] * x
        return value

    def variance(self, k, x):
        """z' Sigma z of a new group."""
        s0, s1 = self.d["sd_g[Intercept]"][k], self.d["sd_g[x]"][k]
        return s0 ** 2 + (s1 * x) ** 2 + 2 * x * s0 * s1 * self.d["cor_g[Intercept,x]"][k]

    def ask(self, *words):
        return json.loads(self.succeed(*words, "--json")[0])

    def same(self, row, values):
        self.near(row["mean"], statistics.fmean(values))
        self.near(row["sd"], statistics.stdev(values))
        self.near(row["q2.5"], quantile(values, 0.025))
        self.near(row["q97.5"], quantile(values, 0.975))


class Effects(Grid):
    def test_a_curve_by_a_factor_the_others_held(self):
        self.fit_trial()
        got = self.ask("effects", "fit.h5", "x by arm", "--points", "5")
        table = got["effects"][0]
        self.assertEqual((got["scale"], got["new_groups"]), ("response", "population"))
        self.assertEqual(table["columns"], ["x", "arm"])
        self.assertEqual(len(table["rows"]), 15)
        low, high = min(r["x"] for r in self.data), max(r["x"] for r in self.data)
        for number, row in enumerate(table["rows"]):
            x, arm = low + (high - low) * (number // 3) / 4, "abc"[number % 3]
            self.assertEqual(row["at"]["arm"], arm)
            self.same(row, [self.eta(k, x, arm, self.mean_of("dose")) for k in range(self.n)])
        self.assertEqual(table["notes"], ["held at: dose = 3 (mean)", "group effects: none of g (the population)",
                                          "scale: the response, as the formula's left side has it (y)"])

    def test_numbers_at_their_mean_and_one_sd_about_it(self):
        self.fit_trial()
        rows = self.ask("effects", "fit.h5", "arm by x")["effects"][0]["rows"]
        mean, sd = self.mean_of("x"), statistics.stdev(r["x"] for r in self.data)
        for number, row in enumerate(rows):
            arm, x = "abc"[number // 3], mean + sd * (number % 3 - 1)
            self.same(row, [self.eta(k, x, arm, self.mean_of("dose")) for k in range(self.n)])

    def test_stated_values_and_known_groups(self):
        self.fit_trial()
        rows = self.ask("effects", "fit.h5", "x", "--at", "x = 0:2 by 1; arm = c; dose = max", "--group", "g")[
            "effects"][0]["rows"]
        self.assertEqual(len(rows), 18)
        for number, row in enumerate(rows):
            x, g = float(number // 6), f"g{number % 6}"
            self.assertEqual(row["at"], {"x": str(number // 6), "g": g})
            self.same(row, [self.eta(k, x, "c", 5, g) for k in range(self.n)])

    def test_averages_over_the_data(self):
        self.fit_trial("poisson")
        table = self.ask("effects", "fit.h5", "arm", "--average")["effects"][0]
        for row in table["rows"]:
            self.same(row, [statistics.fmean(math.exp(self.eta(k, r["x"], row["at"]["arm"], r["dose"]))
                                             for r in self.data) for k in range(self.n)])
        self.assertEqual(table["notes"][0], "averaged over the 120 rows of the data, with their other columns as they are")

    def test_new_groups_are_integrated_with_a_log_link(self):
        self.fit_trial("poisson")
        rows = self.ask("effects", "fit.h5", "x", "--at", "x = 0.5, 2; dose = 1", "--new-groups", "average")[
            "effects"][0]["rows"]
        for row, x in zip(rows, (0.5, 2)):
            self.same(row, [math.exp(self.eta(k, x, "a", 1) + self.variance(k, x) / 2) for k in range(self.n)])

    def test_and_with_a_logit_link(self):
        self.fit_trial("bernoulli")
        rows = self.ask("effects", "fit.h5", "x", "--at", "x = 0.5, 2; dose = 1", "--new-groups", "average")[
            "effects"][0]["rows"]
        nodes = [k / 50 for k in range(-450, 451)]
        weights = [math.exp(-z * z / 2) for z in nodes]
        for row, x in zip(rows, (0.5, 2)):
            values = []
            for k in range(self.n):
                m, s = self.eta(k, x, "a", 1), math.sqrt(self.variance(k, x))
                values.append(sum(w / (1 + math.exp(-m - s * z)) for z, w in zip(nodes, weights)) / sum(weights))
            self.same(row, values)
        link = self.ask("effects", "fit.h5", "x", "--at", "x = 0.5; dose = 1", "--scale", "link")
        self.same(link["effects"][0]["rows"][0], [self.eta(k, 0.5, "a", 1) for k in range(self.n)])

    def test_trials_are_one_and_offsets_at_the_mean_of_their_column(self):
        draw = random.Random(5)
        lines = ["k,m,c,e,x,g"]
        for i in range(80):
            x = draw.gauss(0, 1)
            k = sum(draw.random() < 1 / (1 + math.exp(-x)) for _ in range(8))
            lines.append(f"{k},8,{i % 5},{1 + i % 3},{x:.6f},g{i % 4}")
        self.write("d.csv", "\n".join(lines) + "\n")
        self.fit("k | trials(m) ~ x + (1 | g)", "--family", "binomial")
        d = self.draws("b")
        table = self.ask("effects", "fit.h5", "x", "--at", "x = 0.5")["effects"][0]
        self.same(table["rows"][0], [1 / (1 + math.exp(-a - b / 2)) for a, b in zip(d["b[Intercept]"], d["b[x]"])])
        self.assertEqual(table["notes"][0], "held at: m = 1 (one trial)")
        self.fit("c ~ x + offset(log(e)) + (1 | g)", "--family", "poisson")
        d = self.draws("b")
        mean = statistics.fmean(1 + i % 3 for i in range(80))
        row = self.ask("effects", "fit.h5", "x", "--at", "x = 0.5")["effects"][0]["rows"][0]
        self.same(row, [mean * math.exp(a + b / 2) for a, b in zip(d["b[Intercept]"], d["b[x]"])])

    def test_a_transformed_response_is_taken_back(self):
        lines = trial().splitlines()
        self.write("d.csv", "\n".join(["z," + lines[0]] + [f"{math.exp(float(line.split(',')[0])):.8f},{line}"
                                                           for line in lines[1:]]) + "\n")
        self.fit("log(z) ~ x + (1 | g)")
        d = self.draws("b", "sd_g", "sigma")
        n = len(d["sigma"])
        eta = [a + b * 2 for a, b in zip(d["b[Intercept]"], d["b[x]"])]
        words = ["effects", "fit.h5", "x", "--at", "x = 2"]
        self.same(self.ask(*words)["effects"][0]["rows"][0], eta)
        median = self.ask(*words, "--original", "median")["effects"][0]
        self.assertEqual((median["title"], median["notes"][-1]),
                         ("median of z by x", "scale: the median of z, taken back from log(z)"))
        self.same(median["rows"][0], [math.exp(e) for e in eta])
        mean = self.ask(*words, "--original", "mean")["effects"][0]["rows"][0]
        self.same(mean, [math.exp(eta[k] + d["sigma"][k] ** 2 / 2) for k in range(n)])
        new = self.ask(*words, "--original", "mean", "--new-groups", "average")["effects"][0]["rows"][0]
        self.same(new, [math.exp(eta[k] + (d["sigma"][k] ** 2 + d["sd_g[Intercept]"][k] ** 2) / 2) for k in range(n)])
        for formula, words, message in [
                ("y ~ x", [], "--original mean: the response is a column as it stands"),
                ("I(y / z) ~ x", [], "--original mean: there is no way back from I(y/z)"),
                ("log(z) ~ x", ["--scale", "link"], "--original mean: the scale of the link is not that of the "
                                                    "response; leave --scale link out")]:
            self.fit(formula)
            ran = self.tarn("effects", "fit.h5", "x", "--original", "mean", *words)
            self.assertEqual(ran.returncode, 2)
            self.assertEqual(ran.stderr.decode(), f"tarn: {message}\n")

    def test_text_and_csv(self):
        self.fit_trial()
        out, err = self.succeed("effects", "fit.h5", "x by arm")
        self.assertEqual(err, "")
        self.assertIn("expected y by x and arm\n\nx ", out)
        self.assertIn("(33 of 303 rows: -o FILE.csv or --json has all)\n  held at: dose = 3 (mean)\n", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.assertEqual(out.count("\n\nx ") + out.count("\nexpected y by "), 2)
        out, _ = self.succeed("effects", "fit.h5")
        for name in ("x", "arm", "dose"):
            self.assertIn(f"expected y by {name}\n", out)
        out, err = self.succeed("effects", "fit.h5", "x by arm", "-o", "x.csv")
        self.assertEqual((out, err), ("", "effect of x and arm: x.csv\n"))
        lines = self.read("x.csv").decode().splitlines()
        self.assertEqual((lines[0], len(lines)), ("x,arm,mean,sd,mcse,q2.5,q97.5", 304))

    def test_pictures(self):
        self.fit_trial()
        rows = self.ask("effects", "fit.h5", "x by arm by dose")["effects"][0]["rows"]
        _, err = self.succeed("effects", "fit.h5", "x by arm by dose", "-o", "x.vl.json")
        self.assertEqual(err, "effect of x, arm and dose: x.vl.json\n")
        figure = json.loads(self.read("x.vl.json"))
        curves = next(iter(figure["datasets"].values()))
        of = {kind: [point for point in curves if point["kind"] == kind] for kind in ("row", "curve")}
        self.assertEqual(len(of["curve"]), len(rows))
        self.assertEqual(len(of["row"]), 120)
        self.assertEqual({point["panel"] for point in curves}, {"dose = 1", "dose = 5"})
        self.assertEqual({point["series"] for point in of["curve"]}, {"a", "b", "c"})
        self.assertEqual(len(self.read("x.csv").decode().splitlines()), len(rows) + 1)
        for words in (["effects", "fit.h5", "arm"], ["means", "fit.h5", "arm", "--pairs"], ["slopes", "fit.h5", "x by arm"],
                      ["groups", "fit.h5", "g"]):
            self.succeed(*words, "-o", "page.html", "--force")
            self.assertIn("<table", self.read("page.html").decode())
            _, err = self.succeed(*words, "-o", "f.svg", "--force")
            points = next(iter(json.loads(self.read("f.vl.json"))["datasets"].values()))
            self.assertGreaterEqual(len(points), 3)
            # Where Node or the scripts are not there, this is said.
            if not err.endswith(": f.svg\n"):
                self.assertIn(": as f.vl.json and f.csv, and not as SVG, because ", err)
            else:
                self.assertIn("<svg", self.read("f.svg").decode())
        # Nothing is written where one of the files is there, and JSON goes along with a file.
        os.remove(self.path("f.vl.json"))
        before = self.read("f.csv")
        ran = self.tarn("effects", "fit.h5", "x", "-o", "f.vl.json")
        self.assertEqual((ran.returncode, ran.stderr.decode()),
                         (2, "tarn: 'f.csv' exists; choose another name with -o, or replace it with --force\n"))
        self.assertFalse(os.path.exists(self.path("f.vl.json")))
        self.assertEqual(self.read("f.csv"), before)
        out, err = self.succeed("groups", "fit.h5", "g", "--json", "-o", "g.csv")
        self.assertEqual(len(json.loads(out)["groups"]), len(self.read("g.csv").decode().splitlines()) - 1)
        self.assertEqual(err, "")
        ran = self.tarn("means", "fit.h5", "arm", "-o", "f.png")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(), "tarn: --output f.png: its name ends in .csv (all rows), or in .html, .svg "
                                              "or .vl.json (a figure)\n")

    def test_misuse_in_words(self):
        self.fit_trial()
        for words, message in [
                (["effects"], "tarn effects needs a chain file and a predictor, for example: tarn effects radon.h5 "
                              "'log_uranium by floor'"),
                (["effects", "fit.h5", "z"], "the model has no column 'z'; it predicts from x, arm, dose and g"),
                (["effects", "fit.h5", "arms"],
                 "the model has no column 'arms'; did you mean 'arm'? it predicts from x, arm, dose and g"),
                (["effects", "fit.h5", "y"], "'y' is the response; the model predicts it from x, arm, dose and g"),
                (["effects", "fit.h5", "x by x"], "'x by x' names x twice"),
                (["effects", "fit.h5", "x", "--at", "arm = d"],
                 "--at arm: no row of the fit has the level 'd'; its levels are a, b and c"),
                (["effects", "fit.h5", "x", "--at", "dose = low"],
                 "a value of dose is a number, or computed from mean, sd, min, max and median of dose\n  low\n  ^"),
                (["effects", "fit.h5", "x", "--at", "dose = 5:1"],
                 "--at dose = 5:1: from the lower end to the upper one, in at most 100000 steps above 0, such as 0:21 "
                 "by 3"),
                (["effects", "fit.h5", "x", "--at", "g = g1"],
                 "--at g: it only groups; say --group g, too, for the effects of these levels"),
                (["effects", "fit.h5", "x", "--at", "x = 0:99999; dose = 1:9999"],
                 "the grid has more than 100,000 rows, which nobody would read; name fewer values in --at, or fewer "
                 "columns"),
                (["effects", "fit.h5", "x", "--group", "arm"],
                 "--group arm: the model has no such grouping; its groups are of g"),
                (["effects", "fit.h5", "x", "--group", "g", "--average"],
                 "--average is over the rows of the data, whose groups differ; it has no place beside levels of g"),
                (["effects", "fit.h5", "-o", "x.csv"],
                 "--output x.csv: a file holds one effect; name one of x, arm and dose")]:
            ran = self.tarn(*words)
            self.assertEqual(ran.returncode, 2, words)
            self.assertEqual(ran.stderr.decode(), f"tarn: {message}\n")
        self.fit("y ~ 1 + (1 | g)")
        ran = self.tarn("effects", "fit.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode(), "tarn: the model has no predictors, only an intercept and groups\n")


class Means(Grid):
    def means(self, *words):
        return self.ask("means", "fit.h5", *words)

    def test_means_are_those_of_the_reference_grid(self):
        self.fit_trial()
        got = self.means("arm", "--pairs")
        x = self.mean_of("x")
        of = {arm: [statistics.fmean(self.eta(k, x, arm, dose) for dose in (1, 5)) for k in range(self.n)]
              for arm in "abc"}
        self.assertEqual([row["at"]["arm"] for row in got["means"]["rows"]], ["a", "b", "c"])
        for row in got["means"]["rows"]:
            self.same(row, of[row["at"]["arm"]])
        self.assertEqual(got["means"]["notes"][:2], ["averaged over the levels of dose with equal weights",
                                                     f"held at: x = {x:.4g} (mean)"])
        self.assertEqual(got["pairs"]["title"], "differences of pairs")
        for row, (a, b) in zip(got["pairs"]["rows"], itertools.combinations("abc", 2)):
            self.assertEqual(row["at"], {"arm": f"{a} - {b}"})
            differences = [u - v for u, v in zip(of[a], of[b])]
            self.same(row, differences)
            self.near(row["above_zero"], sum(v > 0 for v in differences) / self.n)

    def test_with_flat_priors_they_are_those_of_least_squares(self):
        self.write("d.csv", trial())
        self.fit("y ~ x * arm + dose", "--prior", "Intercept ~ flat()", "--prior", "b ~ flat()", "--prior",
                 "sigma ~ flat()")
        rows = [line.split(",") for line in self.read("d.csv").decode().splitlines()[1:]]
        data = [(float(y), float(x), arm, float(dose)) for y, x, arm, dose, _ in rows]

        def columns(x, arm, dose):
            b, c = float(arm == "b"), float(arm == "c")
            return [1, x, b, c, dose, x * b, x * c]

        design = [columns(x, arm, dose) for _, x, arm, dose in data]
        normal = [[sum(row[i] * row[j] for row in design) for j in range(7)] +
                  [sum(row[i] * y for row, (y, *_) in zip(design, data))] for i in range(7)]
        for i in range(7):  # Gauss and Jordan
            pivot = max(range(i, 7), key=lambda k: abs(normal[k][i]))
            normal[i], normal[pivot] = normal[pivot], normal[i]
            normal[i] = [value / normal[i][i] for value in normal[i]]
            for k in range(7):
                if k != i:
                    normal[k] = [u - normal[k][i] * v for u, v in zip(normal[k], normal[i])]
        mean = statistics.fmean(x for _, x, _, _ in data)
        for row in self.means("arm")["means"]["rows"]:
            cells = [columns(mean, row["at"]["arm"], dose) for dose in (1, 5)]
            least_squares = statistics.fmean(sum(c * line[7] for c, line in zip(cell, normal)) for cell in cells)
            # Four Monte Carlo errors.
            self.assertLess(abs(row["mean"] - least_squares), 4 * row["mcse"])

    def test_weights_of_the_data(self):
        self.fit_trial()
        lines = self.read("d.csv").decode().splitlines()
        self.write("d.csv", "\n".join(lines[:1] + [line for k, line in enumerate(lines[1:]) if k % 6 != 4]) + "\n")
        self.fit(self.formula)
        self.d = self.draws("b", "sd_g", "cor_g", "r_g", "sigma")
        kept = [row for k, row in enumerate(self.data) if k % 6 != 4]
        share = statistics.fmean(row["dose"] == 5 for row in kept)
        self.data = kept
        got = self.means("arm", "--weights", "data")
        for row in got["means"]["rows"]:
            self.same(row, [(1 - share) * self.eta(k, self.mean_of("x"), row["at"]["arm"], 1) +
                            share * self.eta(k, self.mean_of("x"), row["at"]["arm"], 5) for k in range(self.n)])

    def test_with_a_link_the_predictor_is_averaged(self):
        self.fit_trial("poisson")
        x = self.mean_of("x")
        both = {arm: [[self.eta(k, x, arm, dose) for dose in (1, 5)] for k in range(self.n)] for arm in "abc"}
        got = self.means("arm", "--pairs")
        for row in got["means"]["rows"]:
            self.same(row, [math.exp(statistics.fmean(etas)) for etas in both[row["at"]["arm"]]])
        self.assertEqual(got["pairs"]["title"], "ratios of pairs")
        self.assertEqual(got["pairs"]["rows"][0]["at"], {"arm": "a / b"})
        self.same(got["pairs"]["rows"][0], [math.exp(statistics.fmean(u) - statistics.fmean(v))
                                            for u, v in zip(both["a"], both["b"])])
        got = self.means("arm", "--average-on", "response", "--pairs")
        for row in got["means"]["rows"]:
            self.same(row, [statistics.fmean(map(math.exp, etas)) for etas in both[row["at"]["arm"]]])
        self.assertEqual(got["pairs"]["title"], "differences of pairs")
        got = self.means("arm", "--scale", "link", "--pairs")
        self.same(got["means"]["rows"][1], [statistics.fmean(etas) for etas in both["b"]])
        self.assertEqual(got["pairs"]["rows"][0]["at"], {"arm": "a - b"})

    def test_odds_ratios(self):
        self.fit_trial("bernoulli")
        got = self.means("arm by dose", "--pairs")
        self.assertEqual(got["pairs"]["title"], "odds ratios of pairs")
        row = got["pairs"]["rows"][1]
        self.assertEqual(row["at"], {"arm": "a / c", "dose": "1"})
        x = self.mean_of("x")
        self.same(row, [math.exp(self.eta(k, x, "a", 1) - self.eta(k, x, "c", 1)) for k in range(self.n)])

    def test_means_of_known_groups(self):
        self.fit_trial()
        rows = self.means("arm by g")["means"]["rows"]
        self.assertEqual(len(rows), 18)
        x = self.mean_of("x")
        for row in rows:
            self.same(row, [statistics.fmean(self.eta(k, x, row["at"]["arm"], dose, row["at"]["g"])
                                             for dose in (1, 5)) for k in range(self.n)])

    def test_a_cell_that_no_row_has_is_missing_with_its_reason(self):
        self.write("d.csv", trial())
        lines = self.read("d.csv").decode().splitlines()
        rows = [line for line in lines[1:] if not (",c," in line and ",5," in line)]
        self.write("d.csv", "\n".join(lines[:1] + rows) + "\n")
        self.fit("y ~ arm * factor(dose) + (1 | g)")
        got = self.means("arm", "--pairs")
        reasons = [row.get("missing") for row in got["means"]["rows"]]
        self.assertEqual(reasons[:2], [None, None])
        self.assertIn("no row of the fit has arm = c with factor(dose) = 5", reasons[2])
        self.assertIsNone(got["means"]["rows"][2]["mean"])
        self.assertEqual([row.get("missing") is None for row in got["pairs"]["rows"]], [True, False, False])
        out, _ = self.succeed("means", "fit.h5", "arm")
        self.assertRegex(out, r"\nc +- +- +- +- +-\n\(-: no value, for no row of the fit has arm = c with factor\(dose\) = 5")
        one = self.means("arm", "--at", "dose = 1")["means"]["rows"]
        self.assertNotIn("missing", one[2])

    def test_misuse_in_words(self):
        self.fit_trial()
        for words, message in [
                (["fit.h5"], "tarn means needs a chain file and a factor, for example: tarn means machines.h5 Machine"),
                (["fit.h5", "x"], "'x' is a column of numbers, which has no levels: say where, --at 'x = mean - sd, "
                                  "mean + sd', or see tarn effects and tarn slopes"),
                (["fit.h5", "arm", "--pairs", "--at", "arm = b"],
                 "--pairs: arm has one level here, 'b', and nothing to compare it with")]:
            ran = self.tarn("means", *words)
            self.assertEqual(ran.returncode, 2)
            self.assertEqual(ran.stderr.decode(), f"tarn: {message}\n")


class Slopes(Grid):
    def test_average_slopes(self):
        self.fit_trial()
        table = self.ask("slopes", "fit.h5", "x")["slopes"]
        share = {arm: statistics.fmean(r["arm"] == arm for r in self.data) for arm in "bc"}
        self.same(table["rows"][0], [self.d["b[x]"][k] + sum(share[a] * self.d[f"b[x:arm{a}]"][k] for a in "bc")
                                     for k in range(self.n)])
        rows = self.ask("slopes", "fit.h5", "x by arm")["slopes"]["rows"]
        self.same(rows[2], [b + i for b, i in zip(self.d["b[x]"], self.d["b[x:armc]"])])

    def test_average_slopes_with_a_link(self):
        self.fit_trial("poisson")
        row = self.ask("slopes", "fit.h5", "dose")["slopes"]["rows"][0]
        self.same(row, [self.d["b[dose]"][k] * statistics.fmean(
            math.exp(self.eta(k, r["x"], r["arm"], r["dose"])) for r in self.data) for k in range(self.n)])

    def test_slopes_of_a_curve(self):
        self.write("d.csv", trial())
        self.fit("y ~ poly(x, 2) + arm")
        # The derivative of a parabola is its central difference.
        ends = [row["mean"] for row in self.ask("effects", "fit.h5", "x", "--at", "x = 0.5, 2.5")["effects"][0]["rows"]]
        slope = self.ask("slopes", "fit.h5", "x", "--at", "x = 1.5")["slopes"]["rows"][0]
        self.near(slope["mean"], (ends[1] - ends[0]) / 2)

    def test_conditional_slopes(self):
        self.fit_trial("bernoulli")
        rows = self.ask("slopes", "fit.h5", "x by arm", "--at", "x = 0, 1; dose = 1")["slopes"]["rows"]
        self.assertEqual(len(rows), 6)
        for row in rows:
            arm, x = row["at"]["arm"], float(row["at"]["x"])
            values = []
            for k in range(self.n):
                p = 1 / (1 + math.exp(-self.eta(k, x, arm, 1)))
                slope = self.d["b[x]"][k] + (self.d[f"b[x:arm{arm}]"][k] if arm != "a" else 0)
                values.append(p * (1 - p) * slope)
            self.same(row, values)
            self.near(row["above_zero"], sum(v > 0 for v in values) / self.n)

    def test_misuse_in_words(self):
        self.fit_trial()
        ran = self.tarn("slopes", "fit.h5", "arm")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(), "tarn: 'arm' is a factor and has no slope; tarn means FILE arm --pairs "
                                              "compares its levels\n")
        self.assertEqual(self.tarn("slopes", "fit.h5").stderr.decode(),
                         "tarn: tarn slopes needs a chain file and a predictor, for example: tarn slopes radon.h5 "
                         "'log_uranium by floor'\n")


class RSquared(Grid):
    def test_of_a_normal_response(self):
        self.fit_trial()
        got = self.ask("r2", "fit.h5", "--residual-based")
        wanted = {name: [] for name in ("conditional", "conditional, residual-based", "marginal", "g", "icc")}
        for k in range(self.n):
            known = [self.eta(k, r["x"], r["arm"], r["dose"], r["g"]) for r in self.data]
            fixed = statistics.variance([self.eta(k, r["x"], r["arm"], r["dose"]) for r in self.data])
            group = statistics.fmean(self.variance(k, r["x"]) for r in self.data)
            residual = self.d["sigma"][k] ** 2
            modelled = statistics.variance(known)
            wanted["conditional"].append(modelled / (modelled + residual))
            errors = statistics.variance([r["y"] - m for r, m in zip(self.data, known)])
            wanted["conditional, residual-based"].append(modelled / (modelled + errors))
            wanted["marginal"].append(fixed / (fixed + group + residual))
            wanted["g"].append(group)
            wanted["icc"].append(group / (group + residual))
        for row in got["r2"]["rows"]:
            self.same(row, wanted[row["at"]["R²"]])
        self.same(got["variances"]["rows"][1], wanted["g"])
        self.same(got["icc"]["rows"][0], wanted["icc"])
        at = self.ask("r2", "fit.h5", "--at", "x = 0")["icc"]["rows"][0]
        self.same(at, [s ** 2 / (s ** 2 + e ** 2) for s, e in zip(self.d["sd_g[Intercept]"], self.d["sigma"])])

    def test_the_latent_residual_of_a_link_is_named(self):
        self.fit_trial("bernoulli")
        got = self.ask("r2", "fit.h5")
        wanted = []
        for k in range(self.n):
            group = statistics.fmean(self.variance(k, r["x"]) for r in self.data)
            wanted.append(group / (group + math.pi ** 2 / 3))
        self.same(got["icc"]["rows"][0], wanted)
        self.assertEqual(got["variances"]["notes"][0], "residual: pi^2 / 3, the variance of the latent logistic "
                                                       "distribution (logit link)")
        self.fit_trial("poisson")
        got = self.ask("r2", "fit.h5")
        wanted = []
        for k in range(self.n):
            group = statistics.fmean(self.variance(k, r["x"]) for r in self.data)
            eta = statistics.fmean(self.eta(k, r["x"], r["arm"], r["dose"]) for r in self.data)
            residual = math.log1p(1 / math.exp(eta + group / 2))
            wanted.append(group / (group + residual))
        self.same(got["icc"]["rows"][0], wanted)


if __name__ == "__main__":
    main()
