#!/usr/bin/env python3
"""tarn beside the programs that people would otherwise run, on the same data and priors.

usage: peers.py [--only PROBLEM,...] [--all] [--fresh] [--markdown]

Problems, peers and their lengths come from ../shared/bench, whose run.py measures the peers. What it
measured is kept in build/bench/peers, so that a second run repeats only tarn's side.

  --all       the slow peers too: rstanarm, brms, glmmTMB, and JAGS on a million rows
  --fresh     measure the peers anew
  --markdown  write the tables into docs/performance.md
"""

import argparse
import csv
import json
import math
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from report import (BIN, SCRATCH, SHARED, Fit, Refused, cpu_seconds_of, machine, number, publish,
                    run, say, table, verdict)

HERE = Path(__file__).resolve().parent
PEERS = SCRATCH / "peers"
COPY = PEERS / "shared"  # run.py writes beside itself
CORES = 2  # the peers' full_s is for two

# Those that are slower than another one here, or give no draws.
SLOW = {"rstanarm", "brms", "glmmTMB", "lme4"}
EXPERT = "rstan-ss"  # written by hand on sufficient statistics
CAPS = {"rstan-ss": 400, "lme4": 400}  # CPU seconds; others:
CAP = 100
KEPT = "kept figure"


@dataclass
class Problem:
    name: str
    formula: str
    priors: list
    big: bool = False
    options: tuple = ()


def intercept(covariates, tau, sigma):
    return [*(f"b[{x}] ~ normal(0, 5)" for x in covariates), "Intercept ~ normal(0, 10)",
            f"sd(g) ~ half_normal({tau})", f"sigma ~ half_normal({sigma})"]


FIVE = [f"x{k}" for k in range(1, 6)]
PROBLEMS = [
    Problem("seed1", "y ~ x + (1 | g)", intercept(["x"], 5, 2)),
    Problem("radon", "y ~ floor + log_uranium + (1 | g)",
            intercept(["floor", "log_uranium"], 5, 5)),
    Problem("sleepstudy", "y ~ Days + (Days | g)",
            ["Intercept ~ normal(0, 500)", "b[Days] ~ normal(0, 100)",
             "sd(g, Intercept) ~ half_normal(100)", "sd(g, Days) ~ half_normal(50)",
             "cor(g) ~ lkj(1)", "sigma ~ half_normal(100)"]),
    Problem("seed3", "y ~ x + (0 + x | row)",
            ["Intercept ~ normal(0, 1e4)", "b[x] ~ normal(0, 1e4)", "sd(row, x) ~ uniform(0, 100)",
             "sigma ~ uniform(0, 10)"]),
    *(Problem(f"hetero{j}", "y ~ 1 + (1 | g)",
              ["Intercept ~ normal(50, 25)", "sd(g) ~ half_normal(10)",
               "sigma^2 ~ inv_gamma(3, 200)"], options=("--model", "group_variance"))
      for j in (3, 8, 50)),
    Problem("big_slope", "y ~ x1 + x2 + (x1 + x2 | g)",
            ["Intercept ~ normal(0, 10)", "b ~ normal(0, 5)", "sd(g) ~ half_normal(5)",
             "cor(g) ~ lkj(1)", "sigma ~ half_normal(5)"], big=True),
    Problem("insteval", "y ~ service + (1 | s) + (1 | d) + (1 | dept)",
            ["Intercept ~ normal(0, 10)", "b ~ normal(0, 5)", "sd(s) ~ half_normal(2)",
             "sd(d) ~ half_normal(2)", "sd(dept) ~ half_normal(2)", "sigma ~ half_normal(5)"],
            big=True),
    Problem("big_intercept", "y ~ x1 + x2 + x3 + x4 + x5 + (1 | g)", intercept(FIVE, 5, 5),
            big=True),
]


@dataclass
class Peer:
    problem: str
    name: str
    rate: float  # least effective draws per second
    ess: float
    seconds: float
    bound: bool  # stopped: every draw it would have made is taken for independent
    when: str

    def shown_name(self):
        return self.name + (" (kept figure)" if self.when == KEPT else "")

    def shown_rate(self):
        return ("at most " if self.bound else "") + number(self.rate)


# ---- the peers' side --------------------------------------------------------------------------

