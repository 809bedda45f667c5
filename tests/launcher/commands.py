"""Every command from end to end: output, JSON, precedence, seeds, files."""

import gzip
import json
import os
import subprocess

from support import Case, PLUGINS, TARN, main, schools

COMMANDS = ["fit", "info", "summary", "check", "hypothesis", "effects", "means", "slopes", "r2", "groups", "export",
            "sensitivity", "predict", "simulate", "sbc", "priors", "formula", "plugin", "doctor"]


def parameters(text):
    return {p["name"]: p for p in json.loads(text)["parameters"]}


class Fit(Case):
    def fit(self, *words, **more):
        return self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--seed", "7", *words, **more)

    def test_fit_prints_main_parameters_verdict_and_place(self):
        out, err = self.fit("-o", "fit.h5")
        for name in ["b[Intercept]", "b[x]", "sigma", "sd_g"]:
            self.assertIn(name, out)
        self.assertNotIn("r_g[", out)
        self.assertIn("verdict: ", out)
        self.assertIn("draws: fit.h5", out)
        self.assertIn("model random_intercept (the most specific that takes the formula)", err)
        self.assertRegex(err, r"sampler \w+ \(the best that fits it\)")
        self.assertIn("seed 7", err)
        self.assertEqual(self.files(), ["d.csv", "fit.h5"])

    def test_lines_fit_a_page(self):
        out, _ = self.fit()
        self.assertLessEqual(max(map(len, out.splitlines())), 100)

    def test_means_are_near_the_truth(self):
        out, _ = self.fit("--json", "--draws", "2000")
        got = parameters(out)
        # y = 1 + 0.5 x + N(0, 1) by group + N(0, 0.5); 60 rows, 6 groups: standard errors 0.41,
        # 0.07 and 0.05, four of which are allowed.
        self.assertAlmostEqual(got["b[Intercept]"]["mean"], 1, delta=1.64)
        self.assertAlmostEqual(got["b[x]"]["mean"], 0.5, delta=0.28)
        self.assertAlmostEqual(got["sigma"]["mean"], 0.5, delta=0.2)

    def test_output_is_named_after_the_data(self):
        self.fit()
        self.assertIn("d.h5", self.files())

    def test_same_seed_same_numbers_on_any_number_of_threads(self):
        one, _ = self.fit("--threads", "1", "-o", "one.h5", "--json")
        two, _ = self.fit("--threads", "2", "-o", "two.h5", "--json")
        self.assertEqual(parameters(one), parameters(two))

    def test_random_seed_is_told_and_repeats_the_run(self):
        out, _ = self.succeed("fit", "d.csv", "y ~ x", "-o", "one.h5", "--json")
        seed = json.loads(out)["seed"]
        again, _ = self.succeed("fit", "d.csv", "y ~ x", "-o", "two.h5", "--json", "--seed", seed)
        self.assertEqual(parameters(out), parameters(again))

    def test_json_says_where_the_time_went(self):
        out, _ = self.fit("--json")
        seconds = json.loads(out)["seconds"]
        self.assertEqual(list(seconds), ["read", "set_up", "create", "draw"])
        for part in seconds.values():
            self.assertGreater(part["wall"], 0)
            self.assertGreater(part["cpu"], 0)

    def test_the_plan_of_the_sampler_is_told_and_kept(self):
        out, err = self.fit("--json")
        plan = json.loads(out)["plan"]
        self.assertRegex(plan, r"^2 marginal dimensions: gridded density, acceptance 0\.\d+$")
        self.assertIn("\nplan: " + plan + "\n", err)
        self.assertIn(plan.encode(), self.read("d.h5"))
        out, _ = self.fit("--json", "--force", "--sampler", "nuts", "--set", "target=full")
        self.assertEqual(json.loads(out)["plan"], "NUTS on 10 parameters")
        out, err = self.fit("--json", "--force", "--sampler", "gibbs")  # has none
        self.assertNotIn("plan", json.loads(out))

    def test_a_prior_that_makes_draws_expensive_is_named(self):
        _, err = self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--prior", "b[x] ~ cauchy(0, 1)",
                              "--seed", "1", "-o", "cauchy.h5")
        self.assertIn("note: 'b[x] ~ cauchy(0, 1)' is neither normal, scaled_normal nor flat, so nothing is "
                      "integrated out and effective draws are fewer\n", err)

    def test_where_a_sampler_cannot_start_the_next_one_is_taken(self):
        folder = os.path.join(os.path.dirname(PLUGINS), "stillborn")
        out, err = self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--plugin-path", folder, "--seed", "1",
                                "-o", "next.h5")
        self.assertIn("sampler 'stillborn' failed in its constructor: the moon is full; sampler 'collapsed' "
                      "is taken instead\n", err)
        self.assertIn("sampler collapsed (the next that fits it)", err)
        ran = self.tarn("fit", "d.csv", "y ~ x", "--plugin-path", folder, "--sampler", "stillborn", "-o",
                        "none.h5")
        self.assertEqual((ran.returncode, "none.h5" in self.files()), (4, False))

    def test_force_replaces(self):
        self.write("d.h5", "old")
        self.fit("--force")
        self.assertGreater(os.path.getsize(self.path("d.h5")), 3)

    def test_quiet_says_nothing_on_standard_error(self):
        _, err = self.fit("--quiet")
        self.assertEqual(err, "")

    def test_options_come_in_any_order_and_by_name(self):
        self.succeed("fit", "--seed", "1", "--formula", "y ~ x", "--quiet", "--data", "d.csv")
        self.succeed("fit", "y ~ x", "--seed=1", "-o", "two.h5", "d.csv")

    def test_standard_input_gzip_and_several_files(self):
        whole = schools()
        lines = whole.splitlines(keepends=True)
        self.write("a.csv", "".join(lines[:31]))
        self.write("b.csv.gz", gzip.compress("".join(lines[:1] + lines[31:]).encode()))
        words = ["y ~ x + (1 | g)", "--seed", "7", "--json"]
        direct, _ = self.succeed("fit", "d.csv", *words)
        shards, _ = self.succeed("fit", "a.csv", "b.csv.gz", *words)
        piped, _ = self.succeed("fit", "-", *words, stdin=whole.encode())
        self.assertEqual(parameters(direct), parameters(shards))
        self.assertEqual(parameters(direct), parameters(piped))
        self.assertTrue({"d.h5", "a.h5", "stdin.h5"} <= set(self.files()))

    def test_priors_and_settings_reach_the_model(self):
        out, _ = self.fit("--prior", "b[x] ~ normal(3, 0.001)", "--set", "scheme=plain", "--json")
        self.assertAlmostEqual(parameters(out)["b[x]"]["mean"], 3, delta=0.01)
        self.assertEqual(json.loads(out)["sampler"], "gibbs")

    def test_dropped_rows_are_counted(self):
        self.write("d.csv", schools() + "NA,1,g0\n2,NA,g1\n")
        _, err = self.fit()
        self.assertRegex(err, r"60 of 62 rows used; dropped: ")

    def test_one_failing_chain_leaves_the_others(self):
        from support import PLUGINS

        out, err = self.succeed("fit", "d.csv", "y ~ x", "--plugin-path", PLUGINS, "--model",
                              "one_explodes", "--sampler", "gibbs", "--threads", "1", "--seed", "1")
        self.assertRegex(err, r"warning: chain 2: .*; it is left out, the other chains are kept")
        self.assertRegex(out, r"verdict: do not use these draws yet\n.* bad +chain 2: ")
        out, _ = self.succeed("summary", "d.h5", "--json")
        self.assertEqual(json.loads(out)["chains"], 3)


