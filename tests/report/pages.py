"""Pages of tarn report, opened in headless Chromium by page.mjs; figures, drawn by Node.

pages.py TARN FOLDER DATASETS

Skipped (77) where Node, npm, Chromium or the report's scripts cannot be had, unless
TARN_REQUIRE_READERS=1. Screenshots are left in FOLDER/screenshots.
"""

import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time

TARN, FOLDER, DATASETS = map(os.path.abspath, sys.argv[1:4])
HERE = os.path.dirname(os.path.abspath(__file__))
CHROMIUM = os.environ.get("TARN_CHROMIUM") or shutil.which("chromium") or ""
SCRIPTS = os.path.join(os.path.dirname(os.path.dirname(TARN)), "share/tarn/report/report.js")
RADON = os.path.join(HERE, "../../docs/examples/data/radon.csv")

# Rubin 1981: effects of coaching and their standard errors.
SCHOOLS = "school,y,s\n" + "".join(
    f"{name},{y},{s}\n" for name, y, s in
    [("A", 28, 15), ("B", 8, 10), ("C", -3, 16), ("D", 7, 11),
     ("E", -1, 9), ("F", 1, 11), ("G", 18, 10), ("H", 12, 18)])


def skip(why):
    print(f"skipped: {why}")
    sys.exit(1 if os.environ.get("TARN_REQUIRE_READERS") == "1" else 77)


def get_browser_driver():
    """npm's puppeteer-core, pinned by the lockfile, beside a copy of page.mjs."""
    if not CHROMIUM:
        skip("no chromium")
    if not shutil.which("node") or not shutil.which("npm"):
        skip("no Node with npm")
    if not os.path.exists(SCRIPTS):
        skip("build the target report_assets first")
    driver = os.path.join(FOLDER, "driver")
    os.makedirs(driver, exist_ok=True)
    for name in ["package.json", "package-lock.json", ".npmrc", "page.mjs"]:
        shutil.copy(os.path.join(HERE, name), driver)
    if not os.path.isdir(os.path.join(driver, "node_modules/puppeteer-core")):
        if subprocess.run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=driver).returncode:
            skip("npm cannot get puppeteer-core")
    return os.path.join(driver, "page.mjs")


def run(*words):
    print("$", *words, flush=True)
    subprocess.run(words, cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)


def many_groups(groups=10_000, covariates=96):
    """y with 10,000 groups of two rows and 100 main parameters, as CSV."""
    draw = random.Random(1)
    names = [f"x{k}" for k in range(covariates)]
    lines = [",".join(["y", "g", *names])]
    for g in range(groups):
        effect = draw.gauss(0, 1)
        for _ in range(2):
            x = [draw.gauss(0, 1) for _ in names]
            y = 1 + effect + 0.3 * x[0] - 0.2 * x[1] + draw.gauss(0, 0.5)
            lines.append(",".join([f"{y:.5f}", f"g{g}", *(f"{v:.4f}" for v in x)]))
    return "\n".join(lines) + "\n"


def fits():
    """Name, data, formula and options of each fit whose page is opened."""
    def data(name, text):
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
            file.write(text)
        return name

    yield "radon", RADON, "log_radon ~ floor + log_uranium + (1 | county)", []
    yield "schools", data("schools.csv", SCHOOLS), "y | se(s) ~ 1 + (1 | school)", []
    yield "pooled", RADON, "log_radon ~ floor", ["--sampler", "metropolis"]
    yield "many", data("many.csv", many_groups()), "y ~ . - g + (1 | g)", []
    if os.path.isdir(DATASETS):
        yield "sleepstudy", f"{DATASETS}/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", []
        yield "nuts", f"{DATASETS}/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", [
            "--sampler", "nuts"]
        yield "insteval", f"{DATASETS}/InstEval.csv", "y ~ service + (1 | s) + (1 | d)", [
            "--draws", "500"]


def check_figures(folder):
    """Each specification has an SVG with marks in it."""
    names = [name for name in os.listdir(folder) if name.endswith(".vl.json")]
    assert names, f"no figures in {folder}"
    for name in names:
        with open(os.path.join(folder, name.replace(".vl.json", ".svg")), encoding="utf-8") as file:
            svg = file.read()
        marks = re.findall(r'role-mark[^"]*"[^>]*><(path|line|text|rect)', svg)
        assert marks, f"{name}: its SVG has no marks"


def main():
    os.makedirs(FOLDER, exist_ok=True)
    driver = get_browser_driver()
    names = []
    for name, data, formula, options in fits():
        run(TARN, "fit", data, formula, "--seed", "1", "--force", "-q", "-o", f"{name}.h5", *options)
        start = time.monotonic()
        run(TARN, "report", f"{name}.h5", "--force", "--figures", f"figures_{name}")
        print(f"{name}: {time.monotonic() - start:.1f} s, most memory so far "
              f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6:.2f} GB")
        check_figures(os.path.join(FOLDER, f"figures_{name}"))
        names.append(f"{name}.html")
    run(TARN, "report", "radon.h5", "pooled.h5", "--force", "-o", "two.html")
    names.append("two.html")
    for name in names:
        size = os.path.getsize(os.path.join(FOLDER, name))
        assert size < 10e6, f"{name} has {size / 1e6:.1f} MB"
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    assert most < 2, f"{most:.2f} GB of memory"
    opened = subprocess.run(["node", driver, "--screenshots", "screenshots", *names], cwd=FOLDER,
                            env={**os.environ, "TARN_CHROMIUM": CHROMIUM}, timeout=600)
    sys.exit(opened.returncode)


main()
