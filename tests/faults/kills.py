"""Runs killed at any moment lose no committed draw, and go on to the bits of one that never was.

usage: kills.py TARN [--kills N] [--seed N]
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

FORMULA = "y ~ x + (1 | g)"
KERNELS = [
    ("collapsed", [], 6000),
    ("nuts", [], 2500),
    ("nuts", ["--set", "target=full"], 400),
    ("gibbs", [], 6000),
    ("slice", [], 2500),
    ("metropolis", [], 6000),
]


def write_data(path):
    draw = random.Random(1)
    effects = [draw.gauss(0, 1) for _ in range(8)]
    with open(path, "w") as file:
        file.write("y,x,g\n")
        for i in range(80):
            x = draw.gauss(0, 1)
            file.write(f"{1 + x + effects[i % 8] + draw.gauss(0, 0.5):.6f},{x:.6f},g{i % 8}\n")


def draws_in(path):
    """Every variable of the draws that are committed, chain by chain, as bytes."""
    with h5py.File(path, "r", locking=False) as file:
        done = file["sample_stats/draws_done"][...]
        return [{name: data[chain, :count].tobytes()
                 for group in ("posterior", "sample_stats")
                 for name, data in file[group].items()
                 if data.ndim >= 2 and data.shape[:2] == (len(done), data.shape[1])
                 and name not in ("draws_crc", "chain_state")}
                for chain, count in enumerate(done)]


def least_committed(path):
    with h5py.File(path, "r", locking=False) as file:
        return int(numpy.min(file["sample_stats/draws_done"][...]))


def begins_with(whole, part):
    return all(whole[chain][name].startswith(values)
               for chain, variables in enumerate(part) for name, values in variables.items())


class Folder:
    def __init__(self, tarn, folder):
        self.tarn = tarn
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("TARN_")}
        write_data(self.path("d.csv"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def start(self, *words):
        return subprocess.Popen([self.tarn, *words], cwd=self.folder, env=self.environment,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def run(self, *words):
        process = self.start(*words)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, f"{' '.join(words)}: {process.returncode} {err.decode()}"

    def unfinished(self, name):
        """The file that a killed run left, if it left one that can be gone on with."""
        for path in (name + ".partial", name):
            if os.path.exists(self.path(path)):
                return path
        return None


class Kernel:
    """A run that is never killed: its draws, and how long it takes."""

    def __init__(self, folder, number, draws=None):
        sampler, options, usual = KERNELS[number]
        draws = draws or usual
        self.fit = ["fit", "d.csv", FORMULA, "--seed", str(number), "--sampler", sampler, *options,
                    "--draws", str(draws), "--warmup", "500", "--quiet"]
        self.name = f"whole{number}.h5"
        begun = time.monotonic()
        folder.run(*self.fit, "-o", self.name)
        self.seconds = time.monotonic() - begun
        self.draws = draws_in(folder.path(self.name))


def kill_once(folder, kernel, words, draw):
    """Runs `words` and kills it at some moment. Returns whether it was still running."""
    process = folder.start(*words)
    try:
        process.wait(timeout=draw.uniform(0, 1.1 * kernel.seconds))
        assert process.returncode == 0, process.stderr.read().decode()
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    finally:
        process.stderr.close()


def one(folder, kernel, draw, number):
    """Kills a run, and what goes on with it, until it ends; returns the number of kills."""
    out = f"out{number}.h5"
    words = [*kernel.fit, "-o", out]
    kills = 0
    while kills < 3 and kill_once(folder, kernel, words, draw):
        kills += 1
        left = folder.unfinished(out)
        if left is None:
            continue  # before the file could be read: there is nothing to lose
        committed = draws_in(folder.path(left))
        assert begins_with(kernel.draws, committed), f"{left}: a committed draw differs"
        if least_committed(folder.path(left)) > 3:
            folder.run("summary", left)
        words = ["resume", left, "--threads", str(draw.randint(1, 3)), "--quiet"]
    left = folder.unfinished(out)
    if left is None:
        folder.run(*kernel.fit, "-o", out)
    elif left.endswith(".partial"):
        folder.run("resume", left)
    assert draws_in(folder.path(out)) == kernel.draws, f"{out}: other bits than an unbroken run"
    assert not [name for name in os.listdir(folder.folder) if name.endswith(".partial")]
    os.remove(folder.path(out))
    return kills


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarn")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Folder(os.path.abspath(asked.tarn), scratch)
        kernels = [Kernel(folder, number) for number in range(len(KERNELS))]
        kills = runs = 0
        while kills < asked.kills:
            kills += one(folder, kernels[runs % len(kernels)], draw, runs)
            runs += 1
    print(f"{kills} kills in {runs} runs: no file unreadable, no committed draw lost or changed, "
          f"{runs} of {runs} went on to the same bits")


if __name__ == "__main__":
    sys.exit(main())
