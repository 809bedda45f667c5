"""--center: what it moves, what is printed and stored of it, and that commands agree about it.

usage: centering.py TARN PLUGINS"""

import json
import random

import h5py

from support import Case, main

FORMULA = "y ~ year + (year | site)"
RUN = ["--seed", "1", "--chains", "2", "--draws", "200"]


class Centering(Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        lines = ["year,yr,site,y"]
        for s in range(8):
            intercept, slope = draw.gauss(0, 1), draw.gauss(0, 0.2)
            for year in range(1995, 2015):
                y = intercept + slope * (year - 2005) + draw.gauss(0, 1)
                lines.append(f"{year},{year - 2005},s{s},{y:.4f}")
        self.write("years.csv", "\n".join(lines) + "\n")

    def fit(self, formula, out, *more):
        return self.succeed("fit", "years.csv", formula, "-o", out, *RUN, *more)

    def variables(self, name):
        with h5py.File(self.path(name), "r") as file:
            return {key: (value[...], dict(value.attrs)) for key, value in file["posterior"].items()}

    def test_priors_say_where_they_are(self):
        out, _ = self.succeed("priors", "years.csv", FORMULA)
        for source in ["default: mean(y), 2.5 sd(y), at the means\n",
                       "default: 2.5 sd(y), at the means\n",
                       "default: uniform over correlation matrices, at the means\n"]:
            self.assertEqual(out.count(source), 1, source)
        self.assertEqual(out.count(", at the means\n"), 3)
        self.assertIn("so are those of the groups' intercepts and their correlations (--center "
                      "population changes these)\n", out)
        out, _ = self.succeed("priors", "years.csv", FORMULA, "--center", "population")
        self.assertIn("default: mean(y), 2.5 sd(y), at the means\n", out)
        self.assertEqual(out.count(", at the means\n"), 1)
        self.assertNotIn("so are those of the groups", out)
        out, _ = self.succeed("priors", "years.csv", FORMULA, "--center", "no")
        self.assertNotIn("means", out)

        out, _ = self.succeed("priors", "years.csv", FORMULA, "--json")
        said = json.loads(out)
        self.assertTrue(said["center"])
        self.assertTrue(said["center_groups"])
        self.assertEqual({p["key"] for p in said["priors"] if p["at_means"]},
                         {"Intercept", "sd(site, Intercept)", "cor(site)"})
        out, _ = self.succeed("priors", "years.csv", FORMULA, "--json", "--center", "population")
        said = json.loads(out)
        self.assertTrue(said["center"])
        self.assertFalse(said["center_groups"])

    def test_a_stated_prior_of_the_groups_intercepts_is_noted(self):
        stated = ["--prior", "sd(site, Intercept) ~ half_normal(3)"]
        note = ("note: prior 'sd(site, Intercept) ~ half_normal(3)' is meant at the covariates' "
                "mean, year = 2004, and not where it is 0; --center population takes it there\n")
        _, err = self.fit(FORMULA, "stated.h5", *stated)
        self.assertIn(note, err)
        out, _ = self.succeed("priors", "years.csv", FORMULA, *stated)
        self.assertIn(note, out)
        _, err = self.fit("y ~ yr + (yr | site)", "near.h5", *stated)  # 0.5 from 0, sd 5.8
        self.assertNotIn("note:", err)
        _, err = self.fit(FORMULA, "slopes.h5", "--prior", "sd(site, year) ~ half_normal(3)")
        self.assertNotIn("note:", err)

    def test_the_file_holds_both_covariances(self):
        self.fit(FORMULA, "out.h5")
        held = self.variables("out.h5")
        role = {name: attributes.get("tarn_role", b"") for name, (_, attributes) in held.items()}
        role = {name: r.decode() if isinstance(r, bytes) else r for name, r in role.items()}
        self.assertEqual(role["sd_site"], "derived")
        self.assertEqual(role["cor_site"], "derived")
        self.assertEqual(role["centered_sd_site"], "internal")
        self.assertEqual(role["centered_cor_site"], "internal")
        self.assertEqual(role["r_site"], "")
        # Slopes are the same about any origin.
        self.assertTrue((held["sd_site"][0][..., 1] == held["centered_sd_site"][0][..., 1]).all())
        sd, correlation = held["centered_sd_site"][0], held["centered_cor_site"][0][..., 0, 1]
        with h5py.File(self.path("out.h5"), "r") as file:
            config = json.loads(file["tarn_config"][()])
        self.assertEqual(config["center"], "yes")
        mean = config["formula_state"]["group_center"][0]
        self.assertEqual(mean, [0, 2004.5])
        variance = (sd[..., 0] ** 2 + (mean[1] * sd[..., 1]) ** 2
                    - 2 * mean[1] * correlation * sd[..., 0] * sd[..., 1])
        self.assertLess(abs(held["sd_site"][0][..., 0] ** 2 / variance - 1).max(), 1e-9)

        out, _ = self.succeed("summary", "out.h5", "--json")
        shown = [p["name"] for p in json.loads(out)["parameters"]]
        self.assertEqual(shown, ["b[Intercept]", "b[year]", "sigma", "sd_site[Intercept]",
                                 "sd_site[year]", "cor_site[Intercept,year]"])
        out, _ = self.succeed("summary", "out.h5")
        self.assertNotIn("centered_", out)
        self.assertIn("16 group effects and 3 internal parameters judged but not shown: --all", out)
        for words in [["--all"], ["centered_*"]]:
            out, _ = self.succeed("summary", "out.h5", *words, "--json")
            shown = [p["name"] for p in json.loads(out)["parameters"]]
            self.assertIn("centered_cor_site[Intercept,year]", shown)

    def test_nothing_changes_where_nothing_is_moved(self):
        for k, formula in enumerate(["y ~ year + (center(year) | site)", "y ~ year + (1 | site)",
                                     "y ~ yr + (yr || site)", "y ~ year + (0 + year | site)"]):
            self.fit(formula, "yes.h5", "--force")
            self.fit(formula, "population.h5", "--center", "population", "--force")
            yes, population = self.variables("yes.h5"), self.variables("population.h5")
            self.assertEqual(list(yes), list(population), formula)
            for name, (values, _) in yes.items():
                self.assertTrue((values == population[name][0]).all(), (formula, name))

    def test_commands_take_a_centred_fit_up_again(self):
        self.fit(FORMULA, "out.h5")
        self.succeed("loglik", "out.h5")
        for command in [["check"], ["sensitivity"], ["summary"]]:
            ran = self.tarn(*command, "out.h5", "--json")
            self.assertIn(ran.returncode, (0, 6), ran.stderr.decode())
        out, _ = self.succeed("sensitivity", "out.h5")
        self.assertIn("sd_site[Intercept]", out)
        self.assertNotIn("centered_", out)
        # The rows of the fit, and new groups: the same from either origin, draw by draw.
        self.fit("y ~ yr + (yr | site)", "near.h5")
        self.write("new.csv", "year,yr,site\n2020,15,s1\n2020,15,new\n")
        for words in [[], ["new.csv", "--new-groups", "sample"], ["new.csv", "--new-groups", "population"]]:
            for more in [[], ["--scale", "mean"]]:
                tables = []
                for file in ["out.h5", "near.h5"]:
                    out, _ = self.succeed("predict", file, *words, *more, "--json", "--seed", "2")
                    tables.append(json.loads(out))
                self.agree(*tables)

    def agree(self, a, b):
        """Numbers up to what rounding leaves; all else equal."""
        if isinstance(a, float):
            self.assertLess(abs(a - b), 1e-6 * (1 + abs(b)))
        elif isinstance(a, list):
            self.assertEqual(len(a), len(b))
            for x, y in zip(a, b):
                self.agree(x, y)
        elif isinstance(a, dict):
            for key in a:
                if key not in ("fit", "file", "formula"):
                    self.agree(a[key], b[key])

    def test_resumed_draws_are_those_of_one_run(self):
        self.fit(FORMULA, "whole.h5", "--sampler", "nuts", "--set", "target=full", "--warmup", "100")
        self.succeed("fit", "years.csv", FORMULA, "-o", "part.h5", "--seed", "1", "--chains", "2",
                     "--draws", "120", "--sampler", "nuts", "--set", "target=full", "--warmup",
                     "100")
        self.succeed("extend", "part.h5", "--draws", "80")
        whole, part = self.variables("whole.h5"), self.variables("part.h5")
        for name, (values, _) in whole.items():
            self.assertTrue((values == part[name][0]).all(), name)

    def test_another_origin_gives_the_same_lines(self):
        self.fit(FORMULA, "year.h5")
        self.fit("y ~ yr + (yr | site)", "yr.h5")
        year, yr = self.variables("year.h5"), self.variables("yr.h5")
        for name in ["sigma", "centered_sd_site", "centered_cor_site"]:
            a, b = year[name][0], yr[name][0]
            self.assertLess(abs(a - b).max() / abs(b).max(), 1e-6, name)
        slopes = abs(year["r_site"][0][..., 1] - yr["r_site"][0][..., 1]).max()
        self.assertLess(slopes, 1e-6)
        # r_0 there is r_0 - 2005 r_1 here.
        moved = yr["r_site"][0][..., 0] - 2005 * yr["r_site"][0][..., 1]
        self.assertLess(abs(year["r_site"][0][..., 0] - moved).max(), 1e-3)

    def test_true_values_are_those_at_0(self):
        self.write("rows.csv", "year,site\n" + "".join(
            f"{2000 + k % 7},s{k % 5}\n" for k in range(70)))
        truth = ["--true", "sd_site[year] = 0.3", "--true", "sd_site[Intercept] = 600",
                 "--true", "cor_site = -0.5", "--true", "sigma = 1"]
        self.succeed("simulate", "rows.csv", FORMULA, "-o", "made.csv", "--seed", "1", *truth)
        with open(self.path("made.truth.json")) as file:
            said = json.load(file)
        self.assertEqual(said["sd_site[year]"], 0.3)
        self.assertEqual(said["sd_site[Intercept]"], 600)
        self.assertEqual(said["cor_site[Intercept,year]"], -0.5)
        m = 2003
        variance = 600 ** 2 + (m * 0.3) ** 2 - 2 * 0.5 * 600 * m * 0.3
        self.assertLess(abs(said["centered_sd_site[Intercept]"] ** 2 / variance - 1), 1e-9)
        # Slopes alone leave the intercepts as they were drawn at the means.
        self.succeed("simulate", "rows.csv", FORMULA, "-o", "slopes.csv", "--seed", "1", "--true",
                     "sd_site[year] = 0.3")
        with open(self.path("slopes.truth.json")) as file:
            said = json.load(file)
        self.assertEqual(said["sd_site[year]"], 0.3)
        self.assertEqual(said["centered_sd_site[year]"], 0.3)
        self.assertLess(said["centered_sd_site[Intercept]"], 100)


if __name__ == "__main__":
    main()
