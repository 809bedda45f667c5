"""tarn sensitivity: how sensitive the posterior of a finished fit is to its priors."""

import json
import os

from support import Case, main


class Sensitivity(Case):
    def fit(self, *words):
        return self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--seed", "7", "-o", "fit.h5", "--force", *words)

    def test_priors_that_do_not_matter(self):
        self.fit()
        os.remove(self.path("d.csv"))
        out, err = self.succeed("sensitivity", "fit.h5")
        self.assertEqual(err, "")
        for line in ["sensitivity to the prior and to the likelihood", "prior against posterior",
                     "b[x]", "sd_g[Intercept]"]:
            self.assertIn(line, out)
        self.assertNotIn("r_g[", out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        self.assertIn("r_g[", self.succeed("sensitivity", "fit.h5", "--all")[0])

    def test_a_prior_far_from_the_data_is_told(self):
        self.fit("--prior", "b[x] ~ normal(9, 0.05)")
        out, _ = self.succeed("sensitivity", "fit.h5")
        self.assertRegex(out, r"b\[x\] +0\.\d+ +0\.\d+ +(prior-data conflict|strong prior)")
        self.assertIn("note  potential ", out)

    def test_json(self):
        self.fit()
        got = json.loads(self.succeed("sensitivity", "fit.h5", "--json", "--threshold", "0.5")[0])
        self.assertEqual(got["threshold"], 0.5)
        self.assertEqual([t["name"] for t in got["tables"]],
                         ["sensitivity", "prior_posterior", "power_scaling"])
        self.assertEqual([f["level"] for f in got["findings"]][:1], ["good"])

    def test_half_widths_keep_their_old_names_for_one_release(self):
        self.fit()
        got = json.loads(self.succeed("sensitivity", "fit.h5", "--json")[0])
        for row in got["tables"][1]["rows"]:
            self.assertGreater(row["prior_half_width"], 0)
            self.assertEqual(row["prior_spread"], row["prior_half_width"])
            self.assertEqual(row["posterior_spread"], row["posterior_half_width"])

    def test_misuse_in_words(self):
        ran = self.tarn("sensitivity")
        self.assertEqual(ran.returncode, 2)
        self.assertIn(b"tarn sensitivity needs one chain file", ran.stderr)
        ran = self.tarn("sensitivity", "nowhere.h5")
        self.assertEqual(ran.returncode, 3)


if __name__ == "__main__":
    main()
