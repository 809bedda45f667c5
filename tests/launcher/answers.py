"""What a finished fit answers: hypothesis, info, groups, stored priors and formulas."""

import json
import math
import os
import statistics

from support import Case, main


def quantile(values, p):
    """R's type 7."""
    ordered = sorted(values)
    at = (len(ordered) - 1) * p
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


class Answers(Case):
    def fit(self, formula="y ~ x + (1 + x | g)", *words):
        self.succeed("fit", "d.csv", formula, "--seed", "7", "--draws", "250", "-o", "fit.h5", "--force", *words)

    def draws(self, *patterns):
        """Columns of draws by name, as `export` writes them."""
        only = [word for pattern in patterns for word in ("--only", pattern)]
        self.succeed("export", "fit.h5", "-o", "draws.csv", "--force", "--quiet", *only)
        lines = self.read("draws.csv").decode().splitlines()
        names = self.split(lines[0])
        return {name: [float(line.split(",")[k]) for line in lines[1:]] for k, name in enumerate(names)}

    @staticmethod
    def split(line):
        """A header line whose names may hold commas."""
        names, name, quoted = [], "", False
        for c in line:
            if c == '"':
                quoted = not quoted
            elif c == "," and not quoted:
                names.append(name)
                name = ""
            else:
                name += c
        return names + [name]

    def near(self, a, b):
        self.assertLessEqual(abs(a - b), 1e-9 * max(1, abs(b)), (a, b))


class Hypothesis(Answers):
    def hypotheses(self, *expressions):
        return json.loads(self.succeed("hypothesis", "fit.h5", *expressions, "--json")[0])["hypotheses"]

    def test_misuse_in_words(self):
        ran = self.tarn("hypothesis", "fit.h5")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: tarn hypothesis needs a chain file and an expression, for example: tarn "
                         "hypothesis radon.h5 'b[floor] < 0'\n")
        self.fit()
        for expression, message in [
                ("b[z] > 0", "no parameter is called 'b[z]'; did you mean 'b[x]'?"),
                ("x > 0", "'x' may be b[x] and sd_g[x]: write one of these\n  x > 0\n  ^"),
                ("b[x] = 0", "a continuous quantity equals no number in any draw, and tarn computes no Bayes factor"),
                ("log(b[Intercept] - 99)", "'log' is no finite number in 1,000 of 1,000 draws")]:
            ran = self.tarn("hypothesis", "fit.h5", expression)
            self.assertEqual(ran.returncode, 3 if expression.startswith("log") else 2, expression)
            self.assertIn(message, ran.stderr.decode())

    def test_values_are_those_of_the_draws(self):
        self.fit()
        draws = self.draws("b", "sd_g", "sigma", "r_g")
        got = self.hypotheses("b[x] > 0.45", "sd_g[Intercept]^2 / (sd_g[Intercept]^2 + sigma^2)",
                              "coef_g[g1,x] < b[x] and sigma > 0.4", "coef_g[g2,Intercept] - sigma > 1")
        x = draws["b[x]"]
        self.assertEqual(got[0]["quantity"], "b[x] - 0.45")
        self.near(got[0]["mean"], statistics.fmean(x) - 0.45)
        self.near(got[0]["sd"], statistics.stdev(x))
        self.near(got[0]["q2.5"], quantile(x, 0.025) - 0.45)
        self.near(got[0]["probability"], sum(v > 0.45 for v in x) / len(x))
        p = got[0]["probability"]
        self.near(got[0]["evidence_ratio"], p / (1 - p))
        # Independent draws would have sqrt(p (1 - p) / n).
        self.assertGreater(got[0]["probability_mcse"], 0.3 * math.sqrt(p * (1 - p) / len(x)))
        self.assertLess(got[0]["probability_mcse"], 3 * math.sqrt(p * (1 - p) / len(x)))
        share = [s ** 2 / (s ** 2 + e ** 2) for s, e in zip(draws["sd_g[Intercept]"], draws["sigma"])]
        self.near(got[1]["mean"], statistics.fmean(share))
        self.near(got[1]["q97.5"], quantile(share, 0.975))
        self.assertNotIn("probability", got[1])
        both = [r + b < b and s > 0.4 for r, b, s in zip(draws["r_g[g1,x]"], x, draws["sigma"])]
        self.near(got[2]["probability"], sum(both) / len(both))
        self.assertNotIn("mean", got[2])
        left = [b + r - s - 1 for b, r, s in
                zip(draws["b[Intercept]"], draws["r_g[g2,Intercept]"], draws["sigma"])]
        self.near(got[3]["mean"], statistics.fmean(left))

    def test_what_all_draws_say_is_not_certain(self):
        self.fit()
        got = self.hypotheses("sigma > 0")[0]
        self.assertEqual((got["probability"], got["probability_mcse"], got["evidence_ratio"]), (1, None, None))
        out, err = self.succeed("hypothesis", "fit.h5", "sigma > 0")
        self.assertEqual(err, "")
        self.assertRegex(out, r"sigma > 0 +1 +- +inf")
        self.assertIn("(where all draws agree, the probability is 0 or 1 only as far as that many draws tell)", out)

    def test_text(self):
        self.fit()
        out, _ = self.succeed("hypothesis", "fit.h5", "b[x] > 0.45", "--ci", "0.9")
        self.assertIn("fit.h5: 4 chains of 250 draws, 90 % equal-tailed intervals\n", out)
        self.assertRegex(out, r"expression +mean +sd +mcse +q5 +q95 +ess_bulk +ess_tail\nb\[x\] - 0.45 +-?\d")
        self.assertRegex(out, r"condition +P\(true\) +mcse +evidence ratio\nb\[x\] > 0.45 +0\.\d+ +0\.\d+ +\d")
        self.assertLessEqual(max(map(len, out.splitlines())), 100)


