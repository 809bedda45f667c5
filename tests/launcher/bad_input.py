"""Bad input: for each case one clear sentence, the right exit code, and no file left half-made."""

import gzip
import re
import subprocess
import sys

from support import Case, PLUGINS, TARN, main, schools

USAGE, INPUT, PLUGIN, SAMPLING, IO = 2, 3, 4, 5, 7
FIT = ["fit", "d.csv", "y ~ x"]
GROUPED = ["fit", "d.csv", "y ~ x + (1 | g)"]

ragged = "y,x\n1,2\n3,4\n5\n6,7\n"
text_response = "y,x\n1.5,1\n2.5,2\nlots,3\n4.5,4\n1,7\n"
infinite = "y,x\n1,1\n2,inf\n3,3\n5,4\n"
no_values = "y,x\n1,NA\n2,\n3,NA\n"
constant_response = "y,x\n5,1\n5,2\n5,3\n5,4\n"
constant_covariate = "y,x\n1,7\n2,7\n4,7\n3,7\n"
twins = "y,x,z\n1,1,2\n2,2,4\n4,3,6\n3,4,8\n6,5,10\n"
one_group = "y,g\n1,a\n2,a\n4,a\n3,a\n"
group_per_row = "y,g\n1,a\n2,b\n4,c\n3,d\n6,e\n"
negative = "y,x\n1,-1\n2,2\n4,3\n3,5\n"
twice_named = "y,x,x\n1,2,3\n2,3,5\n"

