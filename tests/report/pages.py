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


# Labels that mean something to somebody on the way to the screen.
HOSTILE = [
    "<!--<script>", "</script>", "]]>", "<img src=x onerror=alert(1)>", "&lt;b&gt;", "line\u2028end",
    "paragraph\u2029end", "\u202eright to left", "bell\x07", "\x1b[31mred", "quote\"quote", "it's",
    "back\\slash", "${alert(1)}", "datum['x']", "{signal: 'width'}", "@x@", "a.b", "a[0]", "a,b",
    "=1+1", "-2", "__proto__", "constructor", "toString", "hasOwnProperty", "undefined", "😀👩‍👧", "é",
    "e\u0301 ", "x" * 10_000 + "1", "x" * 10_000 + "2"]


def schools_with(level):
    """One level of that name among nine others."""
    draw = random.Random(2)
    lines = ["y,x,g"]
    for g in range(10):
        effect = draw.gauss(0, 1)
        for _ in range(8):
            x = draw.gauss(0, 1)
            name = level if g == 0 else f"g{g}"
            lines.append(f'{effect + 0.5 * x + draw.gauss(0, 0.5):.5f},{x:.5f},"{name}"')
    return "\n".join(lines) + "\n"


def hostile_rows(columns, seed):
    """Six rows of each hostile level."""
    draw = random.Random(seed)
    lines = [",".join('"' + name.replace('"', '""') + '"' for name in columns)]
    for level in HOSTILE:
        effect = draw.gauss(0, 1)
        for _ in range(6):
            x = draw.gauss(0, 1)
            quoted = '"' + level.replace('"', '""') + '"'
            lines.append(f"{1 + effect + (0.5 + 0.3 * effect) * x + draw.gauss(0, 0.5):.5f},{x:.5f},{quoted}")
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
    yield "comment", data("comment.csv", schools_with("<!--<script>")), "y ~ x + (1 | g)", []
    yield "levels", data("levels.csv", hostile_rows(["y", "x", "g"], 3)), "y ~ x + (1 + x | g)", []
    yield "names", data("names.csv", hostile_rows(["y.1[a]", "x['b'].c", "g.d[e]"], 4)), (
        "`y.1[a]` ~ `x['b'].c` + (1 + `x['b'].c` | `g.d[e]`)"), []
    yield "markup", data("markup.csv", hostile_rows(
        ["y</script>", "<!--<script>", "datum.g\u2028"], 5)), (
        "`y</script>` ~ `<!--<script>` + (1 | `datum.g\u2028`)"), ["--sampler", "nuts"]
    yield "variances", data("variances.csv", hostile_rows(["y", "x", "g"], 6)), "y ~ x + (1 | g)", [
        "--model", "group_variance"]
    yield "many", data("many.csv", many_groups()), "y ~ . - g + (1 | g)", []
    case = os.path.join(os.path.dirname(DATASETS), "cases/S01-report-comment/data.csv")
    if os.path.exists(case):
        yield "S01", case, "y ~ x + (1 | g)", []
    if os.path.isdir(DATASETS):
        yield "sleepstudy", f"{DATASETS}/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", []
        yield "nuts", f"{DATASETS}/sleepstudy.csv", "Reaction ~ Days + (Days | Subject)", [
            "--sampler", "nuts"]
        for name, file, formula, family in (
                ("use", "Contraception", "use ~ age + I(age^2) + urban + (1 | district)", "bernoulli"),
                ("ticks", "grouseticks", "TICKS ~ factor(YEAR) + cHEIGHT + (1 | BROOD)", "poisson"),
                ("herds", "cbpp", "incidence | trials(size) ~ factor(period) + (1 | herd)", "binomial"),
                ("shares", "beta_groups", "y ~ x + (1 + x | g)", "beta")):
            yield name, f"{DATASETS}/{file}.csv", formula, ["--family", family, "--draws", "250"]
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


def check_page(file):
    """Nothing of the data looks like markup in a script, whose ends are then all ours."""
    with open(file, encoding="utf-8") as page:
        text = page.read()
    for script in re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S):
        assert "<" not in script and "\u2028" not in script and "\u2029" not in script, file
    assert "<!--" not in text.replace(open(SCRIPTS, encoding="utf-8").read(), ""), file


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
        check_page(os.path.join(FOLDER, f"{name}.html"))
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
