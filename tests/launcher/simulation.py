"""tarn simulate and tarn sbc from end to end."""

import csv
import io
import json
import math
import statistics

from support import Case, main

GROUPS = ["--design", "g: 8 levels x 15; x: normal(0, 1)", "y ~ x + (1 | g)"]


def table(text):
    """Columns of a CSV by name; numbers where they are numbers."""
    rows = list(csv.DictReader(io.StringIO(text)))
    columns = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        try:
            columns[name] = [float(cell) for cell in cells]
        except ValueError:
            columns[name] = cells
    return columns


def true(**values):
    words = []
    for name, value in values.items():
        words += ["--true", f"{name} = {value}"]
    return words


class Simulate(Case):
    def simulate(self, *words, **more):
        return table(self.succeed("simulate", *words, "--seed", "3", **more)[0])

    def test_words_make_the_columns(self):
        data = self.simulate(
            "--design", "school: 4 levels x 6; class: 3 levels; x: uniform(0, 10); "
            "u: normal(0, 1) by school; day: 0 to 2; arm: control, drug; w: 1, 2.5",
            "y ~ x + u + arm + (1 | school/class)")
        self.assertEqual(list(data), ["school", "class", "x", "u", "day", "arm", "w", "y"])
        self.assertEqual(data["school"][:7], ["school1"] * 6 + ["school2"])
        self.assertEqual(data["class"][:4], ["class1", "class2", "class3", "class1"])
        self.assertTrue(all(0 < x < 10 for x in data["x"]))
        self.assertEqual(len(set(data["u"])), 4)
        self.assertEqual(len(set(data["u"][:6])), 1)
        self.assertEqual(data["day"][:4], [0, 1, 2, 0])
        self.assertEqual(data["arm"][:3], ["control", "drug", "control"])
        self.assertEqual(data["w"][:3], [1, 2.5, 1])

    def test_what_is_given_is_true(self):
        self.succeed("simulate", *GROUPS, "--true", "b[Intercept] = 2", "--true", "b[x]=1.5",
                     "--true", "sigma = 1e-9", "--true", "r_g = 0", "-o", "s.csv", "--seed", "3")
        data = table(self.read("s.csv").decode())
        for x, y in zip(data["x"], data["y"]):
            self.assertAlmostEqual(y, 2 + 1.5 * x, delta=1e-7)
        truth = json.loads(self.read("s.truth.json"))
        self.assertEqual(truth["b[Intercept]"], 2)
        self.assertEqual(truth["b[x]"], 1.5)
        self.assertEqual(truth["r_g[g3,Intercept]"], 0)
        self.assertIn("sd_g[Intercept]", truth)

    def test_group_effects_follow_a_given_sd(self):
        self.succeed("simulate", "--design", "g: 400 levels x 2; x: normal(0, 1)",
                     "y ~ x + (1 + x | g)", "--true", "sd_g[Intercept] = 2", "--true",
                     "sd_g[x] = 0.5", "--true", "cor_g[Intercept,x] = -0.8", "-o", "s.csv",
                     "--seed", "3")
        truth = json.loads(self.read("s.truth.json"))
        r = [[truth[f"r_g[g{j},{column}]"] for j in range(1, 401)] for column in ["Intercept", "x"]]
        # Four standard errors: sd / sqrt(2 J); of a correlation (1 - rho^2) / sqrt(J).
        self.assertAlmostEqual(statistics.pstdev(r[0]), 2, delta=4 * 2 / math.sqrt(800))
        self.assertAlmostEqual(statistics.pstdev(r[1]), 0.5, delta=4 * 0.5 / math.sqrt(800))
        together = sum(a * b for a, b in zip(*r)) / 400
        self.assertAlmostEqual(together / (statistics.pstdev(r[0]) * statistics.pstdev(r[1])), -0.8,
                               delta=4 * 0.36 / 20)

    def test_the_intercept_is_drawn_at_the_means_of_the_covariates(self):
        # x has mean 1000: a prior on the intercept at x = 0 would be seen at once.
        self.succeed("simulate", "--design", "rows: 50; x: normal(1000, 1)", "y ~ x", "--true",
                     "b[x] = 3", "--true", "sigma = 0.1", "--prior", "Intercept ~ normal(5, 0.01)",
                     "-o", "s.csv", "--seed", "3")
        data = table(self.read("s.csv").decode())
        self.assertAlmostEqual(statistics.mean(data["y"]), 5, delta=0.2)

    def test_a_transformed_response_is_taken_back(self):
        words = ["--design", "rows: 30; x: normal(0, 1)", "log(y) ~ x", "--true", "b[Intercept]=1",
                 "--true", "b[x] = 2", "--true", "sigma = 1e-9"]
        data = self.simulate(*words)
        for x, y in zip(data["x"], data["y"]):
            self.assertAlmostEqual(math.log(y), 1 + 2 * x, delta=1e-7)

    def test_a_response_without_a_way_back_keeps_its_name(self):
        self.write("p.csv", "y,x\n" + "".join(f"{i % 7 + 1},{i}\n" for i in range(20)))
        _, err = self.succeed("simulate", "p.csv", "scale(y) ~ x", "--seed", "1", "-o", "s.csv")
        self.assertIn("no way back from scale(y)", err)
        self.assertEqual(list(table(self.read("s.csv").decode())), ["scale(y)", "y", "x"])
        out, err = self.succeed("simulate", "p.csv", "sqrt(y) ~ x", "--seed", "1", "--true",
                                "b[Intercept] = -5", "--true", "b[x] = 0", "--true", "sigma = 0.1")
        self.assertIn("20 of 20 values of sqrt(y) are those of no y", err)
        self.assertIn("sqrt(y),y,x", out)

    def test_offsets_belong_to_the_response(self):
        self.write("o.csv", "x,o\n" + "".join(f"{i % 5},{100 * i}\n" for i in range(20)))
        data = self.simulate("o.csv", "y ~ x + offset(o)", "--true", "b = 1", "--true",
                             "sigma = 1e-9")
        for x, o, y in zip(data["x"], data["o"], data["y"]):
            self.assertAlmostEqual(y, 1 + x + o, delta=1e-6)

    def test_columns_of_the_data_stay_and_the_response_is_replaced(self):
        out, _ = self.succeed("simulate", "d.csv", "y ~ x", "--seed", "1")
        before, after = table(self.read("d.csv").decode()), table(out)
        self.assertEqual(list(after), ["y", "x", "g"])
        self.assertEqual(after["x"], before["x"])
        self.assertEqual(after["g"], before["g"])
        self.assertNotEqual(after["y"], before["y"])

    def test_simulated_data_can_be_fitted(self):
        self.succeed("simulate", *GROUPS, "--seed", "4", "-o", "s.csv", *true(sigma=0.5, sd_g=1),
                     "--true", "b[x] = 1.5")
        out, _ = self.succeed("fit", "s.csv", "y ~ x + (1 | g)", "--json", "--seed", "1")
        got = {p["name"]: p for p in json.loads(out)["parameters"]}
        # Standard error 0.5 / sqrt(120) = 0.046, four of which are allowed.
        self.assertAlmostEqual(got["b[x]"]["mean"], 1.5, delta=0.19)

    def test_same_seed_same_bytes(self):
        one, _ = self.succeed("simulate", *GROUPS, "--seed", "9")
        two, _ = self.succeed("simulate", *GROUPS, "--seed", "9")
        other, _ = self.succeed("simulate", *GROUPS, "--seed", "10")
        self.assertEqual(one, two)
        self.assertNotEqual(one, other)

    def test_several_data_sets(self):
        self.succeed("simulate", *GROUPS, "--seed", "9", "--data-sets", "3", "-o", "s.csv")
        self.assertEqual(self.files(), ["d.csv"] + sorted(
            f"s_{k}.{end}" for k in [1, 2, 3] for end in ["csv", "truth.json"]))
        self.assertNotEqual(self.read("s_1.csv"), self.read("s_2.csv"))
        first, _ = self.succeed("simulate", *GROUPS, "--seed", "9")
        self.assertEqual(first.encode(), self.read("s_1.csv"))

    def refuse(self, code, pattern, *words):
        ran = self.tarn("simulate", *words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertRegex(ran.stderr.decode(), pattern)

    def test_refusals_say_what_to_do(self):
        self.refuse(3, r"'b\[x\] ~ flat\(\)' is flat: nothing can be drawn", "d.csv", "y ~ x",
                    "--prior", "b ~ flat()")
        self.refuse(2, r"no parameter 'b\[z\]'; did you mean 'b\[x\]'", "d.csv", "y ~ x", "--true",
                    "b[z] = 1")
        self.refuse(2, r"sigma cannot be -1; it is a positive number", "d.csv", "y ~ x", "--true",
                    "sigma = -1")
        self.refuse(2, r"must be a name and a number", "d.csv", "y ~ x", "--true", "sigma")
        self.refuse(2, r"scales with sigma, which is given; give b\[x\], too", "d.csv", "y ~ x",
                    "--prior", "b ~ scaled_normal(0, 1)", "--true", "sigma = 1")
        self.refuse(2, r"give -o sim\.csv", "d.csv", "y ~ x", "--data-sets", "2")
        self.refuse(2, r"does not say how many rows", "--design", "x: normal(0, 1)", "y ~ x")
        self.refuse(2, r"'x: normal': it is neither", "--design", "rows: 5; x: normal", "y ~ x")
        self.refuse(2, r"these are 6 rows, and another part says 5", "--design",
                    "rows: 5; g: 3 levels x 2", "y ~ 1")
        self.refuse(2, r"'h' must be a factor that stands before it", "--design",
                    "rows: 5; u: normal(0, 1) by h", "y ~ u")
        self.refuse(3, r"write the formula for a response that may be any number", "--design",
                    "rows: 5; x: normal(0, 1)", "sqrt(y) ~ x")
        self.write("s.csv", "old")
        self.refuse(2, r"'s\.csv' exists", "d.csv", "y ~ x", "-o", "s.csv")
        self.assertEqual(self.read("s.csv"), b"old")


class Calibration(Case):
    WORDS = ["sbc", "--design", "rows: 12; x: normal(0, 1)", "y ~ x", "--seed", "5", "--draws", "200",
             "--warmup", "100", "-o", "s.csv"]

    def test_a_right_model_is_calibrated(self):
        out, _ = self.succeed(*self.WORDS, "--data-sets", "100", "--json")
        report = json.loads(out)
        self.assertEqual(report["verdict"], "good")
        self.assertEqual([q["name"] for q in report["quantities"]],
                         ["b[Intercept]", "b[x]", "sigma", "log_likelihood"])
        for quantity in report["quantities"]:
            # The mean of 100 uniform shares: standard error 1 / sqrt(1200), five of which.
            self.assertAlmostEqual(quantity["mean_rank"], 0.5, delta=5 / math.sqrt(1200))
        self.assertEqual(len(self.read("s.csv").splitlines()), 101)

    def test_the_file_does_not_depend_on_threads_or_stops(self):
        self.succeed(*self.WORDS, "--data-sets", "40", "--threads", "1")
        whole = self.read("s.csv")
        self.succeed(*self.WORDS, "--data-sets", "40", "--threads", "2", "--force")
        self.assertEqual(self.read("s.csv"), whole)
        # Killed in the middle of line 12.
        self.write("s.csv", b"".join(whole.splitlines(keepends=True)[:11]) + b"11,abc")
        _, err = self.succeed(*self.WORDS, "--data-sets", "40")
        self.assertIn("10 of 40 data sets are in s.csv already", err)
        self.assertEqual(self.read("s.csv"), whole)
        self.succeed(*self.WORDS, "--data-sets", "60")
        self.assertTrue(self.read("s.csv").startswith(whole))

    def test_ranks_that_are_not_uniform_are_told(self):
        self.succeed(*self.WORDS, "--data-sets", "100")
        lines = self.read("s.csv").decode().splitlines(keepends=True)
        spoiled = [lines[0]]
        for line in lines[1:]:
            cells = line.rstrip("\n").split(",")
            cells[6] = str(max(0, int(cells[6]) - 30))  # sigma
            spoiled.append(",".join(cells) + "\n")
        self.write("s.csv", "".join(spoiled))
        ran = self.tarn(*self.WORDS, "--data-sets", "100")
        self.assertEqual(ran.returncode, 6)
        self.assertRegex(ran.stdout.decode(), r"sigma .* the posterior lies too high")
        self.assertIn("verdict: not calibrated: 1 of 4 quantities", ran.stdout.decode())

    def test_groups_are_calibrated_too(self):
        out, _ = self.succeed("sbc", "d.csv", "y ~ x + (1 | g)", "--seed", "5", "--data-sets", "40",
                              "--draws", "200", "--warmup", "200", "-o", "s.csv")
        self.assertIn("sd_g[Intercept]", out)
        self.assertNotIn("r_g[", out)
        self.assertIn("verdict: calibrated", out)

    def test_refusals(self):
        self.succeed(*self.WORDS, "--data-sets", "20")
        before = self.read("s.csv")
        ran = self.tarn(*self.WORDS, "--data-sets", "20", "--prior", "b ~ normal(0, 1)")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("'s.csv' was not made by this run", ran.stderr.decode())
        self.assertEqual(self.read("s.csv"), before)
        ran = self.tarn("sbc", "d.csv", "y ~ x", "--prior", "sigma ~ flat()", "-o", "t.csv")
        self.assertEqual(ran.returncode, 3)
        self.assertRegex(ran.stderr.decode(), r"'sigma ~ flat\(\)' is flat")
        self.assertNotIn("t.csv", self.files())


if __name__ == "__main__":
    main()