class Info(Answers):
    def test_what_a_file_is(self):
        self.fit("y ~ x + (1 + x | g)", "--prior", "b[x] ~ normal(0, 2)", "--warmup", "300")
        out, err = self.succeed("info", "fit.h5")
        self.assertEqual(err, "")
        for line in ["fit.h5\n\nformula       y ~ x + (1 + x | g)\n", "\nfamily        gaussian\n",
                     "\ndata          d.csv (SHA-256 ", "\nrows          60 rows used\n",
                     "\ngroups        g with 6 levels: g0, g1, g2, g3, g4 and g5\n", "\nmodel         random_slope ",
                     "\nsampler       collapsed ", "\ndraws         4 chains of 250 draws after 300 of warm-up\n",
                     "\nparameters    b[2], sigma, sd_g[2], cor_g[2 x 2] and r_g[6 x 2]\n", "\nseed          7\n"]:
            self.assertIn(line, out)
        self.assertRegex(out, r"b\[x\] +normal\(0, 2\) +given: b\[x\] ~ normal\(0, 2\)\n")
        self.assertRegex(out, r"\nIntercept +normal\(.*\) +default: mean\(y\), 2.5 sd\(y\), at the means\n")
        got = json.loads(self.succeed("info", "fit.h5", "fit.h5", "--json")[0])
        self.assertEqual([file["file"] for file in got["files"]], ["fit.h5", "fit.h5"])
        one = got["files"][0]
        self.assertEqual((one["formula"], one["seed"], one["chains"], one["draws"], one["complete"]),
                         ("y ~ x + (1 + x | g)", "7", 4, 250, True))
        self.assertEqual(one["variables"][0]["name"], "b")

    def test_misuse_in_words(self):
        self.assertEqual(self.tarn("info").stderr.decode(),
                         "tarn: tarn info needs a chain file, for example: tarn info radon.h5\n")
        self.assertEqual(self.tarn("info", "nowhere.h5").returncode, 3)

    def test_priors_and_formula_of_a_fit(self):
        self.fit("y ~ x + (1 + x | g)", "--prior", "b[x] ~ normal(0, 2)")
        asked = self.succeed("priors", "d.csv", "y ~ x + (1 + x | g)", "--prior", "b[x] ~ normal(0, 2)", "--json")[0]
        stored = self.succeed("priors", "fit.h5", "--json")[0]
        self.assertEqual(json.loads(stored)["priors"], json.loads(asked)["priors"])
        out = self.succeed("priors", "fit.h5")[0]
        self.assertTrue(out.startswith("fit.h5, as it was fitted: model random_slope, --center yes\n"), out)
        asked = json.loads(self.succeed("formula", "d.csv", "y ~ x + (1 + x | g)", "--json")[0])
        stored = json.loads(self.succeed("formula", "fit.h5", "--json")[0])
        self.assertEqual(stored.pop("file"), "fit.h5")
        self.assertEqual(stored, asked)
        self.assertTrue(self.succeed("formula", "fit.h5")[0].endswith(
            self.succeed("formula", "d.csv", "y ~ x + (1 + x | g)")[0]))
        ran = self.tarn("priors", "fit.h5", "--prior", "b ~ normal(0, 1)")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: --prior b ~ normal(0, 1): 'fit.h5' is a fit, of which this is told as it was; "
                         "give DATA and FORMULA to try something else\n")


