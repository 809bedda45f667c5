"""Chain files with random damage, through every command that reads them.

usage: mutants.py TARN [COUNT [FIRST]]"""

import os
import random
import sys
import tempfile

from reading import COMMANDS, Judge, judge_all, make_fits


def damaged(content, seed):
    """Flipped bits, a range of zeros, or the rest cut off."""
    draw = random.Random(seed)
    content = bytearray(content)
    kind = seed % 4
    if kind == 0:  # metadata lie in the first part of the file
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    elif kind == 1:
        for _ in range(draw.randint(2, 40)):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    elif kind == 2:
        start = draw.randrange(len(content))
        length = min(1 << draw.randrange(14), len(content) - start)
        content[start:start + length] = bytes(length)
    else:
        del content[draw.randrange(len(content)):]
    return bytes(content)


def main():
    tarn = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with tempfile.TemporaryDirectory() as folder:
        good, other = make_fits(tarn, folder)
        judge = Judge(tarn, good, other)
        with open(good, "rb") as file:
            content = file.read()
        cases = []
        for seed in range(first, first + count):
            path = os.path.join(folder, f"{seed}.h5")
            with open(path, "wb") as file:
                file.write(damaged(content, seed))
            cases += [(f"mutant {seed}", command, path) for command in COMMANDS]
        faults = judge_all(judge, cases)
    for fault in faults:
        print(fault)
    print(f"{count} mutants through {len(COMMANDS)} commands: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