class Precedence(Case):
    def chains(self, *words, **variables):
        out, _ = self.succeed("fit", "d.csv", "y ~ x", "--force", "--json", *words, **variables)
        return json.loads(out)["chains"]

    def test_line_wins_over_environment_wins_over_file(self):
        self.write("c.ini", "# how we fit\nchains = 3\ndraws = 50\nall = yes\n")
        self.assertEqual(self.chains(), 4)
        self.assertEqual(self.chains("--config", "c.ini"), 3)
        self.assertEqual(self.chains("--config", "c.ini", TARN_CHAINS="2"), 2)
        self.assertEqual(self.chains("--config", "c.ini", "--chains", "1", TARN_CHAINS="2"), 1)
        self.assertEqual(self.chains(TARN_CONFIG="c.ini"), 3)

    def test_repeated_options_in_a_file(self):
        self.write("c.ini", "prior = b[x] ~ normal(3, 0.001)\nprior = sigma ~ exponential(1)\n")
        out, _ = self.succeed("priors", "d.csv", "y ~ x", "--config", "c.ini")
        self.assertIn("normal(3, 0.001)", out)
        self.assertIn("exponential(1)", out)

    def test_strange_variables_are_told(self):
        _, err = self.succeed("fit", "d.csv", "y ~ x", TARN_CHAINZ="2")
        self.assertIn("TARN_CHAINZ is no option of tarn", err)