def environment():
    return os.environ | {"BENCH_SCRATCH": str(PEERS), "BENCH_CORES": str(CORES)}


def has_mcmcglmm():
    """Not in Debian; used where R finds it, also in build/bench/peers/rlib."""
    script = (f".libPaths(c('{PEERS}/rlib', .libPaths()));"
              "quit(status = !requireNamespace('MCMCglmm', quietly = TRUE))")
    return subprocess.run(["Rscript", "-e", script], capture_output=True).returncode == 0


def prepare(fresh):
    if fresh:
        shutil.rmtree(PEERS / "raw", ignore_errors=True)
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(SHARED, COPY, copy_function=shutil.copyfile)
    for path in [COPY, *COPY.rglob("*")]:
        path.chmod(0o755)
    with open(COPY / "plan.csv") as f:
        plan = list(csv.DictReader(f))
    for row in plan:
        row["reps"] = 1
    with open(COPY / "plan.csv", "w", newline="") as f:
        writer = csv.DictWriter(f, plan[0].keys())
        writer.writeheader()
        writer.writerows(plan)
    if not (PEERS / "data" / "hetero50.csv").exists():
        say("generating the data")
        subprocess.run(["Rscript", COPY / "generate.R"], env=environment(), check=True)
    return plan


def wanted_peers(plan, problem, everything, mcmcglmm):
    names = [row["peer"] for row in plan if row["problem"] == problem.name]
    if not everything:
        names = [n for n in names if n not in SLOW]
        if problem.name == "big_intercept":  # JAGS does not reach its first draw
            names = [n for n in names if n != "jags"] + ["lme4"]
    return [n for n in names if n != "MCMCglmm" or mcmcglmm]


def measure_peers(problem, names):
    for name in names:
        if name == "lme4":  # quick, and compared by wall time: always measured in the same run
            (PEERS / "raw" / f"{problem.name}.lme4.1.json").unlink(missing_ok=True)
        subprocess.run([sys.executable, COPY / "run.py", "--only", problem.name, "--peers", name,
                        "--cap", str(CAPS.get(name, CAP))], env=environment(), check=True,
                       stdout=sys.stderr)


def read_peers(problem, file, names, when=None):
    with open(file) as f:
        rows = [r for r in csv.DictReader(f)
                if r["problem"] == problem.name and r["peer"] in names and r["full_s"]]
    result = []
    for r in rows:
        raw = PEERS / "raw" / f"{r['problem']}.{r['peer']}.1.json"
        measured = when or time.strftime("%Y-%m-%d %H:%M", time.localtime(raw.stat().st_mtime))
        seconds, rate = float(r["full_s"]), r["min_ess_per_full_s"]
        ess = float(rate) * seconds if rate else 4.0 * float(r["full_draws"])
        if ess and seconds:
            result.append(Peer(problem.name, r["peer"], ess / seconds, ess, seconds, not rate,
                               measured))
    return result


def point_estimate(problem, peer):
    """Wall and CPU seconds of a fit that gives no draws."""
    raw = json.loads((PEERS / "raw" / f"{problem}.{peer}.1.json").read_text())
    return None if raw.get("failed") else (raw["wall_s"], raw["cpu_s"] or raw["wall_s"])


# ---- tarn's side ------------------------------------------------------------------------------

def data_file(problem):
    file = PEERS / "data" / f"{problem.name}.csv"
    if problem.name != "seed3":
        return file
    lines = file.read_text().splitlines()  # a slope for each row: rows need names
    named = SCRATCH / "tarn" / "seed3.csv"
    named.parent.mkdir(parents=True, exist_ok=True)
    named.write_text("\n".join([lines[0] + ",row"]
                               + [f"{line},{i}" for i, line in enumerate(lines[1:], 1)]) + "\n")
    return named


def fit(problem, draws, times):
    words = [data_file(problem), problem.formula, "--center", "no", "--draws", draws,
             *problem.options]
    for prior in problem.priors:
        words += ["--prior", prior]
    return Fit(SCRATCH / "tarn" / f"{problem.name}.h5", words, times)


def effective_draws(file):
    ran = subprocess.run(["Rscript", HERE / "effective_draws.R", file], capture_output=True,
                         text=True, check=True)
    return json.loads(ran.stdout)


