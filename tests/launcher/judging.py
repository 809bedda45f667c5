"""What is said of fits that hold no noise, of groups left out, and of models that declare too little."""

import json
import random

import support

GROUPS = 6
ROWS = 60


def exact(kind, y_unit=1.0, x_unit=1.0, seed=3):
    """A response without noise: of the groups, of a covariate, of both factors, in one group."""
    draw = random.Random(seed)
    effects = [draw.gauss(0, 1) for _ in range(GROUPS)]
    lines = ["y,x,g,h"]
    for i in range(ROWS):
        g, x = i % GROUPS, draw.gauss(0, 1)
        y = {"groups": 1 + effects[g], "covariate": 1 + 2 * x, "line": 1 + effects[g] + 2 * x,
             "one group": 3.7 if g == 2 else 1 + g + draw.gauss(0, 0.5)}[kind]
        lines.append(f"{y * y_unit!r},{x * x_unit!r},g{g},h{i // GROUPS % 5}")
    return "\n".join(lines) + "\n"


EXACTLY = ("the model fits the response exactly: sigma is ", "which is rounding error. Where there is no noise, "
           "intervals and tests mean nothing; is the response computed from a covariate, or the same for all rows of a "
           "group? Leave that term out, or model the data before they were condensed")


class Noise(support.Case):
    def fit(self, formula, *words):
        out, _ = self.succeed("fit", "d.csv", formula, "--seed", "1", "-q", "--force", "-o", "fit.h5", *words)
        return out

    def is_exact(self, formula, *words, parts=EXACTLY):
        """In the verdict of fit, of summary and of check, which ends with 6."""
        fitted = self.fit(formula, *words)
        checked = self.tarn("check", "fit.h5")
        self.assertEqual(checked.returncode, 6, checked.stderr.decode())
        for text in (fitted, self.succeed("summary", "fit.h5")[0], checked.stdout.decode()):
            self.assertIn("verdict: do not use these draws yet", text)
            for part in parts:
                self.assertIn(part, " ".join(text.split()))

    def test_a_response_of_groups_or_a_covariate_alone_is_said_to_be_exact(self):
        for kind, formula, *words in [
                ("groups", "y ~ x + (1 | g)"), ("groups", "y ~ x + (1 | g)", "--sampler", "gibbs"),
                ("groups", "y ~ x + (1 | g)", "--sampler", "nuts"), ("groups", "y ~ g"),
                ("covariate", "y ~ x"), ("covariate", "y ~ x", "--sampler", "slice"),
                ("line", "y ~ x + (1 | g)", "--sampler", "gibbs"),
                ("covariate", "y ~ x + (1 + x | g)", "--sampler", "gibbs"),
                ("covariate", "y ~ x", "--prior", "sigma^2 ~ flat()")]:
            with self.subTest(kind=kind, formula=formula, words=words):
                self.write("d.csv", exact(kind))
                self.is_exact(formula, *words)

    def test_units_do_not_matter(self):
        for y_unit in (1e-9, 1e-3, 1e6, 1e12):
            for x_unit in (1e-9, 1e9):
                with self.subTest(y_unit=y_unit, x_unit=x_unit):
                    self.write("d.csv", exact("covariate", y_unit, x_unit))
                    self.is_exact("y ~ x")
                    self.write("d.csv", exact("groups", y_unit, x_unit))
                    self.is_exact("y ~ x + (1 | g)", "--sampler", "gibbs")

    def test_a_response_far_from_zero_is_exact_to_its_own_digits(self):
        lines = exact("groups").splitlines()
        far = [lines[0]] + [f"{1e9 + int(float(line.split(',')[0]) * 4)}," + line.split(",", 1)[1] for line in lines[1:]]
        self.write("d.csv", "\n".join(far) + "\n")
        self.is_exact("y ~ x + (1 | g)")

    def test_one_group_without_noise_is_named(self):
        for y_unit in (1e-9, 1, 1e12):
            with self.subTest(y_unit=y_unit):
                self.write("d.csv", exact("one group", y_unit))
                self.is_exact("y ~ x + (1 | g)", "--model", "group_variance", parts=(
                    "the model fits 1 of 6 groups exactly ('g2'): their sigma_g is down to ",
                    "are the responses of these groups all the same, or computed from a covariate? Leave them out, or "
                    "take a model with one sigma for all"))

    def test_json_has_the_finding(self):
        self.write("d.csv", exact("covariate"))
        self.fit("y ~ x")
        found = json.loads(self.tarn("check", "fit.h5", "noise", "--json").stdout)
        [finding] = found["diagnostics"][0]["findings"]
        self.assertEqual(finding["level"], "bad")
        self.assertEqual(json.loads(self.succeed("summary", "fit.h5", "--json")[0])["verdict"], "bad")

    def test_little_noise_is_noise(self):
        draw = random.Random(4)
        lines = ["y,x,g"]
        for i in range(ROWS):
            x = draw.gauss(0, 1)
            lines.append(f"{1 + 2 * x + 1e-6 * draw.gauss(0, 1)!r},{x!r},g{i % GROUPS}")
        self.write("d.csv", "\n".join(lines) + "\n")
        self.assertIn("verdict: the draws can be used", self.fit("y ~ x"))
        self.assertNotIn("exactly", self.fit("y ~ x"))


