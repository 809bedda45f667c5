"""Chain files with random damage, through every command that reads them, goes on with them or copies them.

usage: mutants.py TARN [--truncated N] [--flipped N] [--zeroed N] [--seed N]"""

import argparse
import os
import random
import sys
import tempfile

from reading import COMMANDS, WRITERS, Judge, judge_all, make_fits, make_unfinished

FIT = ["fit", "d.csv", "y ~ x + (1 | g)"]


def truncated(content, draw):
    """The rest is cut off."""
    return content[:draw.randrange(len(content))]


def flipped(content, draw):
    """One bit of two files in three, up to 40 bits of the others."""
    content = bytearray(content)
    for _ in range(draw.choice((1, 1, draw.randint(2, 40)))):
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return bytes(content)


def zeroed(content, draw):
    """A range of zeros, as a page that was never written."""
    start = draw.randrange(len(content))
    length = min(1 << draw.randrange(14), len(content) - start)
    return content[:start] + bytes(length) + content[start + length:]


DAMAGE = (truncated, flipped, zeroed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tarn")
    for damage in DAMAGE:
        parser.add_argument("--" + damage.__name__, type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    tarn = os.path.abspath(asked.tarn)
    commands = (*COMMANDS, *WRITERS)
    faults, counts = [], []
    with tempfile.TemporaryDirectory() as folder:
        _, other = make_fits(tarn, folder)
        good = make_unfinished(tarn, folder, FIT)
        judge = Judge(tarn, good, other, WRITERS)
        with open(good, "rb") as file:
            content = file.read()
        for damage in DAMAGE:
            count, cases = getattr(asked, damage.__name__), []
            for number in range(count):
                label = f"{damage.__name__} {number}"
                path = os.path.join(folder, f"{damage.__name__}{number}.h5")
                with open(path, "wb") as file:
                    file.write(damage(content, random.Random(f"{label} {asked.seed}")))
                cases += [(label, command, path) for command in commands]
            faults += judge_all(judge, cases)
            counts.append(f"{count} {damage.__name__}")
    for fault in faults:
        print(fault)
    print(f"{', '.join(counts)} files through {len(commands)} commands: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
