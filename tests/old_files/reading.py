"""Chain files of earlier releases: every command says of them what it said when they were made.

usage: reading.py TARN"""

import concurrent.futures
import gzip
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import unittest

SKIPPED = 77
try:
    import h5py
except ImportError:
    print("skipped: there is no h5py for this Python")
    sys.exit(SKIPPED)

from commands import COMMANDS, answer, run

TARN = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.abspath(__file__))
RELEASES = sorted(name for name in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, name, "expected")))

# What is computed from the same draws by the same arithmetic, summed in another order.
ROUNDING = 1e-12

# Words that were changed since, on purpose.
CHANGED = {
    ("1.0", "killed.h5.partial", "loglik"):
        "tarn: 'killed.h5.partial' is unfinished; go on with it (tarn resume killed.h5.partial), or cut "
        "it to the draws that are whole (tarn recover killed.h5.partial)\n",
}

# Sentences that were reworded since: pattern, and what they say now.
REWORDED = [(re.compile(was), now) for was, now in [
    (r"groups are drawn (\d+ %)", r"groups are shrunk \1"),
    (r"no parameter hangs on its prior", "no parameter is sensitive to its prior"),
    (r"(potential .*) reacts to the prior", r"\1 is sensitive to the prior"),
    (r"(potential .*) react to the prior", r"\1 are sensitive to the prior"),
    (r"WAIC leans on (.*) whose p_waic is above (.*); elpd_loo is the better guide",
     r"WAIC is unreliable: p_waic is above \2 for \1; prefer elpd_loo"),
    (r"they hold their group's effect in place", "they determine their group's effect almost alone"),
    (r"the draws are right, but move little; let trajectories grow",
     "the draws are valid but expensive; allow longer trajectories"),
    (r"there are places that the sampler cannot enter", "there are regions that the sampler cannot enter"),
    (r"scale the effects \(--set effects=scaled\), or take --sampler collapsed",
     "or take --set effects=non-centered or --sampler collapsed"),
    (r"in mean, spread, extremes", "in mean, standard deviation, extremes"),
    (r"the groups' residuals differ in spread", "the groups' residual standard deviations differ"),
    (r"the draws tell too little of a fit", "the draws say too little about a fit"),
]]


def reworded(said):
    """What was said, in today's words."""
    if isinstance(said, dict):
        return {key: reworded(value) for key, value in said.items()}
    if isinstance(said, list):
        return [reworded(value) for value in said]
    if isinstance(said, str):
        for pattern, now in REWORDED:
            said = pattern.sub(now, said)
    return said


def by_name(values):
    """A list of parts that have names, or row numbers, of which later releases may have more."""
    names = [one.get("name", one.get("row")) if isinstance(one, dict) else None for one in values]
    named = values and None not in names and len(set(names)) == len(names)
    return dict(zip(names, values)) if named else None


def difference(was, now, place=""):
    """Where `now` lacks something of `was`, or says it otherwise; nothing where it does not."""
    if isinstance(was, dict):
        if not isinstance(now, dict):
            return f"{place}: {now!r} is no object"
        for key, value in was.items():
            if key not in now:
                return f"{place}: there is no {key}"
            if found := difference(value, now[key], f"{place}/{key}"):
                return found
        return None
    if isinstance(was, list) and isinstance(now, list):
        old, new = by_name(was), by_name(now)
        if old is not None and new is not None:
            return difference(old, new, place)
        if len(was) != len(now):
            return f"{place}: {len(was)} were there, and {len(now)} are"
        return next(filter(None, (difference(a, b, f"{place}[{i}]")
                                  for i, (a, b) in enumerate(zip(was, now)))), None)
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (was, now))
    # Sensitivities are differences of sums that agree in their first digits.
    rounding = 100 * ROUNDING if "sensitivity" in place else ROUNDING
    same = abs(was - now) <= rounding * max(abs(was), abs(now)) if numbers else was == now
    return None if same else f"{place}: {was!r} became {now!r}"


def csv_numbers(text):
    header, *rows = (line.split(",") for line in text.splitlines())
    return [header, *([float(cell) for cell in row] for row in rows)]


def without_refits(check):
    """Groups that hold a fit are left out by fits without them, since 0.2.0: those are not of the file."""
    information = next((one for one in check["diagnostics"] if one["name"] == "information"), None)
    if information:
        information["findings"] = [one for one in information["findings"]
                                   if not one["sentence"].startswith("leave-one-group-out by ")]
        information["tables"] = [one for one in information["tables"]
                                 if not one["name"].startswith(("information_", "worst_"))]


def without_prior_draws(said):
    """Draws from the prior come in another order since 0.3.0: they are of the release, not of the file."""
    if not isinstance(said, dict):
        return  # a refusal
    for one in said.get("diagnostics", [said]):
        one["tables"] = [table for table in one.get("tables", []) if table["name"] not in
                         ("prior_predictive", "prior_posterior")]