class Reading(Case):
    def setUp(self):
        super().setUp()
        self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "-o", "fit.h5", "--seed", "3", "--quiet")

    def test_summary_shows_what_fit_showed(self):
        out, _ = self.succeed("summary", "fit.h5")
        self.assertRegex(out, r"parameter +mean +sd +mcse +q2\.5 +q97\.5 +rhat +ess_bulk +ess_tail")
        self.assertIn("6 group effects judged but not shown", out)

    def test_summary_of_all_and_of_some(self):
        out, _ = self.succeed("summary", "fit.h5", "--all")
        self.assertIn("r_g[g0,Intercept]", out)
        out, _ = self.succeed("summary", "fit.h5", "r_g[g1*", "sigma")
        self.assertIn("r_g[g1,Intercept]", out)
        self.assertIn("sigma", out)
        self.assertNotIn("b[x]", out)

    def test_summary_with_another_interval(self):
        out, _ = self.succeed("summary", "fit.h5", "--ci", "0.9", "--json")
        self.assertLess(parameters(out)["sigma"]["q5"], parameters(out)["sigma"]["q95"])

    def test_a_switch_takes_no_word_that_follows_it(self):
        after, _ = self.succeed("summary", "fit.h5", "--json")
        before, _ = self.succeed("summary", "--json", "fit.h5")
        self.assertEqual(before, after)

    def test_json_of_summary(self):
        out, _ = self.succeed("summary", "fit.h5", "--json")
        got = json.loads(out)
        self.assertEqual(got["schema_version"], 1)
        self.assertIn(got["verdict"], ["good", "notes", "bad"])
        self.assertTrue(got["complete"])
        keys = {"name", "mean", "sd", "mcse", "q2.5", "q97.5", "rhat", "ess_bulk", "ess_tail"}
        for parameter in got["parameters"]:
            self.assertTrue(keys <= parameter.keys(), parameter)

    def test_json_of_the_other_commands(self):
        for words, key in [(["priors", "d.csv", "y ~ x"], "priors"),
                           (["formula", "d.csv", "y ~ x"], "columns"),
                           (["plugin", "list"], "plugins"), (["plugin", "info", "gibbs"], "plugins"),
                           (["doctor"], "libraries")]:
            out, _ = self.succeed(*words, "--json")
            got = json.loads(out)
            self.assertEqual(got["schema_version"], 1)
            self.assertTrue(got[key])

    def test_priors_tell_their_source(self):
        out, _ = self.succeed("priors", "d.csv", "y ~ x + (1 | g)", "--prior",
                              "sd(g) ~ half_normal(1)")
        self.assertRegex(out, r"b\[x\] +normal\(0, .*default: 2\.5 sd\(y\) / sd\(x\)")
        self.assertRegex(out, r"sd\(g, Intercept\) +half_normal\(1\) +given")
        self.assertIn("the intercept's prior is on the intercept at the covariates' means", out)

    def test_formula_shows_terms_and_levels(self):
        out, _ = self.succeed("formula", "d.csv", "y ~ x * g")
        self.assertIn("x:gg1", out)
        self.assertRegex(out, r"g with 6 levels, treatment coding, reference g0")

    def test_plugins_and_doctor(self):
        out, _ = self.succeed("plugin", "list")
        for name in ["pooled", "random_intercept", "gibbs", "convergence"]:
            self.assertIn(name, out)
        out, _ = self.succeed("plugin", "info", "random_intercept")
        self.assertIn("full_conditionals/1", out)
        out, _ = self.succeed("doctor")
        self.assertIn("HDF5", out)

    def test_broken_pipe_is_quiet(self):
        ran = subprocess.run(f"'{TARN}' summary fit.h5 --all | true", shell=True, cwd=self.folder,
                             capture_output=True, env=self.environment())
        self.assertEqual(ran.stderr, b"")

    def test_no_colour_where_there_is_no_terminal(self):
        ran = self.tarn("summary", "nowhere.h5", TERM="xterm")
        self.assertNotIn(b"\x1b", ran.stderr)


class Help(Case):
    def test_every_command_has_help_that_fits_a_page(self):
        for command in COMMANDS:
            out, _ = self.succeed(command, "--help")
            self.assertIn(f"usage: tarn {command}", out)
            self.assertIn("options", out)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, command)
            self.assertEqual(out, self.succeed("help", command)[0])

    def test_overview_lists_the_commands(self):
        out, _ = self.succeed("--help")
        for command in COMMANDS:
            self.assertIn(command, out)
        self.assertEqual(out, self.succeed("help")[0])

    def test_version(self):
        self.assertRegex(self.succeed("--version")[0], r"^tarn \d+\.\d+\.\d+\n$")

    def test_nothing_is_a_usage_error(self):
        self.assertEqual(self.tarn().returncode, 2)


if __name__ == "__main__":
    main()
