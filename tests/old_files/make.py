"""Makes the chain files of a release, and what its commands say of them.

usage: make.py TARN FOLDER

TARN is the release, FOLDER is made. What is in it is never made anew: another run would have other
files, and today's program has to read those that are there."""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from commands import COMMANDS, answer, run

SAMPLERS = ("collapsed", "gibbs", "nuts", "slice", "metropolis")
MODELS = {
    "pooled": ("y ~ x + z", SAMPLERS),
    "random_intercept": ("y ~ x + (1 | g)", SAMPLERS),
    "random_slope": ("y ~ x + (1 + x | g)", SAMPLERS),
    "crossed": ("y ~ x + (1 | h) + (1 + x | g)", SAMPLERS),
    "group_variance": ("y ~ x + (1 | g)", SAMPLERS[1:]),
}
SMALL = ["--chains", "2", "--seed", "1", "--quiet"]
FEW = [*SMALL, "--draws", "12", "--warmup", "200"]
ENOUGH = [*SMALL, "--draws", "50", "--warmup", "200"]  # for leave-one-out, which takes 100 in all
SETTINGS = {  # what else a file was fitted under
    "uncentred": ["y ~ x + (1 + x | g)", "--center", "no"],
    "given_priors": ["y ~ x + z + (1 | g)", "--prior", "b ~ normal(0, 1)", "--prior",
                     "sigma^2 ~ inv_gamma(2, 1)", "--prior", "sd(g) ~ half_normal(1)"],
    "covariance": ["y ~ x + (1 + x | g)", "--prior", "cov(g) ~ inv_wishart(4, 1)", "--sampler", "gibbs"],
    "learnt": ["log(y + 20) ~ scale(x) + poly(w, 2) + z + (1 | g)"],
    "weighted": ["y | weights(w) ~ x + offset(v) + (1 | g)"],
    "missing": ["y ~ m + (1 | k)"],
    "kept_levels": ["y ~ z * h", "--sampler", "nuts", "--set", "target=full"],
}
ENDLESS = ["y ~ x + (1 | g)", *SMALL, "--draws", "250", "--thin", "4000", "--warmup", "200"]


def write_data(folder):
    draw = random.Random(11)
    a, b = ([draw.gauss(m, s) for _ in range(5)] for m, s in ((0, 1), (0.5, 0.4)))
    c = [draw.gauss(0, 0.7) for _ in range(3)]
    with open(os.path.join(folder, "d.csv"), "w", encoding="utf-8") as file:
        file.write("y,x,z,g,h,w,v,m,k\n")
        for i in range(25):
            x, j, h = draw.gauss(3, 1), i % 5, i // 5 % 3
            y = 2 + a[j] + b[j] * x + c[h] + draw.gauss(0, 0.5)
            m = "NA" if i % 13 == 4 else f"{x * x:.3f}"
            k = "" if i % 17 == 6 else f"k, {j % 4}"
            file.write(f'{y:.3f},{x:.3f},{"pqr"[draw.randrange(3)]},g{j + 1},h{h + 1},{1 + i % 3},'
                       f'{i / 25:.3f},{m},"{k}"\n')
    with open(os.path.join(folder, "new.csv"), "w", encoding="utf-8") as file:
        file.write("x,z,g,h,w,v,m,k\n2.5,p,g1,h2,1,0.5,4,\"k, 1\"\n4,q,g9,h1,2,0,16,\"k, 0\"\n"
                   "NA,r,g3,h3,3,0,NaN,\n")


def rounded(value):
    """To two digits more than are compared."""
    if isinstance(value, float):
        return float(f"{value:.14g}")
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def succeed(tarn, folder, words):
    ran = run(tarn, folder, words)
    assert ran.returncode == 0, (words, ran.stderr.decode())


def break_off(tarn, folder, name, number):
    """A run that a signal ends when every chain has draws."""
    process = subprocess.Popen([tarn, "fit", "d.csv", *ENDLESS, "-o", name], cwd=folder,
                               stdout=subprocess.DEVNULL)
    while run(tarn, folder, ["summary", name + ".partial"]).returncode != 0:
        assert process.poll() is None, "the run is over"
        time.sleep(0.01)
    process.send_signal(number)
    process.wait()


def main():
    tarn, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    os.makedirs(folder)
    write_data(folder)
    for model, (formula, samplers) in MODELS.items():
        for sampler in samplers:
            length = ENOUGH if sampler == "gibbs" else FEW
            succeed(tarn, folder, ["fit", "d.csv", formula, "--model", model, "--sampler", sampler, *length,
                                   "-o", f"{model}_{sampler}.h5"])
    for name, words in SETTINGS.items():
        succeed(tarn, folder, ["fit", "d.csv", *words, *ENOUGH, "-o", name + ".h5"])
    break_off(tarn, folder, "stopped.h5", signal.SIGINT)
    break_off(tarn, folder, "killed.h5", signal.SIGKILL)
    fits = sorted(name for name in os.listdir(folder) if name.endswith((".h5", ".partial")))
    succeed(tarn, folder, ["predict", "random_slope_gibbs.h5", "-o", "predictions.h5"])
    succeed(tarn, folder, ["predict", "random_slope_gibbs.h5", "new.csv", "--new-groups", "sample", "-o",
                           "predictions_new.h5"])
    os.makedirs(os.path.join(folder, "expected"))
    for name in fits:
        said = {command: rounded(answer(tarn, folder, name, command)) for command in COMMANDS}
        text = json.dumps(said, separators=(",", ":"))
        with open(os.path.join(folder, "expected", name + ".json.gz"), "wb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))
    for name in os.listdir(folder):
        if name.endswith(".lock"):
            os.remove(os.path.join(folder, name))


if __name__ == "__main__":
    main()
