"""tarn report: what is written, and what is said where that cannot be."""

import glob
import os
import re
import shutil
import signal
import subprocess
import time

from support import Case, PLUGINS, TARN, main, schools


class Report(Case):
    def fit(self, *words, formula="y ~ x + (1 | g)", out="fit.h5"):
        return self.succeed("fit", "d.csv", formula, "--seed", "7", "-o", out, "--force", *words)

    def refused(self, code, pattern, *words):
        ran = self.tarn("report", *words)
        self.assertEqual(ran.returncode, code, ran.stderr.decode())
        self.assertRegex(ran.stderr.decode(), pattern)

    def page(self, *words, name="fit.html"):
        self.succeed("report", *words)
        return self.read(name).decode()

    def test_the_chain_file_is_enough(self):
        self.fit()
        os.remove(self.path("d.csv"))
        out, _ = self.succeed("report", "fit.h5")
        self.assertEqual(out, "report: fit.html\n")
        page = self.read("fit.html").decode()
        for text in ["y ~ x + (1 | g)", "Convergence: have the chains mixed?", "b[x]", "sd(g, Intercept)",
                     "The draws can be used", "60 rows used", "g (6 levels)"]:
            self.assertIn(text, page)
        self.assertEqual([f for f in self.files() if "partial" in f], [])

    def test_nothing_is_overwritten_without_force(self):
        self.fit()
        self.write("fit.html", "mine")
        self.refused(2, "'fit.html' exists", "fit.h5")
        self.assertEqual(self.read("fit.html"), b"mine")
        self.page("fit.h5", "--force")
        os.mkdir(self.path("figures"))
        self.write("figures/x.csv", "mine")
        self.refused(2, "'figures' is a folder that holds files", "fit.h5", "--force=no", "-o",
                     "b.html", "--figures", "figures")
        self.assertNotIn("b.html", self.files())

    def test_places_that_cannot_be_written_are_named(self):
        self.fit()
        self.refused(7, "no folder 'nowhere'", "fit.h5", "-o", "nowhere/a.html")
        self.refused(7, "'d.csv' is no folder", "fit.h5", "--figures", "d.csv")
        self.refused(3, "gone.h5", "gone.h5")
        self.refused(2, "needs a chain file")

    def test_figures_are_saved_with_their_data(self):
        self.fit()
        _, err = self.succeed("report", "fit.h5", "--figures", "figures", PATH="/nonexistent")
        self.assertRegex(err, r"\d+ figures in figures: as Vega-Lite and as CSV, and not as SVG, because "
                              "(Node is not there|tarn's scripts for figures are not installed)")
        self.assertTrue(glob.glob(self.path("figures/traces.vl.json")))
        lines = self.read("figures/traces.csv").decode().splitlines()
        self.assertEqual(lines[0], "parameter,chain,draw,value")
        self.assertEqual(len(lines[1].split(",")), 4)

    def test_an_unfinished_run_is_reported_and_said_to_be(self):
        self.write("big.csv", schools(rows=600))
        run = subprocess.Popen(
            [TARN, "fit", "big.csv", "y ~ x + (1 | g)", "--draws", "4000000", "-q", "-o", "long.h5",
             "--sampler", "gibbs"],
            cwd=self.folder, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            env=self.environment())
        try:
            deadline = time.monotonic() + 60
            while self.tarn("summary", "long.h5.partial").returncode != 0:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
            run.send_signal(signal.SIGSTOP)
            page = self.page("long.h5.partial", "-o", "long.html", name="long.html")
        finally:
            run.kill()
            run.wait()
        self.assertRegex(page, r"This run is unfinished: [\d,]+ of 4,000,000 draws per chain are there")

    def test_without_the_model_s_plugin_the_draws_alone_are_shown(self):
        self.fit("--plugin-path", PLUGINS, "--model", "one_explodes", "--sampler", "gibbs",
                 formula="y ~ x")
        page = self.page("fit.h5")
        self.assertIn("The report is made of what the draws alone give", page)
        self.assertIn("Not in this report", page)
        self.assertIn("Convergence: have the chains mixed?", page)

    def test_several_fits_are_compared_first(self):
        self.fit(out="a.h5")
        self.fit(out="b.h5", formula="y ~ x")
        page = self.page("a.h5", "b.h5", "-o", "ab.html", name="ab.html")
        self.assertLess(page.index("Model comparison: which fit predicts best?"), page.index('id="fit1-card"'))
        self.assertIn('id="fit2-card"', page)

    def test_fits_of_different_data_are_reported_side_by_side_and_not_compared(self):
        self.fit(out="a.h5")
        self.write("d.csv", schools(seed=2))
        self.fit(out="b.h5")
        page = self.page("a.h5", "b.h5", "-o", "ab.html", name="ab.html")
        self.assertIn("The fits are not compared: ", page)
        self.assertNotIn("Model comparison: which fit predicts best?", page)
        self.assertIn('id="fit2-card"', page)

    def test_true_values_are_shown(self):
        self.fit()
        self.write("truth.json", '{"b[x]": 0.5, "sigma": 0.5}')
        self.succeed("report", "fit.h5", "--truth", "truth.json", "--figures", "figures")
        densities = self.read("figures/densities.csv").decode()
        self.assertIn("b[x],truth,0.5,", densities)
        self.write("truth.json", "no JSON")
        self.refused(3, "holds no true values", "fit.h5", "--force", "--truth", "truth.json")

    def test_intervals_have_the_probability_asked_for(self):
        self.fit()
        page = self.page("fit.h5", "--ci", "0.8")
        self.assertIn("with 80 % equal-tailed intervals", page)
        self.assertIn(">q10<", page)

    def test_without_scripts_a_page_has_tables_and_says_why(self):
        self.fit()
        root = os.path.dirname(os.path.dirname(TARN))
        libraries = glob.glob(os.path.join(root, "lib*", "**", "libtarn.so*"), recursive=True)
        os.mkdir(self.path("lib"))
        for library in libraries:
            shutil.copy(library, self.path("lib"), follow_symlinks=False)
        plugins = glob.glob(os.path.join(root, "lib*", "**", "convergence.so"), recursive=True)
        self.succeed("report", "fit.h5", LD_LIBRARY_PATH=self.path("lib"),
                     TARN_PLUGIN_PATH=os.path.dirname(plugins[0]))
        page = self.read("fit.html").decode()
        self.assertIn("This page has tables but no figures", page)
        self.assertNotIn("<script", page)
        self.assertIn("<caption>Parameters", page)

    def test_few_draws_and_a_single_chain_are_reported(self):
        self.fit("--draws", "4", "--chains", "1")
        page = self.page("fit.h5")
        self.assertIn("Do not use these draws yet", page)
        self.assertFalse(re.search(r">-?nan<", page))


main()