# name: (files beside d.csv, command line, environment, exit code, what the sentence must say)
CASES = {
    # the command line
    "unknown command": ({}, ["fitt", "d.csv"], {}, USAGE, r"no command 'fitt'.*did you mean 'fit'"),
    "option before the command": ({}, ["--quiet", "fit"], {}, USAGE, r"'--quiet' comes before the command"),
    "unknown option": ({}, FIT + ["--chain", "2"], {}, USAGE, r"--chain: unknown option.*did you mean '--chains'"),
    "unknown letter": ({}, FIT + ["-z"], {}, USAGE, r"-z: unknown option"),
    "word for a count": ({}, FIT + ["--chains", "abc"], {}, USAGE, r"--chains abc: takes a whole number from 1"),
    "no chains": ({}, FIT + ["--chains", "0"], {}, USAGE, r"--chains 0: takes a whole number from 1"),
    "half a chain": ({}, FIT + ["--chains", "2.5"], {}, USAGE, r"--chains 2.5: takes a whole number"),
    "negative draws": ({}, FIT + ["--draws", "-5"], {}, USAGE, r"--draws -5: takes a whole number"),
    "too few draws": ({}, FIT + ["--draws", "1"], {}, USAGE, r"--draws 1: takes a whole number from 4"),
    "no thinning at all": ({}, FIT + ["--thin", "0"], {}, USAGE, r"--thin 0: takes a whole number from 1"),
    "negative seed": ({}, FIT + ["--seed", "-1"], {}, USAGE, r"--seed -1: takes a whole number from 0"),
    "seed in words": ({}, FIT + ["--seed", "random"], {}, USAGE, r"--seed random: takes a whole number"),
    "strange unit of time": ({}, FIT + ["--max-time", "10x"], {}, USAGE, r"--max-time 10x: takes a time, for example 30s"),
    "no time": ({}, FIT + ["--max-time", "0"], {}, USAGE, r"--max-time 0: takes a time"),
    "family that nobody brings": ({}, FIT + ["--family", "tweedie"], {}, USAGE, r"there is no family .tweedie.; known families: .*gaussian"),
    "misspelt family": ({}, FIT + ["--family", "gausian"], {}, USAGE, r"did you mean 'gaussian'"),
    "neither drop nor error": ({}, FIT + ["--na", "ignore"], {}, USAGE, r"--na ignore: takes one of drop and error"),
    "neither yes nor no": ({}, FIT + ["--center", "maybe"], {}, USAGE, r"--center maybe: takes one of yes, no and population"),
    "switch with a value": ({}, FIT + ["--force=perhaps"], {}, USAGE, r"--force perhaps: takes yes or no"),
    "option without a value": ({}, FIT + ["--chains"], {}, USAGE, r"--chains: a value must follow"),
    "option given twice": ({}, FIT + ["--chains", "2", "--chains", "3"], {}, USAGE, r"--chains is given 2 times"),
    "no formula": ({}, ["fit", "d.csv"], {}, USAGE, r"there is no formula"),
    "no data": ({}, ["fit", "y ~ x"], {}, USAGE, r"there is no data file"),
    "two formulas": ({}, FIT + ["y ~ 1"], {}, INPUT, r"two formulas are for y: 'y ~ x' and 'y ~ 1'; give one"),
    "two formulas and no data": ({}, ["fit", "d~1.csv", "y ~ x"], {}, USAGE, r"there is no data file; .*a file whose name holds a ~ goes with --data"),
    "unknown model": ({}, FIT + ["--model", "pooledd"], {}, USAGE, r"no model 'pooledd'.*did you mean 'pooled'"),
    "unknown sampler": ({}, FIT + ["--sampler", "gibs"], {}, USAGE, r"no sampler 'gibs'.*did you mean 'gibbs'"),
    "unknown setting": ({}, GROUPED + ["--set", "sceme=plain"], {}, USAGE, r"has an option 'sceme'; did you mean 'scheme'"),
    "setting without a value": ({}, FIT + ["--set", "scheme"], {}, USAGE, r"--set scheme: write NAME=VALUE"),
    "setting with a strange value": ({}, GROUPED + ["--set", "scheme=plane"], {}, USAGE, r"scheme=plane.*takes one of"),
    "missing configuration file": ({}, FIT + ["--config", "c.ini"], {}, USAGE, r"configuration file 'c.ini' cannot be read: No such file"),
    "unknown key in the configuration": ({"c.ini": "chainz = 2\n"}, FIT + ["--config", "c.ini"], {}, USAGE, r"c.ini: 'chainz': unknown option.*did you mean 'chains'"),
    "strange value in the configuration": ({"c.ini": "chains = many\n"}, FIT + ["--config", "c.ini"], {}, USAGE, r"c.ini: chains = many: takes a whole number"),
    "line without a value in the configuration": ({"c.ini": "chains\n"}, FIT + ["--config", "c.ini"], {}, USAGE, r"configuration file 'c.ini': line 1, 'chains', has no '='; write NAME = VALUE, for example draws = 2000"),
    "line of Boost's marks in the configuration": ({"c.ini": "# marks\nseed = 1\n %prefix% %invalid_line% # x\n"}, FIT + ["--config", "c.ini"], {}, USAGE, r"configuration file 'c.ini': line 3, '%prefix% %invalid_line%', has no '='"),
    "strange value in the environment": ({}, FIT, {"TARN_CHAINS": "abc"}, USAGE, r"TARN_CHAINS=abc: takes a whole number"),
    "existing output": ({"d.h5": "precious"}, FIT, {}, USAGE, r"'d.h5' exists.*--force"),
    "plugin folder that is none": ({}, FIT + ["--plugin-path", "nowhere"], {}, USAGE, r"nowhere"),
    "summary of nothing": ({}, ["summary"], {}, USAGE, r"needs a chain file"),
    "interval beyond certainty": ({}, ["summary", "d.h5", "--ci", "1.5"], {}, USAGE, r"--ci 1.5: takes a number between 0 and 1"),
    "unknown plugin": ({}, ["plugin", "info", "gibs"], {}, USAGE, r"no plugin 'gibs'.*did you mean 'gibbs'"),
    "unknown verb for plugins": ({}, ["plugin", "lits"], {}, USAGE, r"takes 'list' or 'info NAME', not 'lits'"),
    # data
    "missing file": ({}, ["fit", "nowhere/d.csv", "y ~ x"], {}, INPUT, r"there is no file 'nowhere/d.csv'"),
    "misspelt file": ({}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"there is no file 'e.csv'"),
    "empty file": ({"e.csv": ""}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"e.csv' is empty"),
    "empty standard input": ({}, ["fit", "-", "y ~ x"], {}, INPUT, r"standard input is empty"),
    "standard input twice": ({}, ["fit", "-", "-", "y ~ x"], {}, INPUT, r"standard input .* more than once"),
    "header alone": ({"e.csv": "y,x\n"}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"header line but no rows"),
    "folder": ({}, ["fit", ".", "y ~ x"], {}, INPUT, r"is a folder"),
    "binary file": ({"e.csv": bytes(range(256)) * 8}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"e.csv' is a binary file"),
    "spreadsheet": ({"e.csv": b"PK\x03\x04" + bytes(64)}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"e.csv' is not a text file"),
    "ragged row": ({"e.csv": ragged}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"line 4"),
    "open quote": ({"e.csv": 'y,x\n1,"2\n3,4\n'}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"line 2.*quot"),
    "cut gzip": ({"e.csv.gz": gzip.compress(schools().encode())[:200]}, ["fit", "e.csv.gz", "y ~ x"], {}, INPUT, r"ends in the middle of its compressed data"),
    "files with different columns": ({"e.csv": "y,w\n1,2\n"}, ["fit", "d.csv", "e.csv", "y ~ x"], {}, INPUT, r"same columns"),
    "column named twice": ({"e.csv": twice_named}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"'x'"),
    "unknown column": ({"e.csv": "y,floor\n1,2\n2,3\n4,1\n"}, ["fit", "e.csv", "y ~ flor"], {}, INPUT, r"no column 'flor'.*did you mean 'floor'"),
    "text in a column of numbers": ({"e.csv": text_response}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"'y'.*'lots'.*line 4|'y'.*line 4.*'lots'|line 4.*'y'.*'lots'"),
    "all values missing": ({"e.csv": no_values}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"'x'|no rows"),
    "missing values refused": ({"e.csv": "y,x\n1,2\n2,NA\n4,3\n3,1\n"}, ["fit", "e.csv", "y ~ x", "--na", "error"], {}, INPUT, r"'?x'?.*missing|missing.*x"),
    "infinite value": ({"e.csv": infinite}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"'?x'?.*(inf|finite)"),
    "logarithm of a negative number": ({"e.csv": negative}, ["fit", "e.csv", "y ~ log(x)"], {}, INPUT, r"log\(x\)"),
    "constant response": ({"e.csv": constant_response}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"y.*(constant|same)"),
    "constant covariate": ({"e.csv": constant_covariate}, ["fit", "e.csv", "y ~ x"], {}, INPUT, r"x"),
    "duplicated covariate": ({"e.csv": twins}, ["fit", "e.csv", "y ~ x + z"], {}, INPUT, r"z"),
    "one group": ({"e.csv": one_group}, ["fit", "e.csv", "y ~ 1 + (1 | g)"], {}, INPUT, r"g.*one level"),
    "a coefficient per row": ({"e.csv": group_per_row}, ["fit", "e.csv", "y ~ g"], {}, INPUT,
                              r"as many coefficients as there are rows, 5"),
    # formula and priors
    "broken formula": ({}, ["fit", "d.csv", "y ~ x +"], {}, INPUT, r"y ~ x \+"),
    "unbalanced brackets": ({}, ["fit", "d.csv", "y ~ (1 | g"], {}, INPUT, r"y ~ \(1 \| g"),
    "formula without a response": ({}, ["fit", "d.csv", "~ x"], {}, INPUT, r"~ x"),
    "unknown function": ({}, ["fit", "d.csv", "y ~ lg(x)"], {}, INPUT, r"lg"),
    "prior of nothing": ({}, FIT + ["--prior", "sgima ~ half_normal(1)"], {}, INPUT, r"sgima.*sigma"),
    "prior of an unknown group": ({}, GROUPED + ["--prior", "sd(h) ~ half_normal(1)"], {}, INPUT, r"sd\(h\).*sd\(g\)"),
    "prior outside the support": ({}, FIT + ["--prior", "sigma ~ normal(0, 1)"], {}, INPUT, r"reaches below zero"),
    "prior without a density": ({}, FIT + ["--prior", "sigma"], {}, INPUT, r"write KEY ~ DENSITY"),
    "unknown density": ({}, FIT + ["--prior", "b ~ norml(0, 1)"], {}, INPUT, r"norml.*normal"),
    "density with too few arguments": ({}, FIT + ["--prior", "b ~ normal(0)"], {}, INPUT, r"normal"),
    "density with a negative scale": ({}, FIT + ["--prior", "b ~ normal(0, -1)"], {}, INPUT, r"normal"),
    "two priors of one parameter": ({}, FIT + ["--prior", "b ~ normal(0, 1)", "--prior", "b ~ normal(0, 2)"], {}, INPUT, r"b"),
    "model that cannot take the formula": ({}, GROUPED + ["--model", "pooled"], {}, INPUT, r"model 'pooled' cannot take this formula.*random_intercept"),
    "summary of a missing file": ({}, ["summary", "d.h5"], {}, INPUT, r"d.h5"),
    "summary of a data file": ({}, ["summary", "d.csv"], {}, INPUT, r"d.csv"),
    # output
    "output in a missing folder": ({}, FIT + ["-o", "nowhere/d.h5"], {}, IO, r"no folder '.*nowhere'"),
    "output that is a folder": ({}, FIT + ["-o", "."], {}, IO, r"is a folder"),
    "unwritable output": ({}, FIT + ["-o", "/proc/d.h5"], {}, IO, r"cannot write in folder '/proc'|/proc.*has 0 bytes left"),
    "unfinished output of another run": ({"d.h5.partial": "draws"}, FIT, {}, IO,
                                         r"'d.h5.partial' was left by a run that was killed"),
    # plugins made for these tests
    "sampler that does not fit": ({}, FIT + ["--plugin-path", PLUGINS, "--model", "density_only", "--sampler", "gibbs"], {}, PLUGIN, r"sampler 'gibbs' needs full_conditionals/1, which model 'density_only' does not offer"),
    "model that throws when it is made": ({}, FIT + ["--plugin-path", PLUGINS, "--model", "unmakeable"], {}, PLUGIN, r"model 'unmakeable' failed in its constructor: no reason"),
    "model whose chains all fail": ({}, FIT + ["--plugin-path", PLUGINS, "--model", "explosive", "--quiet"], {}, SAMPLING, r"all 4 chains failed, and no file is left; chain 1: 'b' became nan in transition 101"),
}