class Groups(support.Case):
    def setUp(self):
        super().setUp()
        draw = random.Random(5)
        effects = [draw.gauss(0, 1) for _ in range(7)] + [9]
        lines = ["y,x,g"]
        for i in range(48):
            x = draw.gauss(0, 1)
            lines.append(f"{1 + 0.5 * x + effects[i % 8] + draw.gauss(0, 0.7):.5f},{x:.5f},g{i % 8}")
        self.write("d.csv", "\n".join(lines) + "\n")
        self.succeed("fit", "d.csv", "y ~ x + (1 | g)", "--seed", "1", "-q", "-o", "groups.h5")

    def test_a_group_that_holds_the_fit_is_left_out_by_another_fit(self):
        out, _ = self.succeed("check", "groups.h5", "information")
        self.assertRegex(" ".join(out.split()),
                         r"good leave-one-group-out by g: elpd_logo -[\d.]+ \(se [\d.]+, Monte Carlo error [\d.]+\); "
                         r"\d of 8 levels of g are so influential that the fit was repeated without each of them \(.*'g7'\)")
        self.assertEqual(self.succeed("check", "groups.h5", "information")[0], out)

    def test_the_number_of_fits_is_bounded_and_said(self):
        out, _ = self.succeed("check", "groups.h5", "information", "--set", "refits=0")
        self.assertIn("is not to be relied on, since Pareto k is above 0.70 for 1 of 8 levels of g ('g7'): to fit again "
                      "without each of them would take long; what they say of the population is not in the draws",
                      " ".join(out.split()))

    def test_compare_by_group_says_how_sure_it_is(self):
        self.succeed("fit", "d.csv", "y ~ x", "--seed", "1", "-q", "-o", "pooled.h5")
        out, _ = self.succeed("compare", "pooled.h5", "groups.h5", "--criterion", "logo")
        text = " ".join(out.split())
        self.assertRegex(text, r"- groups.h5: the Monte Carlo error of its elpd is 0\.\d+; it was made again without each of "
                               r"\d level")
        self.assertRegex(text, r"- pooled.h5: the Monte Carlo error of its elpd is \d\.\d+")
        self.assertNotIn("Pareto k is bad", text)
        fits = json.loads(self.succeed("compare", "pooled.h5", "groups.h5", "--criterion", "logo", "--json")[0])["fits"]
        self.assertGreater({fit["name"]: fit["refitted"] for fit in fits}["groups.h5"], 0)
        for fit in fits:
            self.assertEqual(fit["bad_k"], 0)
            self.assertGreater(fit["mcse"], 0)

    def test_settings_of_diagnostics_can_be_given(self):
        out, _ = self.succeed("check", "groups.h5", "information", "--set", "pointwise=true", "--json")
        names = [table["name"] for table in json.loads(out)["diagnostics"][0]["tables"]]
        self.assertIn("pointwise", names)
        self.assertIn("pointwise_g", names)
        self.succeed("check", "groups.h5", "--set", "information.worst=3", "--set", "replicates=50")
        for words, says in [
                (["--set", "pointwize=true"], "--set pointwize=...: no diagnostic has a setting 'pointwize'; did you mean "
                                              "'pointwise'? tarn plugin info DIAGNOSTIC shows them"),
                (["energy", "--set", "pointwise=true"],
                 "--set pointwise=...: no diagnostic that is asked for has a setting 'pointwise'; ")]:
            ran = self.tarn("check", "groups.h5", *words)
            self.assertEqual(ran.returncode, 2)
            self.assertIn(says, ran.stderr.decode())


