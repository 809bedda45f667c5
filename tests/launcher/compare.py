"""tarn compare: the table, its sentences, and what cannot be compared."""

import json
import os
import subprocess

import support


class Compare(support.Case):
    def fit(self, name, formula="y ~ x + (1 | g)", data="d.csv", *more):
        self.succeed("fit", data, formula, "-o", name, "--seed", "1", "--quiet", *more)

    def draws(self, name):
        """How many are there of each chain."""
        ran = self.tarn("summary", name, "--json")
        return json.loads(ran.stdout)["draws"] if ran.returncode == 0 else 0

    def refused(self, *words, code, says):
        ran = self.tarn("compare", *words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertIn(says, ran.stderr.decode())
        self.assertEqual(ran.stdout, b"")

    def object(self, *words):
        return json.loads(self.succeed("compare", *words, "--json")[0])

    def test_the_best_comes_first_and_sentences_say_what_it_means(self):
        self.fit("groups.h5")
        self.fit("pooled.h5", "y ~ x")
        out, _ = self.succeed("compare", "pooled.h5", "groups.h5")
        lines = out.splitlines()
        self.assertEqual(lines[0], "leave-one-out over 60 rows, best first")
        self.assertEqual(lines[2].split(),
                         ["fit", "elpd", "se", "p", "elpd_diff", "se_diff", "weight", "bad_k"])
        self.assertTrue(lines[3].startswith("groups.h5"))
        self.assertIn("- groups.h5 predicts better than pooled.h5: by ", out)
        self.assertIn("with only 60 rows the standard errors are too small", out)

    def test_json_has_the_documented_fields(self):
        self.fit("groups.h5")
        self.fit("pooled.h5", "y ~ x")
        found = self.object("pooled.h5", "groups.h5")
        self.assertEqual(found["schema_version"], 1)
        self.assertEqual([fit["name"] for fit in found["fits"]], ["groups.h5", "pooled.h5"])
        best, other = found["fits"]
        for fit in found["fits"]:
            self.assertLessEqual({"name", "elpd", "se", "p", "elpd_diff", "se_diff", "weight",
                                  "bad_k"}, set(fit))
        self.assertEqual((best["elpd_diff"], best["se_diff"]), (0, 0))
        self.assertAlmostEqual(other["elpd_diff"], other["elpd"] - best["elpd"], places=9)
        self.assertAlmostEqual(best["weight"] + other["weight"], 1, places=9)
        self.assertGreater(best["weight"], 0.9)

    def test_the_order_of_the_names_does_not_matter_and_seeds_hardly(self):
        self.fit("a.h5")
        self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "-o", "b.h5", "--seed", "2", "--quiet")
        one, other = self.object("a.h5", "b.h5"), self.object("b.h5", "a.h5")
        self.assertEqual(one["fits"][0], other["fits"][0])
        # Two runs of one model: some hundredths of Monte Carlo error.
        self.assertLess(abs(one["fits"][1]["elpd_diff"]), 0.5)
        self.assertIn("predicts about as well as", one["findings"][0])

    def test_whole_groups_are_left_out_of_models_without_groups_too(self):
        self.fit("groups.h5")
        self.fit("pooled.h5", "y ~ x")
        found = self.object("pooled.h5", "groups.h5", "--criterion", "logo")
        self.assertEqual((found["criterion"], found["group"], found["units"]), ("logo", "g", 6))
        self.assertEqual(found["fits"][0]["name"], "groups.h5")

    def test_waic_is_near_loo_where_no_row_stands_out(self):
        self.fit("groups.h5")
        self.fit("pooled.h5", "y ~ x")
        loo = self.object("pooled.h5", "groups.h5")
        waic = self.object("pooled.h5", "groups.h5", "--criterion", "waic")
        for one, other in zip(loo["fits"], waic["fits"]):
            self.assertLess(abs(one["elpd"] - other["elpd"]), 1)

    def test_pseudo_bma_weights_are_there_by_request(self):
        self.fit("groups.h5")
        self.fit("pooled.h5", "y ~ x")
        found = self.object("pooled.h5", "groups.h5", "--weights", "pseudo-bma+")
        self.assertEqual(found["weights"], "pseudo-bma+")
        self.assertAlmostEqual(sum(fit["weight"] for fit in found["fits"]), 1, places=9)

    def test_one_file_or_the_same_twice_is_refused(self):
        self.fit("a.h5")
        self.refused(code=2, says="tarn compare needs chain files")
        self.refused("a.h5", code=2, says="one fit has nothing to be compared with")
        self.refused("a.h5", "./a.h5", code=2, says="are the same file")

    def test_other_rows_are_refused_with_the_first_that_differs(self):
        self.fit("a.h5")
        lines = support.schools().splitlines()
        lines[5] = "NA" + lines[5][lines[5].index(","):]
        self.write("holes.csv", "\n".join(lines) + "\n")
        self.fit("b.h5", data="holes.csv")
        self.refused("a.h5", "b.h5", code=3,
                     says="other rows were used, 60 and 59 rows: row 5 only by 'a.h5'")

    def test_another_response_is_refused(self):
        self.fit("a.h5")
        self.fit("b.h5", "exp(y) ~ x + (1 | g)")
        self.refused("a.h5", "b.h5", code=3, says="the response is y and exp(y)")

    def test_other_values_are_refused_and_named(self):
        self.fit("a.h5")
        self.write("other.csv", support.schools(seed=2))
        self.fit("b.h5", data="other.csv")
        self.refused("a.h5", "b.h5", code=3, says="y of row 1 is ")

    def test_another_file_with_the_same_observations_is_told_of(self):
        self.fit("a.h5")
        self.write("wider.csv", "".join(f"{line},{i if i else 'z'}\n" for i, line in
                                        enumerate(support.schools().splitlines())))
        self.fit("b.h5", "y ~ x", data="wider.csv")
        _, err = self.succeed("compare", "a.h5", "b.h5")
        self.assertIn("differ (sha256), but rows and responses are the same", err)

    def test_other_weights_are_refused(self):
        self.write("w.csv", "".join(f"{line},{2 if i else 'w'}\n" for i, line in
                                    enumerate(support.schools().splitlines())))
        self.fit("a.h5", data="w.csv")
        self.fit("b.h5", "y | weights(w) ~ x + (1 | g)", data="w.csv")
        self.refused("a.h5", "b.h5", code=3, says="the rows have other weights")

    def test_too_few_draws_are_refused(self):
        self.fit("a.h5")
        self.fit("b.h5", "y ~ x", "d.csv", "--draws", "20")
        self.refused("a.h5", "b.h5", code=3,
                     says="'b.h5': 80 draws in all are too few for leave-one-out")

    def test_groups_are_left_out_only_where_asked_for_and_there(self):
        self.fit("a.h5", "y ~ x")
        self.fit("b.h5", "y ~ 1")
        self.refused("a.h5", "b.h5", "--criterion", "logo", code=3,
                     says="no fit has a grouping factor")
        self.refused("a.h5", "b.h5", "--group", "g", code=2, says="only with --criterion logo")
        self.fit("c.h5")
        self.refused("a.h5", "c.h5", "--criterion", "logo", "--group", "h", code=2,
                     says="no fit has a grouping factor 'h'")

    def test_without_the_model_s_plugin_a_fit_cannot_be_compared(self):
        self.fit("a.h5")
        self.fit("b.h5", "y ~ x + (1 | g)", "d.csv", "--plugin-path", support.PLUGINS, "--model",
                 "one_explodes", "--sampler", "gibbs", "--draws", "50")
        self.refused("a.h5", "b.h5", code=4, says="the model of 'b.h5' cannot be made again")

    def test_an_unfinished_fit_is_compared_and_said_to_be_unfinished(self):
        self.fit("a.h5", "y ~ x")
        line = [support.TARN, "fit", "d.csv", "y ~ x + (1 | g)", "-o", "b.h5", "--seed", "1",
                "--draws", "1000000", "--sampler", "gibbs", "--quiet"]
        run = subprocess.Popen(line, cwd=self.folder, stdout=subprocess.DEVNULL,
                               env=self.environment())
        try:
            while self.draws("b.h5.partial") < 100:
                self.assertIsNone(run.poll(), "the run ended before it could be killed")
        finally:
            run.kill()
            run.wait()
        out, err = self.succeed("compare", "a.h5", "b.h5.partial", "--json")
        self.assertRegex(err, r"b.h5.partial was left by a run that was killed, with [\d,]+ of 1,000,000 draws")
        complete = {fit["name"]: fit["complete"] for fit in json.loads(out)["fits"]}
        self.assertEqual(complete, {"a.h5": True, "b.h5.partial": False})

    def test_no_draws_are_stored_beside_those_of_the_fit(self):
        self.fit("a.h5")
        self.fit("b.h5", "y ~ x")
        before = self.read("a.h5"), self.files()
        self.succeed("compare", "a.h5", "b.h5")
        self.assertEqual((self.read("a.h5"), self.files()), before)

    def test_a_file_that_is_not_there_is_named(self):
        self.fit("a.h5")
        self.refused("a.h5", "none.h5", code=3, says="none.h5")


if __name__ == "__main__":
    support.main()