def add(name, case):
    files, words, variables, code, sentence = case

    def test(self):
        for file, content in files.items():
            self.write(file, content)
        before = {f: self.read(f) for f in self.files()}
        ran = self.tarn(*words, **variables)
        said = ran.stderr.decode()
        self.assertEqual(ran.returncode, code, said)
        self.assertEqual(ran.stdout, b"")
        complaints = [line for line in said.splitlines() if line.startswith("tarn: ")]
        self.assertEqual(len(complaints), 1, said)
        self.assertRegex(re.sub(r"\s+", " ", said), sentence)
        self.assertNotIn("bug", said)
        after = {f: self.read(f) for f in self.files()}
        self.assertEqual(after, before)

    setattr(BadInput, "test_" + re.sub(r"\W+", "_", name), test)


class BadInput(Case):
    def test_standard_output_that_is_full(self):
        self.succeed("fit", "d.csv", "y ~ x", "-o", "fit.h5", "--seed", "1")
        with open("/dev/full", "wb") as full:
            ran = subprocess.run([TARN, "summary", "fit.h5"], cwd=self.folder, stdout=full,
                                 stderr=subprocess.PIPE, env=self.environment())
        self.assertEqual(ran.returncode, IO)
        self.assertIn(b"standard output cannot be written", ran.stderr)

    def test_unknown_parameter_of_a_fit(self):
        self.succeed("fit", "d.csv", "y ~ x", "-o", "fit.h5", "--seed", "1")
        ran = self.tarn("summary", "fit.h5", "sgima")
        self.assertEqual(ran.returncode, USAGE)
        self.assertRegex(ran.stderr.decode(), r"no parameter 'sgima'.*did you mean 'sigma'")


for name, case in CASES.items():
    add(name, case)

if __name__ == "__main__":
    main()