class Groups(Answers):
    def groups(self, *words):
        return json.loads(self.succeed("groups", "fit.h5", *words, "--json")[0])

    def test_ranks_are_those_within_draws(self):
        self.fit()
        draws = self.draws("b", "r_g")
        got = self.groups("g", "--top", "2", "--pair", "g1 > g2")
        levels = [f"g{j}" for j in range(6)]
        of = {g: [b + r for b, r in zip(draws["b[Intercept]"], draws[f"r_g[{g},Intercept]"])] for g in levels}
        ranks = {g: [] for g in levels}
        for k in range(1000):
            for place, g in enumerate(sorted(levels, key=lambda g: -of[g][k])):
                ranks[g].append(place + 1)
        self.assertEqual(sorted(group["level"] for group in got["groups"]), levels)
        for group in got["groups"]:
            g = group["level"]
            self.near(group["mean"], statistics.fmean(of[g]))
            self.near(group["q97.5"], quantile(of[g], 0.975))
            self.near(group["rank"]["mean"], statistics.fmean(ranks[g]))
            self.near(group["rank"]["q2.5"], quantile(ranks[g], 0.025))
            self.near(group["among_first"], sum(r <= 2 for r in ranks[g]) / 1000)
        means = [group["rank"]["mean"] for group in got["groups"]]
        self.assertEqual(means, sorted(means))
        pair = got["pairs"][0]
        self.assertEqual((pair["greater"], pair["than"]), ("g1", "g2"))
        self.near(pair["probability"], sum(a > b for a, b in zip(of["g1"], of["g2"])) / 1000)
        self.near(pair["mean"], statistics.fmean(of["g1"]) - statistics.fmean(of["g2"]))

    def test_another_term_and_the_lowest_first(self):
        self.fit()
        draws = self.draws("b", "r_g")
        got = self.groups("--term", "x", "--lowest")
        self.assertEqual((got["grouping"], got["term"], got["lowest_first"]), ("g", "x", True))
        first = got["groups"][0]
        self.near(first["mean"], statistics.fmean(
            b + r for b, r in zip(draws["b[x]"], draws[f"r_g[{first['level']},x]"])))
        self.near(sum(group["among_first"] for group in got["groups"]), 1)

    def test_effects_without_a_coefficient_stand_alone(self):
        self.fit("y ~ 0 + x + (1 | g)")
        self.assertFalse(self.groups("g")["with_coefficient"])
        self.assertIn("r_g[...,Intercept], for b has no Intercept of 6 levels, highest first",
                      self.succeed("groups", "fit.h5")[0])

    def test_text(self):
        self.fit()
        out, err = self.succeed("groups", "fit.h5", "g", "--top", "3", "--pair", "g1 > g2")
        self.assertEqual(err, "")
        self.assertIn("fit.h5: 4 chains of 250 draws, 95 % equal-tailed intervals\n"
                      "b[Intercept] + r_g[...,Intercept] of 6 levels, highest first\n", out)
        self.assertRegex(out, r"\ng +mean +sd +q2.5 +q97.5 +rank +q2.5 +q97.5 +P\(first 3\)\n")
        self.assertIn("(3 levels more: --all or --json has them)\n", out)
        self.assertRegex(out, r"pair +difference +sd +q2.5 +q97.5 +P\(>\) +mcse\ng1 > g2 +-?\d")

    def test_misuse_in_words(self):
        self.fit()
        for words, message in [
                (["groups"], "tarn groups needs a chain file and a grouping, for example: tarn groups radon.h5 county"),
                (["groups", "fit.h5", "gg"],
                 "no effects of a grouping 'gg' in this file; did you mean 'g'? its groupings are g"),
                (["groups", "fit.h5", "g", "--term", "z"],
                 "--term z: no such effects of g; there are Intercept and x"),
                (["groups", "fit.h5", "g", "--pair", "g1 > g9"],
                 "--pair 'g1 > g9': 'g9' is no level of g; did you mean 'g0'? its levels are g0, g1, g2, g3, g4 and g5"),
                (["groups", "fit.h5", "g", "--pair", "g1"],
                 "--pair 'g1': write two levels with > between them, such as 'g0 > g5'"),
                (["groups", "fit.h5", "g", "--pair", "g1 > g1"],
                 "--pair 'g1 > g1': this compares a level with itself")]:
            ran = self.tarn(*words)
            self.assertEqual(ran.returncode, 2)
            self.assertEqual(ran.stderr.decode(), f"tarn: {message}\n")
        self.fit("y ~ x")
        ran = self.tarn("groups", "fit.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: this fit has no group effects; groups are those of a term such as (1 | g)\n")


