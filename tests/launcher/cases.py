"""Inputs that were once drawn wrongly, or not at all: the reference data's cases, as they are typed."""

import json
import math
import os
import shlex
import sys

import h5py

from support import Case, main

CASES = os.path.join(sys.argv.pop(3), "cases")


class Cases(Case):
    def run_case(self, name):
        """What the case's command prints on standard error; its output is out.h5."""
        folder = os.path.join(CASES, name)
        if not os.path.isdir(folder):
            self.skipTest("the reference data is not beside this checkout")
        with open(os.path.join(folder, "data.csv"), "rb") as file:
            self.write("data.csv", file.read())
        with open(os.path.join(folder, "cmd")) as file:
            words = shlex.split(file.read())
        self.assertEqual(words[0], "tarn")
        return self.succeed(*words[1:])[1]

    def parameters(self):
        out, _ = self.succeed("summary", "out.h5", "--json")
        return {p["name"]: p for p in json.loads(out)["parameters"]}

    def test_a_response_of_small_scale_is_fitted(self):
        self.run_case("H01-small-response-slopes")
        dose = self.parameters()["b[dose]"]
        # Those of 1e5 times the response; of about 4000 independent draws: 4 errors of mean and sd.
        self.assertLess(abs(dose["mean"] - 9.47e-6), 4 * dose["mcse"] + 0.01e-6)
        self.assertLess(abs(dose["sd"] / 2.89e-6 - 1), 4 / math.sqrt(2 * 3000) + 0.01)

    def test_both_of_two_modes_are_drawn_in_their_weights(self):
        err = self.run_case("T01-two-modes")
        self.assertIn("around 2 modes", err)
        with h5py.File(self.path("out.h5"), "r") as file:
            share = (file["posterior/sd_g"][...] < 0.2).mean()
        # 0.500 by quadrature; 4 errors of 3000 independent draws.
        self.assertLess(abs(share - 0.5), 4 * 0.5 / math.sqrt(3000))

    def test_where_effective_draws_are_few_the_plan_says_why(self):
        err = self.run_case("T03-three-effects-inverse-wishart")
        least = min(p["ess_tail"] for p in self.parameters().values())
        if least < 0.6 * 4000:
            self.assertIn("few proposals in the tails, where effective draws are fewer", err)

    def test_slopes_far_from_the_covariates_origin_are_those_about_any_other(self):
        err = self.run_case("H12-year-random-slope")
        self.assertNotIn("note:", err)
        year = self.parameters()
        # Of yr = year - 2005; of some 2000 independent draws: 4 errors of mean and sd.
        sd = year["sd_site[year]"]
        self.assertLess(abs(sd["mean"] - 0.254), 4 * sd["mcse"] + 0.0005)
        self.assertLess(abs(year["b[year]"]["sd"] / 0.081 - 1), 4 / math.sqrt(2 * 2000) + 0.007)
        self.succeed("fit", "data.csv", "y ~ yr + (yr | site)", "--seed", "1", "-o", "yr.h5")
        out, _ = self.succeed("summary", "yr.h5", "--json")
        yr = {p["name"]: p for p in json.loads(out)["parameters"]}
        # The same draws until rounding turns a decision: 4 errors of the difference at most.
        for one, other in [("b[year]", "b[yr]"), ("sd_site[year]", "sd_site[yr]"), ("sigma", "sigma")]:
            error = math.hypot(year[one]["mcse"], yr[other]["mcse"])
            self.assertLess(abs(year[one]["mean"] - yr[other]["mean"]), 4 * error, one)


if __name__ == "__main__":
    main()