def without_drawn_places(said):
    """Where a row lies in its distribution is worked out since 0.5.0; it was a share of responses drawn."""
    for one in said.get("diagnostics", []) if isinstance(said, dict) else []:
        one["findings"] = [finding for finding in one["findings"]
                           if not finding["sentence"].startswith("where rows lie in ")]
        for table in one["tables"]:
            if table["name"] == "loo_pit":
                for row in table["rows"]:
                    row.pop("mean", None)
                    row.pop("outside", None)


def refits(check):
    """How many groups were left out so."""
    tables = [table for one in check["diagnostics"] for table in one["tables"]]
    return sum(row["refitted"] for one in tables if one["name"].startswith("pareto_k_") for row in one["rows"])


def expected(release):
    """By chain file, what each command said of it."""
    folder = os.path.join(HERE, release, "expected")
    for name in sorted(os.listdir(folder)):
        with gzip.open(os.path.join(folder, name)) as file:
            yield name.removesuffix(".json.gz"), json.loads(file.read())


def fault(release, file, command, was):
    """What is wrong with today's answer, or nothing."""
    now = answer(TARN, os.path.join(HERE, release), file, command)
    was = {**was, "said": CHANGED.get((release, file, command), reworded(was["said"]))}
    if command == "check" and release == "1.0" and refits(now["said"]) > 0:
        without_refits(was["said"])
        without_refits(now["said"])
    if command in ("check", "sensitivity") and release == "1.0":
        without_prior_draws(was["said"])
        without_prior_draws(now["said"])
    if command == "check":
        without_drawn_places(was["said"])
        without_drawn_places(now["said"])
    if command == "expectation" and now["exit"] == was["exit"] == 0:
        was, now = ({**one, "said": csv_numbers(one["said"])} for one in (was, now))
    return difference(was, now, f"{release}/{file}, tarn {command}")


