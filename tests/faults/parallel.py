"""Many runs at once in one folder: every file is right, memory stays flat, and nothing is left behind.

usage: parallel.py TARN [--runs N] [--seconds N]

Rounds of N runs at once, until the seconds are over: one at least. Then single runs of 100 times the
transitions, which must not take more memory."""

import argparse
import os
import sys
import tempfile
import time

from reading import SANITIZED, SKIPPED, data, environment, run

try:
    import h5py
except ImportError:
    print("skipped: there is no h5py for this Python")
    sys.exit(SKIPPED)

SAMPLERS = ("collapsed", "gibbs", "nuts", "slice", "metropolis")
# Pages that the allocator keeps, more or fewer by the order of threads; a leak by draw would be larger.
NOISE = 1.1


def words(number, out, *more):
    return ["fit", "d.csv", "y ~ x + (1 | g)", "--seed", str(number), "--sampler", SAMPLERS[number % len(SAMPLERS)],
            "--draws", "200", "--warmup", "200", "--threads", "2", "--quiet", "--force", "-o", out, *more]


def start(tarn, folder, number, *more):
    said = os.path.join(folder, f"said{number}")
    pid = os.fork()
    if pid == 0:
        os.chdir(folder)
        sink = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        os.execve(tarn, [tarn, *words(number, f"out{number}.h5", *more)], environment(folder))
    return pid


def finish(running, folder):
    """Peak memory of each run, in kB."""
    peaks = {}
    while running:
        pid, status, used = os.wait4(-1, 0)
        number = running.pop(pid)
        with open(os.path.join(folder, f"said{number}"), encoding="utf-8") as said:
            assert status == 0, f"run {number}: {said.read()}"
        peaks[number] = used.ru_maxrss
    return peaks


def draws(path):
    with h5py.File(path, "r") as file:
        return {f"{group}/{name}": values[...].tobytes() for group in ("posterior", "sample_stats")
                for name, values in file[group].items() if values.ndim >= 2 and name != "chain_state"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarn")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=0)
    asked = parser.parse_args()
    tarn = os.path.abspath(asked.tarn)
    rounds, peaks = 0, []
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "d.csv"), "w", encoding="utf-8") as file:
            file.write(data())
        alone, expected = os.path.join(folder, "alone"), {}
        os.mkdir(alone)
        os.symlink(os.path.join(folder, "d.csv"), os.path.join(alone, "d.csv"))
        for number in range(asked.runs):
            code, _, err = run(tarn, alone, words(number, "o.h5"))
            assert code == 0, err
            expected[number] = draws(os.path.join(alone, "o.h5"))
        begun = time.monotonic()
        while rounds == 0 or time.monotonic() - begun < asked.seconds:
            running = {start(tarn, folder, number): number for number in range(asked.runs)}
            last = finish(running, folder)
            peaks.append(max(last.values()))
            for number, right in expected.items():
                assert draws(os.path.join(folder, f"out{number}.h5")) == right, f"run {number}: other draws than alone"
            wanted = {"d.csv", "alone"} | {f"{what}" for n in expected for what in (f"out{n}.h5", f"said{n}")}
            left = set(os.listdir(folder)) ^ wanted
            assert not left, f"left behind: {sorted(left)}"
            rounds += 1
        for number, sampler in enumerate(SAMPLERS):
            longer = finish({start(tarn, folder, number, "--thin", "100"): number}, folder)[number]
            # The sanitizer keeps memory that was freed, up to 256 MB.
            assert SANITIZED or longer <= NOISE * last[number], (
                f"{sampler}: {longer} kB, and {last[number]} with fewer transitions")
    assert max(peaks) <= NOISE * peaks[0], f"peak memory of the rounds, in kB: {peaks}"
    print(f"rounds: {rounds} of {asked.runs} runs at once: every file as alone, nothing left behind, at most "
          f"{max(peaks) / 1024:.1f} MB ({peaks[0] / 1024:.1f} MB in the first)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
