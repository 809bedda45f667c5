#!/usr/bin/env python3
"""Memory and time of judging a large fit: 1e6 rows, 1e4 groups, 4 x 1000 draws.

usage: judging.py [--markdown]     (--markdown: write the table into docs/performance.md)
"""

import os
import sys
import time

from report import BIN, SCRATCH, machine, number, publish, run, say, table, verdict

LIMIT = 2e9  # bytes of memory
DESIGN = "g: 10000 levels x 100; x: normal(0, 1)"
FORMULA = "y ~ x + (1 | g)"


def peak(command):
    """Wall and CPU seconds, and the peak of resident memory in bytes, of one process."""
    begun = time.monotonic()
    with open(os.devnull, "wb") as sink:
        child = os.posix_spawn(str(command[0]), list(map(str, command)), os.environ,
                               file_actions=[(os.POSIX_SPAWN_DUP2, sink.fileno(), 1)])
        _, status, used = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 6):
        sys.exit(f"judging: {' '.join(map(str, command))} ended with {status}")
    return time.monotonic() - begun, used.ru_utime + used.ru_stime, 1024 * used.ru_maxrss


def main():
    folder = SCRATCH / "judging"
    folder.mkdir(parents=True, exist_ok=True)
    data, fit, other, page = (folder / name for name in ("d.csv", "fit.h5", "other.h5", "fit.html"))
    truth = [word for pair in ("b[Intercept] = 1", "b[x] = 0.5", "sd_g = 1", "sigma = 1")
             for word in ("--true", pair)]
    tarn = BIN / "tarn"
    for command in ([tarn, "simulate", "--design", DESIGN, FORMULA, *truth, "--seed", "1", "--force",
                     "-o", data],
                    [tarn, "fit", data, FORMULA, "--seed", "1", "--force", "-o", fit],
                    [tarn, "fit", data, "y ~ x", "--seed", "1", "--force", "-o", other]):
        status, _, err, _ = run(command)
        if status != 0:
            sys.exit(f"judging: {err}")
    lines = []
    for words in (["summary", fit, "--all"], ["check", fit], ["compare", fit, other],
                  ["predict", fit, "--scale", "mean", "--force", "-o", folder / "fitted.csv"],
                  ["report", fit, "--force", "-o", page]):
        say(f"tarn {words[0]} ...")
        wall, cpu, memory = peak([tarn, *words])
        lines.append([f"tarn {words[0]}", f"{number(wall)} s", f"{number(cpu)} s",
                      f"{number(memory / 1e6)} MB", f"{number(memory / LIMIT)}",
                      verdict(memory < LIMIT)])
    text = machine() + "\n\n" + table(
        ["1e6 rows, 10,004 parameters, 4 x 1000 draws", "wall", "CPU", "memory", "of 2 GB", ""], lines)
    publish("judging", text + "\n", "--markdown" in sys.argv[1:])


if __name__ == "__main__":
    main()
