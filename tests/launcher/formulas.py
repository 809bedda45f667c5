"""Formulas that people type, from the data to the prediction of new rows."""

import json
import random

from support import Case, main

# Three by two cells, one of which never occurs.
CELLS = "f,h,y\n" + "".join(
    f"{f},{h},{2 + 'abc'.index(f) + 3 * (h == 'v') + (f == 'b' and h == 'v') + 0.1 * e:.2f}\n"
    for e in (-3, -1, 0, 1, 2, 1, -2, 2)
    for f in "abc" for h in "uv" if (f, h) != ("c", "v"))


class Formulas(Case):
    def fit(self, formula, *words, data="d.csv"):
        return self.succeed("fit", data, formula, "--seed", "1", "--draws", "500", "--force", "-o",
                            "fit.h5", *words)

    def means(self):
        out, _ = self.succeed("summary", "fit.h5", "--all", "--json")
        return {p["name"]: p["mean"] for p in json.loads(out)["parameters"]}

    def predict(self, *words):
        out, err = self.succeed("predict", "fit.h5", *words, "--json")
        return json.loads(out)["rows"], err

    def test_an_empty_cell_is_left_out_and_the_others_are_estimated(self):
        self.write("cells.csv", CELLS)
        _, err = self.fit("y ~ f * h", data="cells.csv")
        self.assertIn("note: 'fc:hv' is left out: no row has f = c with h = v\n", err)
        b = self.means()
        self.assertEqual([name for name in b if name.startswith("b[")],
                         ["b[Intercept]", "b[fb]", "b[fc]", "b[hv]", "b[fb:hv]"])
        # 8 rows for each cell with a standard deviation of 0.2: the means are within 0.07, and
        # differences of four of them within 0.14; priors pull by less.
        for name, true in {"b[Intercept]": 2, "b[fb]": 1, "b[fc]": 2, "b[hv]": 3,
                           "b[fb:hv]": 1}.items():
            self.assertLess(abs(b[name] - true), 0.4, name)

    def test_the_empty_cell_is_never_predicted(self):
        self.write("cells.csv", CELLS)
        self.fit("y ~ f * h", data="cells.csv")
        self.write("new.csv", "f,h\nc,u\nc,v\nb,v\n")
        rows, err = self.predict("new.csv", "--scale", "mean")
        self.assertEqual([row["row"] for row in rows], [1, 2, 3])
        self.assertIsNone(rows[1]["mean"])
        self.assertEqual(rows[1]["missing"], "no row of the fit has f = c with h = v")
        self.assertLess(abs(rows[0]["mean"] - 4), 0.3)
        self.assertLess(abs(rows[2]["mean"] - 7), 0.3)
        self.assertIn("1 of 3 rows cannot be predicted:\n"
                      "  no row of the fit has f = c with h = v: row 2\n", err)

    def test_empty_cells_of_group_terms_are_left_out_too(self):
        draw = random.Random(3)
        lines = ["y,f,h,g"]
        for i in range(120):
            f, h = "abc"[i % 3], "uv"[i // 3 % 2]
            if (f, h) == ("c", "v"):
                continue
            lines.append(f"{i % 5 + draw.gauss(0, 1):.4f},{f},{h},g{i % 5}")
        self.write("d.csv", "\n".join(lines) + "\n")
        out, _ = self.succeed("formula", "d.csv", "y ~ f + h + (0 + f:h || g)")
        self.assertIn("'fc:hv | g' is left out: no row has f = c with h = v", out)
        self.assertNotIn("(0 + fc:hv | g)", out)
        self.assertIn("(0 + fb:hv | g)", out)

    def test_slopes_far_from_the_origin_are_noted(self):
        draw = random.Random(5)
        lines = ["year,site,y,since"]
        for s in range(8):
            slope = draw.gauss(0, 0.2)
            for year in range(1995, 2015):
                y = slope * (year - 2005) + draw.gauss(0, 1)
                lines.append(f"{year},s{s},{y:.4f},{year - 1995}")
        self.write("d.csv", "\n".join(lines) + "\n")
        note = ("note: (year | site) speaks of year = 0, which is 2004 units, 347 standard "
                "deviations, away from the mean of year: the priors of sd(site, Intercept) and of "
                "the correlation are meant there; leave out --center, or write (center(year) | "
                "site)\n")
        for center in ["no", "population"]:
            _, err = self.fit("y ~ year + (year | site)", "--center", center)
            self.assertIn(note, err)
        _, err = self.fit("y ~ year + (year | site)")
        self.assertNotIn("note:", err)
        other = ("note: ({0} || site) says that intercepts and slopes are independent at {0} = 0, "
                 "which lies outside the data (from {1} to {2}), and the prior of sd(site, "
                 "Intercept) is meant there; write ({0} | site), or (center({0}) || site)\n")
        _, err = self.fit("y ~ year + (year || site)")
        self.assertIn(other.format("year", 1995, 2014), err)
        _, err = self.fit("y ~ year + (I(since + 1) || site)")
        self.assertIn(other.format("I(since + 1)", 1, 20), err)
        for formula in ["y ~ year + (center(year) | site)", "y ~ year + (since | site)",
                        "y ~ year + (1 | site)", "y ~ year + (0 + year | site)",
                        "y ~ year + (scale(year) | site)", "y ~ year + (factor(since) || site)"]:
            out, _ = self.succeed("formula", "d.csv", formula)
            self.assertNotIn("speaks of", out, formula)
            self.assertNotIn("independent at", out, formula)

    def test_dummies_that_are_as_many_as_rows_are_refused(self):
        self.write("d.csv", "y,day\n" + "".join(f"{i * 7 % 5}.5,d{i}\n" for i in range(12)))
        ran = self.tarn("fit", "d.csv", "y ~ day")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode(),
                         "tarn: the formula has as many coefficients as there are rows, 12: they "
                         "fit any response, and nothing is left to tell sigma by; leave terms out, "
                         "or write (1 | g) for a factor g with many levels\n")

    def test_a_level_for_each_row_is_noted_and_fitted(self):
        draw = random.Random(2)
        self.write("d.csv", "y,x,id\n" + "".join(
            f"{1 + draw.gauss(0, 1):.4f},{draw.gauss(0, 1):.4f},i{i}\n" for i in range(40)))
        for sampler in ["collapsed", "gibbs", "nuts"]:
            _, err = self.fit("y ~ x + (1 | id)", "--sampler", sampler)
            self.assertIn(
                "note: 'id' has a level for each of the 40 rows, so its effects and the residuals "
                "are told apart by the priors of sd(id, Intercept) and sigma alone; if the standard "
                "errors of the response are known, give them, as in 'y | se(s) ~ ...'\n", err)
            b = self.means()
            # What is known is the sum: the sample's variance is 1 within 0.23 (a standard error).
            self.assertLess(abs(b["sd_id[Intercept]"] ** 2 + b["sigma"] ** 2 - 1), 0.75)
        # Flat priors of both have an integral here: 40 rows less two coefficients, two powers.
        self.fit("y ~ x + (1 | id)", "--prior", "sd(id) ~ flat()", "--prior", "sigma ~ flat()")

    def test_a_level_for_each_row_is_refused_where_flat_priors_leave_no_integral(self):
        self.write("d.csv", "y,x,id\n1,2,a\n3,5,b\n2,2,c\n6,1,d\n")
        ran = self.tarn("fit", "d.csv", "y ~ x + (1 | id)", "--prior", "sd(id) ~ flat()", "--prior",
                        "sigma ~ flat()", "--prior", "b ~ flat()", "--prior", "Intercept ~ flat()")
        self.assertEqual(ran.returncode, 3)
        self.assertEqual(ran.stderr.decode().splitlines()[-1],
                         "tarn: 'id' has a level for each of the 4 rows, and with the flat priors "
                         "'sigma ~ flat()' and 'sd(id, Intercept) ~ flat()' the posterior is "
                         "improper; give proper priors, such as half_normal(1)")

    def test_terms_on_one_factor_are_joined(self):
        draw = random.Random(4)
        self.write("d.csv", "y,x,z,g,h\n" + "".join(
            f"{i % 6 + draw.gauss(0, 1):.4f},{draw.gauss(0, 1):.4f},{draw.gauss(0, 1):.4f},g{i % 6},"
            f"h{i % 18}\n" for i in range(90)))
        for formula, terms in {
                "y ~ x + (1 | g) + (x || g/h)":
                    "(1 | g), (0 + x | g), (1 | g:h) and (0 + x | g:h)",
                "y ~ x + (1 | g) + (0 + x | g) + (0 + z | g)":
                    "(1 | g), (0 + x | g) and (0 + z | g)",
                "y ~ x + (1 | g/h) + (0 + x | g)": "(1 | g), (1 | g:h) and (0 + x | g)",
                "y ~ x + (x || g) + (z || g)": "(1 | g), (0 + x | g) and (0 + z | g)",
                "y ~ x + (1 | g:h) + (0 + x | h:g)": "(1 | g:h) and (0 + x | g:h)",
                "y ~ x + (1 + x | g) + (x + 1 | g)": "(1 + x | g)"}.items():
            out, _ = self.succeed("formula", "d.csv", formula)
            self.assertIn(terms, " ".join(out.split()), formula)
        self.fit("y ~ x + (1 | g) + (x || g/h)")
        names = self.means()
        for name in ["sd_g[Intercept]", "sd_g[x]", "sd_g_h[Intercept]", "sd_g_h[x]"]:
            self.assertIn(name, names)

    def test_groups_may_be_made_by_a_call(self):
        draw = random.Random(8)
        self.write("d.csv", "y,x,g\n" + "".join(
            f"{i // 20 + draw.gauss(0, 1):.4f},{i / 20 + 0.01:.3f},g{i % 4}\n" for i in range(80)))
        self.fit("y ~ x + (1 | cut(x, c(0, 1, 2, 3, 4))) + (1 | interaction(g, I(x > 2)))", "--prior",
                 "sd(cut(x, c(0, 1, 2, 3, 4))) ~ half_normal(1)")
        names = self.means()
        self.assertIn("sd_cut(x_c(0_1_2_3_4))[Intercept]", names)
        self.assertIn("r_interaction(g_I(x > 2))[g0.FALSE,Intercept]", names)
        # Outside the breaks there is no group, as where the column is empty.
        self.write("new.csv", "x,g\n0.5,g1\n9,g1\n")
        rows, _ = self.predict("new.csv")
        self.assertEqual(rows[1]["missing"], "cut(x, c(0, 1, 2, 3, 4)) has no value")
        rows, _ = self.predict("new.csv", "--new-groups", "sample")
        self.assertNotIn("missing", rows[1])

    def check_again(self, formula, new, expected):
        """Fits y on what the formula makes of x and g; the prediction of new rows must be y."""
        lines = ["y,x,g"]
        draw = random.Random(6)
        for i in range(60):
            x, g = i / 6, "abc"[i % 3]
            lines.append(f"{expected(x, g) + 0.001 * draw.gauss(0, 1):.6f},{x!r},{g}")
        self.write("d.csv", "\n".join(lines) + "\n")
        self.fit(formula)
        self.write("new.csv", "x,g\n" + "".join(f"{x},{g}\n" for x, g in new))
        rows, _ = self.predict("new.csv", "--scale", "mean")
        for (x, g), row in zip(new, rows):
            self.assertLess(abs(row["mean"] - expected(x, g)), 0.01, (formula, x, g))

    def test_functions_mean_for_new_rows_what_they_meant_for_the_fit(self):
        # Few rows, elsewhere: nothing must be learnt from them.
        new = [(1.3, "a"), (7.9, "c")]
        self.check_again("y ~ cut(x, 3)", new,
                         lambda x, g: 1 + (x > 59 / 18) + 2 * (x > 59 / 9))
        self.check_again("y ~ cut(x, c(0, 2, 5, 10), include.lowest = TRUE)", new,
                         lambda x, g: (x > 2) + 4 * (x > 5))
        self.check_again("y ~ relevel(g, ref = 'c')", new, lambda x, g: "cab".index(g))
        self.check_again("y ~ poly(x, 2)", new, lambda x, g: x * x)
        self.check_again("y ~ scale(x, scale = FALSE) + scale(x^2, center = FALSE)", new,
                         lambda x, g: x + x * x)
        self.check_again("y ~ I(x - mean(x)) + I(g == 'b')", new, lambda x, g: x + 3 * (g == "b"))
        self.check_again("y ~ ifelse(x > 3 & g == 'a', 1, 0)", new,
                         lambda x, g: 5 * (x > 3 and g == "a"))
        self.check_again("y ~ pmin(x, 4) + round(x) + I(x %/% 2)", new,
                         lambda x, g: min(x, 4) + round(x) - x // 2)
        self.check_again("y ~ interaction(g, I(x > 5))", new, lambda x, g: ord(g) - 97 + 4 * (x > 5))
        self.check_again("y ~ as.numeric(factor(g)) + log(x + 1, 2)", new,
                         lambda x, g: ord(g) - 96 + 2 * __import__("math").log2(x + 1))


if __name__ == "__main__":
    main()