def disagreement(problem, ours):
    """The largest difference of means between tarn and the peer with the smallest Monte Carlo
    errors and exactly the same priors, in such errors; the two name main parameters in one order.
    """
    best = None
    for raw in (PEERS / "raw").glob(f"{problem.name}.*.json"):
        theirs = json.loads(raw.read_text())
        if theirs.get("peer", "").startswith("rstan-") and theirs.get("main"):
            main = theirs["main"]
            error = next(iter(main.values()))["mcse"]
            if best is None or error < best[0]:
                best = error, main, theirs["peer"]
    if best is None:
        return None
    mine = {kind: [m for m in ours["main"] if m["name"].startswith(kind)]
            for kind in ("b[", "sd_", "sigma[")}
    scales = [v for k, v in best[1].items() if k.startswith("tau")]
    noise = [v for k, v in best[1].items() if k in ("sigma", "eps")]
    means = list(best[1].values())[:len(mine["b["])]
    worst = 0.0
    for mine_part, theirs_part in ((mine["b["], means), (mine["sd_"], scales),
                                   (mine["sigma["], noise)):
        for a, b in zip(mine_part, theirs_part):
            worst = max(worst, abs(a["mean"] - b["mean"]) / math.hypot(a["mcse"], b["mcse"]))
    return worst, best[2]


# ---- the tables -------------------------------------------------------------------------------

@dataclass
class Row:
    problem: Problem
    draws: int
    fit: Fit
    ess: float
    peers: list

    @property
    def seconds(self):
        return self.fit.sampler_seconds(CORES)

    @property
    def rate(self):
        return self.ess / self.seconds


def compare(problem, arguments, plan, mcmcglmm):
    """tarn at its own lengths; empty where no model takes the problem."""
    lengths = (1000,) if problem.big else (1000, 10000)
    try:
        fit(problem, 4, 1)
    except Refused as refusal:
        say(f"{problem.name} is left out: {refusal}")
        return []
    names = wanted_peers(plan, problem, arguments.all, mcmcglmm)
    say(f"{problem.name}: {', '.join(names)}")
    measure_peers(problem, names)
    peers = read_peers(problem, COPY / "peers.csv", names)
    if not mcmcglmm:
        peers += read_peers(problem, SHARED / "peers.csv", ["MCMCglmm"], KEPT)
    rows = []
    for draws in lengths:
        fitted = fit(problem, draws, 3 if problem.big else 5)
        ours = effective_draws(fitted.file)
        apart = disagreement(problem, ours)
        if apart:
            say(f"{problem.name}, {draws} draws: means at most {apart[0]:.1f} Monte Carlo errors "
                f"from those of {apart[1]}")
        rows.append(Row(problem, draws, fitted, ours["least"], peers))
        if not problem.big:
            fitted.file.unlink()
    return rows


def best(peers):
    return max(peers, key=lambda p: p.rate)


def small_table(rows):
    lines, ratios = [], {}
    for row in rows:
        peer = best(row.peers)
        ratio = row.rate / peer.rate
        ratios.setdefault(row.draws, []).append(ratio)
        lines.append([row.problem.name, peer.shown_name(), peer.shown_rate(), f"4 x {row.draws}",
                      number(row.ess), number(1000 * row.seconds), number(row.rate),
                      number(ratio), verdict(ratio >= 10),
                      number(1000 * row.fit.whole_cpu), number(1000 * row.fit.whole_wall)])
    text = table(["problem", "best peer", "its ESS/s", "tarn's draws", "least ESS", "ms",
                  "ESS/s", "ratio", "required: 10", "whole process: CPU ms", "wall ms"], lines)
    for draws, those in ratios.items():
        mean = math.exp(sum(map(math.log, those)) / len(those))
        text += (f"\nGeometric mean of the ratios with 4 x {draws} draws: {number(mean)} "
                 f"(required: 50): {verdict(mean >= 50)}.\n")
    return text