class Export(Answers):
    def test_tidy_draws(self):
        self.fit()
        out, err = self.succeed("export", "fit.h5", "-o", "d1.csv")
        self.assertEqual((out, err), ("", "1,000 draws of 18 columns: d1.csv\n"))
        lines = self.read("d1.csv").decode().splitlines()
        names = self.split(lines[0])
        self.assertEqual(names[:3], [".chain", ".iteration", ".draw"])
        self.assertIn("r_g[g3,x]", names)
        self.assertIn("cor_g[Intercept,x]", names)
        self.assertFalse([name for name in names if name.startswith("centered")])
        self.assertEqual(len(lines), 1001)
        self.assertEqual(lines[251].split(",")[:3], ["2", "1", "251"])
        parameters = json.loads(self.succeed("summary", "fit.h5", "--all", "--json")[0])["parameters"]
        means = {one["name"]: one["mean"] for one in parameters}
        for k, name in enumerate(names[3:], 3):
            self.near(statistics.fmean(float(line.split(",")[k]) for line in lines[1:]), means[name])

    def test_json_and_definitions(self):
        self.fit()
        self.succeed("export", "fit.h5", "-o", "d.json", "--only", "coef_g", "--only", "b[*", "--quiet",
                     "--define", "big = b[x] > 0.5", "--define", "icc=sd_g[x]^2/(sd_g[x]^2+sigma^2)")
        columns = json.loads(self.read("d.json"))["columns"]
        self.assertEqual(list(columns)[:5], [".chain", ".iteration", ".draw", "b[Intercept]", "b[x]"])
        self.assertEqual(list(columns)[-2:], ["big", "icc"])
        self.assertEqual(columns["big"], [float(x > 0.5) for x in columns["b[x]"]])
        draws = self.draws("r_g", "b", "sd_g", "sigma")
        for c, r, b in zip(columns["coef_g[g4,x]"], draws["r_g[g4,x]"], draws["b[x]"]):
            self.near(c, r + b)
        for icc, s, e in zip(columns["icc"], draws["sd_g[x]"], draws["sigma"]):
            self.near(icc, s * s / (s * s + e * e))

    def test_cmdstan_files(self):
        self.fit()
        _, err = self.succeed("export", "fit.h5", "-o", "m.csv", "--layout", "cmdstan", "--define", "v = sigma^2")
        self.assertEqual(err, "1,000 draws of 19 columns: m_1.csv, m_2.csv, m_3.csv and m_4.csv\n")
        draws = self.draws("b", "r_g")
        text = self.read("m_2.csv").decode().splitlines()
        comments = [line for line in text if line.startswith("#")]
        self.assertIn("# b.2 = b[x]", comments)
        self.assertIn("# r_g.4.2 = r_g[g3,x]", comments)
        self.assertIn("#     num_samples = 250", comments)
        self.assertIn("# id = 2", comments)
        table = [line.split(",") for line in text if not line.startswith("#")]
        self.assertEqual(table[0][:3], ["lp__", "b.1", "b.2"])
        self.assertEqual(table[0][-1], "v")
        self.assertEqual(len(table), 251)
        for row, b, r in zip(table[1:], draws["b[x]"][250:], draws["r_g[g3,x]"][250:]):
            self.assertEqual(float(row[2]), b)
            self.assertEqual(float(row[table[0].index("r_g.4.2")]), r)

    def test_tables(self):
        self.fit()
        os.rename(self.path("fit.h5"), self.path("a_1.h5"))
        self.fit("y ~ 1 + (1 | g)")
        os.rename(self.path("fit.h5"), self.path("b.h5"))
        _, err = self.succeed("export", "a_1.h5", "-o", "one.md")
        self.assertEqual(err, "a table of 1 fit: one.md\n")
        text = self.read("one.md").decode()
        self.assertTrue(text.startswith("| parameter | mean | sd | q2.5 | q97.5 |\n|---|---:|---:|---:|---:|\n"
                                        "| b\\[Intercept\\] | "), text)
        self.assertTrue(text.endswith("\n\nPosterior means and standard deviations; 95 % equal-tailed intervals; "
                                      "a\\_1: 60 rows, 1,000 draws.\n"), text)
        self.assertNotIn("| r\\_g", text)
        self.succeed("export", "a_1.h5", "b.h5", "-o", "two.tex", "--define", "v = sigma^2", "--ci", "0.9")
        lines = self.read("two.tex").decode().splitlines()
        self.assertEqual(lines[:5], ["% \\usepackage{booktabs}", "\\begin{tabular}{lrr}", "\\toprule",
                                     "parameter & a\\_1 & b \\\\", "\\midrule"])
        rows = {line.split(" & ")[0]: line for line in lines}
        self.assertRegex(rows["b[x]"], r"^b\[x\] & 0\.\d+ \[0?(\$-\$)?\d.*\] &  \\\\$")
        self.assertRegex(rows["v"], r"^v & 0\.\d+ \[.*\] & 0\.\d+ \[.*\] \\\\$")
        self.assertIn("Posterior means; 90 \\% equal-tailed intervals; a\\_1: 60 rows, 1,000 draws; "
                      "b: 60 rows, 1,000 draws.", lines[-2])

    def test_misuse_in_words(self):
        self.fit()
        for words, message in [
                (["fit.h5"], "tarn export needs a chain file and a file to write, for example: tarn export radon.h5 "
                             "-o draws.csv"),
                (["fit.h5", "-o", "d.txt"], "--output d.txt: its name ends in .csv or .json (draws), or in .md or .tex "
                                            "(a table)"),
                (["fit.h5", "fit.h5", "-o", "e.csv"],
                 "draws of one fit go into one file, and there are 2 fits; a table (.md or .tex) takes several"),
                (["fit.h5", "-o", "e.json", "--layout", "cmdstan"], "--layout cmdstan: CmdStan's files end in .csv"),
                (["fit.h5", "-o", "e.md", "--layout", "tidy"], "--layout tidy: this is for draws (.csv)"),
                (["fit.h5", "-o", "e.csv", "--only", "x"],
                 "--only x: no such parameter; did you mean 'b[x]', 'sd_g[x]', 'cor_g[Intercept,x]', 'r_g[g0,x]', ... "
                 "(15 in all)? the variables are b, sigma, sd_g, cor_g, r_g and coef_g"),
                (["fit.h5", "-o", "e.csv", "--define", "sigma^2"],
                 "--define 'sigma^2': write NAME = EXPRESSION, such as 'icc = sd_g^2 / (sd_g^2 + sigma^2)'"),
                (["fit.h5", "-o", "e.csv", "--define", "sigma = b[x]"],
                 "--define 'sigma = b[x]': there is a 'sigma' already; take another name")]:
            ran = self.tarn("export", *words)
            self.assertEqual(ran.returncode, 2, words)
            self.assertEqual(ran.stderr.decode(), f"tarn: {message}\n")
        self.write("e.csv", "mine")
        ran = self.tarn("export", "fit.h5", "-o", "e.csv")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(self.read("e.csv"), b"mine")


