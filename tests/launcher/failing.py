"""Plugins that throw, or give no numbers: named with function and chain, and the other chains are kept."""

import os

import h5py

from support import Case, PLUGINS, main

FOLDER = os.path.join(os.path.dirname(PLUGINS), "failing")
OTHERS = (0, 2, 3)  # chains; the second is the one that fails
FIT = ["fit", "d.csv", "y ~ x", "--plugin-path", FOLDER, "--seed", "1", "--threads", "1", "--warmup", "50",
       "--quiet", "-o", "f.h5"]

# Where its option says that it fails, and what is said of it.
FAULTS = {
    "constructor": "sampler 'failing' failed in its constructor: no luck",
    "warm_up": "sampler 'failing' failed in warm_up(): no luck",
    "end_warm_up": "sampler 'failing' failed in end_warm_up(): no luck",
    "step": "sampler 'failing' failed in step(): no luck",
    "number": "sampler 'failing' failed in step(): it threw something that is no exception",
    "nan": "'b[0]' became nan in transition 150; model 'numbers' with sampler 'failing' cannot go on",
    "tuning": "sampler 'failing' failed in tuning(): no luck",
    "size": "sampler 'failing' failed in tuning(): it gave 3 numbers and had given 2 before it began; they "
            "must stay as many",
}


class Failing(Case):
    def fit(self, *words, draws=300):
        ran = self.tarn(*FIT, *words, "--draws", str(draws))
        return ran.returncode, ran.stderr.decode()

    def draws(self, name="f.h5"):
        with h5py.File(self.path(name), "r") as file:
            slots = [max(row.reshape(2, -1), key=lambda slot: slot[0])
                     for row in file["sample_stats/chain_state"][...]]
            numbers = [int(slot[2]) for slot in slots]
            return {number: (file["posterior/b"][place].tobytes(), file["sample_stats/lp"][place].tobytes())
                    for place, number in enumerate(numbers)}

    def check_left_out(self, whole, sentence, *words):
        self.assertEqual(self.fit("--force", *words),
                         (0, f"tarn: warning: chain 2: {sentence}; it is left out, the other chains are "
                             "kept\n"))
        draws = self.draws()
        self.assertEqual(sorted(draws), list(OTHERS))
        for chain in OTHERS:
            self.assertEqual(draws[chain], whole[chain])
        self.assertEqual(self.files(), ["d.csv", "f.h5"])
        _, err = self.succeed("resume", "f.h5", "--plugin-path", FOLDER)
        self.assertEqual(err, "f.h5 is whole, with all its 300 draws per chain; for more: tarn extend f.h5 "
                              "--draws N\n")

    def test_a_chain_that_fails_is_left_out_and_named(self):
        words = ["--model", "numbers", "--sampler", "failing"]
        self.assertEqual(self.fit(*words), (0, ""))
        whole = self.draws()
        self.assertEqual(sorted(whole), [0, 1, 2, 3])
        for fault, sentence in FAULTS.items():
            with self.subTest(fault):
                self.check_left_out(whole, sentence, *words, "--set", f"fault={fault}")

    def test_a_model_of_another_size_in_one_chain(self):
        self.assertEqual(self.fit("--model", "numbers", "--sampler", "failing"), (0, ""))
        self.check_left_out(self.draws(), "model 'uneven' has 2 numbers in a draw here and 1 in the first "
                                          "chain", "--model", "uneven", "--sampler", "failing")

    def test_a_density_that_stays_nan(self):
        for sampler in ("slice", "metropolis"):
            with self.subTest(sampler):
                words = ["--sampler", sampler, "--force"]
                code, err = self.fit("--model", "fading", *words, draws=3000)
                self.assertEqual(code, 0)
                self.assertRegex(err, r"^tarn: warning: chain 2: model 'fading' failed in log_density\(\): it was NaN "
                                      r"in 100 transitions in a row, up to transition \d+; sampler "
                                      f"'{sampler}' cannot go on; it is left out, the other chains are kept\n$")
                draws = self.draws()
                self.assertEqual(sorted(draws), list(OTHERS))
                self.assertEqual(self.fit("--model", "numbers", *words, draws=3000), (0, ""))
                whole = self.draws()
                self.assertEqual(draws, {chain: whole[chain] for chain in OTHERS})

    def test_what_fails_in_every_chain_leaves_no_file(self):
        for words, code, sentence in (
                (["--model", "no_density", "--sampler", "failing"], 5,
                 "all 4 chains failed, and no file is left; chain 1: model 'no_density' found no starting point "
                 "of finite density in 100 attempts; check the priors"),
                (["--model", "no_start", "--sampler", "failing"], 5,
                 "all 4 chains failed, and no file is left; chain 1: model 'no_start' failed in start(): it "
                 "threw something that is no exception"),
                (["--model", "numbers", "--sampler", "failing", "--set", "fault=plan"], 4,
                 "sampler 'failing' failed in plan(): no luck")):
            with self.subTest(sentence):
                self.assertEqual(self.fit(*words), (code, f"tarn: {sentence}\n"))
                self.assertEqual(self.files(), ["d.csv"])

    def test_a_chain_that_cannot_take_up_its_tuning(self):
        words = ["--model", "numbers", "--sampler", "failing", "--set", "fault=restore"]
        self.assertEqual(self.fit(*words), (0, ""))
        before = self.draws()
        ran = self.tarn("extend", "f.h5", "--draws", "200", "--plugin-path", FOLDER, "--threads", "1", "--quiet")
        self.assertEqual((ran.returncode, ran.stderr.decode()),
                         (0, "tarn: warning: chain 2: sampler 'failing' failed in restore(): no luck; it is "
                             "left out, the other chains are kept\n"))
        after = self.draws()
        self.assertEqual(sorted(after), list(OTHERS))
        for chain in OTHERS:
            self.assertTrue(after[chain][0].startswith(before[chain][0]))

    def test_the_place_of_a_chain_is_not_its_number(self):
        words = ["--model", "numbers", "--sampler", "failing", "--set"]
        self.assertEqual(self.fit(*words, "fault=step")[0], 0)  # leaves the chains 1, 3 and 4
        before = self.draws()
        ran = self.tarn("extend", "f.h5", "--draws", "200", "--plugin-path", FOLDER, "--threads", "1", "--quiet")
        self.assertEqual((ran.returncode, ran.stderr.decode()),
                         (0, "tarn: warning: chain 3: sampler 'failing' failed in step(): no luck; it is left "
                             "out, the other chains are kept\n"))
        after = self.draws()
        self.assertEqual(sorted(after), [0, 3])
        for chain in after:
            self.assertTrue(after[chain][0].startswith(before[chain][0]))


if __name__ == "__main__":
    main()
