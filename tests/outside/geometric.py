#!/usr/bin/env python3
"""A family from outside the tree (student/geometric.cpp): fitted with every structure, sampled,
checked and reported; its posterior against quadrature.

usage: geometric.py TARN PLUGINS FOLDER
"""
import json
import math
import pathlib
import subprocess
import sys

tarn, plugins, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
folder.mkdir(parents=True, exist_ok=True)
failures = 0


def check(what, holds, detail=""):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {what} {detail}")


def run(*arguments):
    return subprocess.run([tarn, *map(str, arguments), "--plugin-path", plugins],
                          capture_output=True, text=True)


def run_json(*arguments):
    done = run(*arguments, "--json")
    if done.returncode != 0:
        check(" ".join(map(str, arguments)), False, done.stderr)
        sys.exit(1)
    return json.loads(done.stdout)


# --- every structure, from data that tarn simulates -----------------------------------------------
design = "g: 8 levels x 8; h: 6 levels; x: normal(0, 1)"
population = ["--prior", "Intercept ~ normal(1, 0.5)", "--prior", "b ~ normal(0, 0.5)"]
groups = {"": [], " + (1 | g)": ["g"], " + (1 + x | g)": ["g"], " + (1 | g) + (1 | h)": ["g", "h"]}
for model, terms in {"pooled": "", "random_intercept": " + (1 | g)",
                     "random_slope": " + (1 + x | g)", "crossed": " + (1 | g) + (1 | h)"}.items():
    formula = "y ~ x" + terms
    used = population + [word for g in groups[terms] for word in ("--prior", f"sd({g}) ~ half_normal(0.5)")]
    data, fit = folder / f"{model}.csv", folder / f"{model}.h5"
    done = run("simulate", formula, "--design", design, "--family", "geometric",
               "--seed", "3", "--force", "-o", data, *used)
    check(f"simulate {model}", done.returncode == 0, done.stderr)
    result = run_json("fit", data, formula, "--family", "geometric", "--seed", "1", "--draws", "500", "--set", "target_accept=0.98",
                      "--force", "-o", fit, *used)
    check(f"{model} is chosen", result["model"] == model, result["model"])
    done = run("check", fit)
    # 6: a bad finding, as one divergence is; what is tested is that all diagnostics know the family.
    check(f"check {model}", done.returncode in (0, 6), done.stdout + done.stderr)
    check(f"{model}: LOO is of a mass", "elpd" in done.stdout, done.stdout)
    done = run("report", fit, "--force", "-o", folder / f"{model}.html")
    check(f"report {model}", done.returncode == 0, done.stderr)
    done = run("predict", fit, "--force", "-o", folder / f"{model}_predicted.csv")
    check(f"predict {model}", done.returncode == 0, done.stderr)

# --- every sampler that needs no more than a density or a gradient -----------------------------------
for sampler in ("nuts", "slice", "metropolis"):
    done = run("fit", folder / "pooled.csv", "y ~ x", "--family", "geometric", "--sampler", sampler,
               "--seed", "1", "--force", "-o", folder / f"{sampler}.h5")
    check(f"fit by {sampler}", done.returncode == 0, done.stderr)

# --- one mean, against quadrature -----------------------------------------------------------------
counts = [0, 3, 1, 0, 7, 2, 2, 5, 0, 1]
exposure = [1, 2, 1, 1, 3, 1, 2, 2, 1, 1]
(folder / "one.csv").write_text("y,t\n" + "".join(f"{y},{t}\n" for y, t in zip(counts, exposure)))
result = run_json("fit", folder / "one.csv", "y ~ offset(log(t))", "--family", "geometric", "--prior",
                  "Intercept ~ normal(0, 2)", "--seed", "1", "--draws", "20000", "--force", "-o",
                  folder / "one.h5")


def log_density(b):
    sum_ = -0.5 * (b / 2) ** 2
    for y, t in zip(counts, exposure):
        eta = b + math.log(t)
        sum_ += y * eta - (y + 1) * math.log1p(math.exp(eta))
    return sum_


grid = [-4 + 0.002 * k for k in range(4001)]
weights = [math.exp(log_density(b)) for b in grid]
mean = sum(w * b for w, b in zip(weights, grid)) / sum(weights)
sd = math.sqrt(sum(w * (b - mean) ** 2 for w, b in zip(weights, grid)) / sum(weights))
row = result["parameters"][0]
# Four Monte Carlo standard errors of the mean, as the fit gives them.
check("the posterior mean", abs(row["mean"] - mean) < 4 * row["mcse"],
      f"{row['mean']} against {mean}")
check("the posterior sd", abs(row["sd"] / sd - 1) < 0.03, f"{row['sd']} against {sd}")

# --- what it cannot have ---------------------------------------------------------------------------
(folder / "half.csv").write_text("y,x\n1,0\n2.5,1\n3,2\n")
for arguments, words in {
    ("half.csv", "y ~ x"): "row 2: y is 2.5; geometric needs whole numbers from 0",
    ("one.csv", "y | se(t) ~ 1"): "family 'geometric' cannot have this response: it does not "
                                  "declare that it takes se(), and might ignore them",
    ("one.csv", "y | trials(t) ~ 1"): "does not declare that it takes trials()",
}.items():
    done = run("fit", folder / arguments[0], arguments[1], "--family", "geometric", "--force", "-o",
               folder / "none.h5")
    check(words, done.returncode == 3 and words in done.stderr, done.stderr)
done = run("fit", folder / "one.csv", "y ~ 1", "--family", "geometric(logit)")
check("a link that it has not", done.returncode == 2 and "it has: log" in done.stderr, done.stderr)
done = run("fit", folder / "one.csv", "y ~ 1", "--family", "geometrix")
check("a name", done.returncode == 2 and "did you mean 'geometric'?" in done.stderr, done.stderr)
done = run("fit", folder / "one.csv", "y ~ 1", "--family", "geometric", "--model", "group_variance")
check("a model of its own", done.returncode == 3, done.stderr)

print("ok" if failures == 0 else f"{failures} failed")
sys.exit(failures > 0)
