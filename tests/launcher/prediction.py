"""tarn predict from end to end."""

import json
import math
import shutil
import subprocess
import time
import unittest

from support import Case, TARN, main, schools



def with_arm(text):
    """A factor of two levels beside the columns of schools()."""
    lines = text.splitlines()
    return "\n".join([lines[0] + ",arm"] + [f"{line},{'ab'[i % 2]}"
                                            for i, line in enumerate(lines[1:])]) + "\n"


class Predict(Case):
    def setUp(self):
        super().setUp()
        self.write("d.csv", with_arm(schools()))

    def fit(self, formula="y ~ x + (1 | g)", *words):
        self.succeed("fit", "d.csv", formula, "--seed", "7", "--draws", "500", "-o", "fit.h5", *words)

    def predict(self, *words):
        """Rows without the columns that they were predicted from."""
        return [{name: value for name, value in row.items() if name != "at"} for row in self.rows(*words)]

    def rows(self, *words):
        return json.loads(self.succeed("predict", "fit.h5", *words, "--json")[0])["rows"]

    def test_fitted_rows_and_the_same_rows_as_new_data_are_the_same_to_the_bit(self):
        self.fit("y ~ scale(x) + I(x^2) + arm + (1 + x | g)")
        fitted = self.predict()
        self.assertEqual(len(fitted), 60)
        self.assertEqual(fitted, self.predict("d.csv"))
        self.assertEqual(self.predict("--scale", "mean"), self.predict("d.csv", "--scale", "mean"))
        self.assertEqual(fitted, self.predict("--threads", "1"))

    def test_what_the_formula_learnt_is_used_again(self):
        self.fit("y ~ poly(x, 3) + arm")
        fitted = self.predict("--scale", "mean")
        lines = self.read("d.csv").decode().splitlines(keepends=True)
        self.write("few.csv", "".join([lines[0]] + lines[11:14]))
        few = self.predict("few.csv", "--scale", "mean")
        for new, old in zip(few, fitted[10:13]):
            self.assertAlmostEqual(new["mean"], old["mean"], delta=1e-12)
            self.assertEqual(new["observed"], old["observed"])

    def test_intervals_hold_as_many_rows_as_they_say(self):
        self.fit()
        rows = self.predict("--ci", "0.9")
        self.assertEqual(list(rows[0]), ["row", "mean", "sd", "mcse", "q0.05", "q0.95", "observed"])
        inside = sum(row["q0.05"] < row["observed"] < row["q0.95"] for row in rows)
        # 60 rows: binomial, standard deviation 2.3; five of which are allowed.
        self.assertGreater(inside, 54 - 12)
        self.assertLess(self.predict("--scale", "mean")[0]["sd"], rows[0]["sd"])

    def test_groups_that_were_not_seen(self):
        self.fit()
        self.write("new.csv", "x,g\n0.5,g1\n0.5,g9\n0.5,g9\n0.5,g10\n")
        ran = self.tarn("predict", "fit.h5", "new.csv")
        self.assertEqual(ran.returncode, 3)
        self.assertIn("row 2: the fit has not seen the level 'g9' of 'g'; --new-groups sample",
                      ran.stderr.decode())
        sample = self.predict("new.csv", "--new-groups", "sample", "--scale", "mean")
        centre = self.predict("new.csv", "--new-groups", "population", "--scale", "mean")
        self.assertEqual(sample[0], centre[0])  # g1 was seen
        self.assertEqual({**sample[1], "row": 3}, sample[2])  # rows of one group share its effects
        self.assertNotEqual(sample[1]["mean"], sample[3]["mean"])
        self.assertEqual(centre[1]["mean"], centre[3]["mean"])
        # The intercepts of six groups differ by about 1.
        self.assertGreater(sample[1]["sd"], 1.3 * centre[1]["sd"])

    def test_every_row_has_a_line_and_its_number(self):
        self.fit("y ~ x + arm + (1 | g)")
        self.write("new.csv", "x,g,arm,y\n0.5,g1,a,1\n,g1,b,2\n0.5,,a,3\n1,g2,NA,4\n2,g2,b,\n")
        rows = self.predict("new.csv")
        self.assertEqual([row["row"] for row in rows], [1, 2, 3, 4, 5])
        self.assertEqual([row.get("missing") for row in rows],
                         [None, "x is missing", "g is missing", "arm is missing", None])
        self.assertEqual([row["mean"] is None for row in rows], [False, True, True, True, False])
        self.assertEqual([row["observed"] for row in rows], [1, None, None, None, None])
        out, err = self.succeed("predict", "fit.h5", "new.csv", "-o", "p.csv")
        self.assertIn("3 of 5 rows cannot be predicted:\n"
                      "  arm is missing: row 4\n"
                      "  g is missing: row 3\n"
                      "  x is missing: row 2\n", err)
        lines = self.read("p.csv").decode().splitlines()
        self.assertEqual(len(lines), 6)
        self.assertEqual(lines[2], ",g1,b,2,2,,,,,")
        self.assertEqual(lines[5].split(",")[-1], "")
        self.assertNotIn("nan", "".join(lines))
        # The rows that can be predicted are what they are alone.
        self.write("few.csv", "x,g,arm\n0.5,g1,a\n2,g2,b\n")
        few = self.predict("few.csv", "--scale", "mean")
        all_rows = self.predict("new.csv", "--scale", "mean")
        self.assertEqual([row["mean"] for row in few],
                         [all_rows[0]["mean"], all_rows[4]["mean"]])

    def test_a_missing_group_gets_what_new_groups_says(self):
        self.fit("y ~ x + (1 | g)")
        self.write("new.csv", "x,g\n0.5,g1\n0.5,\n0.5,\n0.5,g9\n")
        sample = self.predict("new.csv", "--new-groups", "sample", "--scale", "mean")
        centre = self.predict("new.csv", "--new-groups", "population", "--scale", "mean")
        without = self.predict("new.csv", "--no-groups", "--scale", "mean")
        self.assertTrue(all("missing" not in row for row in sample + centre + without))
        self.assertEqual(sample[0], centre[0])
        self.assertEqual(centre[1]["mean"], centre[3]["mean"])
        # Nothing says that two rows without a group belong to one.
        self.assertNotEqual(sample[1]["mean"], sample[2]["mean"])
        self.assertGreater(sample[1]["sd"], 1.3 * centre[1]["sd"])
        self.assertEqual(without[0]["mean"], without[1]["mean"])
        self.fit("y ~ x + (1 | factor(g)) + (0 + x | cut(x, 3))", "--force")
        self.write("bare.csv", "x\n0.5\n")
        bare = self.predict("bare.csv", "--no-groups", "--scale", "mean")
        self.assertNotIn("missing", bare[0])
        self.fit("y ~ x + (1 | g)", "--force")
        # A group that the fit has not seen is still refused.
        self.refuse(3, "row 4: the fit has not seen the level 'g9' of 'g'", "fit.h5", "new.csv")

    def test_no_row_may_be_left(self):
        self.fit("y ~ x + (1 | g)")
        self.write("new.csv", "x,g\n,g1\n,g2\n")
        rows = self.predict("new.csv")
        self.assertEqual([row["mean"] for row in rows], [None, None])

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump is not installed")
    def test_draws_of_missing_rows_are_nan(self):
        self.fit("y ~ x + (1 | g)")
        self.write("new.csv", "x,g\n0.5,g1\n,g1\n1,\n2,g2\n")
        self.succeed("predict", "fit.h5", "new.csv", "-o", "p.h5")
        rows = self.predict("new.csv")
        for at, row in enumerate(rows):
            dump = subprocess.run(
                ["h5dump", "-d", "/predictions/y", "-s", f"0,0,{at}", "-c", "4,500,1", "-y",
                 self.path("p.h5")], capture_output=True, text=True, check=True).stdout
            values = [float(x) for x in
                      dump.split("DATA {")[1].split("}")[0].replace(",", " ").split()]
            if row["mean"] is None:
                self.assertTrue(all(x != x for x in values))
            else:
                self.assertAlmostEqual(sum(values) / 2000, row["mean"], delta=1e-4)

    def test_without_groups_their_columns_need_not_be_there(self):
        self.fit("y ~ x + (1 | g) + (1 | arm:g)")
        self.write("new.csv", "x\n0\n1\n")
        rows = self.predict("new.csv", "--no-groups", "--scale", "mean")
        out, _ = self.succeed("summary", "fit.h5", "--json")
        b = {p["name"]: p["mean"] for p in json.loads(out)["parameters"]}
        self.assertAlmostEqual(rows[0]["mean"], b["b[Intercept]"], delta=1e-9)
        self.assertAlmostEqual(rows[1]["mean"] - rows[0]["mean"], b["b[x]"], delta=1e-9)

    def test_offsets_are_added(self):
        self.fit("y ~ x + offset(100 * x)")
        self.write("new.csv", "x\n0\n1\n")
        rows = self.predict("new.csv", "--scale", "mean")
        # The slope is about 0.5 - 100, less than 1 off.
        self.assertAlmostEqual(rows[1]["mean"] - rows[0]["mean"], 0.5, delta=1)

    def test_table_and_csv_say_the_same(self):
        self.fit()
        out, _ = self.succeed("predict", "fit.h5")
        self.assertIn("fit.h5: y of 60 rows, 4 chains of 500 draws", out)
        self.assertIn("(10 rows more: -o FILE.csv or --json has all)", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.succeed("predict", "fit.h5", "-o", "p.csv")
        lines = self.read("p.csv").decode().splitlines()
        self.assertEqual(lines[0], "row,mean,sd,q0.025,q0.975,observed")
        rows = self.predict()
        self.assertEqual([float(cell) for cell in lines[3].split(",")],
                         [rows[2][key] for key in ["row", "mean", "sd", "q0.025", "q0.975",
                                                   "observed"]])
        ran = self.tarn("predict", "fit.h5", "-o", "p.csv")
        self.assertEqual(ran.returncode, 2)
        self.assertIn("'p.csv' exists", ran.stderr.decode())

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump is not installed")
    def test_all_draws_go_to_a_file_for_arviz(self):
        self.fit()
        self.succeed("predict", "fit.h5", "-o", "p.h5")
        listing = subprocess.run(["h5ls", "-r", self.path("p.h5")], capture_output=True, text=True,
                                 check=True).stdout
        for line in [r"/posterior_predictive/y +Dataset \{4, 500, 60\}", r"/observed_data/y ",
                     r"/constant_data/x "]:
            self.assertRegex(listing, line)
        # All draws of a row: their mean is that of the table.
        dump = subprocess.run(
            ["h5dump", "-d", "/posterior_predictive/y", "-s", "0,0,7", "-c", "4,500,1", "-y",
             self.path("p.h5")], capture_output=True, text=True, check=True).stdout
        values = [float(x) for x in dump.split("DATA {")[1].split("}")[0].replace(",", " ").split()]
        self.assertEqual(len(values), 2000)
        self.assertAlmostEqual(sum(values) / 2000, self.predict()[7]["mean"], delta=1e-4)
        self.write("new.csv", "x,g\n0.5,g1\n0.5,g9\n")
        self.succeed("predict", "fit.h5", "new.csv", "--new-groups", "sample", "--scale", "mean", "-o",
                     "n.h5")
        listing = subprocess.run(["h5ls", "-r", self.path("n.h5")], capture_output=True, text=True,
                                 check=True).stdout
        self.assertRegex(listing, r"/predictions/yhat +Dataset \{4, 500, 2\}")
        self.assertRegex(listing, r"/predictions_constant_data/g ")
        self.assertEqual([f for f in self.files() if f.endswith(".partial")], [])

    def test_the_columns_of_new_data_come_first(self):
        self.fit()
        self.write("new.csv", 'id,g,x\n"a, 1",g1,0.5\nb,g2,\n')
        rows = self.rows("new.csv")
        self.assertEqual([row["at"] for row in rows], [{"id": "a, 1", "g": "g1", "x": 0.5},
                                                       {"id": "b", "g": "g2", "x": None}])
        self.assertEqual(list(rows[0])[:3], ["at", "row", "mean"])
        self.succeed("predict", "fit.h5", "new.csv", "-o", "p.csv")
        lines = self.read("p.csv").decode().splitlines()
        self.assertEqual(lines[0], "id,g,x,row,mean,sd,q0.025,q0.975")
        self.assertTrue(lines[1].startswith('"a, 1",g1,0.5,1,'), lines[1])
        self.assertEqual(lines[2], "b,g2,,2,,,,")
        out, _ = self.succeed("predict", "fit.h5", "new.csv")
        self.assertRegex(out, r"\nx +g +row +mean +sd +q0.025 +q0.975\n0.5 +g1 +1 +-?\d")  # id is not the formula's

    def test_a_grid_in_the_place_of_new_data(self):
        self.fit("y ~ x * arm + (1 | g)")
        out, err = self.succeed("predict", "fit.h5", "--at", "x = -1:1; arm", "--no-groups", "--scale", "mean")
        self.assertEqual(err, "")
        self.assertRegex(out, r"\nx +arm +row +mean .*\n-1 +a +1 ")
        rows = self.rows("--at", "x = -1:1; arm", "--no-groups", "--scale", "mean")
        self.assertEqual([(row["at"]["x"], row["at"]["arm"]) for row in rows],
                         [(-1, "a"), (-1, "b"), (0, "a"), (0, "b"), (1, "a"), (1, "b")])
        self.write("grid.csv", "x,arm\n-1,a\n-1,b\n0,a\n0,b\n1,a\n1,b\n")
        self.assertEqual(rows, self.rows("grid.csv", "--no-groups", "--scale", "mean"))
        _, err = self.succeed("predict", "fit.h5", "--at", "x = 0", "--no-groups", "-o", "grid_out.csv")
        self.assertEqual(err, "held at: arm = a (first level)\ny of 1 row: grid_out.csv\n")
        self.refuse(2, "--at x = 0: makes rows of its own; leave NEWDATA out, or --at", "fit.h5", "grid.csv", "--at",
                    "x = 0")

    def test_new_groups_are_averaged_where_that_is_asked_for(self):
        lines = self.read("d.csv").decode().splitlines()
        self.write("d.csv", "\n".join(["c," + lines[0]] + [f"{i % 4},{line}" for i, line in enumerate(lines[1:])]))
        self.fit("c ~ x + (1 | g)", "--family", "poisson")
        self.write("new.csv", "x,g\n0.5,g1\n0.5,g9\n0.5,\n")
        got = self.predict("new.csv", "--new-groups", "average", "--scale", "mean")
        centre = self.predict("new.csv", "--new-groups", "population", "--scale", "mean")
        self.assertEqual(got[0], {**centre[0], "mean": got[0]["mean"]})
        self.assertAlmostEqual(got[0]["mean"], centre[0]["mean"], delta=1e-12)
        self.assertEqual(got[1], {**got[2], "row": 2})
        effect = json.loads(self.succeed("effects", "fit.h5", "x", "--at", "x = 0.5", "--new-groups", "average",
                                         "--json")[0])["effects"][0]["rows"][0]
        self.assertAlmostEqual(got[1]["mean"], effect["mean"], delta=1e-9)

    def refuse(self, code, pattern, *words):
        ran = self.tarn("predict", *words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertRegex(" ".join(ran.stderr.decode().split()), pattern)

    def test_refusals_say_what_to_do(self):
        self.fit("y ~ x + arm + (1 | g)")
        self.write("new.csv", "g,arm\ng1,a\n")
        self.refuse(3, "there is no column 'x'", "fit.h5", "new.csv")
        self.write("new.csv", "x,g,arm\n1,g1,c\n")
        self.refuse(3, "'c'", "fit.h5", "new.csv")
        self.refuse(3, "nowhere.h5", "nowhere.h5")
        self.refuse(2, "needs a chain file")
        self.refuse(2, "its name ends in .csv", "fit.h5", "-o", "p.txt")
        self.refuse(2, "error, population, sample (or|and) average", "fit.h5", "--new-groups", "drop")
        self.refuse(2, "response, mean (or|and) link", "fit.h5", "--scale", "log")
        self.refuse(2, "an average is taken of the expected response: add --scale mean; draws of a "
                    "new group's response are those of --new-groups sample", "fit.h5",
                    "--new-groups", "average")
        self.refuse(2, "--no-groups leaves all groups out, and nothing is averaged; drop one of the "
                    "two", "fit.h5", "--new-groups", "average", "--no-groups", "--scale", "mean")
        self.refuse(2, "--expectation is the old name of --scale mean; drop it", "fit.h5",
                    "--expectation", "--scale", "link")
        self.refuse(3, "row 1: the fit has not seen the level 'g9' of 'g'; --new-groups sample draws "
                    "its effects from the population, --new-groups population takes none, and "
                    "--new-groups average, of expected responses, averages over it", "fit.h5",
                    self.new_group())

    def new_group(self):
        self.write("new.csv", "x,g,arm\n1,g9,a\n")
        return "new.csv"

    def test_the_old_name_of_a_scale_is_still_taken_and_said(self):
        self.fit()
        out, err = self.succeed("predict", "fit.h5", "--expectation")
        self.assertIn("note: --expectation is now --scale mean, and will be dropped", err)
        new, err = self.succeed("predict", "fit.h5", "--scale", "mean")
        self.assertEqual(out, new)
        self.assertNotIn("note:", err)
        self.assertIn("fit.h5: expected y of 60 rows", new)

    def test_scales_of_a_probability(self):
        lines = with_arm(schools()).splitlines()
        rows = [line.split(",") for line in lines[1:]]
        y = lines[0].split(",").index("y")
        middle = sorted(float(row[y]) for row in rows)[len(rows) // 2]
        for row in rows:
            row[y] = str(int(float(row[y]) > middle))
        self.write("d.csv", "\n".join([lines[0]] + [",".join(row) for row in rows]) + "\n")
        self.fit("y ~ x + (1 | g)", "--family", "bernoulli")
        eta, mean = self.predict("--scale", "link"), self.predict("--scale", "mean")
        self.assertNotIn("observed", eta[0])  # the response is not on that scale
        self.assertIn("observed", mean[0])
        ends = [name for name in mean[0] if name.startswith("q")]
        for of_link, of_mean in zip(eta, mean):
            for name in ends:  # quantiles go along with the link, but between two draws
                self.assertAlmostEqual(1 / (1 + math.exp(-of_link[name])), of_mean[name], delta=2e-3)
        self.assertTrue(all(row["mean"] in (0, 1) or 0 < row["mean"] < 1 for row in self.predict()))
        out, _ = self.succeed("predict", "fit.h5", "--scale", "link")
        self.assertIn("fit.h5: linear predictor of y of 60 rows", out)
        self.succeed("predict", "fit.h5", "--scale", "link", "-o", "eta.h5")
        # Over all groups a probability is nearer to 1/2 than in the middle one.
        self.write("new.csv", "x,g\n3,g9\n3,\n0.5,g1\n")
        average = self.predict("new.csv", "--scale", "mean", "--new-groups", "average")
        centre = self.predict("new.csv", "--scale", "mean", "--new-groups", "population")
        sample = self.predict("new.csv", "--scale", "mean", "--new-groups", "sample")
        self.assertEqual(average[0]["mean"], average[1]["mean"])
        self.assertEqual(average[2], centre[2])
        self.assertLess(abs(average[0]["mean"] - 0.5), abs(centre[0]["mean"] - 0.5))
        # The mean over sampled groups, of 2000 draws, less their Monte Carlo error.
        self.assertAlmostEqual(average[0]["mean"], sample[0]["mean"], delta=4 * sample[0]["mcse"])

    def test_a_run_that_goes_on_can_be_predicted_from(self):
        run = subprocess.Popen([TARN, "fit", "d.csv", "y ~ x", "--draws", "100000", "--thin",
                                "5000", "-o", "fit.h5", "--quiet"], cwd=self.folder,
                               env=self.environment(), stderr=subprocess.DEVNULL)
        self.addCleanup(run.wait)
        self.addCleanup(run.kill)
        for _ in range(600):
            ran = self.tarn("predict", "fit.h5.partial", "-o", "p.csv", "--force")
            if ran.returncode == 0:
                break
            time.sleep(0.1)
        self.assertEqual(ran.returncode, 0, ran.stderr.decode())
        self.assertIn("unfinished", ran.stderr.decode())


if __name__ == "__main__":
    main()
