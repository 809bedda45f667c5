"""Formulas with group terms of every kind, on data that are hard on them."""

import json
import random

from support import Case, main


class GroupTerms(Case):
    def setUp(self):
        super().setUp()
        self.random = random.Random(1)

    def z(self):
        return self.random.gauss(0, 1)

    def write_rows(self, columns, rows):
        lines = [",".join(columns)] + [",".join(str(cell) for cell in row) for row in rows]
        self.write("d.csv", "\n".join(lines) + "\n")

    def check(self, formula, model, effects, *words):
        """Fits, judges all, and expects a good verdict; the number of group effects must be right."""
        self.succeed("fit", "d.csv", formula, "--seed", "1", "--force", "-o", "fit.h5", *words)
        out, _ = self.succeed("summary", "fit.h5", "--all", "--json")
        got = json.loads(out)
        self.assertEqual(got["model"], model)
        self.assertNotEqual(got["verdict"], "bad", got["findings"])
        names = [p["name"] for p in got["parameters"]]
        self.assertEqual(sum(name.startswith("r_") for name in names), effects)
        return {p["name"]: p for p in got["parameters"]}

    def test_groups_of_one_row_and_more_slopes_than_rows(self):
        rows = []
        for j in range(40):
            for _ in range([1, 2, 6, 6][j % 4]):
                x, z = self.z(), self.z()
                rows.append((f"g{j}", x, z, 1 + x + self.z()))
        self.write_rows(["g", "x", "z", "y"], rows)
        self.check("y ~ x + z + (1 + x + z | g)", "random_slope", 120)

    def test_a_slope_that_is_constant_within_groups(self):
        rows = []
        for j in range(20):
            x = self.z()
            rows += [(f"g{j}", x, 2 + x + self.z()) for _ in range(5)]
        self.write_rows(["g", "x", "y"], rows)
        self.check("y ~ x + (1 + x | g)", "random_slope", 40)

    def test_collinear_slopes(self):
        rows = []
        for i in range(100):
            x = self.z()
            rows.append((f"g{i % 20}", x, 2 * x, 2 + x + self.z()))
        self.write_rows(["g", "x", "x2", "y"], rows)
        self.check("y ~ x + (1 + x + x2 | g)", "random_slope", 60)

    def test_no_variance_between_groups(self):
        self.write_rows(["g", "y"], [(f"g{i % 10}", (i // 10) % 2 + 0.001 * self.z())
                                for i in range(100)])
        sd = self.check("y ~ 1 + (1 | g)", "random_intercept", 10)["sd_g[Intercept]"]
        self.assertLess(sd["q2.5"], 0.05)

    def test_a_factor_as_slope(self):
        self.write_rows(["g", "f", "y"], [(f"g{i % 12}", "abc"[i % 5 % 3], self.z() + i % 12)
                                     for i in range(240)])
        names = self.check("y ~ f + (1 + f | g)", "random_slope", 36)
        self.assertIn("sd_g[fb]", names)
        self.assertIn("cor_g[fb,fc]", names)
        self.check("y ~ f + (f || g)", "random_slope", 36)

    def test_several_terms_on_one_factor(self):
        rows = []
        for i in range(240):
            x, z = self.z(), self.z()
            rows.append((f"g{i % 12}", x, z, x + z + self.z() + i % 12))
        self.write_rows(["g", "x", "z", "y"], rows)
        names = self.check("y ~ x + z + (1 | g) + (0 + x + z | g)", "random_slope", 36)
        self.assertIn("cor_g[x,z]", names)
        self.assertNotIn("cor_g[Intercept,x]", names)

    def test_one_slope_for_every_row(self):
        rows = []
        for i in range(60):
            x = 1 + 9 * self.random.random()
            rows.append((i, x, 2 + (2 + self.z()) * x))
        self.write_rows(["row", "x", "y"], rows)
        found = self.check("y ~ x + (0 + x | row)", "random_slope", 60)
        self.assertLess(abs(found["sd_row[x]"]["mean"] - 1), 0.5)

    def test_unbalanced_nesting(self):
        rows = []
        for _ in range(200):
            a = int(9 * self.random.random() ** 2)
            rows.append((f"a{a}", f"{a}-{int(7 * self.random.random() ** 3)}", self.z() + a))
        self.write_rows(["a", "b", "y"], rows)
        classes = len({row[1] for row in rows}) + len({row[0] for row in rows})
        self.check("y ~ 1 + (1 | a/b)", "crossed", classes)

    def test_crossed_factors_with_slopes(self):
        rows = []
        for _ in range(300):
            x = self.z()
            a, b = self.random.randrange(15), self.random.randrange(8)
            rows.append((f"a{a}", f"b{b}", x, x * (1 + a / 10) + b + self.z()))
        self.write_rows(["a", "b", "x", "y"], rows)
        self.check("y ~ x + (1 + x | a) + (1 | b)", "crossed", 38)
        # The correlation of 15 groups has about 0.03 effective draws for each.
        self.check("y ~ x + (1 + x | a) + (1 | b)", "crossed", 38, "--sampler", "gibbs",
                   "--draws", "10000")

    def test_known_errors_and_weights(self):
        rows = [(f"a{i % 9}", f"b{i % 5}", 0.5 + self.random.random(), self.z() + i % 9)
                for i in range(90)]
        self.write_rows(["a", "b", "s", "y"], rows)
        names = self.check("y | se(s) ~ 1 + (1 | a) + (1 | b)", "crossed", 14)
        self.assertNotIn("sigma", names)
        out, _ = self.succeed("formula", "d.csv", "y | se(s) ~ 1 + (1 | a)")
        self.assertIn("se(s): known standard errors", out)
        _, err = self.succeed("fit", "d.csv", "y | weights(s) ~ 1 + (1 | a)", "--force")
        self.assertIn("log likelihood of a row is multiplied by its weight", err)
        self.check("y | weights(s) ~ 1 + (1 | a) + (1 | b)", "crossed", 14)

    def test_names_of_any_kind(self):
        lines = ['"a ""quoted"" name",größe,"城 市",y']
        lines += [f'{self.z()},{self.z()},"北京 {i % 6}",{self.z() + i % 6}' for i in range(60)]
        self.write("d.csv", "\n".join(lines) + "\n")
        names = self.check('y ~ `a "quoted" name` + größe + (1 + größe | `城 市`)',
                           "random_slope", 12)
        self.assertIn("r_城 市[北京 3,größe]", names)

    def test_thirty_covariates(self):
        covariates = [f"x{k}" for k in range(30)]
        rows = []
        for i in range(300):
            x = [self.z() for _ in covariates]
            rows.append((f"g{i % 15}", *x, sum(x) + i % 15 + self.z()))
        self.write_rows(["g", *covariates, "y"], rows)
        self.check("y ~ . - g + (1 + x1 | g)", "random_slope", 30)

    def test_a_factor_of_one_level_is_refused(self):
        self.write_rows(["a", "b", "y"], [("a", f"b{i % 4}", self.z()) for i in range(20)])
        ran = self.tarn("fit", "d.csv", "y ~ 1 + (1 | a) + (1 | b)")
        self.assertEqual(ran.returncode, 3)
        self.assertIn("grouping factor 'a' has one level", ran.stderr.decode())


if __name__ == "__main__":
    main()
