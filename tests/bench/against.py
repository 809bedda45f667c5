#!/usr/bin/env python3
"""Compares the speed of two builds of tarn, run by turns on the same problems.

usage: against.py OTHER_TARN [--only PROBLEM,...] [--pairs N]

`./dev bench --against REVISION` builds that revision and calls this with its program. Each pair of runs
has a seed of its own and is in the order of the pair before turned round (ABBA), so that a drift of
the machine's speed meets both builds alike. Ratios are this build over the other: above 1 is slower. The exit
code is 1 where a figure is above its limit, or a problem could not be run.

  --only   these problems alone
  --pairs  pairs of runs of each problem, at least 20 [60, and 20 where a run takes seconds]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from landmarks import EIGHT_SCHOOLS
from report import (BIN, ROOT, SCRATCH, SHARED, Refused, fit_once, machine, number, run, say, table)

MILLION_FORMULA = "y ~ x1 + x2 + x3 + x4 + x5 + (1 | g)"
FOLDER = SCRATCH / "against"
DATASETS = SHARED.parent / "datasets"
RADON = ROOT / "docs" / "examples" / "data" / "radon.csv"
RADON_FORMULA = "log_radon ~ floor + log_uranium + (1 | county)"
COUNTED_RUNS = 3  # under `perf stat`: instructions hardly differ between runs


def eight_schools():
    file = FOLDER / "eight_schools.csv"
    file.write_text(EIGHT_SCHOOLS)
    return file


def million_rows():
    """1e6 rows, 5 covariates, 1e4 groups; simulated once."""
    file = FOLDER / "million_rows.csv"
    if not file.exists():
        say("simulating a million rows")
        names = [f"x{k}" for k in range(1, 6)]
        truth = ["b[Intercept] = 1", *(f"b[{x}] = 0.3" for x in names), "sd_g = 0.5", "sigma = 1"]
        design = "; ".join(["g: 10000 levels x 100", *(f"{x}: normal(0, 1)" for x in names)])
        status, _, err, _ = run(
            [BIN / "tarn", "simulate", "--design", design, MILLION_FORMULA,
             *(word for pair in truth for word in ("--true", pair)), "--seed", "1", "-o", file])
        if status != 0:
            raise Refused(" ".join(err.split()))
    return file


@dataclass
class Problem:
    name: str
    data: object  # a file, or a function that makes one
    formula: str
    options: tuple = ()
    limit: float = 0.05  # how much slower this build may be
    # The median's error is 1.25 IQR / 1.35 / sqrt(pairs), 0.4 % of runs whose ratios have an IQR of 3 %.
    pairs: int = 60

    def words(self):
        """Arguments of `tarn fit`; none where the data are not on this machine."""
        file = self.data() if callable(self.data) else self.data
        return [file, self.formula, *self.options] if file.exists() else None


PROBLEMS = [
    Problem("radon", RADON, RADON_FORMULA, limit=0.02),
    Problem("radon_slopes", RADON, "log_radon ~ floor + log_uranium + (floor | county)"),
    Problem("radon_gibbs", RADON, RADON_FORMULA, ("--sampler", "gibbs")),
    Problem("radon_nuts", RADON, RADON_FORMULA, ("--sampler", "nuts")),
    Problem("radon_pooled", RADON, "log_radon ~ floor + log_uranium", ("--model", "pooled")),
    Problem("radon_group_variance", RADON, "log_radon ~ floor + (1 | county)",
            ("--model", "group_variance")),
    Problem("eight_schools", eight_schools, "y | se(se) ~ 1 + (1 | school)"),
    Problem("sleepstudy", DATASETS / "sleepstudy.csv", "Reaction ~ Days + (Days | Subject)"),
    Problem("insteval", DATASETS / "InstEval.csv",
            "y ~ service + (1 | s) + (1 | d) + (1 | dept)", pairs=20),
    Problem("million_rows", million_rows, MILLION_FORMULA, pairs=20),
]


def measure(builds, words, pairs):
    """For each build, the CPU seconds of each part, by pair."""
    results = {name: [] for name in builds}
    file = FOLDER / "fit.h5"
    for tarn in builds.values():  # both programs and the data are in memory when the first is timed
        fit_once(tarn, file, [*words, "--seed", "1"])
    for pair in range(pairs):
        order = list(builds) if pair % 2 == 0 else list(reversed(builds))
        for name in order:
            seconds, _, cpu = fit_once(builds[name], file, [*words, "--seed", pair + 1])
            results[name].append({"whole process": cpu, "set-up": seconds["set_up"]["cpu"],
                                  "draws": seconds["draw"]["cpu"]})
    return results


def instructions(tarn, words):
    """Median of the instructions of some runs in user mode; none where the system does not count."""
    if not shutil.which("perf"):
        return None
    counts = []
    file, report = FOLDER / "fit.h5", FOLDER / "perf.txt"
    for seed in range(1, COUNTED_RUNS + 1):
        file.unlink(missing_ok=True)
        subprocess.run(["perf", "stat", "-x", ",", "-e", "instructions:u", "-o", report, tarn, "fit",
                        *map(str, words), "--seed", str(seed), "--quiet", "-o", file],
                       capture_output=True, check=False)
        lines = report.read_text().splitlines() if report.exists() else []
        count = next((line.split(",")[0] for line in lines if "instructions" in line), "")
        if not count.isdigit():
            return None
        counts.append(int(count))
    return statistics.median(counts)


def judged(ratio, spread, limit):
    """The verdict, and whether it is above the limit."""
    if 1 - ratio > max(limit, spread):
        return "faster", False
    if ratio - 1 <= limit:
        return f"within {100 * limit:.0f} %", False
    if ratio - 1 <= spread:
        return "within the spread", False
    return "**slower**", True


def compare(ours, theirs, limit):
    """Medians, their ratio, the interquartile range of the ratios of pairs, and the verdict."""
    a, b = statistics.median(ours), statistics.median(theirs)
    if b == 0:
        return None
    ratios = [x / y for x, y in zip(ours, theirs) if y > 0]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive")
    text, slower = judged(a / b, high - low, limit)
    return [number(1000 * b), number(1000 * a), f"{a / b:.3f}", f"{high - low:.3f}", text], slower


def compare_problem(problem, builds, words, pairs):
    """Rows of the table, and whether any is slower than its limit."""
    results = measure(builds, words, pairs)
    ours, theirs = results["this"], results["other"]
    lines, slower = [], False
    for part in ours[0]:
        compared = compare([r[part] for r in ours], [r[part] for r in theirs], problem.limit)
        if compared:
            lines.append([problem.name, f"{part}, CPU ms", *compared[0]])
            slower |= compared[1]
    counts = [instructions(builds[name], words) for name in ("this", "other")]
    if all(counts):
        ratio = counts[0] / counts[1]
        text, above = judged(ratio, 0, problem.limit)
        lines.append([problem.name, "instructions, millions", number(counts[1] / 1e6),
                      number(counts[0] / 1e6), f"{ratio:.3f}", "", text])
        slower |= above
    return lines, slower, all(counts)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", metavar="OTHER_TARN", type=Path)
    parser.add_argument("--only", metavar="PROBLEM,...", type=lambda s: s.split(","))
    parser.add_argument("--pairs", metavar="N", type=int)
    arguments = parser.parse_args()
    if arguments.pairs is not None and arguments.pairs < 20:
        parser.error("--pairs must be at least 20: quartiles of fewer pairs say little")
    names = [problem.name for problem in PROBLEMS]
    for name in arguments.only or []:
        if name not in names:
            parser.error(f"there is no problem '{name}'; there are {', '.join(names)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    builds = {"other": arguments.other.resolve(), "this": BIN / "tarn"}
    head = ["problem", "", "before", "now", "ratio", "spread", "verdict"]
    lines, slower, failed, counted = [], [], [], True
    for problem in PROBLEMS:
        if arguments.only and problem.name not in arguments.only:
            continue
        try:
            words = problem.words()
            if words is None:
                say(f"{problem.name} is left out: {problem.data} is not on this machine")
                continue
            pairs = arguments.pairs or problem.pairs
            say(f"{problem.name}: {pairs} pairs")
            more, above, has_counts = compare_problem(problem, builds, words, pairs)
        except Refused as refusal:
            say(f"{problem.name} could not be run: {refusal}")
            failed.append(problem.name)
            continue
        lines += more
        counted &= has_counts
        if above:
            slower.append(problem.name)
    (FOLDER / "fit.h5").unlink(missing_ok=True)
    print(machine() + "\n\n" + table(head, lines))
    if not counted:
        print("Instructions are left out: this system does not count them.")
    print(f"above their limits: {', '.join(slower)}" if slower else "none is above its limit")
    if failed:
        print(f"could not be run: {', '.join(failed)}")
    sys.exit(1 if slower or failed else 0)


if __name__ == "__main__":
    main()