class Reading(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name

    def copy(self, *names, release="1.0"):
        for name in names:
            shutil.copy(os.path.join(HERE, release, name), self.folder)

    def refused(self, code, sentence, *words):
        ran = run(TARN, self.folder, words)
        self.assertEqual((ran.returncode, ran.stderr.decode()), (code, f"tarn: {sentence}\n"))

    def said(self, *words):
        ran = run(TARN, self.folder, words)
        self.assertIn(ran.returncode, (0, 6), ran.stderr)
        return ran.stdout.decode(), ran.stderr.decode()

    def change_config(self, name, change):
        """Format 1.0 has no digest of it that is needed: an edit of one who knows the format."""
        with h5py.File(os.path.join(self.folder, name), "r+") as file:
            config = json.loads(file["tarn_config"][()])
            change(config)
            text = json.dumps(config)
            file["tarn_config"][()] = text
            file.attrs.modify("tarn_config_sha256", hashlib.sha256(text.encode()).hexdigest().encode())

    def test_there_are_files_of_every_release(self):
        self.assertEqual(RELEASES, ["1.0"])
        for release in RELEASES:
            files = dict(expected(release))
            self.assertGreaterEqual(len(files), 33)
            self.assertTrue(all(set(said) == set(COMMANDS) for said in files.values()))

    def test_every_command_says_what_it_said(self):
        cases = [(release, file, command, was) for release in RELEASES
                 for file, said in expected(release) for command, was in said.items()]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(filter(None, pool.map(lambda case: fault(*case), cases)))
        self.assertEqual(found, [])

    def test_recovered_draws_are_the_same(self):
        for release in RELEASES:
            for file, said in expected(release):
                self.copy(file, release=release)
                out = "recovered.h5"
                self.said("recover", file, "-o", out, "--force")
                now = json.loads(self.said("summary", out, "--all", "--json")[0])
                was = {**said["summary"]["said"], "file": out}
                self.assertIsNone(difference(was, now, f"{release}/{file}"))

    def test_they_cannot_be_gone_on_with(self):
        for file, _ in expected("1.0"):
            self.copy(file)
            self.refused(3, f"'{file}' does not say where its chains stand (tarn 0.1.0 wrote it, in format "
                            "1.0), so it cannot be gone on with; fit again", "extend", file, "--draws", "5")
        for file in ("stopped.h5", "killed.h5.partial"):
            self.refused(3, f"'{file}' does not say where its chains stand (tarn 0.1.0 wrote it, in format "
                            "1.0), so it cannot be gone on with; fit again", "resume", file)
        self.assertEqual(self.said("resume", "learnt.h5")[1],
                         "learnt.h5 is whole, with all its 50 draws per chain; for more: tarn extend "
                         "learnt.h5 --draws N\n")

    def test_what_is_unfinished_says_so(self):
        self.copy("stopped.h5", "killed.h5.partial")
        self.assertRegex(self.said("summary", "stopped.h5")[1],
                         r"^stopped.h5 is unfinished: \d+ of 250 draws per chain are there\n$")
        self.assertRegex(self.said("summary", "killed.h5.partial")[1],
                         r"^killed.h5.partial was left by a run that was killed, with \d+ of 250 draws per "
                         r"chain; it cannot be gone on with, since format 1.0 does not say where chains "
                         r"stand; to keep its draws: tarn recover killed.h5.partial\n$")

    def test_predictions_are_those_that_are_stored(self):
        self.copy("random_slope_gibbs.h5", "predictions.h5", "predictions_new.h5", "new.csv")
        fit = "random_slope_gibbs.h5"
        self.said("predict", fit, "-o", "again.h5")
        self.said("predict", fit, "new.csv", "--new-groups", "sample", "-o", "again_new.h5")
        for was, now, group in (("predictions.h5", "again.h5", "posterior_predictive"),
                                ("predictions_new.h5", "again_new.h5", "predictions")):
            with h5py.File(os.path.join(self.folder, was)) as a, h5py.File(os.path.join(self.folder, now)) as b:
                kept = [int(row) - 1 for row in a[group]["row"][...]]
                self.assertEqual(a[group]["y"][...].tolist(), b[group]["y"][:, :, kept].tolist(), was)
        for command in (["summary"], ["check"], ["predict"], ["recover", "-o", "x.h5"], ["resume"]):
            self.refused(3, "'predictions.h5' holds predictions and no draws of parameters; name the chain "
                            "file that they were made from", command[0], "predictions.h5", *command[1:])

    def test_draws_are_read_without_the_model_s_plugin(self):
        for file, said in expected("1.0"):
            if not file.endswith("_gibbs.h5"):
                continue
            self.copy(file)
            self.change_config(file, lambda config: config["model"].update(name="of_others"))
            now = json.loads(self.said("summary", file, "--all", "--json")[0])
            self.assertIsNone(difference(said["summary"]["said"], now, file))
            ran = run(TARN, self.folder, ["predict", file])
            self.assertEqual(ran.returncode, 4)
            self.assertRegex(ran.stderr.decode(), f"^tarn: the model of '{file}' cannot be made again: there "
                                                  "is no model 'of_others'; ")

    def test_what_a_fit_was_made_under_is_read_from_it(self):
        made_again = "the model of 'uncentred.h5' cannot be made again: "

        def told(sentence, change, code=3):
            self.copy("uncentred.h5")
            self.change_config("uncentred.h5", change)
            self.refused(code, sentence, "predict", "uncentred.h5")

        def damage(config):
            config["formula_state"]["center"][1] = 0.5
        told("'uncentred.h5' is damaged: its data and what its formula learnt from them do not go together",
             damage)
        told("'uncentred.h5' is damaged: its data and what its formula learnt from them do not go together",
             lambda config: config.update(center="yes"))
        told(made_again + "it was fitted with centring 'groups', which this tarn does not know; use a newer "
             "tarn", lambda config: config.update(center="groups"))
        told(made_again + "there is no family 'tweedie'; known families: bernoulli, beta, binomial, cumulative, "
             "gamma, gaussian, hurdle_gamma, hurdle_lognormal, hurdle_negbinomial, hurdle_poisson, lognormal, "
             "negbinomial, poisson, student, zero_inflated_negbinomial, zero_inflated_poisson",
             lambda config: config.update(family="tweedie"), code=4)

        def rename(config):
            config["priors"][0]["key"] = "Start"
        told(made_again + "model 'random_slope' has no parameter 'Start' any more; it has changed since the "
             "fit, so fit again", rename, 4)

        def forget(config):
            del config["priors"][-1]
        told(made_again + "model 'random_slope' takes other priors than those of the fit; it has changed "
             "since, so fit again", forget, 4)

    def test_default_priors_are_those_of_the_fit(self):
        """A release with other defaults judges the fit by its own."""
        self.copy("random_slope_gibbs.h5")
        name = "random_slope_gibbs.h5"

        def narrow(config):
            prior = next(p for p in config["priors"] if p["key"] == "b[x]")
            prior.update(density="normal(0, 0.125)", text="b[x] ~ normal(0, 0.125)")
        self.change_config(name, narrow)
        was = dict(expected("1.0"))[name]["sensitivity"]["said"]
        now = json.loads(self.said("sensitivity", name, "--json")[0])
        self.assertIsNotNone(difference(was, now), "the prior that is stored was not used")
        self.said("report", name, "-o", "out.html")
        with open(os.path.join(self.folder, "out.html"), encoding="utf-8") as page:
            self.assertIn("normal(0, 0.125)", page.read())

    def test_codes_of_missing_values_are_those_of_the_release(self):
        """0.1.0 took n/a for a text, so what it fitted does in new data, too."""
        self.copy("missing.h5")
        with open(os.path.join(self.folder, "n.csv"), "w", encoding="utf-8") as file:
            file.write('m,k\n4,"k, 1"\n5,n/a\n6,NA\n')
        out, err = self.said("predict", "missing.h5", "n.csv", "--new-groups", "sample", "--json")
        self.assertEqual([row["row"] for row in json.loads(out)["rows"]], [1, 2, 3])
        self.assertEqual(err, "note: k: 'NA' in 1 cell is taken as missing\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:], verbosity=1)
