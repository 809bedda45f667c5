"""tarn loglik: the pointwise log likelihood, stored for other programs."""

import array
import math
import shutil
import subprocess
import unittest

import support


class Loglik(support.Case):
    def fit(self, name="a.h5"):
        self.succeed("fit", "d.csv", "y ~ x", "-o", name, "--seed", "1", "--quiet", "--draws", "30")

    def values(self, name):
        """Of a dataset, by h5dump."""
        subprocess.run(["h5dump", "-o", self.path("values"), "-b", "LE", "-d", name,
                        self.path("a.h5")], capture_output=True, check=True)
        numbers = array.array("d")
        numbers.frombytes(self.read("values"))
        return numbers

    @unittest.skipUnless(shutil.which("h5dump"), "h5dump is not there")
    def test_the_group_holds_the_density_of_every_row_in_every_draw(self):
        self.fit()
        before = self.values("/posterior/b")
        _, err = self.succeed("loglik", "a.h5")
        self.assertIn("a.h5 holds the log likelihood of 60 rows in 4 chains of 30 draws", err)
        self.assertEqual(self.values("/posterior/b"), before)
        found = self.values("/log_likelihood/y")
        b, sigma = self.values("/posterior/b"), self.values("/posterior/sigma")
        rows = [line.split(",") for line in support.schools().splitlines()[1:]]
        self.assertEqual(len(found), 4 * 30 * 60)
        for draw in (0, 29, 30, 119):
            for i, (y, x, _) in enumerate(rows):
                z = (float(y) - b[2 * draw] - b[2 * draw + 1] * float(x)) / sigma[draw]
                expected = -0.5 * z * z - math.log(sigma[draw]) - 0.5 * math.log(2 * math.pi)
                # Centred inside: the last digits of sums of a few terms.
                self.assertAlmostEqual(found[60 * draw + i], expected, places=10)

    def test_the_file_is_as_good_as_before_and_nothing_else_is_left(self):
        self.fit()
        before, _ = self.succeed("summary", "a.h5")
        self.succeed("loglik", "a.h5")
        self.assertEqual(self.succeed("summary", "a.h5")[0], before)
        self.assertEqual(self.files(), ["a.h5", "d.csv"])

    def test_a_second_time_is_refused(self):
        self.fit()
        self.succeed("loglik", "a.h5")
        ran = self.tarn("loglik", "a.h5")
        self.assertEqual(ran.returncode, 3)
        self.assertIn("holds its log likelihood already", ran.stderr.decode())
        self.assertEqual(self.files(), ["a.h5", "d.csv"])

    def test_one_file_must_be_named(self):
        self.assertEqual(self.tarn("loglik").returncode, 2)
        self.assertEqual(self.tarn("loglik", "none.h5").returncode, 3)


if __name__ == "__main__":
    support.main()