class Declared(support.Case):
    def refused(self, formula, says, data="d.csv", model="density_only", code=3):
        formulas = [formula] if isinstance(formula, str) else formula
        ran = self.tarn("fit", data, *formulas, "--model", model, "--plugin-path", support.PLUGINS, "-o", "o.h5")
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertIn(says, ran.stderr.decode())
        self.assertNotIn("o.h5", self.files())

    def test_what_an_outside_model_does_not_declare_is_refused(self):
        self.write("d.csv", "".join(f"{line},{2 if i else 'w'}\n" for i, line in
                                    enumerate(support.schools().splitlines())))
        for formula, part, them in [("y | weights(w) ~ x", "weights()", "them"), ("y ~ x + offset(w)", "offset()", "it"),
                                    ("y | se(w) ~ x", "se()", "them")]:
            self.refused(formula, f"model 'density_only' cannot take this formula: it does not declare that it takes {part}, "
                                  f"and might ignore {them}; models that can: ")
        self.refused(["y ~ x", "sigma ~ x"], "model 'density_only' cannot take this formula: it does not declare that it takes "
                                             "further formulas, and might ignore them; models that can: pooled")
        self.refused("y ~ x + (x | g)", "model 'density_only' cannot take this formula: it does not declare that it takes "
                                        "centred group terms, and might ignore them; take --center population, which leaves "
                                        "them as they are; models that can: ")
        lines = support.schools().splitlines()
        lines[5] = "NA" + lines[5][lines[5].index(","):]
        self.write("holes.csv", "\n".join(lines) + "\n")
        self.refused("y ~ x", "it does not declare that it takes gaps between rows, and might ignore them: rows between those "
                              "used were left out; where the order of rows means nothing, take them out of the file; models "
                              "that can: ", data="holes.csv")
        lines = support.schools().splitlines()
        lines[-1] = "NA" + lines[-1][lines[-1].index(","):]
        self.write("end.csv", "\n".join(lines) + "\n")
        self.succeed("fit", "end.csv", "y ~ x", "--model", "density_only", "--plugin-path", support.PLUGINS, "-q", "-o",
                     "end.h5", "--sampler", "slice")

    def test_the_models_that_ship_declare_them(self):
        self.write("d.csv", "".join(f"{line},{2 if i else 'w'}\n" for i, line in
                                    enumerate(support.schools().splitlines())))
        for model, formula in [("pooled", "y ~ x"), ("random_intercept", "y ~ x + (1 | g)"),
                               ("random_slope", "y ~ x + (1 + x | g)"), ("crossed", "y ~ x + (1 | g)"),
                               ("group_variance", "y ~ x + (1 | g)")]:
            with self.subTest(model=model):
                response, terms = formula.split(" ~ ")
                self.succeed("fit", "d.csv", f"{response} | weights(w) ~ {terms} + offset(w)", "--model", model, "--draws",
                             "30", "-q", "--force", "-o", "o.h5")
                out, _ = self.succeed("plugin", "info", model)
                self.assertIn("takes     weights(), offset()", out)

    def test_a_default_outside_its_support_is_refused(self):
        self.refused("y ~ x", "the model's default prior 'tau ~ normal(0, 1)' is wrong, which its author must mend: normal(0, "
                              "1) reaches below zero, where 'tau' cannot be", model="wrong_default", code=4)


class Quiet(support.Case):
    def test_predict_and_loglik_can_be_quiet(self):
        self.succeed("fit", "d.csv", "y ~ x", "-o", "a.h5", "--seed", "1", "--quiet", "--draws", "30")
        self.assertEqual(self.succeed("predict", "a.h5", "-o", "p.csv", "--quiet")[1], "")
        self.assertNotEqual(self.succeed("predict", "a.h5", "-o", "q.csv")[1], "")
        self.assertEqual(self.succeed("loglik", "a.h5", "-q")[1], "")

    def test_commands_and_their_summaries_are_apart(self):
        out, _ = self.succeed("--help")
        commands = out[out.index("commands:") + 10:out.index("\n\nexamples")].splitlines()
        for line in commands:
            self.assertRegex(line, r"^  [a-z0-9]+ {2,}\S")
        self.assertEqual(len({line.index(line.split()[1], 4) for line in commands if len(line.split()[0]) < 12}), 1)


class Narrow(support.Case):
    def test_little_variation_for_its_size_is_not_called_constant(self):
        lines = support.schools().splitlines()
        self.write("x.csv", "\n".join([lines[0]] + [
            f"{line.split(',')[0]},{1e15 + i % 3!r},{line.split(',')[2]}" for i, line in enumerate(lines[1:])]) + "\n")
        ran = self.tarn("fit", "x.csv", "y ~ x", "-o", "o.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertIn("covariate 'x' varies too little for its size (from 1000000000000000 to 1000000000000002, standard "
                      "deviation 0.83): a number has 16 digits; centre it in the data file, or rescale it",
                      ran.stderr.decode())
        self.write("y.csv", "\n".join(["y,x"] + [f"{1e15 + i % 3!r},{i}" for i in range(30)]) + "\n")
        ran = self.tarn("fit", "y.csv", "y ~ x", "-o", "o.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertIn("the response 'y' varies too little for its size (from ", ran.stderr.decode())


if __name__ == "__main__":
    support.main()