def big_table(rows):
    lines = []
    for row in rows:
        users = [p for p in row.peers if p.name != EXPERT]
        groups = (("as users run it", [p for p in users if p.when != KEPT], 1000),
                  ("as users run it", [p for p in users if p.when == KEPT], 1000),
                  ("by an expert", [p for p in row.peers if p.name == EXPERT], 100))
        for who, peers, required in groups:
            if not peers:
                continue
            peer = best(peers)
            ratio = row.rate / peer.rate
            lines.append([row.problem.name, f"{peer.shown_name()}, {who}", peer.shown_rate(),
                          number(row.ess), number(row.seconds), number(row.rate), number(ratio),
                          f"{required}: {verdict(ratio >= required)}",
                          number(row.fit.whole_cpu), number(row.fit.whole_wall)])
    return table(["problem", "best peer", "its ESS/s", "tarn's least ESS", "s", "ESS/s", "ratio",
                  "required", "whole process: CPU s", "wall s"], lines)


def all_peers_table(rows):
    seen = {(p.problem, p.name): p for row in rows for p in row.peers}
    return table(["problem", "peer", "least ESS", "seconds", "ESS/s", "measured"],
                 [[p.problem, p.name, number(p.ess), number(p.seconds), p.shown_rate(), p.when]
                  for p in seen.values()])


def million_rows(row):
    """The whole of tarn against lme4's fit of data in memory."""
    lme4 = point_estimate("big_intercept", "lme4")
    with cpu_seconds_of() as summary:
        _, _, _, wall = run([BIN / "tarn", "summary", row.fit.file, "--all", "--json"])
    lines = [["lme4, data in memory", number(lme4[0]), number(lme4[1]), "", ""]]
    fit_wall, fit_cpu = row.fit.whole_wall, row.fit.whole_cpu
    for what, w, c in (("`tarn fit`, from the CSV file", fit_wall, fit_cpu),
                       ("the same, then `tarn summary --all`", fit_wall + wall, fit_cpu + summary.seconds)):
        ratio = w / lme4[0]
        lines.append([what, number(w), number(c), f"{ratio:.2f}", verdict(ratio <= 0.5)])
    return table(["1e6 rows, 10,009 parameters", "wall s", "CPU s", "of lme4's wall",
                  "required: 0.5"], lines)


def reading():
    """MB/s of the CSV reader and of data.table's fread, in one run on one file."""
    file = PEERS / "data" / "big_intercept.csv"
    _, out, _, _ = run([BIN / "bench_read_csv", "1000000", "7", file])
    pattern = r", (\d) thread\(s\): (\d+) MB/s, (\d+) MB/CPU s"
    ours = re.findall("read_table" + pattern, out)
    theirs = re.findall("fread" + pattern, out)
    lines = []
    for (threads, wall, cpu), (_, their_wall, their_cpu) in zip(ours, theirs):
        ratio = int(wall) / int(their_wall)
        lines.append([f"{threads} thread{'s' if threads > '1' else ''}", wall, cpu, their_wall,
                      their_cpu, f"{ratio:.2f}", verdict(ratio >= 1)])
    return table(["reading CSV", "tarn: MB/s", "MB per CPU s", "fread: MB/s", "MB per CPU s",
                  "ratio", "required: 1"], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="PROBLEM,...", type=lambda s: s.split(","))
    for flag in ("--all", "--fresh", "--markdown"):
        parser.add_argument(flag, action="store_true")
    arguments = parser.parse_args()
    if not SHARED.exists():
        say("peers: ../shared/bench is not beside this checkout; skipped")
        return
    PEERS.mkdir(parents=True, exist_ok=True)
    plan = prepare(arguments.fresh)
    mcmcglmm = has_mcmcglmm()
    rows = []
    for problem in PROBLEMS:
        if not arguments.only or problem.name in arguments.only:
            rows += compare(problem, arguments, plan, mcmcglmm)
    if not rows:
        say("nothing to compare")
        return
    small = [row for row in rows if not row.problem.big]
    big = [row for row in rows if row.problem.big]
    parts = [machine() + "\n"]
    if small:
        parts.append("### Small problems\n\n" + small_table(small))
    if big:
        parts.append("### Big problems\n\n" + big_table(big))
    for row in big:
        if row.problem.name == "big_intercept":
            parts.append("### A million rows from file to file\n\n" + million_rows(row))
            parts.append(reading())
    parts.append("### All peers\n\n" + all_peers_table(rows))
    publish("peers", "\n".join(parts), arguments.markdown)


if __name__ == "__main__":
    main()
