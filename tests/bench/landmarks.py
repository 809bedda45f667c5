#!/usr/bin/env python3
"""Absolute figures beside their limits, and a draw beside what the machine allows.

usage: landmarks.py [--markdown]     (--markdown: write the table into docs/performance.md)
"""

import re
import sys

from report import BIN, SCRATCH, cpu_seconds_of, machine, number, publish, run, table, verdict

# Rubin (1981): coaching effects in eight schools, with known standard errors.
EIGHT_SCHOOLS = """school,y,se
A,28,15
B,8,10
C,-3,16
D,7,11
E,-1,9
F,1,11
G,18,10
H,12,18
"""
PROCESSES = 20


def eight_schools():
    """Wall and CPU seconds from start to exit: the best of some, since the machine may be shared."""
    folder = SCRATCH / "tarn"
    folder.mkdir(parents=True, exist_ok=True)
    data, file = folder / "eight_schools.csv", folder / "eight_schools.h5"
    data.write_text(EIGHT_SCHOOLS)
    walls, cpus = [], []
    for _ in range(PROCESSES):
        file.unlink(missing_ok=True)
        with cpu_seconds_of() as cpu:
            status, _, err, wall = run([BIN / "tarn", "fit", data, "y | se(se) ~ 1 + (1 | school)",
                                        "--seed", "1", "-o", file])
        if status != 0:
            sys.exit(f"landmarks: {err}")
        walls.append(wall)
        cpus.append(cpu.seconds)
    return min(walls), min(cpus)


def main():
    wall, cpu = eight_schools()
    status, out, err, _ = run([BIN / "bench_landmarks"])
    if status != 0:
        sys.exit(f"landmarks: {err}")
    figures = {name: float(value) for name, value in re.findall(r"(\w+) (\S+)", out)}

    def line(what, unit, value, limit):
        return [what, f"{number(value)} {unit}", f"{number(limit)} {unit}", verdict(value < limit)]

    text = machine() + "\n\n" + table(["", "measured", "limit", ""], [
        line(f"eight schools, process start to exit (CPU {number(1000 * cpu)} ms)", "ms",
             1000 * wall, 50),
        line("moments of 1e6 rows, 5 covariates, 1e4 groups", "ms", 1000 * figures["moments_s"], 40),
        line("4 x 1000 draws of 10,008 parameters, warm-up and set-up too", "s",
             figures["draws_s"], 0.5),
        line("diagnostics of 10,008 parameters", "s", figures["diagnostics_s"], 1.5)])
    text += (f"\nA stored parameter costs {figures['parameter_ns']:.1f} ns per draw, "
             f"{figures['parameter_ns'] / figures['limit_ns']:.1f} times as long as a normal that is "
             f"drawn, scaled and stored ({figures['limit_ns']:.1f} ns here).\n")
    publish("landmarks", text, "--markdown" in sys.argv[1:])


if __name__ == "__main__":
    main()