class SeveralFiles(Answers):
    def test_summary_and_check_take_several(self):
        self.fit()
        out, _ = self.succeed("summary", "fit.h5", "fit.h5", "sigma")
        self.assertEqual(out.count("fit.h5: model random_slope by collapsed"), 2)
        self.assertEqual(out.count("\nsigma "), 2)
        one = json.loads(self.succeed("summary", "fit.h5", "sigma", "--json")[0])
        both = json.loads(self.succeed("summary", "fit.h5", "fit.h5", "sigma", "--json")[0])
        self.assertEqual(both, {"schema_version": 1, "fits": [one, one]})
        one = self.succeed("check", "fit.h5", "convergence")[0]
        self.assertEqual(self.succeed("check", "fit.h5", "fit.h5", "convergence")[0],
                         f"fit.h5\n\n{one}\nfit.h5\n\n{one}")
        both = json.loads(self.succeed("check", "fit.h5", "fit.h5", "convergence", "--json")[0])
        self.assertEqual([fit["file"] for fit in both["fits"]], ["fit.h5", "fit.h5"])

    def test_and_sensitivity_says_which_do(self):
        ran = self.tarn("sensitivity", "a.h5", "b.h5")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: tarn sensitivity takes one chain file at a time; tarn summary, check, compare, report "
                         "and export take several\n")

    def test_a_label_alone_is_hinted_at(self):
        self.fit("y ~ x + (1 | g)")
        ran = self.tarn("summary", "fit.h5", "x")
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: no parameter 'x' in this file; did you mean 'b[x]'? its variables are b, sigma, sd_g "
                         "and r_g\n")


if __name__ == "__main__":
    main()
